"""Training, evaluation, and whole runs with checkpoints."""

from paretoscope.training.evaluation import Evaluation, Interval, evaluate, wilson_interval
from paretoscope.training.execution import execute
from paretoscope.training.job import Job, Outcome, Start, Stopped
from paretoscope.training.trainer import Epoch, Trainer, train

__all__ = [
    "Epoch",
    "Evaluation",
    "Interval",
    "Job",
    "Outcome",
    "Start",
    "Stopped",
    "Trainer",
    "evaluate",
    "execute",
    "train",
    "wilson_interval",
]
