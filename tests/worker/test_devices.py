"""Which device and how many threads a runner gets."""

from pathlib import Path

import pytest

from backend.settings import SettingsError, load_settings
from paretoscope.machine import cpu_name
from worker.devices import Device, core_count, gpu_names, plan

TWO_GPUS = """GPU 0: NVIDIA H200 (UUID: GPU-1111-aaaa)
GPU 1: NVIDIA GeForce RTX 4090 (UUID: GPU-2222-bbbb)
  MIG 1g.5gb      Device  0: (UUID: MIG-3333)
"""


@pytest.fixture
def _two_gpus(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Put an nvidia-smi on the path that lists two GPUs."""
    program = tmp_path / "nvidia-smi"
    program.write_text(f"#!/bin/sh\ncat <<'END'\n{TWO_GPUS}END\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.delenv("CUDA_VISIBLE_DEVICES", raising=False)


@pytest.mark.usefixtures("_two_gpus")
def test_one_runner_for_each_gpu() -> None:
    threads = max(1, core_count() // 2)
    assert plan(load_settings()) == [
        Device("cuda:0", "NVIDIA H200", threads),
        Device("cuda:1", "NVIDIA GeForce RTX 4090", threads),
    ]
    assert [one.device for one in plan(load_settings(runners=3))] == ["cuda:0", "cuda:1", "cuda:0"]
    assert {one.device for one in plan(load_settings(device="cpu"))} == {"cpu"}


@pytest.mark.usefixtures("_two_gpus")
@pytest.mark.parametrize(
    ("visible", "names"),
    [
        ("", []),
        ("-1", []),
        ("1", ["NVIDIA GeForce RTX 4090"]),
        ("1,0", ["NVIDIA GeForce RTX 4090", "NVIDIA H200"]),
        ("0,7,1", ["NVIDIA H200"]),
        ("GPU-1111-aaaa", ["NVIDIA GPU"]),
    ],
)
def test_gpus_that_are_hidden_do_not_count(monkeypatch: pytest.MonkeyPatch, visible: str, names: list[str]) -> None:
    monkeypatch.setenv("CUDA_VISIBLE_DEVICES", visible)
    assert gpu_names() == names


def test_a_driver_that_does_not_work_is_no_gpu(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    program = tmp_path / "nvidia-smi"
    program.write_text("#!/bin/sh\necho 'GPU 0: broken'\nexit 9\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    assert gpu_names() == []
    with pytest.raises(SettingsError, match="PARETOSCOPE_DEVICE=cuda"):
        plan(load_settings(device="cuda"))


def test_cores_are_shared_out(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    cores = core_count()
    automatic = plan(load_settings())
    assert len(automatic) == min(cores, 4)
    assert automatic[0] == Device("cpu", cpu_name(), max(1, cores // len(automatic)))
    assert [one.threads for one in plan(load_settings(runners=1))] == [cores]
    assert [one.threads for one in plan(load_settings(runners=cores + 1))] == [1] * (cores + 1)
