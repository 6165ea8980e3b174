"""Data sets: bundled digits, published sets, and a person's own image folders and zips."""

from paretoscope.datasets.catalog import available, load, spec
from paretoscope.datasets.data import Dataset, Split
from paretoscope.datasets.folders import DataFolders
from paretoscope.datasets.progress import Progress
from paretoscope.datasets.spec import BUILT_IN, DatasetSpec

__all__ = ["BUILT_IN", "DataFolders", "Dataset", "DatasetSpec", "Progress", "Split", "available", "load", "spec"]
