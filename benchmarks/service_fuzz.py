"""Hostile requests, with a fixed seed: schemathesis on the API description, and random bodies.

    python benchmarks/service_fuzz.py [--bodies 10000] [--examples 100]

Starts a service, sends it requests made from /openapi.json (right and wrong ones) and random
bodies: noise, damaged images, damaged forms, broken JSON. Exit code 1 for any 5xx, for an answer
that is not as described, or when the service is not ready and right at the end.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path

import numpy as np
import requests

EXAMPLES = sorted(p for p in (Path(__file__).parents[1] / "examples").iterdir() if p.stat().st_size)
IMAGES = [path.read_bytes() for path in EXAMPLES if path.name[0].isdigit()]
PATHS = ("v1/read", "v1/classify", "v1/stages", "v1/train")
# Of the paths: bodies of bytes go where images are read, JSON where it is.
SHARES = {False: (0.6, 0.15, 0.2, 0.05), True: (0.05, 0.5, 0.35, 0.1)}
KINDS = (
    *("", "image/png", "image/jpeg", "application/octet-stream", "application/json", "text/plain"),
    *("multipart/form-data; boundary=edge", "multipart/form-data", "application/\xff", "a" * 5000),
)


def random_body(rng: np.random.Generator) -> tuple[str, bytes]:
    """Noise, a damaged image, a damaged form around one, or damaged JSON, and the type it has."""
    choice = rng.integers(4)
    if choice == 0:
        return "application/octet-stream", rng.bytes(int(rng.integers(0, 3000)))
    if choice == 3:
        digit = rng.integers(0, 257, (28, 28)).tolist()
        return "application/json", damaged(rng, json.dumps({"images": [digit]}).encode())
    image = damaged(rng, IMAGES[rng.integers(len(IMAGES))])
    if choice == 1:
        return "image/png", image
    head = b'--edge\r\ncontent-disposition: form-data; name="image"; filename="a"\r\n\r\n'
    return KINDS[6], damaged(rng, head + image + b"\r\n--edge--\r\n")


def damaged(rng: np.random.Generator, content: bytes) -> bytes:
    """The same with some bytes changed, or cut short, or with a part twice."""
    changed = bytearray(content)
    for place in rng.integers(0, len(changed), int(rng.integers(0, 6))):
        changed[place] = rng.integers(256)
    if rng.random() < 0.3:
        del changed[int(rng.integers(len(changed))) :]
    if rng.random() < 0.1:
        place = int(rng.integers(len(changed) + 1))
        changed[place:place] = changed[: int(rng.integers(500))]
    return bytes(changed)


def send_bodies(address: str, count: int, seed: int) -> Counter[int]:
    """How often each status was answered."""
    rng, found = np.random.default_rng(seed), Counter[int]()
    with requests.Session() as session:
        for _ in range(count):
            kind, body = random_body(rng)
            path = PATHS[rng.choice(len(PATHS), p=SHARES[kind == "application/json"])]
            if rng.random() < 0.2:
                kind = KINDS[rng.integers(len(KINDS))]
            headers = {"content-type": kind.encode("latin-1")} if kind else {}
            with session.post(
                address + path, data=body, headers=headers, timeout=60, stream=True
            ) as answer:
                found[answer.status_code] += 1
                if "event-stream" not in answer.headers.get("content-type", ""):
                    assert answer.json(), (path, kind)
    return found


def check_description(address: str, examples: int) -> int:
    """schemathesis' exit code: answers as described, no 5xx, wrong requests refused."""
    command = [sys.executable, "-m", "schemathesis.cli", "run", f"{address}openapi.json"]
    options = [
        *("--checks", "not_a_server_error,status_code_conformance,content_type_conformance"),
        *("--phases", "examples,coverage,fuzzing", "--max-examples", str(examples)),
        *("--seed", "1998", "--exclude-path", "/v1/train", "--no-color"),
        *("--request-timeout", "60", "--generation-deterministic"),
    ]
    with tempfile.TemporaryDirectory() as folder:
        return subprocess.run([*command, *options], cwd=folder, check=False).returncode


def main() -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--bodies", type=int, default=10_000)
    parser.add_argument("--examples", type=int, default=100)
    parser.add_argument("--seed", type=int, default=1998)
    given = parser.parse_args()
    # Whether an answer comes in time is not asked here: schemathesis sends 10,000 images as JSON.
    command = [sys.executable, "-m", "lenet", "serve", "--port", "0", "--timeout", "120"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as service:
        assert service.stderr is not None
        address = service.stderr.readline().split()[2].rstrip(";")
        while requests.get(f"{address}readyz", timeout=60).status_code != 200:
            time.sleep(0.1)
        try:
            found = send_bodies(address, given.bodies, given.seed)
            print(f"{given.bodies:,} random bodies:", dict(sorted(found.items())), flush=True)
            wrong = check_description(address, given.examples) if given.examples else 0
            text = requests.post(f"{address}v1/read", data=IMAGES[0], timeout=60).json()
            assert requests.get(f"{address}readyz", timeout=60).status_code == 200
            assert text["files"][0]["text"] == EXAMPLES[0].name[0]
        finally:
            service.terminate()
            assert service.wait(60) == 0
    busy = {503} if found[503] else set()  # one training at a time
    failed = [status for status in found if status >= 500 and status not in busy]
    return int(bool(failed) or wrong != 0)


if __name__ == "__main__":
    sys.exit(main())
