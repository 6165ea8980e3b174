"""The state after an epoch, in one safetensors file that is whole or not there."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import save
from torch import Tensor, nn

from paretoscope.datasets.files import written_whole
from paretoscope.training.trainer import Epoch

_FORMAT = 1


@dataclass(frozen=True)
class Checkpoint:
    """Epochs done so far, the network's tensors, the optimizer's tensors and numbers by parameter index."""

    history: tuple[Epoch, ...]
    network: dict[str, Tensor]
    optimizer: dict[int, dict[str, Any]]

    @property
    def epoch(self) -> int:
        """Number of epochs that are done."""
        return len(self.history)


def plain_tensors(network: nn.Module) -> dict[str, Tensor]:
    """The state dict as contiguous tensors on the CPU that share no memory, as safetensors wants them."""
    return {
        name: tensor.detach().cpu().clone(memory_format=torch.contiguous_format)
        for name, tensor in network.state_dict().items()
    }


def save_checkpoint(
    path: Path, fingerprint: str, history: list[Epoch], network: nn.Module, optimizer: torch.optim.Optimizer
) -> None:
    """Write the state after the last epoch of `history`. Raises OSError (disk full) and then leaves the old file."""
    tensors = {f"network.{name}": tensor for name, tensor in plain_tensors(network).items()}
    numbers: dict[str, Any] = {}
    for index, state in optimizer.state_dict()["state"].items():
        for name, value in state.items():
            key = f"optimizer.{index}.{name}"
            if isinstance(value, Tensor):
                tensors[key] = value.detach().cpu().clone(memory_format=torch.contiguous_format)
            else:
                numbers[key] = value
    about = {
        "format": _FORMAT,
        "fingerprint": fingerprint,
        "history": [epoch.as_dict() for epoch in history],
        "numbers": numbers,
    }
    content = save(tensors, metadata={"about": json.dumps(about)})
    with written_whole(path) as file:
        file.write(content)


def load_checkpoint(path: Path, fingerprint: str) -> Checkpoint | str | None:
    """The checkpoint of this variant; None where there is no file; a sentence where the file cannot be used."""
    if not path.exists():
        return None
    try:
        with safe_open(path, framework="pt") as file:
            about = json.loads(file.metadata()["about"])
            if about["format"] != _FORMAT or about["fingerprint"] != fingerprint:
                return "The checkpoint belongs to another variant; training starts over."
            tensors = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 (not a dict)
        history = tuple(Epoch(**epoch) for epoch in about["history"])
        network: dict[str, Tensor] = {}
        optimizer: dict[int, dict[str, Any]] = {}
        for key, value in (tensors | about["numbers"]).items():
            part, _, rest = key.partition(".")
            if part == "network":
                network[rest] = value
            else:
                index, _, name = rest.partition(".")
                optimizer.setdefault(int(index), {})[name] = value
    except (OSError, SafetensorError, ValueError, KeyError, TypeError) as error:
        return f"The checkpoint is damaged and was ignored ({error}); training starts over."
    return Checkpoint(history, network, optimizer)


def restore_optimizer(optimizer: torch.optim.Optimizer, state: dict[int, dict[str, Any]]) -> None:
    """Put saved state back, each tensor laid out like its parameter, which keeps the arithmetic the same.

    Raises ValueError where the state does not fit the parameters.
    """
    parameters = [parameter for group in optimizer.param_groups for parameter in group["params"]]
    for index, values in state.items():
        for name, value in values.items():
            if isinstance(value, Tensor) and value.ndim:
                if index >= len(parameters) or value.shape != parameters[index].shape:
                    raise ValueError(f"optimizer state {index}.{name} has shape {tuple(value.shape)}")
                values[name] = torch.empty_like(parameters[index], dtype=value.dtype).copy_(value)
    optimizer.load_state_dict({"state": state, "param_groups": optimizer.state_dict()["param_groups"]})
