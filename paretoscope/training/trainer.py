"""Training, epoch by epoch."""

import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from math import isfinite
from typing import Any

import torch
import torch.nn.functional as F  # noqa: N812 (the field's own abbreviation)
from torch import nn

from paretoscope.datasets import Dataset
from paretoscope.errors import TrainingError
from paretoscope.recipe import Recipe
from paretoscope.training.evaluation import Evaluation, evaluate_inputs
from paretoscope.training.folding import channels_last
from paretoscope.training.inputs import Inputs, Padding, plan_epoch
from paretoscope.training.optimizers import build_optimizer, set_rate
from paretoscope.training.precision import compute_dtype
from paretoscope.training.randomness import derive
from paretoscope.training.schedules import rate_factor

_CHECK_EVERY = 0.25  # seconds between looks at the loss, each of which waits for the device

OnBatch = Callable[[str, int, float, float | None], None]
"""Called at batch boundaries with the phase ("train" or "evaluate"), the epoch from 1, how much of that phase is done
(0…1), and its images per second where known. May raise to stop."""


@dataclass(frozen=True)
class Epoch:
    """What one epoch came to; `seconds` includes the evaluation, `images_per_second` is of training alone."""

    epoch: int
    train_loss: float
    train_top1: float
    test_loss: float
    test_top1: float
    lr: float
    images_per_second: float
    seconds: float

    def as_dict(self) -> dict[str, Any]:
        """The epoch as plain data."""
        return asdict(self)


def _ignore(_phase: str, _epoch: int, _done: float, _rate: float | None) -> None:
    """Report nothing."""


