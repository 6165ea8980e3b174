"""Settings: every one is an environment variable ``PARETOSCOPE_<NAME>``, checked once at the start."""

import ipaddress
from pathlib import Path
from typing import Annotated, Any, Literal, Self
from urllib.parse import quote, urlsplit

from pydantic import AfterValidator, Field, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "PARETOSCOPE_"
MIN_TOKEN_LENGTH = 16

Seconds = Annotated[float, Field(gt=0, le=3600, allow_inf_nan=False)]


class SettingsError(ValueError):
    """A setting has a value that cannot be used; the message names the variable and what would be right."""


def _absolute(path: Path) -> Path:
    """Make a folder independent of the directory that a child process happens to run in."""
    return path.expanduser().resolve()


def _database_url(value: str) -> str:
    """Accept the URLs people write for PostgreSQL and name the driver that is installed."""
    for plain in ("postgres://", "postgresql://"):
        if value.startswith(plain):
            return f"postgresql+psycopg://{value.removeprefix(plain)}"
    if not value.startswith(("sqlite:///", "postgresql+psycopg://")):
        raise ValueError("must be sqlite:///FILE or postgresql://USER:PASSWORD@HOST/NAME")
    return value


def _broker_url(value: str) -> str:
    if not value.startswith(("filesystem://", "redis://", "rediss://")):
        raise ValueError("must be filesystem://FOLDER or redis://HOST:PORT/NUMBER (rediss:// with TLS)")
    if value.startswith("filesystem://") and not urlsplit(value).path.strip("/"):
        raise ValueError("must name a folder: filesystem:///var/lib/paretoscope/broker")
    return value


def _existing(path: Path) -> Path:
    """Refuse a folder that is not there: a typing error would go unnoticed until a run misses its images."""
    if not path.is_dir():
        raise ValueError("there is no such folder")
    return path


Folder = Annotated[Path, AfterValidator(_absolute)]


# data_dir is missing only when it was itself refused, and then that is the error that is shown.
def _database_in_data_dir(values: dict[str, Any]) -> str:
    """Return the default database; a folder's name may hold what means something in a URL."""
    return f"sqlite:///{quote(str(values.get('data_dir', 'data')))}/paretoscope.db"


def _broker_in_data_dir(values: dict[str, Any]) -> str:
    """Return the default broker's folder, which is taken as it is."""
    return f"filesystem://{values.get('data_dir', 'data')}/broker"


