"""The files that a finished run leaves in `work/out`."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import fields
from pathlib import Path
from typing import Any

from safetensors.torch import save
from torch import nn

from paretoscope.datasets import Dataset
from paretoscope.datasets.files import written_whole
from paretoscope.training.checkpoints import plain_tensors
from paretoscope.training.trainer import Epoch
from paretoscope.variants import Variant, canonical_json


def write_results(
    out: Path, variant: Variant, data: Dataset, network: nn.Module, history: Sequence[Epoch], metrics: dict[str, Any]
) -> tuple[Path, ...]:
    """Write weights.safetensors, metrics.json and metrics.csv, each whole or not at all. Raises OSError."""
    # What a reader of the weights alone needs to use them: which network, which normalisation, which labels.
    about = {
        "variant": json.loads(canonical_json(variant)),
        "mean": data.mean,
        "std": data.std,
        "classes": data.spec.classes,
    }
    epochs = [epoch.as_dict() for epoch in history]
    table = io.StringIO()
    writer = csv.DictWriter(table, [field.name for field in fields(Epoch)], lineterminator="\n")
    writer.writeheader()
    writer.writerows(epochs)
    contents = {
        "weights.safetensors": save(plain_tensors(network), metadata={"paretoscope": json.dumps(about)}),
        "metrics.json": json.dumps({"metrics": metrics, "history": epochs}, indent=2).encode(),
        "metrics.csv": table.getvalue().encode(),
    }
    for name, content in contents.items():
        with written_whole(out / name) as file:
            file.write(content)
    return tuple(out / name for name in contents)
