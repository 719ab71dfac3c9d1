"""The settings of a school: what is made when it is absent, and what is wrong is named."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask

from portal import create_app
from portal.config import kept_secret
from portal.settings import WrongSetting
from tests.processes import run_portal


@pytest.fixture
def folder(tmp_path: Path, monkeypatch) -> Path:
    """The instance folder of an app that is still to start."""
    monkeypatch.setenv("PORTAL_INSTANCE", str(tmp_path))
    return tmp_path


def started(**settings: object) -> Flask:
    return create_app({"DATABASE_URL": "sqlite://"} | settings)


class TestSecretKey:
    def test_it_is_made_once_and_kept(self, folder):
        key = started().config["SECRET_KEY"]
        assert len(key) == 64
        assert started().config["SECRET_KEY"] == key
        assert [path.name for path in folder.iterdir()] == ["secret_key"]
        assert stat.S_IMODE((folder / "secret_key").stat().st_mode) == 0o600

    @pytest.mark.parametrize("left", ["", "\n"])
    def test_an_empty_file_is_none(self, folder, left):
        (folder / "secret_key").write_text(left)
        key = started().config["SECRET_KEY"]
        assert len(key) == 64
        assert (folder / "secret_key").read_text() == key

    def test_all_that_start_together_have_the_same(self, folder):
        (folder / "secret_key").touch()
        with ThreadPoolExecutor(4) as pool:
            keys = set(pool.map(kept_secret, [folder / "secret_key"] * 8))
        assert len(keys) == 1


WRONG = {
    "TRUSTED_PROXIES": "yes",
    "MAIL_PORT": "abc",
    "MAIL_TIMEOUT": "abc",
    "MAIL_USE_TLS": "perhaps",
    "DATABASE_URL": "mysql://localhost/portal",
    "HASHES_AT_ONCE": "0",
    "VIDEO_SERVICE": "blah",
    "BASE_URL": "ouders.school.nl",
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_one_is_named_at_the_start(folder, monkeypatch, name):
    monkeypatch.setenv(f"PORTAL_{name}", WRONG[name])
    with pytest.raises(WrongSetting, match=f"PORTAL_{name} must be "):
        create_app()


def test_check_names_them_all_without_a_traceback(folder):
    done = run_portal("check", MAIL_PORT="abc", HASHES_AT_ONCE="0")
    assert done.returncode == 1
    assert done.stdout.startswith("BAD  settings: PORTAL_MAIL_PORT must be a whole number from 1 to 65535; ")
    assert "PORTAL_HASHES_AT_ONCE" in done.stdout
    assert done.stderr == ""


def test_check_says_where_the_file_cannot_be_understood(folder):
    (folder / "portal.toml").write_text('BASE_URL = "https://ouders.school.nl"\nMAIL_PORT 25\n')
    done = run_portal("check")
    assert done.returncode == 1
    assert "portal.toml cannot be understood" in done.stdout
    assert "line 2" in done.stdout


def test_check_names_what_is_no_setting(folder):
    (folder / "portal.toml").write_text('MAIL_SEVRER = "smtp.school.nl"\nbase_url = "x"\nNONE_OF_OURS = 1\n')
    told = run_portal("check", SOMEBODY_ELSES="1", TRUSTED_PROXY="1").stdout
    (line,) = [line for line in told.splitlines() if "settings:" in line]
    assert line.startswith("BAD")
    for words in ("MAIL_SEVRER (is it MAIL_SERVER?)", "base_url (is it BASE_URL?)", "NONE_OF_OURS"):
        assert words in line
    assert "TRUSTED_PROXY (is it TRUSTED_PROXIES?)" in line
    (folder / "portal.toml").unlink()
    told = run_portal("check", SOMEBODY_ELSES="1").stdout
    assert "ok   settings: known, but not PORTAL_SOMEBODY_ELSES" in told


def test_a_secret_of_digits_stays_as_it_was_typed(folder, monkeypatch):
    monkeypatch.setenv("PORTAL_SECRET_KEY", "1" * 40)
    monkeypatch.setenv("PORTAL_MAIL_PASSWORD", "1e5")
    app = started()
    assert app.config["SECRET_KEY"] == "1" * 40
    assert app.config["MAIL_PASSWORD"] == "1e5"
    assert app.test_client().get("/healthz").status_code == 200


@pytest.mark.parametrize(("typed", "meant"), [("False", False), ("no", False), ("True", True), ("1", True)])
def test_what_is_on_or_off_may_be_said_in_several_words(folder, monkeypatch, typed, meant):
    monkeypatch.setenv("PORTAL_MAIL_USE_TLS", typed)
    assert started().config["MAIL_USE_TLS"] is meant
