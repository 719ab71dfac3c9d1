"""When more people come at once than can be answered: what is sent comes before what is opened."""

from threading import Event, Semaphore, Thread
from time import monotonic, sleep

from portal import create_web_app
from portal.waiting_room import WaitingRoom

PATIENCE = 20.0


class Visitors:
    """People at a web process whose application answers one more request each time it is let go on."""

    def __init__(self, at_once: int) -> None:
        self.room = WaitingRoom(self.answer, at_once)
        self.go_on = Semaphore(0)
        self.begun: list[str] = []
        self.threads: list[Thread] = []
        self.failed: list[str] = []
        self.read: list[bytes] = []

    def answer(self, environ, start_response) -> list[bytes]:
        self.begun.append(environ["PATH_INFO"])
        if "wsgi.input" in environ:
            self.read.append(environ["wsgi.input"].read())
        assert self.go_on.acquire(timeout=PATIENCE)
        if environ["PATH_INFO"].startswith("wrong"):
            raise ValueError
        return [b""]

    def comes(self, method: str, path: str) -> None:
        """Let one more come, and return when it is being answered or waits."""
        before = len(self.begun) + self.room.waiting
        thread = Thread(target=self.ask, args=(method, path))
        thread.start()
        self.threads.append(thread)
        until(lambda: len(self.begun) + self.room.waiting > before)

    def ask(self, method: str, path: str, **more: object) -> None:
        try:
            self.room({"REQUEST_METHOD": method, "PATH_INFO": path, **more}, lambda *_: None)
        except ValueError:
            self.failed.append(path)

    def all_go(self) -> list[str]:
        """Let everybody be answered; return in which order."""
        for _ in self.threads:
            self.go_on.release()
        for thread in self.threads:
            thread.join(PATIENCE)
        return self.begun


class SlowBody:
    """The body of a request that is on its way."""

    def __init__(self, body: bytes) -> None:
        self.body = body
        self.asked, self.is_there = Event(), Event()

    def read(self, size: int) -> bytes:
        self.asked.set()
        assert self.is_there.wait(PATIENCE)
        return self.body[:size]


def until(condition) -> None:
    end = monotonic() + PATIENCE
    while not condition():
        assert monotonic() < end
        sleep(0.001)


def test_who_sends_is_answered_before_who_opens_a_page():
    door = Visitors(at_once=1)
    door.comes("GET", "first")
    for path in ("page 1", "page 2"):
        door.comes("GET", path)
    for path in ("tap 1", "tap 2"):
        door.comes("POST", path)
    assert door.all_go() == ["first", "tap 1", "tap 2", "page 1", "page 2"]


def test_pages_come_however_much_is_sent():
    door = Visitors(at_once=1)
    door.comes("GET", "first")
    for number in range(2):
        door.comes("GET", f"page {number}")
    for number in range(7):
        door.comes("POST", f"tap {number}")
    assert door.all_go() == [
        "first", "tap 0", "tap 1", "tap 2", "page 0", "tap 3", "tap 4", "tap 5", "page 1", "tap 6",
    ]  # fmt: skip


def test_no_more_are_answered_at_once_than_can_be():
    door = Visitors(at_once=3)
    for number in range(5):
        door.comes("GET", str(number))
    assert (door.begun, door.room.waiting) == (["0", "1", "2"], 2)
    door.go_on.release()
    until(lambda: len(door.begun) == 4)
    assert (door.begun[3], door.room.waiting) == ("3", 1)
    assert sorted(door.all_go()) == ["0", "1", "2", "3", "4"]


def test_who_meets_an_error_leaves_a_free_place():
    door = Visitors(at_once=1)
    for path in ("wrong 1", "wrong 2", "right"):
        door.comes("POST", path)
    assert door.all_go() == ["wrong 1", "wrong 2", "right"]
    assert door.failed == ["wrong 1", "wrong 2"]
    door.comes("GET", "later")
    assert door.begun[-1] == "later"
    door.all_go()


def test_a_form_that_comes_in_slowly_keeps_nobody_elses_turn():
    door = Visitors(at_once=1)
    slow = SlowBody(b"pupil=1")
    sends = Thread(target=door.ask, args=("POST", "slow"), kwargs={"CONTENT_LENGTH": "7", "wsgi.input": slow})
    sends.start()
    assert slow.asked.wait(PATIENCE)
    door.comes("GET", "page")
    assert door.begun == ["page"]
    slow.is_there.set()
    door.go_on.release(2)
    sends.join(PATIENCE)
    assert door.all_go() == ["page", "slow"]
    assert door.read == [b"pupil=1"]


def test_a_web_process_has_one():
    assert isinstance(create_web_app().wsgi_app, WaitingRoom)
