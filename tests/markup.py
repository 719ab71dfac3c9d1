"""The Nu HTML checker: one is asked about a page at a time, for to start it takes as long as 150 pages do.

Of many pages at once it makes less work when it reads them from files: then it is started for those alone.
"""

import fcntl
import json
import shutil
import subprocess
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from http.client import HTTPException
from pathlib import Path
from urllib.request import Request, urlopen

import pytest

from tests.databases import Databases
from tests.live_server import DYING_WITH_US
from tests.postgres_server import free_port
from tools.messages import ROOT

JAR = ROOT / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
SECONDS = 60
SECONDS_FOR_MANY = 300
MANY = 150
FLAGS = ("-Xss4m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""Without the first the checker's own recursion overflows the stack; the others halve its time."""
MAIN = "nu.validator.servlet.Main"
ONLY_HERE = "-Dnu.validator.servlet.bind-address=127.0.0.1"
BROKEN = "<!DOCTYPE html><html lang=nl><title>x</title><p id=a>a<p id=a>b<img src=x>"


@dataclass(frozen=True)
class Complaint:
    """What the checker says about a page."""

    page: str
    kind: str
    line: int
    message: str
    extract: str

    def __str__(self) -> str:
        return f"{self.page}:{self.line}: {self.kind}: {self.message}\n    {self.extract}"


def complaint_about(page: str, message: dict) -> Complaint:
    return Complaint(
        page=page,
        kind=message["type"],
        line=message.get("lastLine", 0),
        message=message["message"],
        extract=" ".join(message.get("extract", "").split()),
    )


def check_files(pages: list[tuple[str, str]], folder: Path) -> list[Complaint]:
    """Return what a checker of their own says about these pages, written to a folder."""
    names: dict[str, str] = {}
    for number, (name, html) in enumerate(pages):
        path = folder / f"{number}.html"
        path.write_text(html)
        names[path.as_uri()] = name
    done = subprocess.run(
        ["java", *FLAGS, "-jar", JAR, "--format", "json", "--stdout", "--exit-zero-always", folder],
        capture_output=True,
        text=True,
        timeout=SECONDS_FOR_MANY,
    )
    assert done.returncode == 0, done.stderr
    messages = json.loads(done.stdout)["messages"]
    addresses = [message.get("url", "").replace("file:/", "file:///", 1) for message in messages]
    return [
        complaint_about(names.get(address, address), message)
        for address, message in zip(addresses, messages, strict=True)
    ]


class Checker:
    """The checker of a test run: the worker that needs it first starts it, and stops it at its own end."""

    def __init__(self, folder: Path) -> None:
        self.note = folder / "nu-checker"
        self.output = folder / "nu-checker.log"
        self.process: subprocess.Popen | None = None

    def check(self, name: str, html: str) -> list[Complaint]:
        """Return what the checker says about a page."""
        try:
            messages = self.ask(html)
        except (OSError, ValueError, HTTPException):
            # There is none yet, or its worker had no test left and took it along.
            self.start_if_nobody_did()
            messages = self.ask(html)
        return [complaint_about(name, message) for message in messages]

    def ask(self, html: str) -> list[dict]:
        address = f"http://127.0.0.1:{int(self.note.read_text())}/?out=json"
        page = Request(address, html.encode(), {"Content-Type": "text/html; charset=utf-8"})  # noqa: S310
        with urlopen(page, timeout=SECONDS) as answer:  # noqa: S310
            return json.load(answer)["messages"]

    def start_if_nobody_did(self) -> None:
        with self.note.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not self.answers():
                port = free_port()
                with self.output.open("w") as log:
                    self.process = subprocess.Popen(
                        [*DYING_WITH_US, "java", *FLAGS, ONLY_HERE, "-cp", JAR, MAIN, str(port)],
                        stdin=subprocess.DEVNULL,
                        stdout=log,
                        stderr=subprocess.STDOUT,
                    )
                self.note.write_text(str(port))
                self.wait_until_ready(self.process)

    def wait_until_ready(self, process: subprocess.Popen) -> None:
        end = time.monotonic() + SECONDS
        while not self.answers():
            assert process.poll() is None and time.monotonic() < end, self.output.read_text()
            time.sleep(0.1)

    def answers(self) -> bool:
        try:
            return bool(self.ask(BROKEN))
        except (OSError, ValueError, HTTPException):
            return False

    def stop(self) -> None:
        if self.process:
            self.process.terminate()
            self.process.wait()


@pytest.fixture(scope="session")
def nu_check(
    databases: Databases, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Callable[[Iterable[tuple[str, str]]], list[Complaint]]]:
    """Checks (name, html) pages and returns the complaints; `kind` is error or info (a warning)."""
    if shutil.which("java") is None:
        pytest.fail("No java on this machine: install it (Debian: default-jre-headless)")
    if not JAR.exists():
        pytest.fail("The Nu HTML checker is not here: run `make test`, or `npm ci`")
    checker = Checker(databases.shared)

    def check(pages: Iterable[tuple[str, str]]) -> list[Complaint]:
        pages = list(pages)
        if len(pages) > MANY:
            return check_files(pages, tmp_path_factory.mktemp("pages"))
        return [complaint for page in pages for complaint in checker.check(*page)]

    yield check
    checker.stop()
