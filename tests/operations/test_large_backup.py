"""A school whose photos take more than the memory allowed is backed up and put back in little memory."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from sqlalchemy import func, insert, select

from portal import clock
from portal.extensions import db, start_writing
from portal.models.albums import Photo, PhotoFile
from portal.models.audit import AuditEntry
from tests.databases import ENGINES

WHOLE = "PROVE_ALL" in os.environ
PICTURE = 350_000
PHOTOS, INCOMING, MOST_MEMORY = (160, 4_000_000, 60) if WHOLE else (100, 2_000_000, 36)
"""Megabytes: less than all photos together, a few times the largest."""
# Runs a command and prints how many megabytes it had at most, and what it said.
WATCH = (
    "import json, resource, subprocess, sys;"
    "done = subprocess.run(sys.argv[1:], capture_output=True, text=True);"
    "used = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024;"
    "print(json.dumps([done.returncode, done.stdout + done.stderr, used]))"
)


def run(settings: dict[str, str], *arguments: object) -> float:
    """Run a command of the portal on a database and return the most memory that it had, in MB."""
    environment = os.environ | {f"PORTAL_{name}": value for name, value in settings.items()}
    command = [sys.executable, "-c", WATCH, sys.executable, "-m", "portal", *map(str, arguments)]
    told = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    code, said, used = json.loads(told.stdout)
    assert code == 0, said
    return used


@pytest.mark.slow
@pytest.mark.parametrize("engine", ENGINES if WHOLE else ENGINES[-1:])
def test_it_takes_little_memory(app, school, databases, engine, tmp_path):
    secret = {"SECRET_KEY": app.config["SECRET_KEY"], "INSTANCE": str(tmp_path)}
    here = secret | {"DATABASE_URL": app.config["DATABASE_URL"]}
    there = secret | {"DATABASE_URL": databases.create(engine, "large")}
    path = tmp_path / "small"
    usual = run(here, "backup", path)
    put_photos(app, school)
    path = tmp_path / "large"
    used = {"backup": run(here, "backup", path) - usual, "restore": run(there, "restore", path) - usual}
    print(engine, {name: f"+{more:.0f} MB" for name, more in used.items()}, f"{size_of(path):.0f} MB")
    assert max(used.values()) < MOST_MEMORY
    other = databases.app_on(there["DATABASE_URL"])
    with other.app_context():
        sizes = db.session.scalars(select(func.length(PhotoFile.content)).order_by(PhotoFile.photo_id)).all()
        assert sorted(sizes)[-PHOTOS - 2 :] == [PICTURE] * PHOTOS + [INCOMING] * 2
        assert db.session.scalar(select(func.count(AuditEntry.id))) >= 3000
        db.session.rollback()
        db.engine.dispose()


def put_photos(app, school) -> None:
    with app.app_context():
        start_writing()
        for number in range(PHOTOS + 2):
            photo = Photo(
                album_id=school.album,
                fingerprint=f"f{number:063}",
                position=number,
                added_by=school.tess.id,
                added_at=clock.now(),
            )
            db.session.add(photo)
            db.session.flush()
            large = number >= PHOTOS
            file = {"photo_id": photo.id, "size": "incoming" if large else "picture"}
            content = os.urandom(INCOMING if large else PICTURE)
            db.session.execute(insert(PhotoFile).values(file | {"content": content}))
        entry = {"at": clock.now(), "verb": "x" * 40, "subject": "", "actor_id": None, "subject_id": None}
        db.session.execute(insert(AuditEntry), [entry] * 3000)
        db.session.commit()


def size_of(path: Path) -> float:
    return path.stat().st_size / 1e6
