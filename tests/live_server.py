"""The portal as a school runs it: `portal serve` with its web processes and its background worker."""

import os
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

import pytest
from flask import Flask

from tests.databases import A_TUESDAY_MORNING, Databases, TestedApp
from tests.mail_server import SENDER, SmtpServer
from tests.postgres_server import free_port

PORTAL = Path(sys.executable).with_name("portal")
# Should the tests be killed, their servers go too.
DYING_WITH_US = ("setpriv", "--pdeathsig", "TERM") if shutil.which("setpriv") else ()
SECONDS_TO_START = 60
SECONDS_TO_STOP = 20


@dataclass
class LiveServer:
    """A running portal. `app` is an app of this process on the same database, to prepare and to look."""

    url: str
    app: Flask
    process: subprocess.Popen
    output: Path
    read: int = field(default=0)

    def new_output(self) -> str:
        """Return what the server printed since the last look."""
        with self.output.open(errors="replace") as file:
            file.seek(self.read)
            text = file.read()
            self.read = file.tell()
        return text

    def worker(self) -> int | None:
        """Return the number of the worker process that the server started."""
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                parent = (folder / "stat").read_text().rpartition(")")[2].split()[1]
                command = (folder / "cmdline").read_text().split("\0")
            except (FileNotFoundError, ProcessLookupError):
                continue
            if int(parent) == self.process.pid and command[-2:-1] == ["worker"]:
                return int(folder.name)
        return None

    def stop(self, signal_: int = signal.SIGTERM) -> int:
        """End the server and wait for it; return its exit code."""
        if self.process.poll() is None:
            self.process.send_signal(signal_)
            try:
                self.process.wait(SECONDS_TO_STOP)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
                self.process.wait()
        return self.process.returncode


def start(
    tested: TestedApp,
    folder: Path,
    smtp: SmtpServer,
    now: str = A_TUESDAY_MORNING,
    arguments: tuple[str, ...] = (),
    wait: bool = True,
) -> LiveServer:
    """Start a server on the database of an app; wait until it answers, unless somebody wants it earlier."""
    port = free_port()
    url = f"http://127.0.0.1:{port}"
    output = folder / f"serve-{port}.log"
    settings = {
        "INSTANCE": str(folder),
        "DATABASE_URL": tested.app.config["DATABASE_URL"],
        "SECRET_KEY": tested.app.config["SECRET_KEY"],
        "BASE_URL": url,
        "TEST_NOW": now,
        "MAIL_SERVER": "127.0.0.1",
        "MAIL_PORT": str(smtp.port),
        "MAIL_DEFAULT_SENDER": SENDER,
        "MAIL_TIMEOUT": "2",
    }
    with output.open("w") as log:
        process = subprocess.Popen(
            [*DYING_WITH_US, PORTAL, "serve", "--bind", f"127.0.0.1:{port}", *arguments],
            env=os.environ | {f"PORTAL_{name}": value for name, value in settings.items()},
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=subprocess.STDOUT,
            start_new_session=True,
        )
    server = LiveServer(url, tested.app, process, output)
    if wait:
        wait_until_ready(server)
    return server


def wait_until_ready(server: LiveServer) -> None:
    """Wait until the server says it can serve."""
    end = time.monotonic() + SECONDS_TO_START
    while True:
        try:
            with urlopen(f"{server.url}/healthz", timeout=5) as answer:  # noqa: S310
                answer.read()
            return
        except (URLError, OSError):
            if server.process.poll() is not None or time.monotonic() > end:
                server.stop()
                raise AssertionError(f"the server did not start:\n{server.new_output()}") from None
            time.sleep(0.1)


class RunningServers:
    """The servers of this worker, one for each engine; they keep no state but the database."""

    def __init__(self, smtp_servers: Callable[[str], SmtpServer], make_folder: Callable[[str], Path]) -> None:
        self.smtp_servers = smtp_servers
        self.make_folder = make_folder
        self.of: dict[str, LiveServer] = {}

    def on(self, tested: TestedApp) -> LiveServer:
        """Return the server of an app's engine; it starts when it is asked for and does not run."""
        server = self.of.get(tested.engine)
        if server is None or server.process.poll() is not None:
            smtp = self.smtp_servers(tested.engine)
            server = self.of[tested.engine] = start(tested, self.make_folder("live"), smtp)
        return server

    def stop(self) -> None:
        while self.of:
            self.of.popitem()[1].stop()


RUNNING = pytest.StashKey[RunningServers]()


@pytest.fixture(scope="session")
def running_servers(pytestconfig, tmp_path_factory, smtp_servers) -> Iterator[RunningServers]:
    running = pytestconfig.stash[RUNNING] = RunningServers(smtp_servers, tmp_path_factory.mktemp)
    yield running
    running.stop()


@pytest.hookimpl(trylast=True)
def pytest_runtest_teardown(item: pytest.Item, nextitem: pytest.Item | None) -> None:
    # A server that nobody needs looks for work every second, for as long as all other tests take.
    running = item.config.stash.get(RUNNING, None)
    if running and nextitem and "live_server" not in getattr(nextitem, "fixturenames", ()):
        running.stop()


@pytest.fixture
def live_server(running_servers, tested_app, app, smtp) -> Iterator[LiveServer]:
    """A real server with its worker. `app`, `school`, `rows` and `client_for` look at its database.

    Its clock runs from Tuesday 7.55. A test during which it prints a traceback fails.
    """
    server = running_servers.on(tested_app)
    server.new_output()
    yield server
    output = server.new_output()
    assert "Traceback" not in output, output


@pytest.fixture
def start_server(
    tested_app, app, databases: Databases, smtp, tmp_path
) -> Iterator[Callable[..., LiveServer]]:
    """Starts further servers on the test's database, to be stopped, killed or run at another time of day.

    `start_server(now="2026-11-24 09:10", arguments=("--no-worker",))`
    """
    started: list[LiveServer] = []

    def start_one(
        now: str = A_TUESDAY_MORNING, arguments: tuple[str, ...] = (), wait: bool = True
    ) -> LiveServer:
        started.append(start(tested_app, tmp_path, smtp, now, arguments, wait))
        return started[-1]

    yield start_one
    for server in started:
        server.stop()
