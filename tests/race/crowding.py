"""Fifty browsers that send the same thing at the same moment to a real server."""

import http.client
import secrets
import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from urllib.parse import urlencode, urlsplit

from itsdangerous import URLSafeTimedSerializer

from tests.clients import Person, session_of, sign_in
from tests.live_server import LiveServer

CLIENTS = 50


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
        """Send all posts at the same moment and return the answers."""
        start = threading.Barrier(len(posts))
        with ThreadPoolExecutor(len(posts)) as pool:
            return list(pool.map(lambda post: self._send(post, start), posts))

    def _send(self, post: Post, start: threading.Barrier) -> Answer:
        host = urlsplit(self.server.url).netloc
        connection = http.client.HTTPConnection(host, timeout=60)
        connection.connect()
        headers = {"Cookie": post.cookie, "Content-Type": "application/x-www-form-urlencoded"}
        start.wait(30)
        try:
            connection.request("POST", post.path, post.body, headers)
            answer = connection.getresponse()
            return Answer(answer.status, answer.headers.get("Location", ""), answer.read().decode())
        finally:
            connection.close()


def statuses(answers: list[Answer]) -> Iterator[int]:
    return (answer.status for answer in answers)
