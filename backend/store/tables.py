"""The tables. Times are seconds since 1970 by the database's clock."""

from typing import Any, Literal, get_args

from sqlalchemy import (
    JSON,
    BigInteger,
    CheckConstraint,
    ColumnElement,
    Double,
    ForeignKey,
    Index,
    Integer,
    MetaData,
    String,
    Text,
    UniqueConstraint,
    exists,
    or_,
    true,
)
from sqlalchemy.orm import DeclarativeBase, Mapped, aliased, mapped_column

from backend.store.clock import now

State = Literal["queued", "running", "cancelling", "succeeded", "failed", "cancelled"]
STATES: tuple[State, ...] = get_args(State)
HELD: tuple[State, ...] = ("running", "cancelling")
TERMINAL: tuple[State, ...] = ("succeeded", "failed", "cancelled")

Id = String(40)
# SQLite numbers rows by itself only in a column declared INTEGER; there it holds 64 bits anyway.
Serial = BigInteger().with_variant(Integer, "sqlite")


class Base(DeclarativeBase):
    """The declarative base; the naming convention lets migrations find constraints on both databases."""

    metadata = MetaData(
        naming_convention={
            "ix": "ix_%(table_name)s_%(column_0_N_name)s",
            "uq": "uq_%(table_name)s_%(column_0_N_name)s",
            "ck": "ck_%(table_name)s_%(constraint_name)s",
            "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
            "pk": "pk_%(table_name)s",
        }
    )
    type_annotation_map = {  # noqa: RUF012 - SQLAlchemy wants a plain class attribute
        dict[str, Any]: JSON(none_as_null=True),
        float: Double(),
        str: Text(),
    }


class Job:
    """Columns of anything that a worker claims, holds by a lease and finishes; see ``jobs``."""

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    state: Mapped[State] = mapped_column(String(16), default="queued")
    attempt: Mapped[int] = mapped_column(default=0)
    max_attempts: Mapped[int] = mapped_column(default=3)
    lease_token: Mapped[str | None] = mapped_column(String(32))
    lease_expires_at: Mapped[float | None]
    worker: Mapped[str | None]
    progress: Mapped[dict[str, Any] | None]
    error: Mapped[dict[str, Any] | None]
    last_failure: Mapped[str | None]
    created_at: Mapped[float] = mapped_column(default=now())
    queued_at: Mapped[float] = mapped_column(default=now())
    started_at: Mapped[float | None]
    finished_at: Mapped[float | None]

    @classmethod
    def claimable(cls) -> ColumnElement[bool]:
        """Return the condition, beside being queued, under which a job may start."""
        return true()


class Run(Job, Base):
    """One execution of a variant; ``fingerprint`` makes it the only one of that variant."""

    __tablename__ = "runs"
    __table_args__ = (
        UniqueConstraint("fingerprint"),
        CheckConstraint(f"state IN ({', '.join(repr(state) for state in STATES)})", name="state"),
        Index(None, "state", "queued_at"),
        Index(None, "created_at"),
        Index(None, "start_run_id"),
    )

    fingerprint: Mapped[str] = mapped_column(String(64))
    variant: Mapped[dict[str, Any]]
    dataset: Mapped[str]
    architecture: Mapped[str]
    label: Mapped[str]
    params: Mapped[int] = mapped_column(BigInteger)
    macs: Mapped[int] = mapped_column(BigInteger)
    bits: Mapped[int] = mapped_column(BigInteger)
    activations: Mapped[int] = mapped_column(BigInteger)
    # None in rows of versions that did not count them.
    further_cost: Mapped[dict[str, Any] | None]
    scores: Mapped[dict[str, Any] | None]
    baseline: Mapped[dict[str, Any]]
    # Not a foreign key: a run whose start was deleted must be able to say so.
    start_run_id: Mapped[str | None] = mapped_column(Id)
    metrics: Mapped[dict[str, Any] | None]
    top1: Mapped[float | None]

    @property
    def cost(self) -> dict[str, int]:
        """The exact cost of the variant."""
        return {
            "params": self.params,
            "macs": self.macs,
            "bits": self.bits,
            "activations": self.activations,
            **(self.further_cost or {}),
        }

    @classmethod
    def claimable(cls) -> ColumnElement[bool]:
        """A run that starts from the weights of another waits until those are there."""
        start = aliased(Run)
        trained = exists().where(start.id == cls.start_run_id, start.state == "succeeded")
        return or_(cls.start_run_id.is_(None), trained)


class Epoch(Base):
    """The metrics of one finished epoch of a run."""

    __tablename__ = "epochs"

    run_id: Mapped[str] = mapped_column(Id, ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True)
    data: Mapped[dict[str, Any]]


class Event(Base):
    """Something that happened to a job, in the order of ``seq``."""

    __tablename__ = "events"
    # Without AUTOINCREMENT SQLite gives the number of a pruned last event a second time.
    __table_args__ = (Index(None, "job_id", "seq"), {"sqlite_autoincrement": True})

    seq: Mapped[int] = mapped_column(Serial, primary_key=True)
    job_id: Mapped[str] = mapped_column(Id)
    kind: Mapped[str] = mapped_column(String(16))
    data: Mapped[dict[str, Any]]
    at: Mapped[float] = mapped_column(default=now())


class Study(Base):
    """A named set of runs on one data set."""

    __tablename__ = "studies"
    __table_args__ = (UniqueConstraint("name"),)

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    name: Mapped[str]
    dataset: Mapped[str]
    created_at: Mapped[float] = mapped_column(default=now())


class StudyRun(Base):
    """A run that belongs to a study."""

    __tablename__ = "study_runs"
    __table_args__ = (Index(None, "run_id"),)

    study_id: Mapped[str] = mapped_column(Id, ForeignKey("studies.id", ondelete="CASCADE"), primary_key=True)
    run_id: Mapped[str] = mapped_column(Id, ForeignKey("runs.id", ondelete="CASCADE"), primary_key=True)


class Artifact(Base):
    """A file that a job left; its bytes are kept under their hash."""

    __tablename__ = "artifacts"
    __table_args__ = (Index(None, "sha256"),)

    job_id: Mapped[str] = mapped_column(Id, primary_key=True)
    name: Mapped[str] = mapped_column(String(128), primary_key=True)
    sha256: Mapped[str] = mapped_column(String(64))
    size: Mapped[int] = mapped_column(BigInteger)
    media_type: Mapped[str]


class Worker(Base):
    """A supervisor with its runner process, and when it was last heard of."""

    __tablename__ = "workers"

    id: Mapped[str] = mapped_column(Id, primary_key=True)
    host: Mapped[str]
    pid: Mapped[int]
    runner_pid: Mapped[int | None]
    device: Mapped[str]
    device_name: Mapped[str]
    threads: Mapped[int]
    job_id: Mapped[str | None] = mapped_column(Id)
    started_at: Mapped[float] = mapped_column(default=now())
    heartbeat_at: Mapped[float] = mapped_column(default=now())
