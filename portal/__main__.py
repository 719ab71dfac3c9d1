"""The command line of the portal, as `portal` and as `python -m portal`."""

from flask.cli import FlaskGroup

from portal import create_app, logs


def main() -> None:
    """Run a command."""
    logs.configure()
    FlaskGroup(create_app=create_app, add_default_commands=True, help="The parent portal of one school.")()


if __name__ == "__main__":
    main()
