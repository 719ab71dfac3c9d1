"""What every test may ask for; each module named here says more about its own fixtures."""

import os
import signal

import pytest

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


@pytest.fixture(scope="session", autouse=True)
def own_instance(tmp_path_factory: pytest.TempPathFactory) -> None:
    os.environ["PORTAL_INSTANCE"] = str(tmp_path_factory.mktemp("instance"))
