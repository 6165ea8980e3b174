"""One run from its variant to its artifacts, resumable after every epoch."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from typing import Any

import torch

from paretoscope.datasets import Dataset, load
from paretoscope.errors import TrainingError
from paretoscope.machine import cpu_name
from paretoscope.training.checkpoints import Checkpoint, load_checkpoint, restore_optimizer, save_checkpoint
from paretoscope.training.evaluation import Evaluation
from paretoscope.training.job import Job, OnEvent, Outcome, ShouldStop, Stopped
from paretoscope.training.latency import Latency, measure_latency
from paretoscope.training.networks import Plan, compress, filled, fresh, plan_steps, started
from paretoscope.training.precision import name_of
from paretoscope.training.results import write_results
from paretoscope.training.trainer import Epoch, Trainer, cuda_devices
from paretoscope.variants import fingerprint

_CHECKPOINT = "checkpoint.safetensors"
_EVENT_EVERY = 0.2  # seconds
_DATA_SHARE, _EXPORT_SHARE = 0.02, 0.01  # of the whole run's progress bar


def execute(job: Job, *, on_event: OnEvent, should_stop: ShouldStop) -> Outcome:
    """Do one run: data, network, training with a checkpoint after each epoch, evaluation, artifacts.

    `job.variant` must be resolved. `on_event` gets "progress" and "epoch" events; `should_stop` is asked at every
    batch, and Stopped raised when it answers yes. A second call with the same `job.work` goes on after the last
    finished epoch and, on the CPU, ends with the same weights bit for bit. Raises DataError, TrainingError
    (`diverged`, `out_of_memory`, `start_mismatch`), and OSError where a file cannot be written.
    """
    with torch.random.fork_rng(devices=cuda_devices(job.device)), _memory_errors():
        return _Run(job, on_event, should_stop).execute()


class _Run:
    """The moving parts of one call of `execute`."""

    def __init__(self, job: Job, on_event: OnEvent, should_stop: ShouldStop) -> None:
        self.job, self.variant = job, job.variant
        self.on_event, self.should_stop = on_event, should_stop
        self.epochs = job.variant.recipe.epochs
        self.history: list[Epoch] = []
        self.note: str | None = None
        self._last_event = -1.0
        self._last_phase = ""
        if job.start is None and job.variant.recipe.start.from_ != "scratch":
            raise TrainingError("start_mismatch", "The recipe starts from trained weights, but none were given.")

    def execute(self) -> Outcome:
        data = load(self.variant.dataset, self.job.folders, self._on_data)
        self.spec = data.spec
        classes = self.variant.architecture.num_classes or data.spec.num_classes
        if classes < data.spec.num_classes:
            raise TrainingError(
                "classes",
                f"The network has {classes} outputs, but {data.spec.name} has {data.spec.num_classes} classes.",
            )
        trainer = self._prepare(data)
        evaluation = self._train(trainer)
        if evaluation is None:
            evaluation = trainer.evaluate(self.epochs)
        self._progress("timing", self.epochs, 1 - _EXPORT_SHARE, None, always=True)
        latency = measure_latency(
            trainer.network,
            trainer.test_inputs,
            device_name=_device_name(trainer.device),
            on_forward=self._stop_if_asked,
        )
        self._progress("export", self.epochs, 1 - _EXPORT_SHARE, None, always=True)
        metrics = self._metrics(trainer, evaluation, latency)
        artifacts = write_results(self.job.work / "out", self.variant, data, trainer.network, self.history, metrics)
        self._progress("export", self.epochs, 1.0, None, always=True)
        return Outcome(metrics, artifacts)

    def _prepare(self, data: Dataset) -> Trainer:
        """The network as it should be now: fresh, from trained weights, or from the last checkpoint."""
        start, spec = self.job.start, data.spec
        self.plan: Plan = plan_steps(self.variant, trained=start is not None)
        found = load_checkpoint(self.job.work / _CHECKPOINT, fingerprint(self.variant))
        if isinstance(found, Checkpoint):
            try:
                return self._resumed(found, data)
            except (ValueError, RuntimeError, KeyError) as error:
                found = f"The checkpoint does not fit this network ({error}); training starts over."
        self.note = found
        network = started(self.variant, spec, start) if start else fresh(self.variant, spec, self.plan.first)
        return self._trainer(network, data)

    def _resumed(self, checkpoint: Checkpoint, data: Dataset) -> Trainer:
        steps = self.plan.steps_after(checkpoint.epoch)
        trainer = self._trainer(filled(self.variant, data.spec, steps, checkpoint.network), data)
        restore_optimizer(trainer.optimizer, checkpoint.optimizer)
        self.history = list(checkpoint.history)
        self.note = f"resumed after epoch {checkpoint.epoch}"
        for epoch in self.history:
            # Told again, all of it: whoever listened may have died or been frozen while the epochs went on.
            self.on_event("epoch", epoch.as_dict())
        return trainer

    def _trainer(self, network: torch.nn.Module, data: Dataset) -> Trainer:
        return Trainer(
            network,
            data,
            self.variant.recipe,
            seed=self.variant.seed,
            device=self.job.device,
            resolution=self.variant.architecture.resolution,
            on_batch=self._on_batch,
        )

    def _train(self, trainer: Trainer) -> Evaluation | None:
        """Train what is left; returns the evaluation of the network as it stands, if one was just made."""
        evaluation: Evaluation | None = None
        path = self.job.work / _CHECKPOINT
        name = fingerprint(self.variant)
        compressed = not self.plan.later or len(self.history) > self.plan.boundary
        for number in range(len(self.history) + 1, self.epochs + 2):
            if not compressed and number > self.plan.boundary:
                trainer.set_network(compress(trainer.network, self.variant, self.spec, self.plan.later))
                compressed, evaluation = True, None
            if number > self.epochs:
                break
            epoch, evaluation = trainer.run_epoch(number)
            self.history.append(epoch)
            save_checkpoint(path, name, self.history, trainer.network, trainer.optimizer)
            self.on_event("epoch", epoch.as_dict())
        return evaluation

    def _metrics(self, trainer: Trainer, evaluation: Evaluation, latency: Latency) -> dict[str, Any]:
        trained = sum(epoch.seconds for epoch in self.history)
        rates = [epoch.images_per_second for epoch in self.history]
        return {
            "top1": asdict(evaluation.top1),
            "loss": evaluation.loss,
            "n_test": evaluation.count,
            "epochs": len(self.history),
            "train_images_per_second": len(rates) / sum(1 / rate for rate in rates) if rates else None,
            "evaluate_images_per_second": evaluation.images_per_second,
            "seconds": trained if rates else evaluation.seconds,
            "device": _device_name(trainer.device),
            "threads": torch.get_num_threads(),
            "precision": name_of(trainer.dtype),
            "latency": asdict(latency),
        }

    def _on_data(self, fraction: float, note: str) -> None:
        self._stop_if_asked()
        self.note = note
        self._progress("data", 0, _DATA_SHARE * fraction, None)

    def _on_batch(self, phase: str, epoch: int, done: float, rate: float | None) -> None:
        self._stop_if_asked()
        # An epoch's evaluation fills the last tenth of its share.
        within = 0.9 * done if phase == "train" else 0.9 + 0.1 * done
        share = (epoch - 1 + within) / self.epochs if self.epochs else done
        fraction = _DATA_SHARE + (1 - _DATA_SHARE - _EXPORT_SHARE) * min(1.0, share)
        self._progress(phase, epoch, fraction, rate)

    def _progress(self, phase: str, epoch: int, fraction: float, rate: float | None, *, always: bool = False) -> None:
        now = time.monotonic()
        if not always and phase == self._last_phase and now - self._last_event < _EVENT_EVERY:
            return
        self._last_event, self._last_phase = now, phase
        self.on_event(
            "progress",
            {
                "phase": phase,
                "epoch": epoch,
                "epochs": self.epochs,
                "fraction": fraction,
                "images_per_second": rate or None,
                "note": self.note,
            },
        )

    def _stop_if_asked(self) -> None:
        if self.should_stop():
            raise Stopped


def _device_name(device: torch.device) -> str:
    return torch.cuda.get_device_name(device) if device.type == "cuda" else cpu_name()


@contextmanager
def _memory_errors() -> Iterator[None]:
    """Turn a lack of memory, on the GPU or the CPU, into TrainingError(`out_of_memory`)."""
    try:
        yield
    except (torch.OutOfMemoryError, MemoryError) as error:
        raise _out_of_memory(error) from error
    except RuntimeError as error:
        if "can't allocate memory" not in str(error):  # how torch's CPU allocator says it
            raise
        raise _out_of_memory(error) from error


def _out_of_memory(error: BaseException) -> TrainingError:
    reason = str(error).partition("\n")[0]
    return TrainingError("out_of_memory", f"The device has too little memory: {reason}. A smaller batch size may fit.")
