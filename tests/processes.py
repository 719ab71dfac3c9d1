"""Commands of the portal as processes of their own, without the second in which each would load the portal.

A process of this test worker has loaded it; each command is a fork of that one, in an environment of its own.
That `portal` starts by itself, those show who start a server.
"""

import os
import signal
import sys
import tempfile
from collections.abc import Mapping
from multiprocessing import get_context
from pathlib import Path
from subprocess import CompletedProcess

from portal.__main__ import main

SECONDS = 60
NOTHING = Path(os.devnull)

ready = get_context("forkserver")
ready.set_forkserver_preload(["__main__", __name__])


class PortalProcess:
    """`portal ARGUMENTS` with these settings; what it prints goes to files. As `subprocess.Popen` has it."""

    def __init__(
        self,
        *arguments: str,
        settings: Mapping[str, str],
        output: Path,
        errors: Path | None = None,
        typed_at: Path = NOTHING,
    ) -> None:
        environment = os.environ | {f"PORTAL_{name}": value for name, value in settings.items()}
        files = (typed_at, output, errors or output)
        self.process = ready.Process(target=become, args=(arguments, environment, *map(str, files)))
        self.process.start()

    @property
    def pid(self) -> int:
        return self.process.pid

    def send_signal(self, number: int) -> None:
        if self.process.exitcode is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        self.send_signal(signal.SIGKILL)

    def wait(self, seconds: float = SECONDS) -> int:
        """Return its exit code; one that goes on too long is killed, and fails the test."""
        self.process.join(seconds)
        if self.process.exitcode is None:
            self.kill()
            self.process.join()
            raise AssertionError(f"the portal was busy for more than {seconds} seconds")
        return self.process.exitcode


def become(arguments: tuple[str, ...], environment: dict[str, str], *files: str) -> None:
    """Be that command: its environment, what it reads from and writes to, and what was typed."""
    os.environ.clear()
    os.environ.update(environment)
    flags = (os.O_RDONLY, *[os.O_WRONLY | os.O_CREAT | os.O_APPEND] * 2)
    for number, (file, flag) in enumerate(zip(files, flags, strict=True)):
        opened = os.open(file, flag, 0o600)
        os.dup2(opened, number)
        os.close(opened)
    sys.stdin = open(0, closefd=False)  # noqa: PTH123, SIM115
    sys.argv = ["portal", *arguments]
    main()


def run_portal(*arguments: str, typed_at: Path = NOTHING, **settings: str) -> CompletedProcess:
    """Run a command of the portal with these settings; return what it answered and printed."""
    with tempfile.TemporaryDirectory() as folder:
        output, errors = Path(folder, "output"), Path(folder, "errors")
        process = PortalProcess(
            *arguments, settings=settings, output=output, errors=errors, typed_at=typed_at
        )
        code = process.wait()
        return CompletedProcess(arguments, code, output.read_text(), errors.read_text())
