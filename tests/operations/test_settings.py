"""The settings of a school: what is made when it is absent, and what is wrong is named."""

import stat
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask

from portal import create_app
from portal.config import kept_secret


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
