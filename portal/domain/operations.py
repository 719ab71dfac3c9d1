"""Whether this installation is in order."""

import os
import stat
from collections.abc import Iterator
from datetime import date, datetime
from functools import cache
from pathlib import Path

from alembic.script import ScriptDirectory
from flask import Flask, current_app
from sqlalchemy import text
from sqlalchemy.exc import SQLAlchemyError

from portal import clock, settings
from portal.config import DEFAULTS
from portal.domain import mail_checks, virus_scan
from portal.domain.attachment_words import LARGEST_FILE, MEGABYTE
from portal.domain.findings import Finding
from portal.domain.free_days import free_days_of
from portal.domain.jobs import STALE_AFTER, worker_seen_at
from portal.domain.school import SchoolFacts, school_facts
from portal.domain.school_days import school_years
from portal.domain.settings import school_year_around
from portal.extensions import db

SHORTEST_KEY = 32
LEAST_ROOM = 500_000_000
DURABLE_SQLITE = {"journal_mode": "wal", "synchronous": "2", "foreign_keys": "1"}
DURABLE_POSTGRES = ("fsync", "synchronous_commit", "full_page_writes")


def is_ready() -> bool:
    """Whether the database answers and its migrations are those of this program."""
    return current_heads() == expected_heads()


def current_heads() -> set[str]:
    """Return the newest migrations that the database has had; none when it is empty or does not answer."""
    try:
        return set(db.session.scalars(text("SELECT version_num FROM alembic_version")))
    except SQLAlchemyError:
        db.session.rollback()
        return set()


def expected_heads() -> set[str]:
    """Return the newest migrations of this program."""
    return set(heads_in(Path(current_app.extensions["migrate"].directory)))


@cache
def heads_in(folder: Path) -> frozenset[str]:
    """Return the newest migrations in a folder, read once: a program keeps those that it started with."""
    return frozenset(ScriptDirectory(folder).get_heads())


def findings(now: datetime) -> Iterator[Finding]:
    """Look at everything that makes an installation healthy and safe, in order."""
    try:
        db.session.execute(text("SELECT 1"))
    except SQLAlchemyError as error:
        yield Finding(False, "database", f"does not answer ({type(error).__name__}); see PORTAL_DATABASE_URL")
        db.session.rollback()
        facts = SchoolFacts()
    else:
        yield Finding(True, "database", f"{db.engine.dialect.name} answers")
        yield from _database()
        ready = is_ready()
        yield Finding(ready, "migrations", "current" if ready else "not current; run `portal db upgrade`")
        facts = school_facts() if ready else SchoolFacts()
        if ready:
            yield _school(facts)
            if facts.exists:
                yield _school_year(now)
            yield _worker(now)
    yield _settings()
    yield from _secret_key()
    yield from _folder()
    yield _address(facts)
    yield _proxies()
    yield from mail_checks.findings(facts, now)
    yield from _virus_scanner()
    yield from _nothing_for_trying()


def _database() -> Iterator[Finding]:
    """A report that was taken in must survive a power cut."""
    if db.engine.dialect.name == "sqlite":
        settings = {name: str(db.session.scalar(text(f"PRAGMA {name}"))) for name in DURABLE_SQLITE}
        wrong = [
            f"{name}={settings[name]}" for name, wanted in DURABLE_SQLITE.items() if settings[name] != wanted
        ]
        yield Finding(not wrong, "durability", f"set otherwise: {', '.join(wrong)}" if wrong else "WAL, FULL")
        answer = str(db.session.scalar(text("PRAGMA quick_check(1)")))
        yield Finding(answer == "ok", "file", "sound" if answer == "ok" else "damaged; restore a backup")
        return
    off = [name for name in DURABLE_POSTGRES if db.session.scalar(text(f"SHOW {name}")) == "off"]
    yield Finding(not off, "durability", f"switched off in Postgres: {', '.join(off)}" if off else "all on")


def _school(facts: SchoolFacts) -> Finding:
    if not facts.exists:
        return Finding(False, "school", "none yet; run `portal setup`")
    return Finding(True, "school", f"{facts.name}{' (demo)' if facts.is_demo else ''}")


def _school_year(now: datetime) -> Finding:
    """Without its year and holidays every weekday is a school day, and nothing is of this year."""
    name = school_year_around(clock.to_local(now).date()).name
    year = next((year for year in school_years() if year.name == name), None)
    if year is None:
        return Finding(False, "school year", f"{name} is not there; the worker makes it, once it runs")
    after_summer = date(year.first_day.year, 9, 15)
    if not any(free_day.first_day >= after_summer for free_day in free_days_of(year)):
        return Finding(False, "school year", f"{name} has no holidays; the office adds them to the calendar")
    return Finding(True, "school year", f"{name} and its holidays are there")


