"""`/health`: how the system is."""

from fastapi import APIRouter

from backend.api.dependencies import TheHouse
from backend.api.models import Health, Reach, WorkerAnswer
from backend.queue import broker_kind, broker_ok
from backend.store import jobs, workers
from backend.store.tables import Run, State
from paretoscope import __version__

router = APIRouter(tags=["health"])


@router.get("/health")
def read_health(house: TheHouse) -> Health:
    """Status, version, database, broker, live workers with their devices, and how much waits."""
    database_ok = house.database.ok()
    live: list[WorkerAnswer] = []
    counts: dict[State, int] = {}
    if database_ok:
        with house.database.read() as session:
            live = [WorkerAnswer.of(worker) for worker in workers.live(session, 3 * house.settings.lease_seconds)]
            counts = jobs.counts(session, Run)
    reached = broker_ok(house.celery)
    return Health(
        status="ok" if database_ok and reached and live else "degraded",
        version=__version__,
        database=Reach(ok=database_ok, kind=house.database.kind),
        broker=Reach(ok=reached, kind=broker_kind(house.settings)),
        workers=live,
        queue={
            "queued": counts.get("queued", 0),
            "running": counts.get("running", 0) + counts.get("cancelling", 0),
        },
    )
