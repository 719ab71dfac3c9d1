"""Many browsers without a screen: keep-alive connections that ask, wait for the answer and ask again.

`python -m bench.client PORT PATH COOKIE CLIENTS REQUESTS` prints what happened as JSON. One thread and no
library, so that it takes little of the processor that the server shares with it.
"""

import json
import resource
import selectors
import socket
import sys
import time

PATIENCE = 30.0


class Connection:
    """One connection; `began` is when the request that it waits for was sent."""

    def __init__(self, port: int, request: bytes) -> None:
        self.socket = socket.create_connection(("127.0.0.1", port), timeout=PATIENCE)
        self.socket.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self.request = request
        self.began = 0.0
        self.missing: int | None = None
        self.head = b""
        self.status = 0
        self.received = 0

    def ask(self) -> None:
        self.missing, self.head = None, b""
        self.began = time.perf_counter()
        self.socket.sendall(self.request)

    def read(self) -> bool:
        """Read what came; True when the answer is complete."""
        data = self.socket.recv(262_144)
        if not data:
            raise ConnectionError("the server closed the connection")
        self.received += len(data)
        if self.missing is None:
            self.head += data
            head, end, body = self.head.partition(b"\r\n\r\n")
            if not end:
                return False
            self.status = int(head[9:12])
            length = next(line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length:"))
            self.missing = int(length[15:]) - len(body)
        else:
            self.missing -= len(data)
        return self.missing <= 0


def run(port: int, path: str, cookie: str, clients: int, requests: int, encoding: str = "identity") -> dict:
    """Send so many requests over so many connections and return how that went."""
    host = f"127.0.0.1:{port}"
    lines = [f"GET {path} HTTP/1.1", f"Host: {host}", f"Cookie: {cookie}", f"Accept-Encoding: {encoding}"]
    request = "\r\n".join([*lines, "", ""]).encode()
    selector = selectors.DefaultSelector()
    times: list[float] = []
    wrong = 0
    connections = [Connection(port, request) for _ in range(min(clients, requests))]
    began = time.perf_counter()
    for connection in connections:
        selector.register(connection.socket, selectors.EVENT_READ, connection)
        connection.ask()
    asked = len(connections)
    while len(times) < requests:
        ready = selector.select(PATIENCE)
        if not ready:
            raise TimeoutError("the server does not answer")
        for key, _events in ready:
            if not key.data.read():
                continue
            times.append(time.perf_counter() - key.data.began)
            wrong += key.data.status != 200
            if asked < requests:
                asked += 1
                key.data.ask()
    wall = time.perf_counter() - began
    received = sum(connection.received for connection in connections)
    for connection in connections:
        connection.socket.close()
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return {
        "wall": wall,
        "times": times,
        "wrong": wrong,
        "bytes": received / requests,
        "cpu": usage.ru_utime + usage.ru_stime,
    }


if __name__ == "__main__":
    port, path, cookie, clients, requests, *encoding = sys.argv[1:]
    print(json.dumps(run(int(port), path, cookie, int(clients), int(requests), *encoding)))
