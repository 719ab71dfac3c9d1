"""The `portal` command: thin over the domain. Every Flask command works on it too (`portal db upgrade`)."""

import subprocess
import sys

import click
from flask import Flask, current_app
from flask.cli import with_appcontext
from granian import Granian
from granian.constants import Interfaces

from portal import worker

LOAD_APP = "portal:create_app"


def init_app(app: Flask) -> None:
    """Add this project's commands to the app's command line."""
    for command in (serve, run_worker):
        app.cli.add_command(command)


@click.command("serve")
@click.option("--bind", default="127.0.0.1:8000", show_default=True, help="Address and port.")
@click.option("--workers", default=2, show_default=True, help="Web processes.")
@click.option("--no-worker", is_flag=True, help="Do not start the background worker beside it.")
def serve(bind: str, workers: int, no_worker: bool) -> None:
    """Serve the portal, with its background worker, as one would for a school."""
    host, _, port = bind.rpartition(":")
    background = None if no_worker else subprocess.Popen([sys.executable, "-m", "portal", "worker"])  # noqa: S603
    try:
        Granian(
            LOAD_APP,
            factory=True,
            address=host or "127.0.0.1",
            port=int(port),
            interface=Interfaces.WSGI,
            workers=workers,
            blocking_threads=8,
            log_access=False,
            websockets=False,
            respawn_failed_workers=True,
        ).serve()
    finally:
        if background:
            background.terminate()
            background.wait(30)


@click.command("worker")
@with_appcontext
def run_worker() -> None:
    """Run the background worker alone: it delivers the mail and does the nightly work."""
    worker.run(current_app._get_current_object())  # type: ignore[attr-defined]
