"""Downloads from a server of this machine that supports ranges, breaks off, and changes its file."""

import hashlib
import http.server
import logging
import re
import threading

import numpy as np
import pytest
import torch
from safetensors.torch import save

from synface.compute.fetch import fetch, fetch_weights
from synface.compute.filetype import file_type
from synface.core.errors import InputError

WEIGHTS = save({"weight": torch.from_numpy(np.random.default_rng(0).random((1500, 500)))})  # 6 MB
OTHERS = save({"weight": torch.zeros(1000, 500)})


class Handler(http.server.BaseHTTPRequestHandler):
    """Serves ``server.content``; ``server.breaks`` are the bytes after which the next answers break off."""

    def do_GET(self):
        server = self.server
        asked = self.headers.get("Range")
        server.asked.append(asked)
        if server.status != 200:
            self.send_error(server.status)
            return
        start = 0
        if asked and server.ranges and self.headers.get("If-Range", server.tag) == server.tag:
            start = int(re.fullmatch(r"bytes=(\d+)-", asked)[1])
        self.send_response(206 if start else 200)
        if server.tag:
            self.send_header("ETag", server.tag)
        if start:
            whole = len(server.content)
            self.send_header("Content-Range", f"bytes {start}-{whole - 1}/{whole}")
        body = server.content[start:]
        if server.told:
            self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        limit = server.breaks.pop(0) if server.breaks else None
        self.wfile.write(body[:limit])
        self.close_connection = True

    def log_message(self, *_):
        pass


@pytest.fixture
def server(monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as running:
        running.content, running.tag, running.ranges, running.told = WEIGHTS, '"one"', True, True
        running.status, running.breaks, running.asked = 200, [], []
        running.url = f"http://127.0.0.1:{running.server_port}/model.safetensors"
        thread = threading.Thread(target=running.serve_forever)
        thread.start()
        yield running
        running.shutdown()
        thread.join()


@pytest.fixture
def path(tmp_path):
    return tmp_path / "weights/model.safetensors"


def names(path):
    return sorted(file.name for file in path.parent.iterdir())


def test_a_file_is_fetched_once_and_its_hash_is_written_as_sha256sum_does(server, path):
    wanted = hashlib.sha256(WEIGHTS).hexdigest()
    assert fetch(path, server.url) == wanted
    assert path.read_bytes() == WEIGHTS
    assert names(path) == ["model.safetensors", "model.safetensors.sha256"]
    assert (path.parent / "model.safetensors.sha256").read_text() == f"{wanted}  model.safetensors\n"
    assert fetch(path, server.url) == wanted
    assert server.asked == [None]


def test_a_download_that_breaks_off_goes_on_where_it_was(server, path, caplog):
    server.breaks = [2_500_000, 1_000_000]
    with caplog.at_level(logging.INFO):
        fetch(path, server.url, wait=0)
    assert path.read_bytes() == WEIGHTS
    assert server.asked == [None, "bytes=2500000-", "bytes=3500000-"]
    assert "broke off at 2.5 MB of 6.0 MB" in caplog.text


def test_what_was_downloaded_is_kept_for_the_next_time(server, path):
    server.breaks = [2_000_000, 0, 0, 0, 0]
    with pytest.raises(
        InputError, match=r"broke off at 2\.0 MB of 6\.0 MB\); 2\.0 MB are kept in .*\.part: fetch again"
    ):
        fetch(path, server.url, wait=0)
    assert not path.exists()
    fetch(path, server.url)
    assert path.read_bytes() == WEIGHTS
    assert server.asked[-1] == "bytes=2000000-"
    assert names(path) == ["model.safetensors", "model.safetensors.sha256"]


@pytest.mark.parametrize("change", ["another file", "no ranges", "no validator", "another address"])
def test_nothing_is_put_together_from_two_files(server, path, change):
    server.tag = None if change == "no validator" else server.tag
    server.breaks = [2_000_000, 0, 0, 0, 0]
    with pytest.raises(InputError):
        fetch(path, server.url, wait=0)
    if change == "another file":
        server.content, server.tag = OTHERS, '"two"'
    if change == "another address":  # whose file is known by the same words
        server.content = OTHERS
    server.ranges = change != "no ranges"
    fetch(path, server.url + ("?other" if change == "another address" else ""))
    assert path.read_bytes() == server.content


def test_a_server_that_gives_another_part_than_asked_for_begins_again(server, path, monkeypatch):
    server.breaks = [2_000_000]

    def wrong(self, keyword, value):
        http.server.BaseHTTPRequestHandler.send_header(
            self, keyword, value.replace("bytes 2000000-", "bytes 7-") if keyword == "Content-Range" else value
        )

    monkeypatch.setattr(Handler, "send_header", wrong)
    fetch(path, server.url, wait=0)
    assert path.read_bytes() == WEIGHTS
    assert server.asked == [None, "bytes=2000000-", None]


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"<!DOCTYPE html><html><title>Virus scan warning</title>", 'gave no weights, but an HTML page titled "Virus'),
        (b"version https://git-lfs.github.com/spec/v1\noid sha256:0\n", "gave no weights, but a Git LFS pointer"),
        (WEIGHTS[:-9], "gave no weights, but a safetensors file without its end, as a download that broke off"),
        (b"\x89PNG\r\n\x1a\n", "gave no weights, but a PNG picture"),
        (b"", "gave no weights, but an empty file"),
    ],
)
@pytest.mark.parametrize("told", [True, False], ids=["length told", "length not told"])
def test_what_is_no_weights_is_refused_and_not_kept(server, path, content, sentence, told):
    server.content, server.told = content, told
    with pytest.raises(InputError, match=re.escape(f"{server.url}: {sentence}")):
        fetch(path, server.url, wait=0)
    assert names(path) == []


