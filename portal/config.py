"""Settings: safe defaults, then `instance/portal.toml`, then the environment (prefix PORTAL_)."""

import fcntl
import os
import secrets
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from portal import clock, settings, words

LANGUAGES = {"nl": "Nederlands", "en": "English"}
REMEMBERED_FOR = timedelta(days=60)
ANSWERED_AT_ONCE = 8
"""Requests that one web process answers at the same time; the others wait (decision 051)."""

LOOPBACK = ["127.0.0.1", "localhost", "[::1]"]

POSTGRES_OPTIONS_OF_PAGES = "-c lock_timeout=20s -c plan_cache_mode=force_generic_plan"
"""Locks as long as who writes to SQLite waits for its turn (decision 033), then a page that asks to come back
later; plans of statements as decision 045 says."""

POSTGRES_LIMITS: dict[str, object] = {
    "connect_timeout": 5,
    # Milliseconds without a word from a server that fell over, instead of a quarter of an hour.
    "tcp_user_timeout": 10_000,
    # Seconds: one that fell over while nobody asked is noticed before somebody does.
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
    # Decision 045: a page's queries take Postgres longer to plan than to run.
    "prepare_threshold": 1,
    "options": "-c idle_in_transaction_session_timeout=5min -c jit=off",
}

DEFAULTS: dict[str, object] = {
    "BASE_URL": "http://127.0.0.1:8000",
    "TRUSTED_PROXIES": 0,
    "MAX_CONTENT_LENGTH": 1_000_000,
    "MAX_FORM_MEMORY_SIZE": 1_000_000,
    "MAIL_SERVER": "",
    "MAIL_PORT": 25,
    "MAIL_USE_TLS": False,
    "MAIL_DEFAULT_SENDER": "",
    "MAIL_TIMEOUT": 20,
    "MAIL_PER_MINUTE": 600,
    "MAIL_BOUNCE_ADDRESS": "",
    "MAIL_IMAP_SERVER": "",
    "MAIL_IMAP_PORT": 993,
    "MAIL_IMAP_USERNAME": "",
    "MAIL_IMAP_PASSWORD": "",
    "MAIL_IMAP_FOLDER": "INBOX",
    # In the words of Postgres; 0: whoever is no page, like a migration, waits.
    "POSTGRES_OPTIONS": "",
    "HASHES_AT_ONCE": 2,
    "CLAMAV": "",
    "VIDEO_SERVICE": "https://meet.jit.si",
    "SESSION_COOKIE_HTTPONLY": True,
    "SESSION_COOKIE_SAMESITE": "Lax",
    "PERMANENT_SESSION_LIFETIME": REMEMBERED_FOR,
    "SESSION_REFRESH_EACH_REQUEST": False,
    "WTF_CSRF_TIME_LIMIT": None,
    "WTF_CSRF_SSL_STRICT": True,
    "BABEL_DEFAULT_LOCALE": "nl",
    "BABEL_DEFAULT_TIMEZONE": "Europe/Amsterdam",
    "BABEL_TRANSLATION_DIRECTORIES": str(words.FOLDER),
    "SQLALCHEMY_TRACK_MODIFICATIONS": False,
}


def configure(app: Flask, overrides: dict[str, object] | None = None) -> None:
    """Fill `app.config` for one school; `overrides` win (tests). Makes and keeps the secret key when absent.

    Raises WrongSetting, which names each setting that is not what it may be.
    """
    instance = Path(app.instance_path)
    instance.mkdir(mode=0o700, parents=True, exist_ok=True)
    app.config.from_mapping(DEFAULTS)
    app.config.from_mapping(settings.read_file(instance / settings.FILE))
    app.config.from_prefixed_env("PORTAL")
    app.config.update(overrides or {})
    config = app.config
    settings.make_right(config)
    config["SQLALCHEMY_DATABASE_URI"] = _database_url(config.get("DATABASE_URL"), instance)
    options = _engine_options(config["SQLALCHEMY_DATABASE_URI"], str(config["POSTGRES_OPTIONS"]))
    config.setdefault("SQLALCHEMY_ENGINE_OPTIONS", options)
    config["SECRET_KEY"] = config.get("SECRET_KEY") or kept_secret(instance / "secret_key")
    _secure_by_address(app)
    if "@" in str(config["MAIL_IMAP_USERNAME"]) and config["MAIL_IMAP_SERVER"]:
        config["MAIL_BOUNCE_ADDRESS"] = config["MAIL_BOUNCE_ADDRESS"] or config["MAIL_IMAP_USERNAME"]
    if config.get("TEST_NOW"):
        clock.run_from(clock.at_local(str(config["TEST_NOW"])))


def _database_url(url: object, instance: Path) -> str:
    if not url:
        return f"sqlite:///{instance / 'portal.sqlite'}"
    return (
        str(url)
        .replace("postgres://", "postgresql://", 1)
        .replace("postgresql://", "postgresql+psycopg://", 1)
    )


def _engine_options(url: str, options: str) -> dict[str, object]:
    # A connection for each request that is being answered, the one that was used last first.
    pool: dict[str, object] = {"pool_size": ANSWERED_AT_ONCE, "max_overflow": 8, "pool_use_lifo": True}
    if url == "sqlite://":
        pool = {}
    if url.startswith("sqlite"):
        return pool | {"hide_parameters": True, "connect_args": {"check_same_thread": False}}
    limits = POSTGRES_LIMITS | {"options": f"{POSTGRES_LIMITS['options']} {options}"}
    return pool | {"hide_parameters": True, "connect_args": limits}


def kept_secret(path: Path) -> str:
    """Return the secret key of this installation, made at the first start, readable by its owner only.

    Processes that start together get the same one, and it is whole on the disk before anything is signed with
    it. An empty file is what a power cut left of one that never was used.
    """
    if path.exists() and (kept := path.read_text().strip()):
        return kept
    folder = os.open(path.parent, os.O_RDONLY)
    try:
        fcntl.flock(folder, fcntl.LOCK_EX)
        if path.exists() and (kept := path.read_text().strip()):
            return kept
        half = path.with_name(f".{path.name}.part")
        half.unlink(missing_ok=True)
        with os.fdopen(os.open(half, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
            file.write(key := secrets.token_hex(32))
            file.flush()
            os.fsync(file.fileno())
        half.replace(path)
        os.fsync(folder)
        return key
    finally:
        os.close(folder)


def _secure_by_address(app: Flask) -> None:
    config = app.config
    address = urlsplit(str(config["BASE_URL"]))
    config["BASE_URL"] = str(config["BASE_URL"]).rstrip("/")
    config["VIDEO_SERVICE"] = str(config["VIDEO_SERVICE"]).rstrip("/")
    secure = address.scheme == "https"
    config["SESSION_COOKIE_SECURE"] = secure
    config["SESSION_COOKIE_NAME"] = "__Host-portal" if secure else "portal"
    config["PREFERRED_URL_SCHEME"] = address.scheme
    config["TRUSTED_HOSTS"] = [str(address.hostname), *LOOPBACK, *_words(config.get("EXTRA_HOSTS"))]
    if hops := int(config["TRUSTED_PROXIES"]):
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=hops, x_proto=hops, x_host=hops)  # type: ignore[method-assign]


def _words(value: object) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else str(value or "").split()
