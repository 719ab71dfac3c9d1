"""The loop that delivers the outbox and does what is due; any number of them on Postgres."""

from flask import Flask


def run(app: Flask) -> None:
    """Work until told to stop."""
