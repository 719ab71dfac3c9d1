"""The Nu HTML checker, run once for many pages."""

import json
import shutil
import subprocess
from collections.abc import Callable, Iterable
from dataclasses import dataclass

import pytest

from tools.messages import ROOT

JAR = ROOT / "node_modules" / "vnu-jar" / "build" / "dist" / "vnu.jar"
SECONDS = 300
FLAGS = ("-Xss4m", "-XX:TieredStopAtLevel=1", "-XX:+UseSerialGC")
"""Without the first the checker's own recursion overflows the stack; the others halve its time."""


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


@pytest.fixture(scope="session")
def nu_check(
    tmp_path_factory: pytest.TempPathFactory,
) -> Callable[[Iterable[tuple[str, str]]], list[Complaint]]:
    """Checks (name, html) pages and returns the complaints; `kind` is error or info (a warning)."""
    if shutil.which("java") is None:
        pytest.fail("No java on this machine: install it (Debian: default-jre-headless)")
    if not JAR.exists():
        pytest.fail("The Nu HTML checker is not here: run `make test`, or `npm ci`")

    def check(pages: Iterable[tuple[str, str]]) -> list[Complaint]:
        folder = tmp_path_factory.mktemp("pages")
        names: dict[str, str] = {}
        for number, (name, html) in enumerate(pages):
            path = folder / f"{number}.html"
            path.write_text(html)
            names[path.as_uri()] = name
        done = subprocess.run(
            ["java", *FLAGS, "-jar", JAR, "--format", "json", "--stdout", "--exit-zero-always", folder],
            capture_output=True,
            text=True,
            timeout=SECONDS,
        )
        assert done.returncode == 0, done.stderr
        return [
            Complaint(
                page=names.get(
                    message.get("url", "").replace("file:/", "file:///", 1), message.get("url", "")
                ),
                kind=message["type"],
                line=message.get("lastLine", 0),
                message=message["message"],
                extract=" ".join(message.get("extract", "").split()),
            )
            for message in json.loads(done.stdout)["messages"]
        ]

    return check
