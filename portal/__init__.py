"""Ouderportaal: the parent portal that a small primary school hosts itself."""

import gc
import os
from pathlib import Path

# What is loaded stays: to look through it for garbage is a third of the time that each process needs to
# start, and would make pages wait for it later.
gc.disable()

from flask import Flask

from portal import (
    blueprints,
    cli,
    config,
    formatting,
    handlers,
    models,
    routing,
    static_files,
    templating,
)
from portal.aliases import look_up_aliases
from portal.extensions import csrf, db, mail, migrate
from portal.waiting_room import WaitingRoom

gc.freeze()
gc.enable()

__all__ = ["create_app", "create_web_app", "models"]

ROOT = Path(__file__).parent


def create_app(overrides: dict[str, object] | None = None) -> Flask:
    """Make the application of one school."""
    instance = os.environ.get("PORTAL_INSTANCE") or str(Path.cwd() / "instance")
    app = Flask(__name__, instance_path=str(Path(instance).absolute()))
    config.configure(app, overrides)
    routing.init_app(app)
    templating.init_app(app)
    db.init_app(app)
    migrate.init_app(app, db, directory=str(migrations_folder()), render_as_batch=True)
    csrf.init_app(app)
    mail.init_app(app)
    formatting.init_app(app)
    static_files.init_app(app)
    handlers.init_app(app)
    blueprints.init_app(app)
    cli.init_app(app)
    look_up_aliases()
    return app


def create_web_app() -> Flask:
    """Make the application for a web process, where somebody waits for each answer."""
    app = create_app({"POSTGRES_OPTIONS": config.POSTGRES_OPTIONS_OF_PAGES})
    app.wsgi_app = WaitingRoom(app.wsgi_app, config.ANSWERED_AT_ONCE)  # type: ignore[method-assign]
    return app


def migrations_folder() -> Path:
    """Return where the migrations are: beside the package in a checkout, inside it when installed."""
    beside = ROOT.parent / "migrations"
    return beside if beside.is_dir() else ROOT / "_migrations"
