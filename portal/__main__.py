"""The command line of the portal, as `portal` and as `python -m portal`."""

import sys

import click
from flask.cli import FlaskGroup

from portal import create_app, logs
from portal.settings import WrongSetting

HELP = "The parent portal of one school."


def main() -> None:
    """Run a command; a wrong setting ends it with 1 and is named, as `portal check` names what it finds."""
    logs.configure()
    try:
        FlaskGroup(create_app=create_app, add_default_commands=True, help=HELP)()
    except WrongSetting as wrong:
        click.echo(f"BAD  settings: {wrong}", err="check" not in sys.argv)
        raise SystemExit(1) from None


if __name__ == "__main__":
    main()
