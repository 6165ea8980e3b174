"""The laws of the house: who may import whom, read off the code's own imports."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
PYTHON = sorted(path for package in ("paretoscope", "backend", "worker") for path in (ROOT / package).rglob("*.py"))
SCRIPTS = sorted((ROOT / "frontend" / "js").rglob("*.js"))


def imports(path: Path) -> Iterator[str]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            assert node.level == 0, f"{path} imports relatively"
            yield node.module
            yield from (f"{node.module}.{alias.name}" for alias in node.names)


def inside(module: str, *packages: str) -> bool:
    return any(module == package or module.startswith(f"{package}.") for package in packages)


def package_of(path: Path) -> str:
    return path.relative_to(ROOT).parts[0]


@pytest.mark.parametrize("path", PYTHON, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_module_keeps_the_laws(path: Path) -> None:
    where = path.relative_to(ROOT).as_posix()
    for module in imports(path):
        if package_of(path) == "paretoscope":
            assert not inside(module, "backend", "worker", "fastapi", "celery", "sqlalchemy"), (
                f"{where} imports {module}"
            )
        if package_of(path) == "backend":
            assert not inside(module, "worker"), f"{where} imports {module}"
        if package_of(path) == "worker" and inside(module, "backend"):
            allowed = ("backend.store", "backend.queue", "backend.settings")
            assert module == "backend" or inside(module, *allowed), f"{where} imports {module}"
        if inside(module, "sqlalchemy", "alembic", "sqlite3", "psycopg"):
            assert where.startswith("backend/store/"), f"{where} speaks SQL"
        if inside(module, "plotly"):
            assert where.startswith("backend/figures/"), f"{where} draws"


def test_only_the_api_module_of_the_page_fetches() -> None:
    assert SCRIPTS
    for path in SCRIPTS:
        calls = re.search(r"\b(fetch|EventSource|XMLHttpRequest|WebSocket)\s*\(", path.read_text())
        assert calls is None or path.name == "api.js", f"{path.name} calls {calls and calls.group(1)}"


def test_data_never_becomes_markup() -> None:
    for path in SCRIPTS:
        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write", path.read_text()), path.name


@pytest.mark.parametrize("path", [*PYTHON, *SCRIPTS], ids=lambda path: str(path.relative_to(ROOT)))
def test_a_file_is_short_enough_to_read(path: Path) -> None:
    assert len(path.read_text().splitlines()) <= 500
