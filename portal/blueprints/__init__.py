"""The pages, an area each."""

from flask import Flask

from portal.blueprints import absence, accounts, groups, home, ops, releases, school, staff


def init_app(app: Flask) -> None:
    """Register every area."""
    for area in (home, accounts, absence, groups, releases, staff, school, ops):
        app.register_blueprint(area.bp)
