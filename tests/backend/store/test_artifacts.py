"""Artifact files and their rows."""

import errno
import hashlib
import os
import resource
import subprocess
import sys
from pathlib import Path

import pytest

from backend.store import artifacts, runs
from backend.store.database import Database
from backend.store.errors import NotFoundError
from backend.store.files import ArtifactFiles
from tests.backend.store.make import METRICS, claim, submit


@pytest.fixture
def files(tmp_path: Path) -> ArtifactFiles:
    return ArtifactFiles(tmp_path / "artifacts")


def source(folder: Path, name: str, content: bytes) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(content)
    return folder / name


def present(files: ArtifactFiles) -> list[str]:
    return sorted(path.name for path in files.folder.rglob("*") if path.is_file())


def test_a_file_is_kept_under_its_hash_once(files: ArtifactFiles, tmp_path: Path) -> None:
    first = files.put(source(tmp_path / "a", "metrics.json", b"{}"))
    second = files.put(source(tmp_path / "b", "other.csv", b"{}"))
    sha256 = hashlib.sha256(b"{}").hexdigest()
    assert (first.name, first.sha256, first.size, first.media_type) == ("metrics.json", sha256, 2, "application/json")
    assert (second.name, second.sha256, second.media_type) == ("other.csv", sha256, "text/csv")
    assert first.path == second.path == files.folder / sha256[:2] / sha256
    assert first.path.read_bytes() == b"{}"
    assert present(files) == [sha256]


@pytest.mark.parametrize("text", ["../../etc/passwd", "", "A" * 64, "0" * 63, "0" * 64 + "\n"])
def test_what_is_no_hash_is_no_path(files: ArtifactFiles, text: str) -> None:
    with pytest.raises(ValueError, match="not a SHA-256"):
        files.path(text)


def test_a_full_disk_leaves_no_partial_file(files: ArtifactFiles, tmp_path: Path) -> None:
    big = source(tmp_path / "a", "weights.safetensors", bytes(1 << 20))
    program = (
        "import sys, pathlib; from backend.store.files import ArtifactFiles\n"
        "try: ArtifactFiles(pathlib.Path(sys.argv[1])).put(pathlib.Path(sys.argv[2]))\n"
        "except OSError as error: sys.exit(error.errno)"
    )
    limit = 100_000
    process = subprocess.run(
        [sys.executable, "-c", program, files.folder, big],
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
        check=False,
    )
    assert process.returncode == errno.EFBIG
    assert present(files) == []


def test_a_missing_source_leaves_no_partial_file(files: ArtifactFiles, tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        files.put(tmp_path / "nowhere")
    assert present(files) == []


def finish(database: Database, files: ArtifactFiles, number: int, paths: list[Path]) -> str:
    submit(database, number)
    lease = claim(database)
    stored = [files.put(path) for path in paths]
    with database.write() as session:
        runs.succeed(session, lease, METRICS, stored)
    return lease.job_id


def test_shared_bytes_stay_until_the_last_run_is_gone(database: Database, files: ArtifactFiles, tmp_path: Path) -> None:
    shared = source(tmp_path / "a", "weights.safetensors", b"same")
    first = finish(database, files, 1, [shared, source(tmp_path / "a", "metrics.json", b"1")])
    second = finish(database, files, 2, [shared, source(tmp_path / "b", "metrics.json", b"2")])
    with database.read() as session:
        rows = artifacts.of_jobs(session, [first, second])
        assert [row.name for row in rows[first]] == ["metrics.json", "weights.safetensors"]
        assert artifacts.get(session, second, "metrics.json").size == 1
        with pytest.raises(NotFoundError):
            artifacts.get(session, second, "metrics.exe")
    sha256 = {row.name: row.sha256 for row in rows[first]}
    with database.write() as session:
        hashes = runs.delete_run(session, first)
    assert sorted(hashes) == sorted(sha256.values())
    with database.write() as session:
        assert artifacts.collect(session, files, hashes) == [sha256["metrics.json"]]
    assert sha256["weights.safetensors"] in present(files)
    with database.write() as session:
        hashes = runs.delete_run(session, second)
    with database.write() as session:
        artifacts.collect(session, files, hashes)
    assert present(files) == []


def test_a_row_is_never_written_for_a_file_that_is_gone(
    database: Database, files: ArtifactFiles, tmp_path: Path
) -> None:
    submit(database, 1)
    lease = claim(database)
    stored = [files.put(source(tmp_path / "a", "metrics.json", b"{}"))]
    with database.write() as session:  # a deletion of an equal file comes in between
        artifacts.collect(session, files, [stored[0].sha256])
    with pytest.raises(artifacts.VanishedError), database.write() as session:
        runs.succeed(session, lease, METRICS, stored)
    stored = [files.put(source(tmp_path / "a", "metrics.json", b"{}"))]
    with database.write() as session:
        assert runs.succeed(session, lease, METRICS, stored).state == "succeeded"


def test_old_files_without_a_row_are_collected(database: Database, files: ArtifactFiles, tmp_path: Path) -> None:
    finish(database, files, 1, [source(tmp_path / "a", "metrics.json", b"kept")])
    lost = files.put(source(tmp_path / "a", "metrics.json", b"lost"))
    draft = files.folder / ".put-killed"
    draft.write_bytes(b"half a fi")
    young = files.put(source(tmp_path / "a", "metrics.json", b"young"))
    for path in [path for path in files.folder.rglob("*") if path.is_file() and path != young.path]:
        os.utime(path, (0, 0))
    with database.write() as session:
        assert artifacts.collect_old(session, files) == 2
    assert lost.sha256 not in present(files)
    assert len(present(files)) == 2
