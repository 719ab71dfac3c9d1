"""A real mail server on the loopback address that can be as difficult as the real ones are."""

import asyncio
import email
import email.policy
import random
import re
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from email.message import EmailMessage
from functools import cached_property
from typing import Any

import pytest
from aiosmtpd.controller import Controller

from tests.postgres_server import free_port

SENDER = "portaal@lindeboog.example"
REFUSALS = {
    "refuse": "550 5.1.1 No such mailbox",
    "relay": "550 5.7.1 Relaying denied",
    "quota": "550 5.4.5 Daily user sending limit exceeded",
    "blunt": "550 No",
}
MODES = ("accept", *REFUSALS, "temporary", "unsteady", "hang", "hang_after_data", "down")


@dataclass(frozen=True)
class ReceivedMail:
    """A mail as it arrived; `at` by a clock that only runs forward."""

    sender: str
    recipients: list[str]
    content: bytes
    at: float = field(default_factory=time.monotonic)

    @cached_property
    def message(self) -> EmailMessage:
        """The mail as a mail program reads it; worked out for who looks."""
        return email.message_from_bytes(self.content, policy=email.policy.default)

    @property
    def subject(self) -> str:
        return str(self.message["Subject"])

    @property
    def text(self) -> str:
        """What a mail program without HTML shows."""
        return self._part("plain")

    @property
    def html(self) -> str:
        return self._part("html")

    @property
    def links(self) -> list[str]:
        """The addresses in the text."""
        return re.findall(r"https?://[^\s<>\"']+", self.text)

    def _part(self, kind: str) -> str:
        body = self.message.get_body((kind,))
        return body.get_content() if body else ""


class SmtpServer:
    """The mail server. `mode` is how it behaves from now on; `refused` are addresses that do not exist.

    'relay', 'quota' and 'blunt': it takes nothing from us, the last without a word why. 'unsteady': of ten
    mails it asks one to wait. `share`: how many it still takes before it is 'blunt'. `unanswered` are the
    mails that it took without a word.
    """

    def __init__(self, **settings: Any) -> None:
        self.port = free_port()
        self.settings = settings
        self.controller: Controller | None = None
        self.reset()

    def reset(self) -> None:
        self.messages: list[ReceivedMail] = []
        self.unanswered: list[ReceivedMail] = []
        self.chance = random.Random(29)
        self.refused: set[str] = set()
        self.share: int | None = None
        self._mode = "accept"
        self.tries = 0
        self.start()

    def start(self) -> None:
        if self.controller is None:
            self.controller = Controller(self, hostname="127.0.0.1", port=self.port, **self.settings)
            self.controller.start()

    def stop(self) -> None:
        if self.controller is not None:
            self.controller.stop()
            self.controller = None

    @property
    def mode(self) -> str:
        return self._mode

    @mode.setter
    def mode(self, mode: str) -> None:
        assert mode in MODES
        self._mode = mode
        if mode == "down":
            self.stop()
        else:
            self.start()

    def to(self, address: str) -> list[ReceivedMail]:
        """Return the mails that arrived for somebody."""
        return [mail for mail in list(self.messages) if address in mail.recipients]

    def wait_for(self, number: int = 1, seconds: float = 40) -> list[ReceivedMail]:
        """Wait until so many mails have arrived, and return all."""
        end = time.monotonic() + seconds
        while len(self.messages) < number:
            assert time.monotonic() < end, f"{len(self.messages)} of {number} mails arrived in {seconds} s"
            time.sleep(0.05)
        return list(self.messages)

    async def handle_RCPT(
        self, _server: Any, _session: Any, envelope: Any, address: str, _options: Any
    ) -> str:
        self.tries += 1
        if address in self.refused:
            return REFUSALS["refuse"]
        if self.share == 0:
            return REFUSALS["blunt"]
        if self._mode in REFUSALS:
            return REFUSALS[self._mode]
        if self._mode == "temporary" or (self._mode == "unsteady" and self.chance.random() < 0.1):
            return "451 4.3.0 Try again later"
        if self._mode == "hang":
            await asyncio.sleep(600)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, _server: Any, _session: Any, envelope: Any) -> str:
        self.messages.append(ReceivedMail(envelope.mail_from, list(envelope.rcpt_tos), envelope.content))
        if self.share:
            self.share -= 1
        if self._mode == "hang_after_data":
            self.unanswered.append(self.messages[-1])
            await asyncio.sleep(600)
        return "250 Accepted"


@pytest.fixture(scope="session")
def smtp_servers() -> Iterator[Callable[[str], SmtpServer]]:
    """The mail servers of this worker: one for its apps, and by its engine one for each live server.

    A live server goes on when its test is over: what it mails then arrives in no other test.
    """
    made: dict[str, SmtpServer] = {}

    def server_of(whose: str = "") -> SmtpServer:
        if whose not in made:
            made[whose] = SmtpServer()
        return made[whose]

    yield server_of
    for server in made.values():
        server.stop()


@pytest.fixture
def smtp(request: pytest.FixtureRequest, smtp_servers) -> Iterator[SmtpServer]:
    """The mail server, with an empty mailbox and in a good mood."""
    is_live = "live_server" in request.fixturenames
    server = smtp_servers(request.getfixturevalue("engine") if is_live else "")
    server.reset()
    yield server
    server.reset()
