"""Find a Chromium for the browser tests, or install one: Playwright's download, else the distribution's package."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def main() -> int:
    """Make sure a browser is there; say what to do where none can be had."""
    if find() is not None or install_own() or install_packaged():
        return 0
    print("No Chromium was found and none could be installed. Install the chromium package, or set", file=sys.stderr)
    print("PARETOSCOPE_CHROMIUM to the path of a Chrome or Chromium, and run the command again.", file=sys.stderr)
    return 1


def find() -> str | None:
    """Return the path of a browser that is installed: the one that was named, the system's, or Playwright's own."""
    named = os.environ.get("PARETOSCOPE_CHROMIUM")
    if named:
        return named
    for name in NAMES:
        if path := shutil.which(name):
            return path
    return own()


def own() -> str | None:
    """Return the path of the browser that Playwright downloaded, if it did."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        path = playwright.chromium.executable_path
    return path if Path(path).exists() else None


def install_own() -> bool:
    """Download Playwright's Chromium; False where its server cannot be reached."""
    print("[paretoscope] Downloading a browser for the tests …", file=sys.stderr)
    command = [sys.executable, "-m", "playwright", "install", "chromium"]
    try:
        done = subprocess.run(command, capture_output=True, check=False, timeout=300)
    except subprocess.TimeoutExpired:
        return False
    return done.returncode == 0 and own() is not None


def install_packaged() -> bool:
    """Install the distribution's Chromium; False where that is not permitted."""
    if not hasattr(os, "geteuid") or os.geteuid() != 0 or shutil.which("apt-get") is None:
        return False
    print("[paretoscope] Installing the system package chromium for the tests …", file=sys.stderr)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for arguments in (["update", "-qq"], ["install", "-y", "-qq", "--no-install-recommends", "chromium"]):
        if subprocess.run(["apt-get", *arguments], env=environment, capture_output=True, check=False).returncode:
            return False
    return find() is not None


if __name__ == "__main__":
    sys.exit(main())
