"""The application: the API, the page, and what runs beside them."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import APIRouter, FastAPI
from starlette.concurrency import run_in_threadpool
from starlette.middleware.gzip import GZipMiddleware

from backend import errors, page, quickstart
from backend.api import catalog, events, figures, health, learn, references, runs, studies, whatif
from backend.api.dependencies import House
from backend.live import LiveEvents
from backend.queue import Sweeper, make_app
from backend.security import Gate
from backend.settings import Settings
from backend.store.database import Database
from backend.store.files import ArtifactFiles
from paretoscope import __version__
from paretoscope.datasets import DataFolders

log = logging.getLogger(__name__)

DESCRIPTION = """Explore what a CNN compression choice costs before you train it, and what accuracy it keeps after.

A **variant** is a data set, an architecture, ordered compression **steps**, a training **recipe** and a seed. `/whatif`
says at once what a variant costs; `/runs` has a worker train it; `/figures` draws what came of it. Every error has one
shape: `{"error": {"code", "message", "details"}}`.
"""


def create_app(settings: Settings, *, plant: bool = False) -> FastAPI:
    """Return the application; with `plant` it creates the first study. The database must be migrated before."""
    database, celery = Database(settings.database_url), make_app(settings)
    house = House(
        settings=settings,
        database=database,
        celery=celery,
        sweeper=Sweeper(database, celery, settings),
        files=ArtifactFiles(settings.artifacts_folder),
        folders=data_folders(settings),
        live=LiveEvents(database),
    )

    @asynccontextmanager
    async def lifespan(_: FastAPI) -> AsyncIterator[None]:
        if plant:
            await run_in_threadpool(quickstart.plant, settings, database, house.folders)
        house.sweeper.start()
        yield
        house.live.close()
        house.sweeper.stop()
        house.database.close()

    app = FastAPI(
        title="Paretoscope",
        version=__version__,
        description=DESCRIPTION,
        lifespan=lifespan,
        docs_url=None,
        redoc_url=None,
        openapi_url="/api/v1/openapi.json",
    )
    app.state.house = house
    api = APIRouter(prefix="/api/v1", responses=errors.documented(400, 401, 403, 413, 421, 422))
    for resource in (health, catalog, learn, references, whatif, events, runs, studies, figures):
        api.include_router(resource.router)
    app.include_router(api)
    page.install(app)
    errors.install(app)
    app.add_middleware(GZipMiddleware, minimum_size=1024, compresslevel=1)
    app.add_middleware(Gate, settings=settings)
    return app


def data_folders(settings: Settings) -> DataFolders:
    """Return where data sets are looked for and kept."""
    return DataFolders(search=settings.search_folders, downloads=settings.downloads_folder, cache=settings.cache_folder)
