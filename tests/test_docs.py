"""The README and the deployment files are true."""

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import yaml

from backend.settings import PREFIX, Settings

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()


def test_every_setting_is_documented_in_its_own_words() -> None:
    for name, field in Settings.model_fields.items():
        row = re.search(rf"^\| `{PREFIX}{name.upper()}` \| [^|]* \| (.*) \|$", README, re.MULTILINE)
        assert row, f"{PREFIX}{name.upper()} is not in the README's table"
        assert row.group(1) == field.description


def test_no_setting_is_documented_that_is_not_there() -> None:
    documented = set(re.findall(rf"`{PREFIX}([A-Z_0-9]+)`", README))
    assert documented == {name.upper() for name in Settings.model_fields}


def test_the_pictures_are_there() -> None:
    for path in re.findall(r"!\[[^]]*\]\(([^)]+)\)", README):
        assert (ROOT / path).stat().st_size > 10_000


def test_the_notebook_examples_run() -> None:
    first, second = (run(code) for code in re.findall(r"```python\n(.*?)```", README, re.DOTALL))
    assert first.startswith("Cost(params=")
    assert int(second) == 5 * 5 * (9 * 3 * 128 + 128 * 64)


def run(code: str) -> str:
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return done.stdout


def test_docker_compose_is_valid() -> None:
    checked = subprocess.run(
        [sys.executable, "-m", "check_jsonschema", "--builtin-schema", "vendor.compose-spec", "docker-compose.yml"],
        capture_output=True,
        text=True,
        check=False,
        cwd=ROOT,
    )
    assert checked.returncode == 0, checked.stdout + checked.stderr
    docker = shutil.which("docker")
    if docker and subprocess.run([docker, "compose", "version"], capture_output=True, check=False).returncode == 0:
        secrets = {"PARETOSCOPE_ACCESS_TOKEN": "t" * 24, "POSTGRES_PASSWORD": "p"}
        subprocess.run([docker, "compose", "config", "--quiet"], check=True, cwd=ROOT, env=os.environ | secrets)


def test_compose_uses_settings_that_exist() -> None:
    services = yaml.safe_load((ROOT / "docker-compose.yml").read_text())["services"]
    assert {"api", "worker", "worker-gpu", "redis", "postgres", "migrate"} == set(services)
    used = set(re.findall(rf"^  {PREFIX}([A-Z_]+):", (ROOT / "docker-compose.yml").read_text(), re.MULTILINE))
    assert used
    assert {name.lower() for name in used} <= set(Settings.model_fields)


def test_the_locks_name_no_address() -> None:
    for name in ("requirements.lock", "requirements-dev.lock"):
        assert "://" not in (ROOT / name).read_text()
    assert "resolved" not in json.dumps(json.loads((ROOT / "package-lock.json").read_text()))
