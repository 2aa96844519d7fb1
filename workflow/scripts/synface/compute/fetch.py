"""Downloading weights: resumed where it broke off, known by their SHA-256, and weights or refused.

Beside ``weights.pth`` stand ``weights.pth.sha256``, as ``sha256sum`` writes it, from the first use on; and, until a
download is complete, ``weights.pth.part`` with ``weights.pth.part.json``, which says what it is a part of.
"""

import hashlib
import http.client
import json
import logging
import re
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from synface.compute.filetype import file_type, size_in_words
from synface.core.errors import InputError
from synface.core.files import atomic_path
from synface.core.progress import progress

logger = logging.getLogger(__name__)

CHUNK = 1_000_000  # bytes, a unit of the progress
MOST_BYTES = 4 << 30  # the largest file that is read
ATTEMPTS = 5
TIMEOUT = 60.0  # seconds without a byte


def fetch_weights(weights: Sequence[Mapping[str, str | None]], *, wait: float = 3.0) -> None:
    """Fetch all ``weights`` (path, url, license), and say from where and under which license; see `fetch`.

    Raises:
        InputError: what went wrong, a sentence for each file, after all were tried; or there is nothing to fetch.
    """
    if not weights:
        raise InputError(
            "no weights with an address in the configuration; give the address of the file as obtain.url of a "
            "checkpoint, or in obtain.urls of a trained model"
        )
    problems = []
    for each in weights:
        told = f"{each['path']}: from {each['url']}, license: {each['license'] or 'the configuration does not say'}"
        logger.info("%s", told)
        print(told, file=sys.stderr, flush=True)
        try:
            fetch(Path(each["path"]), each["url"], wait=wait)
        except InputError as error:
            problems.append(str(error))
    if problems:
        raise InputError("\n".join(problems))


def fetch(path: Path, url: str, *, wait: float = 3.0) -> str:
    """Bring the file at ``url`` to ``path`` if it is not there, and compare it with what was there at first.

    Returns its SHA-256.

    Args:
        path: of the file. Its SHA-256 is recorded beside it when it is there for the first time, however it came.
        url: of the file itself, http or https.
        wait: seconds before a download that broke off goes on, more with every attempt.

    Raises:
        InputError: the file cannot be had; it is no weights (an HTML page, without its end), or another than recorded.
    """
    record = _beside(path, ".sha256")
    if not path.exists():
        part = _download(path, url, wait)
        kind = file_type(part)
        size = size_in_words(part.stat().st_size)
        try:
            if kind.kind == "other":
                raise InputError(f"{url}: gave no weights, but {kind.what} ({size}); {kind.advice}")
            _check_record(part, record, f"{url}: gives another file than before")
        except InputError:
            _discard(part)
            raise
        part.replace(path)
        _discard(part)
        logger.info("%s: fetched, %s", path, size)
    found = _check_record(path, record, f"{path}: is another file than at first")
    with atomic_path(record) as temporary:
        temporary.write_text(f"{found}  {path.name}\n", encoding="utf-8")
    return found


def _check_record(file: Path, record: Path, wrong: str) -> str:
    """Return the SHA-256 of a file; `InputError`, beginning with ``wrong``, if another one is recorded."""
    with file.open("rb") as stream:
        found = hashlib.file_digest(stream, "sha256").hexdigest()
    if record.exists():
        noted = re.match(r"[0-9a-f]{64}\b", record.read_text(encoding="utf-8", errors="replace"))
        if noted is None:
            raise InputError(f"{record}: found no SHA-256; restore it, or delete it to accept the file as it is")
        if noted[0] != found:
            raise InputError(
                f"{wrong}: SHA-256 {found[:16]}..., and {record} has {noted[0][:16]}...; find out why it changed, or "
                f"delete {record} to accept the new one"
            )
    return found