class Trainer:
    """Trains one network with one recipe.

    Every epoch draws its order and augmentation from (seed, epoch) alone, and the learning rate follows from the step
    number, so a trainer that is given the weights and optimizer state after an epoch continues exactly as if it had
    never stopped (on the CPU, with the same number of threads).
    """

    def __init__(
        self,
        network: nn.Module,
        data: Dataset,
        recipe: Recipe,
        *,
        seed: int = 0,
        device: str | torch.device = "cpu",
        resolution: int | None = None,
        padding: Padding = "zeros",
        on_batch: OnBatch = _ignore,
    ) -> None:
        """Bring network and images to the device; `resolution` is the network's input size, by default the images'."""
        self.data, self.recipe, self.seed, self.padding, self.on_batch = data, recipe, seed, padding, on_batch
        self.device = torch.device(device)
        side = resolution or data.spec.resolution
        self.dtype = compute_dtype(recipe.precision, self.device, side)
        self.train_inputs, self.test_inputs = (
            Inputs(split, data.mean, data.std, resolution=side, device=self.device, dtype=self.dtype)
            for split in (data.train, data.test)
        )
        self.batch_size = min(recipe.batch_size or data.spec.batch_size, len(data.train))
        self.steps_per_epoch = len(data.train) // self.batch_size
        wanted = recipe.augmentation
        self.shift = data.spec.shift if wanted.shift is None else wanted.shift
        self.flip = data.spec.flip if wanted.flip is None else wanted.flip
        self.set_network(network)

    def set_network(self, network: nn.Module) -> None:
        """Train this network from now on, with a fresh optimizer."""
        self.network = channels_last(network.to(self.device))
        self.optimizer = build_optimizer(self.network, self.recipe.optimizer)

    def run_epoch(self, epoch: int) -> tuple[Epoch, Evaluation]:
        """Train and evaluate epoch number `epoch`, from 1. Raises TrainingError(`diverged`)."""
        started = time.perf_counter()
        loss, top1, images_per_second = self.train_epoch(epoch)
        evaluation = self.evaluate(epoch)
        result = Epoch(
            epoch=epoch,
            train_loss=loss,
            train_top1=top1,
            test_loss=evaluation.loss,
            test_top1=evaluation.top1.value,
            lr=self._rate(epoch, self.steps_per_epoch - 1),
            images_per_second=images_per_second,
            seconds=time.perf_counter() - started,
        )
        return result, evaluation

    def train_epoch(self, epoch: int) -> tuple[float, float, float]:
        """Train one epoch; returns mean loss, top-1 accuracy on the augmented images, and images per second.

        An incomplete last batch is left out; the order changes every epoch, so no image stays unseen. Raises
        TrainingError(`diverged`) as soon as the loss is seen not to be finite.
        """
        started = looked = time.perf_counter()
        count = len(self.train_inputs)
        plan = plan_epoch(count, shift=self.shift, flip=self.flip, seed=self.seed, epoch=epoch, device=self.device)
        torch.manual_seed(derive(self.seed, "layers", epoch))  # for layers that draw, such as dropout
        self.network.train()
        loss_sum = torch.zeros((), device=self.device)
        correct = torch.zeros((), device=self.device, dtype=torch.int64)
        for step in range(self.steps_per_epoch):
            done = step * self.batch_size
            self.on_batch("train", epoch, step / self.steps_per_epoch, done / (time.perf_counter() - started))
            images, labels = self.train_inputs.planned(plan, done, done + self.batch_size, self.padding)
            loss, right = self._step(images, labels, self._rate(epoch, step))
            loss_sum += loss
            correct += right
            if time.perf_counter() - looked > _CHECK_EVERY:
                self._check_finite(loss_sum, epoch)
                looked = time.perf_counter()
        self._check_finite(loss_sum, epoch)
        seen = self.steps_per_epoch * self.batch_size
        seconds = time.perf_counter() - started
        return loss_sum.item() / self.steps_per_epoch, correct.item() / seen, seen / seconds

    def evaluate(self, epoch: int) -> Evaluation:
        """Evaluate the network as it is on the test images. Raises TrainingError(`diverged`) for a loss not finite."""
        count, started = len(self.test_inputs), time.perf_counter()
        found = evaluate_inputs(
            self.network,
            self.test_inputs,
            on_batch=lambda done: self.on_batch(
                "evaluate", epoch, done / count, done / max(time.perf_counter() - started, 1e-9) if done else None
            ),
        )
        if not isfinite(found.loss):
            raise self._diverged(f"The network's loss on the test images is not finite after epoch {epoch}")
        return found

    def _rate(self, epoch: int, step: int) -> float:
        total = self.recipe.epochs * self.steps_per_epoch
        number = (epoch - 1) * self.steps_per_epoch + step
        return self.recipe.optimizer.lr * rate_factor(self.recipe.schedule, number, total)

    def _step(self, images: torch.Tensor, labels: torch.Tensor, rate: float) -> tuple[torch.Tensor, torch.Tensor]:
        """One update; the loss and the number of right answers stay on the device."""
        set_rate(self.optimizer, rate)
        with torch.autocast(self.device.type, self.dtype, enabled=self.dtype is not torch.float32):
            logits = self.network(images)
        logits = logits.float()
        loss = F.cross_entropy(logits, labels, label_smoothing=self.recipe.label_smoothing)
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        self.optimizer.step()
        return loss.detach(), (logits.detach().argmax(1) == labels).sum()

    def _check_finite(self, loss_sum: torch.Tensor, epoch: int) -> None:
        if not torch.isfinite(loss_sum):
            raise self._diverged(f"The loss became infinite or NaN in epoch {epoch} of {self.recipe.epochs}")

    def _diverged(self, what: str) -> TrainingError:
        rate = self.recipe.optimizer.lr
        hint = f"A smaller learning rate (now {rate:g}) or a longer warm-up usually helps."
        return TrainingError("diverged", f"{what}. {hint}")


def train(
    network: nn.Module,
    data: Dataset,
    recipe: Recipe,
    *,
    seed: int = 0,
    device: str | torch.device = "cpu",
    resolution: int | None = None,
    padding: Padding = "zeros",
    on_epoch: Callable[[Epoch], None] | None = None,
) -> list[Epoch]:
    """Train `network` in place for `recipe.epochs` epochs and return what each came to.

    The recipe's start and `compress_at` are the caller's business here. Raises TrainingError(`diverged`).
    """
    history = []
    with torch.random.fork_rng(devices=cuda_devices(device)):
        trainer = Trainer(network, data, recipe, seed=seed, device=device, resolution=resolution, padding=padding)
        for number in range(1, recipe.epochs + 1):
            epoch, _ = trainer.run_epoch(number)
            history.append(epoch)
            if on_epoch:
                on_epoch(epoch)
    return history


def cuda_devices(device: str | torch.device) -> list[torch.device]:
    """The devices whose random state `torch.random.fork_rng` has to keep beside the CPU's."""
    device = torch.device(device)
    return [device] if device.type == "cuda" else []
