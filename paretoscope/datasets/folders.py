"""Where data is looked for and kept."""

from dataclasses import dataclass
from pathlib import Path

from paretoscope.datasets.names import shown


@dataclass(frozen=True)
class DataFolders:
    """Folders of one installation.

    `search` is only ever read (a person's data, looked at first and in this order), `downloads` keeps published data
    sets that were fetched, `cache` keeps decoded images and may be deleted at any time.
    """

    search: tuple[Path, ...]
    downloads: Path
    cache: Path

    @property
    def readable(self) -> tuple[Path, ...]:
        """Every folder in which source data may lie, in the order of preference."""
        return (*self.search, self.downloads)

    def described(self) -> str:
        """The folders for an error message."""
        return ", ".join(shown(folder) for folder in self.readable)
