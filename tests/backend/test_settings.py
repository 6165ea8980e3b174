"""Settings: defaults, environment, and clear refusals."""

from pathlib import Path

import pytest

from backend.settings import PREFIX, Settings, SettingsError, is_loopback, load_settings
from backend.store.migrate import migrate


def test_everything_lies_in_the_data_folder_by_default(tmp_path: Path) -> None:
    settings = load_settings(data_dir=tmp_path)
    assert settings.database_url == f"sqlite:///{tmp_path}/paretoscope.db"
    assert settings.broker_url == f"filesystem://{tmp_path}/broker"
    folders = (settings.artifacts_folder, settings.work_folder, settings.downloads_folder, settings.cache_folder)
    assert all(folder.parent == tmp_path for folder in folders)
    assert settings.search_folders == ()
    assert not list(tmp_path.iterdir())  # reading the settings makes nothing


@pytest.mark.parametrize("name", ["a b%41c", "q?x#y", "ünï"])
def test_any_folder_can_be_the_data_folder(tmp_path: Path, name: str) -> None:
    settings = load_settings(data_dir=tmp_path / name)
    migrate(settings.database_url)
    assert [path.name for path in tmp_path.iterdir()] == [name]
    assert (tmp_path / name / "paretoscope.db").is_file()


def test_the_environment_is_read_and_a_flag_wins(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("PARETOSCOPE_PORT", "9000")
    monkeypatch.setenv("PARETOSCOPE_DATA_DIR", "here")
    monkeypatch.setenv("HOME", str(tmp_path))
    (tmp_path / "images").mkdir()
    monkeypatch.setenv("PARETOSCOPE_DATA", "~/images")
    monkeypatch.setenv("PARETOSCOPE_RUNNERS", "")  # empty is as good as not set: compose files do that
    settings = load_settings(port=9001)
    assert (settings.port, settings.data_dir, settings.runners) == (9001, tmp_path / "here", None)
    assert settings.search_folders == (tmp_path / "images",)


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("PORT", "http", r"PARETOSCOPE_PORT=http: .*integer"),
        ("PORT", "70000", r"PARETOSCOPE_PORT=70000: .*65535"),
        ("DATA", "/no/where", r"PARETOSCOPE_DATA=/no/where: there is no such folder"),
        ("RUNNERS", "0", r"PARETOSCOPE_RUNNERS=0: .*greater than or equal to 1"),
        ("DEVICE", "tpu", r"PARETOSCOPE_DEVICE=tpu: .*'auto', 'cpu' or 'cuda'"),
        ("LEASE_SECONDS", "nan", r"PARETOSCOPE_LEASE_SECONDS=nan: .*finite"),
        ("DATABASE_URL", "mysql://u:hunter2@h/d", r"PARETOSCOPE_DATABASE_URL: must be sqlite"),
        ("BROKER_URL", "amqp://u:hunter2@h", r"PARETOSCOPE_BROKER_URL: must be filesystem"),
        ("BROKER_URL", "filesystem://", r"PARETOSCOPE_BROKER_URL: must name a folder"),
        ("ACCESS_TOKEN", "short", r"PARETOSCOPE_ACCESS_TOKEN must be at least 16"),
        ("HOST", "0.0.0.0", r"PARETOSCOPE_HOST=0.0.0.0 can be reached from other machines"),  # noqa: S104
    ],
)
def test_a_bad_value_is_refused_by_name(monkeypatch: pytest.MonkeyPatch, name: str, value: str, message: str) -> None:
    monkeypatch.setenv(PREFIX + name, value)
    with pytest.raises(SettingsError, match=message) as refusal:
        load_settings()
    assert "hunter2" not in str(refusal.value)


def test_every_bad_value_is_named_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PARETOSCOPE_PORT", "x")
    monkeypatch.setenv("PARETOSCOPE_RUNNERS", "y")
    with pytest.raises(SettingsError) as refusal:
        load_settings()
    assert [line.split("=")[0] for line in str(refusal.value).splitlines()] == [
        "PARETOSCOPE_PORT",
        "PARETOSCOPE_RUNNERS",
    ]


def test_another_address_needs_a_token() -> None:
    settings = load_settings(host="0.0.0.0", access_token="0123456789abcdef")  # noqa: S104, S106
    assert settings.access_token is not None
    assert "0123456789abcdef" not in repr(settings)


@pytest.mark.parametrize(("host", "loopback"), [
    ("127.0.0.1", True), ("127.8.8.8", True), ("::1", True), ("[::1]", True), ("localhost", True),
    ("0.0.0.0", False), ("::", False), ("192.168.1.4", False), ("example.org", False),  # noqa: S104
])  # fmt: skip
def test_loopback(host: str, loopback: bool) -> None:
    assert is_loopback(host) is loopback


def test_postgresql_is_spoken_by_the_installed_driver() -> None:
    for url in ("postgres://u@h/d", "postgresql://u@h/d", "postgresql+psycopg://u@h/d"):
        assert load_settings(database_url=url).database_url == "postgresql+psycopg://u@h/d"


def test_passwords_are_not_shown() -> None:
    settings = load_settings(database_url="postgresql://u:hunter2@h/d", broker_url="redis://:hunter2@h:1/0")
    assert "hunter2" not in repr(settings)


def test_every_setting_is_described() -> None:
    assert all(field.description for field in Settings.model_fields.values())
