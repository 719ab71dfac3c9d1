"""Many browsers that send the same thing at the same moment to a real server: fifty with `PROVE_ALL=1`."""

import http.client
import os
import secrets
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing, contextmanager
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from itsdangerous import URLSafeTimedSerializer
from sqlalchemy import text

from tests.clients import Person, session_of, sign_in
from tests.live_server import LiveServer

CLIENTS = 50 if "PROVE_ALL" in os.environ else 20
PATIENCE = 5

SOMEBODY_WAITS = text(
    "SELECT count(*) FROM pg_locks WHERE NOT granted AND pid IN (SELECT pid FROM pg_locks "
    "JOIN pg_database ON pg_database.oid = pg_locks.database WHERE datname = current_database())"
)
"""How many wait for a lock in this database; the other processes of the tests have races of their own."""


@dataclass(frozen=True)
class Answer:
    """What came back."""

    status: int
    location: str
    text: str


@dataclass(frozen=True)
class Post:
    """One request, ready to go."""

    path: str
    cookie: str
    body: str


class Crowd:
    """Prepares posts to a server and lets them go together."""

    def __init__(self, server: LiveServer) -> None:
        self.server = server
        self.serializer = server.app.session_interface.get_signing_serializer(server.app)

    def post(self, person: Person | None, path: str, **fields: object) -> Post:
        """Return a post of somebody, each time from a device of its own, with the token of its form."""
        raw = secrets.token_hex(20)
        session: dict[str, object] = {"csrf_token": raw}
        if person is not None:
            session |= session_of(sign_in(self.server.app, person))
        name = self.server.app.config["SESSION_COOKIE_NAME"]
        token = URLSafeTimedSerializer(self.server.app.secret_key, salt="wtf-csrf-token").dumps(raw)
        body = urlencode({"csrf_token": token, **fields}, doseq=True)
        return Post(path, f"{name}={self.serializer.dumps(session)}", body)

    def send(self, posts: list[Post]) -> list[Answer]:
        """Send all posts at the same moment and return the answers.

        Whom the portal asks for patience (503: SQLite's one writer was not free within five seconds, on a
        machine that does much else) tries again, as the page says; nothing of such a post was kept.
        """
        start = threading.Barrier(len(posts))
        with ThreadPoolExecutor(len(posts)) as pool:
            return list(pool.map(lambda post: self._send(post, start), posts))

    def _send(self, post: Post, start: threading.Barrier) -> Answer:
        with self._connected() as connection:
            start.wait(30)
            answer = ask(connection, post)
        for _ in range(PATIENCE):
            if answer.status == 503:
                with self._connected() as connection:
                    answer = ask(connection, post)
        return answer

    @contextmanager
    def _connected(self) -> Iterator[http.client.HTTPConnection]:
        connection = http.client.HTTPConnection(urlsplit(self.server.url).netloc, timeout=60)
        with closing(connection):
            connection.connect()
            yield connection


def ask(connection: http.client.HTTPConnection, post: Post) -> Answer:
    headers = {"Cookie": post.cookie, "Content-Type": "application/x-www-form-urlencoded"}
    connection.request("POST", post.path, post.body, headers)
    answer = connection.getresponse()
    return Answer(answer.status, answer.headers.get("Location", ""), answer.read().decode())


def statuses(answers: list[Answer]) -> Iterator[int]:
    return (answer.status for answer in answers)
