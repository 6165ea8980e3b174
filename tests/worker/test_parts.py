"""The small parts of the worker: what an error is called, and who owns a work folder."""

import errno
import os
from pathlib import Path

import pytest

from backend.store.jobs import Lease
from paretoscope.errors import DataError
from paretoscope.training import Stopped
from worker import folders
from worker.execution import explain


def _caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "code", "message"),
    [
        (Stopped(), "stopped", "The run was told to stop."),
        (
            OSError(errno.ENOSPC, "No space left on device", "/secret/place/checkpoint.tmp"),
            "storage_full",
            "No space left while writing checkpoint.tmp: No space left on device.",
        ),
        (
            _caused(
                DataError("data_invalid", "The cache cannot be written."), OSError(errno.EDQUOT, "Disk quota exceeded")
            ),
            "storage_full",
            "No space left: Disk quota exceeded.",
        ),
        (DataError("data_missing", "There is no data set x."), "data_missing", "There is no data set x."),
        (
            RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory: you tried to allocate 9 bytes"),
            "out_of_memory",
            "The memory was not enough; a smaller batch size or resolution needs less.",
        ),
        (ValueError("first line\nsecond line"), "internal", "ValueError: first line"),
        (KeyError(), "internal", "KeyError: "),
    ],
)
def test_what_ended_a_run_is_explained(error: Exception, code: str, message: str) -> None:
    assert explain(error) == {"code": code, "message": message}


def test_an_attempt_takes_over_what_the_latest_one_left(tmp_path: Path) -> None:
    first = folders.take_over(tmp_path, Lease("run_1", "aaaa"))
    (first / "checkpoint").write_text("of the first")
    second = folders.take_over(tmp_path, Lease("run_1", "bbbb"))
    assert not first.exists()
    assert (second / "checkpoint").read_text() == "of the first"
    # The frozen runner of the first attempt wakes up and makes its folder again, before the second one goes on.
    first.mkdir()
    (first / "checkpoint").write_text("stale")
    os.utime(first, (1, 1))
    third = folders.take_over(tmp_path, Lease("run_1", "cccc"))
    assert (third / "checkpoint").read_text() == "of the first"
    assert [path.name for path in (tmp_path / "run_1").iterdir()] == ["cccc"]
