"""What this machine can train on, found without importing torch."""

import os
import re
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

from backend.settings import Settings, SettingsError
from paretoscope.machine import cpu_name

_MOST_CPU_RUNNERS = 4


@dataclass(frozen=True, slots=True)
class Device:
    """Where one runner trains, and on how many threads."""

    device: str
    name: str
    threads: int


def plan(settings: Settings) -> list[Device]:
    """Give every runner its device: GPUs in turn, or a share of the cores.

    Raises SettingsError when a GPU is asked for and there is none.
    """
    gpus = [] if settings.device == "cpu" else gpu_names()
    if settings.device == "cuda" and not gpus:
        raise SettingsError(
            "PARETOSCOPE_DEVICE=cuda, but nvidia-smi finds no GPU; install the driver, or use auto or cpu"
        )
    cores = core_count()
    runners = settings.runners or len(gpus) or min(cores, _MOST_CPU_RUNNERS)
    threads = max(1, cores // runners)
    if gpus:
        return [Device(f"cuda:{i % len(gpus)}", gpus[i % len(gpus)], threads) for i in range(runners)]
    return [Device("cpu", cpu_name(), threads)] * runners


def gpu_names() -> list[str]:
    """Return the names of the GPUs that CUDA shows to a process started here."""
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    try:
        answer = subprocess.run(  # noqa: S603 - no part of the command comes from outside
            [program, "-L"], capture_output=True, text=True, timeout=20, check=True
        )
    except (OSError, subprocess.SubprocessError):  # a driver that does not work is no GPU
        return []
    names = re.findall(r"^GPU \d+: (.+?)(?: \(UUID: .*)?$", answer.stdout, flags=re.MULTILINE)
    visible = os.environ.get("CUDA_VISIBLE_DEVICES")
    if visible is None:
        return names
    chosen = []
    for entry in filter(None, (part.strip() for part in visible.split(","))):
        if not entry.isdigit():  # a GPU by UUID: there, but its name is not worth a second look
            chosen.append("NVIDIA GPU")
        elif int(entry) < len(names):
            chosen.append(names[int(entry)])
        else:
            break  # CUDA, too, hides whatever follows an index that does not exist
    return [] if visible.strip().startswith("-") else chosen


def core_count() -> int:
    """Return how many cores this process may use, a container's quota included."""
    allowed = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    try:
        quota, period = Path("/sys/fs/cgroup/cpu.max").read_text().split()
        return max(1, min(allowed, int(quota) // int(period)))
    except (OSError, ValueError):  # no such file, or "max": no quota
        return allowed
