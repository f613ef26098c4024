"""Images named by address: of local files, and of an object store that speaks as S3 does."""

from __future__ import annotations

import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import ClassVar
from urllib.parse import parse_qs, unquote, urlsplit

import pytest

from lenet.errors import InputError
from lenet.reading import batch, remote
from lenet.reading.batch import Settings, answer, answers, files_of, reader_for, several

pytest.importorskip("pyarrow")
SAMPLE = next(iter(sorted((Path(__file__).parents[2] / "examples").glob("[0-9]*"))))


class Bucket(BaseHTTPRequestHandler):
    """The four requests of S3 that reading makes, for a bucket named forms; no signatures."""

    objects: ClassVar[dict[str, bytes]] = {}
    together: ClassVar[threading.Barrier | None] = None  # holds requests until so many are there

    def log_message(self, *told):
        pass

    def _reply(self, status: int, content: bytes = b"", **headers: str) -> None:
        self.send_response(status)
        for name, value in ({"Content-Length": str(len(content))} | headers).items():
            self.send_header(name.replace("_", "-"), value)
        self.end_headers()
        if self.command == "GET":
            self.wfile.write(content)

    def do_GET(self):
        asked = urlsplit(self.path)
        bucket, _, key = unquote(asked.path).lstrip("/").partition("/")
        query = {name: values[0] for name, values in parse_qs(asked.query).items()}
        if bucket != "forms":
            return self._reply(404, b"<Error><Code>NoSuchBucket</Code></Error>")
        if not key:
            return self._list(query.get("prefix", ""))
        if key not in self.objects:
            return self._reply(404, b"<Error><Code>NoSuchKey</Code></Error>")
        if self.together and self.command == "GET":
            self.together.wait(timeout=20)
        content = self.objects[key]
        if wanted := self.headers.get("Range"):
            first, last = wanted.removeprefix("bytes=").split("-")
            part = content[int(first) : int(last) + 1]
            where = f"bytes {first}-{int(first) + len(part) - 1}/{len(content)}"
            return self._reply(206, part, Content_Range=where)
        return self._reply(200, content, Last_Modified="Mon, 01 Jan 2024 00:00:00 GMT")

    do_HEAD = do_GET  # noqa: N815

    def _list(self, prefix: str) -> None:
        keys = [key for key in sorted(self.objects) if key.startswith(prefix)]
        listed = "".join(
            f"<Contents><Key>{key}</Key><Size>{len(self.objects[key])}</Size>"
            "<LastModified>2024-01-01T00:00:00Z</LastModified></Contents>"
            for key in keys
        )
        head = '<?xml version="1.0"?><ListBucketResult><Name>forms</Name>'
        content = f"{head}<KeyCount>{len(keys)}</KeyCount>{listed}</ListBucketResult>"
        self._reply(200, content.encode(), Content_Type="application/xml")


@pytest.fixture
def bucket(monkeypatch):
    """The objects of s3://forms."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Bucket)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    for name, value in {
        "AWS_ENDPOINT_URL": f"http://127.0.0.1:{server.server_port}",
        "AWS_ACCESS_KEY_ID": "nobody",
        "AWS_SECRET_ACCESS_KEY": "nothing",
        "AWS_REGION": "us-east-1",
        "AWS_EC2_METADATA_DISABLED": "true",
    }.items():
        monkeypatch.setenv(name, value)
    monkeypatch.setattr(Bucket, "objects", {})
    remote._system.cache_clear()
    yield Bucket.objects
    remote._system.cache_clear()
    server.shutdown()
    server.server_close()


def test_a_bucket_is_read_as_a_folder_is(bucket):
    bucket["scans/b.png"] = b"nothing"
    bucket["scans/a 1.jpg"] = SAMPLE.read_bytes()
    bucket["scans/.hidden.png"] = bucket["scans/words.txt"] = b""
    names = list(files_of(["s3://forms/scans/"]))
    assert names == ["s3://forms/scans/a 1.jpg", "s3://forms/scans/b.png"]
    good, bad = (each.to_dict() for each in answers(names, Settings(layout="digit")))
    reader = reader_for(Settings(layout="digit"))
    assert good == answer(str(SAMPLE), reader).to_dict() | {"file": names[0]}
    assert bad["error"].startswith("s3://forms/scans/b.png: ")
    gone = answer("s3://forms/scans/gone.png", reader)
    assert gone.error.startswith("s3://forms/scans/gone.png: cannot be read: ")
    bucket["other/words.txt"] = b""
    with pytest.raises(InputError, match="without images"):
        list(files_of(["s3://forms/other"]))


def test_images_from_elsewhere_are_fetched_side_by_side(bucket, monkeypatch):
    for k in range(8):
        bucket[f"{k}.jpg"] = SAMPLE.read_bytes()
    names, settings = [f"s3://forms/{k}.jpg" for k in range(8)], Settings(layout="digit")
    reader = reader_for(settings)
    expected = [answer(name, reader).to_dict() for name in [*names, str(SAMPLE)]]
    monkeypatch.setattr(Bucket, "together", threading.Barrier(8))
    found = [each.to_dict() for each in several([*names, str(SAMPLE)], reader)]
    assert found == expected


def test_no_more_is_fetched_ahead_than_is_held(monkeypatch):
    """A batch may be a hundred thousand photos: they are not all in memory at once."""
    begun: list[str] = []

    def content_at(address: str) -> bytes:
        begun.append(address)
        return SAMPLE.read_bytes()

    class Slow:
        reads = 0

        def read(self, grey):
            time.sleep(0.2 if self.reads == 0 else 0)  # in which all would be fetched
            assert len(begun) <= self.reads + batch.FETCHED
            self.reads += 1

    monkeypatch.setattr(remote, "content_at", content_at)
    names = [f"s3://forms/{k}.jpg" for k in range(40)]
    assert [each.file for each in several(names, Slow())] == names
    assert begun.count(names[-1]) == 1
    assert len(begun) == len(names)


def test_files_have_addresses_too(tmp_path):
    (tmp_path / "a.png").write_bytes(SAMPLE.read_bytes())
    address = f"file://{tmp_path}"
    assert list(files_of([address])) == [f"{address}/a.png"]
    assert list(files_of([f"{address}/gone.png"])) == [f"{address}/gone.png"]
    assert remote.content_at(f"{address}/a.png") == SAMPLE.read_bytes()
    with pytest.raises(InputError, match="cannot be read"):
        remote.content_at(f"{address}/gone.png")
    with pytest.raises(InputError, match=r"ftp://.*cannot be opened"):
        list(files_of(["ftp://host/folder"]))
