"""What the API answers, as OpenAPI documents it."""

from datetime import UTC, datetime
from typing import Any, Generic, TypeVar

from pydantic import BaseModel, ConfigDict, Field

from backend.api.costs import Answer
from backend.store.tables import Artifact, Run, Study, Worker

T = TypeVar("T")


class Items(Answer, Generic[T]):
    """Several things, in the order they were asked for."""

    items: list[T]


class ListPage(Answer, Generic[T]):
    """A page of a list."""

    items: list[T]
    total: int = Field(description="How many there are in all.")
    next: str | None = Field(description="Cursor of the next page; null on the last one.")


class ArtifactAnswer(Answer):
    """A file that a run left."""

    name: str
    size: int = Field(description="Bytes.")
    sha256: str
    media_type: str
    url: str


class RunCost(Answer):
    """Exact cost for one image; null where the version that stored the run did not count it."""

    params: int = Field(examples=[269722])
    macs: int = Field(examples=[40551040])
    bits: int = Field(examples=[8631104])
    activations: int = Field(examples=[188426])
    attention_macs: int | None = None
    scan_macs: int | None = None
    structured_macs: int | None = None
    sparse_macs: int | None = None
    excluded: int | None = None
    memory: int | None = Field(None, description="Peak activation memory in bytes.")


class RunAnswer(Answer):
    """One execution of a variant."""

    id: str = Field(examples=["run_0123456789abcdef"])
    fingerprint: str
    state: str = Field(examples=["succeeded"])
    attempt: int
    max_attempts: int
    study_ids: list[str]
    label: str = Field(examples=["ResNet-20, weight sharing (16 clusters)"])
    variant: dict[str, Any]
    cost: RunCost
    baseline: RunCost
    scores: dict[str, float] = Field(description="Scores by key; empty where the version that stored the run had none.")
    metrics: dict[str, Any] | None = Field(
        description="`top1` is a fraction with its 95 % interval, `latency` milliseconds for one image."
    )
    progress: dict[str, Any] | None
    error: dict[str, Any] | None
    created_at: datetime
    started_at: datetime | None
    finished_at: datetime | None
    worker: str | None
    artifacts: list[ArtifactAnswer]

    @classmethod
    def of(cls, run: Run, study_ids: list[str], artifacts: list[Artifact]) -> "RunAnswer":
        """From the rows."""
        return cls(
            **{name: getattr(run, name) for name in _SAME},
            study_ids=study_ids,
            cost=RunCost(**run.cost),
            baseline=RunCost(**run.baseline),
            scores=run.scores or {},
            created_at=moment(run.created_at),
            started_at=None if run.started_at is None else moment(run.started_at),
            finished_at=None if run.finished_at is None else moment(run.finished_at),
            artifacts=[
                ArtifactAnswer(
                    name=artifact.name,
                    size=artifact.size,
                    sha256=artifact.sha256,
                    media_type=artifact.media_type,
                    url=f"/api/v1/runs/{run.id}/artifacts/{artifact.name}",
                )
                for artifact in artifacts
            ],
        )


_SAME = (
    *("id", "fingerprint", "state", "attempt", "max_attempts", "label", "variant"),
    *("metrics", "progress", "error", "worker"),
)


class RunWithHistory(RunAnswer):
    """A run with the metrics of its finished epochs."""

    history: list[dict[str, Any]]


class StudyAnswer(Answer):
    """A named set of runs on one data set."""

    id: str
    name: str
    dataset: str
    counts: dict[str, int] = Field(description="Runs by state.")
    created_at: datetime

    @classmethod
    def of(cls, study: Study, counts: dict[Any, int]) -> "StudyAnswer":
        """From the row."""
        return cls(
            id=study.id,
            name=study.name,
            dataset=study.dataset,
            counts={str(state): count for state, count in counts.items()},
            created_at=moment(study.created_at),
        )


class Reach(Answer):
    """Whether a part of the system answers."""

    ok: bool
    kind: str


class WorkerAnswer(Answer):
    """A worker that was heard of lately."""

    id: str
    host: str
    pid: int
    device: str
    device_name: str
    threads: int
    run_id: str | None
    heartbeat_at: datetime

    @classmethod
    def of(cls, worker: Worker) -> "WorkerAnswer":
        """From the row."""
        return cls(
            id=worker.id,
            host=worker.host,
            pid=worker.pid,
            device=worker.device,
            device_name=worker.device_name,
            threads=worker.threads,
            run_id=worker.job_id,
            heartbeat_at=moment(worker.heartbeat_at),
        )


class Health(Answer):
    """How the system is."""

    status: str = Field(description="`ok`, or `degraded` when a part does not answer or no worker is live.")
    version: str
    database: Reach
    broker: Reach
    workers: list[WorkerAnswer]
    queue: dict[str, int]


class SweepAxis(BaseModel):
    """One axis of a grid: a place in the variant, and the values it takes."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    path: str = Field(
        min_length=2,
        max_length=200,
        pattern=r"^(/[^/]+)+$",
        description="JSON pointer into the variant.",
        examples=["/steps/0/clusters"],
    )
    values: list[Any] = Field(min_length=1, max_length=1000, examples=[[4, 16, 64]])


def moment(seconds: float) -> datetime:
    """Return the time for a number of seconds since 1970, with its time zone."""
    return datetime.fromtimestamp(seconds, UTC)
