"""What the routes need, as annotations that read as English."""

from dataclasses import dataclass
from typing import Annotated

from celery import Celery
from fastapi import Depends, Request

from backend.live import LiveEvents
from backend.queue import Sweeper
from backend.settings import Settings
from backend.store.database import Database
from backend.store.files import ArtifactFiles
from paretoscope.datasets import DataFolders


@dataclass(frozen=True)
class House:
    """The parts of a running API, made once at start-up."""

    settings: Settings
    database: Database
    celery: Celery
    sweeper: Sweeper
    files: ArtifactFiles
    folders: DataFolders
    live: LiveEvents


def get_house(request: Request) -> House:
    """Return the parts of the application that answers this request."""
    house: House = request.app.state.house
    return house


TheHouse = Annotated[House, Depends(get_house)]
