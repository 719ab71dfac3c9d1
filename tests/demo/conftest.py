"""`portal demo` is made once for each database, moment and set of arguments; its tests only look."""

from collections.abc import Callable

import pytest
from click.testing import Result

from tests.databases import A_TUESDAY_MORNING


@pytest.fixture
def demo(engine, tested_apps, at) -> Callable[..., Result]:
    """Makes the tables hold what `portal demo` makes with these arguments, and returns what it said."""

    def run(*arguments: str, moment: str = A_TUESDAY_MORNING) -> Result:
        at(moment)
        tested = tested_apps(engine, "portal")
        command = ["demo", *arguments]
        return tested.to(
            f"{moment} {command}", lambda: tested.app.test_cli_runner().invoke(args=command), tested.to_empty
        )

    return run