def test_another_file_than_the_first_time_is_refused(server, path):
    fetch(path, server.url)
    path.unlink()
    server.content, server.tag = OTHERS, '"two"'
    with pytest.raises(InputError, match=r"gives another file than before: SHA-256 .* delete .*\.sha256 to accept"):
        fetch(path, server.url)
    assert names(path) == ["model.safetensors.sha256"]
    (path.parent / "model.safetensors.sha256").unlink()
    fetch(path, server.url)
    assert path.read_bytes() == OTHERS


def test_a_file_that_is_there_is_recorded_and_compared_ever_after(server, path):
    path.parent.mkdir()
    path.write_bytes(OTHERS)
    assert fetch(path, server.url) == hashlib.sha256(OTHERS).hexdigest()
    path.write_bytes(OTHERS + b" ")
    with pytest.raises(InputError, match=r"model\.safetensors: is another file than at first: SHA-256"):
        fetch(path, server.url)
    (path.parent / "model.safetensors.sha256").write_text("hash")
    with pytest.raises(InputError, match="found no SHA-256; restore it, or delete it"):
        fetch(path, server.url)
    assert server.asked == []


@pytest.mark.parametrize(
    ("status", "sentence", "asked"),
    [
        (404, r"the server says 404 Not Found; check the address", 1),
        (503, r"cannot be downloaded \(the server says 503", 5),
    ],
)
def test_what_a_server_refuses_is_told(server, path, status, sentence, asked):
    server.status = status
    with pytest.raises(InputError, match=sentence):
        fetch(path, server.url, wait=0)
    assert len(server.asked) == asked


def test_nobody_there_is_told(path):
    with pytest.raises(InputError, match=r"cannot be downloaded \(.*\); check the address and the network"):
        fetch(path, "http://127.0.0.1:9/model.safetensors", wait=0)


def test_licenses_are_told_and_one_that_fails_holds_up_no_other(server, path, capsys):
    missing = {"path": str(path), "url": "http://127.0.0.1:9/a", "license": "free"}
    there = {"path": str(path.parent / "b.safetensors"), "url": server.url, "license": None}
    with pytest.raises(InputError, match=r"127\.0\.0\.1:9/a: cannot be downloaded"):
        fetch_weights([missing, there], wait=0)
    assert file_type(path.parent / "b.safetensors").kind == "safetensors"
    told = capsys.readouterr()
    assert f"{path}: from http://127.0.0.1:9/a, license: free" in told.err
    assert "license: the configuration does not say" in told.err
    assert told.out == ""
    with pytest.raises(InputError, match=r"no weights with an address in the configuration; give .* obtain\.url"):
        fetch_weights([])
