"""Fetching one file from the network: verified, whole or not at all."""

import http.client
import urllib.request
from collections.abc import Callable
from hashlib import md5
from pathlib import Path

from paretoscope.datasets.files import written_whole

_BLOCK = 2**18
_TIMEOUT = 30.0  # seconds without a byte


class FetchError(Exception):
    """A file could not be fetched from this address; the message says why."""


def matches_md5(path: Path, expected: str) -> bool:
    """Whether a file has the published MD5 (a guard against damage; that is what the publishers give)."""
    digest = md5(usedforsecurity=False)
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            digest.update(block)
    return digest.hexdigest() == expected


def fetch(url: str, path: Path, expected_md5: str, progress: Callable[[int, int | None], None]) -> None:
    """Download `url` to `path`; `progress` gets bytes so far and in total and may raise to stop.

    Raises FetchError when the address does not answer or its content is not the published one, OSError when the disk
    is full.
    """
    if not url.startswith(("http://", "https://")):
        raise FetchError(f"{url}: not an http address")
    digest = md5(usedforsecurity=False)
    done = 0
    with written_whole(path) as out:
        try:
            response = urllib.request.urlopen(url, timeout=_TIMEOUT)  # noqa: S310 - scheme checked above
        except (OSError, http.client.HTTPException, ValueError) as error:
            raise FetchError(f"{url}: {error}") from error
        with response:
            total = response.length  # from Content-Length, None where it is not given
            while True:
                try:
                    block = response.read(_BLOCK)
                except (OSError, http.client.HTTPException) as error:
                    raise FetchError(f"{url}: broke off after {done:,} bytes ({error})") from error
                if not block:
                    break
                out.write(block)
                digest.update(block)
                done += len(block)
                progress(done, total)
        if digest.hexdigest() != expected_md5:
            raise FetchError(f"{url}: {done:,} bytes came, but not the published file (MD5 differs)")
