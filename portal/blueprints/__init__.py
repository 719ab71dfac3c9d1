"""The pages, an area each."""

from flask import Flask

from portal.blueprints import (
    absence,
    accounts,
    albums,
    conversations,
    directory,
    groups,
    home,
    letters,
    meetings,
    ops,
    pupils,
    releases,
    school,
    staff,
)


def init_app(app: Flask) -> None:
    """Register every area."""
    for area in (
        home,
        accounts,
        directory,
        absence,
        groups,
        albums,
        pupils,
        releases,
        letters,
        conversations,
        meetings,
        staff,
        school,
        ops,
    ):
        app.register_blueprint(area.bp)
