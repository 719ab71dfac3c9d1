"""What a process of the portal has loaded is never looked through for garbage."""

import gc
from multiprocessing.connection import Connection

from tests.processes import ready

OBJECTS = 100_000


def tell(answers: Connection) -> None:
    answers.send((gc.isenabled(), gc.get_freeze_count()))


def test_only_what_comes_after_it_is_looked_through():
    here, there = ready.Pipe()
    ready.Process(target=tell, args=(there,)).start()
    still_looks, left_alone = here.recv()
    assert still_looks
    assert left_alone > OBJECTS