def _worker(now: datetime) -> Finding:
    seen = worker_seen_at()
    if seen is None:
        return Finding(False, "worker", "has never run: no mail is sent; see `portal serve`")
    ago = now - seen
    if ago > STALE_AFTER:
        return Finding(False, "worker", f"silent for {ago.total_seconds() / 60:.0f} minutes: no mail is sent")
    return Finding(True, "worker", f"seen {max(0, ago.total_seconds()):.0f} seconds ago")


def _settings() -> Finding:
    """A name with a slip of the pen in it is a setting that the portal never hears of."""
    path = Path(current_app.instance_path) / settings.FILE
    mistakes, others = settings.unknown(path, {*DEFAULTS, *Flask.default_config})
    if mistakes:
        return Finding(False, "settings", f"no setting is called {', '.join(mistakes)}")
    return Finding(True, "settings", f"known{', but not ' + ', '.join(others) if others else ''}")


def _secret_key() -> Iterator[Finding]:
    long_enough = len(str(current_app.config["SECRET_KEY"])) >= SHORTEST_KEY
    sentence = "long enough" if long_enough else f"shorter than {SHORTEST_KEY} characters; set another one"
    yield Finding(long_enough, "secret key", sentence)
    for name in ("secret_key", "portal.toml"):
        path = Path(current_app.instance_path) / name
        if path.exists():
            yield _private(path, name)


def _folder() -> Iterator[Finding]:
    folder = Path(current_app.instance_path)
    yield _private(folder, "instance folder")
    room = os.statvfs(folder)
    free = room.f_bavail * room.f_frsize
    sentence = f"{free / 1e9:.1f} GB free"
    yield Finding(free >= LEAST_ROOM, "disk", sentence if free >= LEAST_ROOM else f"only {sentence}")


def _private(path: Path, about: str) -> Finding:
    if os.name != "posix":
        return Finding(True, about, "rights are not looked at on this system")
    rights = stat.S_IMODE(path.stat().st_mode)
    if rights & (stat.S_IRWXG | stat.S_IRWXO):
        return Finding(False, about, f"others may open it ({rights:o}); run `chmod go= {path}`")
    return Finding(True, about, "its owner's only")


def _address(facts: SchoolFacts) -> Finding:
    address = str(current_app.config["BASE_URL"])
    if address.startswith("https:") or facts.is_demo:
        return Finding(True, "address", address)
    return Finding(False, "address", f"{address} is not encrypted; set PORTAL_BASE_URL to an https address")


def _proxies() -> Finding:
    """The portal speaks no TLS itself: behind an https address there is a proxy, whose word for the reader's
    network address counts or does not. Tries to log in are counted for each address."""
    hops = int(current_app.config["TRUSTED_PROXIES"])
    if hops or not str(current_app.config["BASE_URL"]).startswith("https:"):
        return Finding(True, "proxies", f"{hops} in front")
    return Finding(
        False,
        "proxies",
        "none said to be in front: to the portal everybody has one network address, and together one budget "
        "of tries to log in; set PORTAL_TRUSTED_PROXIES to their number, usually 1",
    )


def _virus_scanner() -> Iterator[Finding]:
    """A scanner that is set and does not answer keeps files, and letters with files, waiting."""
    if not virus_scan.is_configured():
        return
    where, size = current_app.config["CLAMAV"], LARGEST_FILE // MEGABYTE
    for content, trouble in (
        (b"portal check", f"{where} does not scan; see PORTAL_CLAMAV"),
        (bytes(LARGEST_FILE), f"{where} does not scan a file of {size} MB; see StreamMaxLength of clamd"),
    ):
        try:
            virus_scan.scan(content)
        except (virus_scan.VirusFound, virus_scan.NoAnswer) as failure:
            why = str(failure) or type(failure).__name__
            yield Finding(False, "virus scanner", f"{trouble}: what comes in waits for it ({why})")
            return
    yield Finding(True, "virus scanner", f"{where} scans files of {size} MB")


def _nothing_for_trying() -> Iterator[Finding]:
    config = current_app.config
    clock_set = bool(config.get("TEST_NOW"))
    yield Finding(not clock_set, "clock", "set by PORTAL_TEST_NOW; take that away" if clock_set else "real")
    trying = [name for name in ("DEBUG", "TESTING") if config.get(name)]
    yield Finding(not trying, "debug", f"on ({', '.join(trying)}); switch it off" if trying else "off")
