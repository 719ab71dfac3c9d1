"""`portal demo` is made once for each moment and set of arguments; its tests only look, on both databases."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest

from tests.databases import A_TUESDAY_MORNING, TestedApp
from tests.setting_back import Rows

MADE_ON_EACH = (("--families", "16", "--years", "1"), ("--families", "16", "--years", "3"))
"""With these each database makes it, and a test compares; else one does, and both hold what came of it."""


@dataclass(frozen=True)
class Said:
    """What the command said, and how it ended."""

    exit_code: int
    output: str


Made = tuple[Said, Rows]


@pytest.fixture
def made_by(databases, at) -> Callable[..., Made]:
    """Returns what `portal demo` makes in an app's empty database with these arguments, and what it said."""

    def run(tested: TestedApp, *arguments: str, moment: str = A_TUESDAY_MORNING) -> Made:
        at(moment)
        by = tested.engine if arguments in MADE_ON_EACH else "one"
        name = f"{by}-{moment}-{' '.join(arguments)}"

        def make() -> Made:
            tested.to_empty()
            result = tested.app.test_cli_runner().invoke(args=["demo", *arguments])
            return Said(result.exit_code, result.output), tested.contents()

        # The app keeps what it was set back to before, so that the same rows come back the same way.
        if name not in tested.made:
            tested.made[name] = databases.once(f"demo-{name.translate(IN_A_FILE_NAME)}", make)
        return tested.made[name]

    return run


IN_A_FILE_NAME = str.maketrans(" :", "__")


@pytest.fixture
def demo(engine, tested_apps, made_by) -> Callable[..., Said]:
    """Makes the tables hold what `portal demo` makes with these arguments, and returns what it said."""

    def run(*arguments: str, moment: str = A_TUESDAY_MORNING) -> Said:
        tested = tested_apps(engine, "portal")
        said, rows = made_by(tested, *arguments, moment=moment)
        tested.set_back(rows)
        return said

    return run