class Settings(BaseSettings):
    """What the API and the worker can be told; both read the same variables."""

    model_config = SettingsConfigDict(
        env_prefix=PREFIX, env_ignore_empty=True, frozen=True, extra="forbid", validate_default=True
    )

    data_dir: Folder = Field(
        Path("data"), description="Folder for the database, artifacts, caches and the embedded broker."
    )
    data: Annotated[Folder, AfterValidator(_existing)] | None = Field(
        None, description="Folder with data sets of your own; it is looked in before anything is downloaded."
    )
    database_url: Annotated[str, AfterValidator(_database_url)] = Field(
        default_factory=_database_in_data_dir,
        repr=False,
        description="`sqlite:///FILE` (default: in the data folder) or `postgresql://USER:PASSWORD@HOST/NAME`.",
    )
    broker_url: Annotated[str, AfterValidator(_broker_url)] = Field(
        default_factory=_broker_in_data_dir,
        repr=False,
        description="`filesystem://FOLDER` (default: in the data folder) or `redis://HOST:PORT/NUMBER`.",
    )
    host: str = Field("127.0.0.1", min_length=1, description="Address that the API listens on.")
    port: int = Field(8000, ge=0, le=65535, description="Port that the API listens on; 0 takes a free one.")
    access_token: SecretStr | None = Field(
        None,
        description="Token that every API call must carry; needed for any address but loopback "
        f"(at least {MIN_TOKEN_LENGTH} characters).",
    )
    max_body_bytes: int = Field(1_048_576, ge=1024, description="Largest request body in bytes that the API reads.")
    quickstart: bool = Field(True, description="Create the study “Digits quickstart” at the first start.")
    runners: int | None = Field(
        None,
        ge=1,
        le=256,
        description="Runs trained at the same time by a worker; automatic: one per GPU, or one per core and at most 4.",
    )
    device: Literal["auto", "cpu", "cuda"] = Field(
        "auto", description="`cpu`, `cuda`, or `auto`: the GPUs where there are any."
    )
    max_attempts: int = Field(
        3, ge=1, le=100, description="How often a run is tried when its worker or runner process dies."
    )
    lease_seconds: Seconds = Field(
        15.0, description="A worker that is silent for this long has lost its run to another worker."
    )
    sweep_seconds: Seconds = Field(
        2.0, description="How often expired leases and runs that nobody picked up are looked for."
    )
    cancel_grace_seconds: Seconds = Field(
        5.0, description="Time that a cancelled run has to stop by itself before its process is ended."
    )
    log_level: Literal["DEBUG", "INFO", "WARNING", "ERROR"] = Field(
        "INFO", description="Least severe messages that are logged."
    )

    @model_validator(mode="after")
    def _safe_address(self) -> Self:
        token = self.access_token.get_secret_value() if self.access_token else None
        if token is not None and (len(token) < MIN_TOKEN_LENGTH or not token.isascii() or " " in token):
            raise ValueError(
                f"{PREFIX}ACCESS_TOKEN must be at least {MIN_TOKEN_LENGTH} ASCII characters without spaces; "
                "`python -c 'import secrets; print(secrets.token_urlsafe(32))'` makes a good one"
            )
        if token is None and not is_loopback(self.host):
            raise ValueError(
                f"{PREFIX}HOST={self.host} can be reached from other machines; set {PREFIX}ACCESS_TOKEN, "
                "or listen on 127.0.0.1"
            )
        return self

    @property
    def renew_seconds(self) -> float:
        """Seconds between two renewals of a lease, so that four may fail before it is lost."""
        return self.lease_seconds / 5

    @property
    def artifacts_folder(self) -> Path:
        """Folder of the content-addressed artifacts."""
        return self.data_dir / "artifacts"

    @property
    def work_folder(self) -> Path:
        """Folder of the checkpoints of unfinished runs."""
        return self.data_dir / "work"

    @property
    def downloads_folder(self) -> Path:
        """Folder that downloaded data sets are kept in."""
        return self.data_dir / "datasets"

    @property
    def cache_folder(self) -> Path:
        """Folder of decoded data sets."""
        return self.data_dir / "cache"

    @property
    def search_folders(self) -> tuple[Path, ...]:
        """Folders of a person's own data sets, first one first."""
        return () if self.data is None else (self.data,)


def is_loopback(host: str) -> bool:
    """Tell whether only this machine can reach an address."""
    if host.lower() == "localhost":
        return True
    try:
        return ipaddress.ip_address(host.strip("[]")).is_loopback
    except ValueError:
        return False


def load_settings(**given: Any) -> Settings:
    """Read the settings from the environment; ``given`` values (a command's flags) win over it.

    Raises SettingsError with one line for each value that cannot be used.
    """
    try:
        return Settings(**given)
    except ValidationError as error:
        lines = []
        for problem in error.errors(include_url=False, include_context=False):
            if problem["type"] == "default_factory_not_called":  # follows from another problem in the list
                continue
            message = problem["msg"].removeprefix("Value error, ")
            if not problem["loc"]:  # from the check of the whole, whose messages name the variables
                lines.append(message)
                continue
            name = str(problem["loc"][0])
            secret = name in {"database_url", "broker_url", "access_token"}
            shown = "" if secret else f"={problem['input']}"
            lines.append(f"{PREFIX}{name.upper()}{shown}: {message}")
        raise SettingsError("\n".join(lines)) from None