def _download(path: Path, url: str, wait: float) -> Path:
    """Return the whole file under the name of a part; `InputError` where it cannot be had, what came is kept."""
    part = _beside(path, ".part")
    part.parent.mkdir(parents=True, exist_ok=True)
    reason = ""
    for attempt in range(ATTEMPTS):
        time.sleep(attempt * wait)
        try:
            _go_on(part, url)
            return part
        except urllib.error.HTTPError as error:
            if error.code == http.client.REQUESTED_RANGE_NOT_SATISFIABLE:
                _discard(part)
            elif error.code < http.client.INTERNAL_SERVER_ERROR:
                raise InputError(f"{url}: the server says {error.code} {error.reason}; check the address") from None
            reason = f"the server says {error.code} {error.reason}"
        except (OSError, http.client.HTTPException) as error:
            reason = str(getattr(error, "reason", error)) or type(error).__name__
        logger.warning("%s: %s", url, reason)
    have = part.stat().st_size if part.exists() else 0
    kept = f"; {size_in_words(have)} are kept in {part}: fetch again to go on from there" if have else ""
    raise InputError(f"{url}: cannot be downloaded ({reason}){kept or '; check the address and the network'}")


def _go_on(part: Path, url: str) -> None:
    """Download what is missing of a file, from its beginning where the server cannot say that it is still the same."""
    state = _state_of(part)
    have = part.stat().st_size if part.exists() and state.get("url") == url and state.get("validator") else 0
    # Compressed on the way, a range would be one of other bytes.
    headers = {"Accept-Encoding": "identity", "User-Agent": "synface"}
    if have:
        headers |= {"Range": f"bytes={have}-", "If-Range": state["validator"]}
    with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=TIMEOUT) as response:
        length = response.headers.get("Content-Length", "")
        total = int(length) if length.isdigit() else None
        if response.status == http.client.PARTIAL_CONTENT:
            described = re.fullmatch(r"bytes (\d+)-\d+/(\d+)", response.headers.get("Content-Range", ""))
            if described is None or int(described[1]) != have:
                _discard(part)
                raise ConnectionError("the server gave another part than was asked for")
            total = int(described[2])
            logger.info("%s: going on at %s of %s", url, size_in_words(have), size_in_words(total))
        else:
            have = 0
        if (total or 0) > MOST_BYTES:
            raise InputError(f"{url}: {size_in_words(total or 0)}, more than weights have; give the file's own address")
        if not have:
            part.unlink(missing_ok=True)
            state = {"url": url, "validator": _validator_of(response.headers)}
            _beside(part, ".json").write_text(json.dumps(state), encoding="utf-8")
        chunks = None if total is None else -(-(total - have) // CHUNK)
        with part.open("ab") as file:
            for chunk in progress(_chunks(response), total=chunks, what=f"MB of {part.stem}"):
                file.write(chunk)
                have += len(chunk)
                if have > (MOST_BYTES if total is None else total):
                    raise InputError(f"{url}: gives more than the {size_in_words(total or MOST_BYTES)} it may have")
    if total is not None and have < total:
        raise ConnectionError(f"broke off at {size_in_words(have)} of {size_in_words(total)}")


def _chunks(response: http.client.HTTPResponse) -> Iterator[bytes]:
    while chunk := response.read(CHUNK):
        yield chunk


def _validator_of(headers: Mapping[str, str]) -> str | None:
    """Return by what the server knows a version of the file, for If-Range: a strong ETag, or the time of its change."""
    tag = headers.get("ETag") or ""
    return tag if tag.startswith('"') else headers.get("Last-Modified")


def _state_of(part: Path) -> dict[str, Any]:
    try:
        state = json.loads(_beside(part, ".json").read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return state if isinstance(state, dict) else {}


def _discard(part: Path) -> None:
    for file in (part, _beside(part, ".json")):
        file.unlink(missing_ok=True)


def _beside(path: Path, ending: str) -> Path:
    return path.with_name(path.name + ending)
