"""A process that searches for another one: started as a file, so that it holds the planner and nothing else.

What it is sent and what it answers are pickles over its own standard input and output: first the round and a
seed, then for each stretch the seconds and the plan to go on from. Meanwhile it tells what it found so far.
"""

import pickle
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, BinaryIO

FOLDER = Path(__file__).parent


def serve(orders: BinaryIO, answers: BinaryIO) -> None:
    """Search each stretch that is asked for until nothing more is asked."""
    # The portal itself (web, database) stays out: the planner needs 40 MB, that would be 100 more.
    for name, folder in (("portal", FOLDER.parent.parent), ("portal.domain", FOLDER.parent)):
        package = ModuleType(name)
        package.__path__ = [str(folder)]
        sys.modules[name] = package
    planning: Any = import_module("portal.domain.planner.planning")

    def answer(*found: object) -> None:
        pickle.dump(found, answers)
        answers.flush()

    round_, seed = pickle.load(orders)  # noqa: S301 - from the process that started this one
    run: Any = planning.Run(round_, seed, lambda _: answer(False, run.cost, run.seats, run.iterations))
    run.construct()
    answer(True, run.cost, run.seats, run.iterations)
    while True:
        try:
            seconds, start = pickle.load(orders)  # noqa: S301
        except EOFError:
            return
        run.take_over(start)
        run.anneal(seconds=seconds)
        answer(True, run.cost, run.seats, run.iterations)


if __name__ == "__main__":
    serve(sys.stdin.buffer, sys.stdout.buffer)
