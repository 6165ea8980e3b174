"""Set up `.venv` from the lock files. Runs on a bare Python 3.11+, needs nothing else, and repeats for free.

torch comes first and by itself, because no lock file can say which build a machine wants: where an NVIDIA driver
answers, the plain build with CUDA; elsewhere the CPU build, ten times smaller, from PyTorch's own wheel index.
Everything else is pinned with hashes in requirements.lock (and requirements-dev.lock for `make test`).
"""

import argparse
import hashlib
import os
import platform
import shutil
import subprocess
import sys
import time
import urllib.error
import urllib.request
import venv
from importlib.util import find_spec
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
TORCH = ("torch==2.13.0", "torchvision==0.28.0")
TORCH_CPU_INDEX = "https://download.pytorch.org/whl/cpu"


def main() -> int:
    """Bring `.venv` up to date with the lock files; print one line a stage."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--dev", action="store_true", help="also what the tests and checks need")
    parser.add_argument("--torch", choices=("cpu", "cuda"), help="torch's build; default: what fits this machine")
    given = parser.parse_args()
    dev: bool = given.dev
    locks = [ROOT / "requirements-dev.lock"] if dev else [ROOT / "requirements.lock", ROOT / "requirements-dev.lock"]
    if any(stamp(lock).exists() and stamp(lock).read_text() == fingerprint(lock) for lock in locks):
        return 0
    lock = locks[0]
    started = time.monotonic()
    try:
        make_venv()
        install_torch(given.torch or ("cuda" if has_nvidia_driver() else "cpu"))
        stage(f"Installing the pinned packages of {lock.name} …")
        pip("--no-deps", "--require-hashes", "-r", str(lock))
        stage("Installing paretoscope itself …")
        pip("--no-deps", "--no-build-isolation", "--editable", str(ROOT))
    except subprocess.CalledProcessError:
        stage("Stopped: pip failed, its own words are above. Run the same command again once that is mended.")
        return 1
    stamp(lock).write_text(fingerprint(lock))
    stage(f"Installed in {time.monotonic() - started:.0f} s.")
    return 0


def stamp(lock: Path) -> Path:
    """Where it is noted that a lock file was installed."""
    return VENV / f".installed-{lock.stem}"


def fingerprint(lock: Path) -> str:
    """What the environment was made from: this script, the project's metadata and the lock file."""
    parts = [Path(__file__), ROOT / "pyproject.toml", lock]
    return hashlib.sha256(b"\0".join(part.read_bytes() for part in parts)).hexdigest()


def stage(text: str) -> None:
    """One progress line, on stderr so that it is seen at once."""
    print(f"[paretoscope] {text}", file=sys.stderr, flush=True)


def make_venv() -> None:
    """Create `.venv`; where the distribution split venv off, say which package brings it."""
    if PYTHON.exists():
        return
    stage(f"Creating .venv with Python {platform.python_version()} …")
    if find_spec("ensurepip") is None:
        install_venv_package()
    venv.create(VENV, with_pip=True, clear=VENV.exists())


def install_venv_package() -> None:
    """Debian splits venv off Python: install its package where that is permitted, else say what to install."""
    if os.name != "posix" or os.geteuid() != 0 or shutil.which("apt-get") is None:
        sys.exit("Python's venv module is not installed. On Debian and Ubuntu: sudo apt install python3-venv")
    stage("Installing the system package python3-venv …")
    subprocess.run(["apt-get", "update", "-qq"], check=True)
    subprocess.run(["apt-get", "install", "-y", "-qq", "python3-venv"], check=True)


def pip(*arguments: str) -> None:
    """Run pip of `.venv`, quietly, without a check for a newer pip."""
    quiet = ["-qq", "--disable-pip-version-check", "--no-input"]
    subprocess.run([str(PYTHON), "-m", "pip", "install", *quiet, *arguments], check=True)


def install_torch(build: str) -> None:
    """Install torch and torchvision in the `cpu` or `cuda` build, unless they are there already."""
    code = (
        "from importlib.metadata import version as v; print(v('torch').split('+')[0], v('torchvision').split('+')[0])"
    )
    probe = [str(PYTHON), "-c", code]
    found = subprocess.run(probe, capture_output=True, text=True, check=False).stdout.split()
    if found == [requirement.split("==")[1] for requirement in TORCH]:
        return
    if build == "cuda":
        stage(f"Installing {' '.join(TORCH)} with CUDA (several GB) …")
        pip(*TORCH)
        return
    stage(f"Installing {' '.join(TORCH)} for the CPU …")
    index = ["--extra-index-url", TORCH_CPU_INDEX] if sys.platform == "linux" and reachable(TORCH_CPU_INDEX) else []
    pip("--no-deps", *index, *TORCH)


def has_nvidia_driver() -> bool:
    """Whether `nvidia-smi` finds a GPU."""
    smi = shutil.which("nvidia-smi")
    return smi is not None and subprocess.run([smi, "-L"], capture_output=True, check=False).returncode == 0


def reachable(url: str) -> bool:
    """Whether the index answers; pip would retry for a minute where it does not."""
    try:
        with urllib.request.urlopen(f"{url}/torch/", timeout=5):  # noqa: S310 (a constant https address)
            return True
    except (urllib.error.URLError, OSError):
        return False


if __name__ == "__main__":
    sys.exit(main())
