"""What every test may ask for; each module named here says more about its own fixtures."""

import gc
import os
import signal

import pytest

from tests import compiled_templates
from tools import messages

# In the order in which they import each other.
pytest_plugins = [
    "tests.mail_server",
    "tests.databases",
    "tests.clients",
    "tests.crowd",
    "tests.crawler",
    "tests.live_server",
    "tests.browsers",
    "tests.browser.showing",
    "tests.markup",
    "tests.meetings.making",
    "tests.meetings.planning",
    "tests.meetings.hands",
]


def pytest_configure(config: pytest.Config) -> None:
    # The settings and the database of a school that happens to run here are none of the tests' business.
    for name in [name for name in os.environ if name.startswith("PORTAL_")]:
        del os.environ[name]
    # Whoever ends the tests early still gets their servers stopped.
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    for language in messages.LANGUAGES:
        messages.compile_catalog(language)


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    if "PROVE_ALL" not in os.environ:
        left_out = [item for item in items if is_a_repeated_journey(item)]
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if not is_a_repeated_journey(item)]
    # Browser and server share two busy processors with the rest of the suite, and a click sometimes waits
    # longer than a journey does: such a journey is made once more, and the summary names it (see 029).
    for item in items:
        if "browser" in getattr(item, "fixturenames", ()):
            item.add_marker(pytest.mark.flaky(reruns=1))
    items.sort(key=turn_of)


def turn_of(item: pytest.Item) -> int:
    """Return when a test has its turn.

    What takes long begins first, so that at the end no process works alone at it. What needs a server or a
    browser comes together: fewer processes of the run start one, and it runs no longer than it is needed.
    """
    asked_for = getattr(item, "fixturenames", ())
    if item.get_closest_marker("slow"):
        return 0
    return next((turn for turn, name in ((1, "live_server"), (2, "browser")) if name in asked_for), 3)


def is_a_repeated_journey(item: pytest.Item) -> bool:
    """Tell whether a journey shows nothing that the other half of its kind does not show together.

    Of phone or desktop, with or without script, SQLite or Postgres there are eight. Two of them run, in which
    each of the six is once: a phone with script on SQLite, and a desktop without on Postgres. The others run
    with `PROVE_ALL=1`.
    """
    params = getattr(item, "callspec", None) and item.callspec.params
    if not params or not params.keys() >= {"width", "javascript"}:
        return False
    phone = params["width"] < 600
    one_database = any(mark.args[0] == "engine" for mark in item.iter_markers("parametrize"))
    same_database = one_database or phone == (params.get("engine") == "sqlite")
    return not (phone == params["javascript"] and same_database)


def pytest_collection_finish() -> None:
    # What is loaded stays until the end: to look through it for garbage takes a fifth of the time.
    gc.collect()
    gc.freeze()
    # And of what a test makes, hardly anything is garbage that only such a look finds.
    gc.set_threshold(50_000, 20, 20)


@pytest.fixture(scope="session", autouse=True)
def own_instance(tmp_path_factory: pytest.TempPathFactory, worker_id: str) -> None:
    os.environ["PORTAL_INSTANCE"] = str(tmp_path_factory.mktemp("instance"))
    own = tmp_path_factory.getbasetemp()
    compiled_templates.share((own if worker_id == "master" else own.parent) / "templates")
