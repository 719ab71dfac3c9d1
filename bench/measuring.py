"""Servers under load: what each request costs them in processor time."""

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from statistics import median, quantiles
from urllib.error import URLError
from urllib.request import urlopen

import psutil

from bench.schools import BenchSchool
from tests.postgres_server import free_port

SECONDS_TO_START = 60


@dataclass(frozen=True)
class Server:
    """A running web server with its processes."""

    port: int
    processes: list[psutil.Process]

    def cpu(self) -> float:
        """Return the seconds of processor time that its processes have had."""
        return sum(sum(process.cpu_times()[:2]) for process in self.processes)


@dataclass(frozen=True)
class Round:
    """One round: what a request cost, and how the clients saw it: `times`. All in milliseconds."""

    cpu: float
    rate: float
    p50: float
    p95: float
    client_cpu: float
    size: float
    times: tuple[float, ...] = ()


@contextmanager
def serving(what: str, school: BenchSchool, ready: str) -> Iterator[Server]:
    """Run a server of the school until the end of the block."""
    port = free_port()
    command = [sys.executable, "-m", "bench.serve", what, str(port)]
    process = subprocess.Popen(
        command, env=school.settings, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        wait_for(f"http://127.0.0.1:{port}{ready}", process)
        parent = psutil.Process(process.pid)
        yield Server(port, [parent, *parent.children(recursive=True)])
    finally:
        process.terminate()
        process.wait(30)


def wait_for(url: str, process: subprocess.Popen[bytes]) -> None:
    """Wait until the server answers."""
    end = time.monotonic() + SECONDS_TO_START
    while time.monotonic() < end and process.poll() is None:
        try:
            with urlopen(url, timeout=5) as answer:  # noqa: S310
                answer.read()
            return
        except (URLError, OSError):
            time.sleep(0.1)
    raise RuntimeError(f"{url} did not answer")


def measured(
    server: Server, path: str, cookie: str, clients: int, requests: int, encoding: str = "identity"
) -> Round:
    """Return one round of requests, sent by a process of its own."""
    before = server.cpu()
    command = [sys.executable, "-m", "bench.client", str(server.port), path, cookie]
    done = subprocess.run(
        [*command, str(clients), str(requests), encoding], check=True, capture_output=True, text=True
    )
    spent = server.cpu() - before
    seen = json.loads(done.stdout)
    assert not seen["wrong"], f"{seen['wrong']} answers of {path} were not 200"
    times = sorted(seen["times"])
    return Round(
        cpu=1000 * spent / requests,
        rate=requests / seen["wall"],
        p50=1000 * median(times),
        p95=1000 * quantiles(times, n=20)[-1],
        client_cpu=1000 * seen["cpu"] / requests,
        size=seen["bytes"],
        times=tuple(1000 * each for each in times),
    )


def middle(rounds: list[Round], figure: str) -> float:
    """Return the median of a figure over the rounds."""
    return median(getattr(one, figure) for one in rounds)


def ratio(ours: list[Round], limit: list[Round]) -> float:
    """Return how many times the limit's processor time we take: the median of the pairs, round by round."""
    return median(one.cpu / other.cpu for one, other in zip(ours, limit, strict=True))
