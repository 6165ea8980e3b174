"""One run inside the runner process: job in, outcome or explained error out. The only part that needs torch."""

import errno
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import torch

from paretoscope.datasets.folders import DataFolders
from paretoscope.errors import ParetoscopeError
from paretoscope.training import Job, Start, Stopped
from paretoscope.training import execute as train
from paretoscope.variants import Variant

_NO_SPACE = {errno.ENOSPC, errno.EFBIG, errno.EDQUOT}


def execute(
    job: dict[str, Any], on_event: Callable[[str, dict[str, Any]], None], should_stop: Callable[[], bool]
) -> dict[str, Any]:
    """Train the run of a job and return its metrics and the paths of its artifacts."""
    folders, start = job["folders"], job["start"]
    outcome = train(
        Job(
            variant=_variant(job["variant"]),
            folders=DataFolders(
                search=tuple(map(Path, folders["search"])),
                downloads=Path(folders["downloads"]),
                cache=Path(folders["cache"]),
            ),
            work=Path(job["work"]),
            start=None if start is None else Start(_variant(start["variant"]), Path(start["weights"])),
            device=job["device"],
        ),
        on_event=on_event,
        should_stop=should_stop,
    )
    return {"metrics": outcome.metrics, "artifacts": [str(path) for path in outcome.artifacts]}


def explain(error: Exception) -> dict[str, str]:
    """Return the code and the message of what ended a run."""
    if isinstance(error, Stopped):
        return {"code": "stopped", "message": "The run was told to stop."}
    if full := _no_space(error):
        where = f" while writing {Path(full.filename).name}" if full.filename else ""
        return {"code": "storage_full", "message": f"No space left{where}: {full.strerror}."}
    if isinstance(error, ParetoscopeError):
        return {"code": error.code, "message": error.message}
    if _out_of_memory(error):
        return {
            "code": "out_of_memory",
            "message": "The memory was not enough; a smaller batch size or resolution needs less.",
        }
    first_line = next(iter(str(error).splitlines()), "")
    return {"code": "internal", "message": f"{type(error).__name__}: {first_line[:500]}"}


def _variant(data: dict[str, Any]) -> Variant:
    return Variant.model_validate_json(json.dumps(data))


def _no_space(error: BaseException) -> OSError | None:
    """Find the full disk behind an error; libraries wrap it."""
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, OSError) and seen.errno in _NO_SPACE:
            return seen
        seen = seen.__cause__ or seen.__context__
    return None


def _out_of_memory(error: Exception) -> bool:
    if isinstance(error, (MemoryError, torch.OutOfMemoryError)):
        return True
    # The CPU allocator has no exception class of its own.
    return isinstance(error, RuntimeError) and "can't allocate memory" in str(error)
