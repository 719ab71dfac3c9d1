"""Letters: in whose hands they are in the filled school, and what each of their scopes holds."""

from collections.abc import Callable
from datetime import date
from typing import Any

from tests.privacy.readers import Reader
from tests.privacy.rows import Row, School

Holds = Callable[[Reader, Row], bool]

TODAY = date(2026, 11, 24)
A_LETTER_IS_ABOUT = 3


def hand_out(world: Any) -> None:
    """Put every letter that was sent in the hands of the guardians of some pupils, now or once theirs.

    Every other letter that was made up is sent and there; of the rest some never went or were withdrawn.
    """
    for number, letter in enumerate(world.rows["letters"]):
        if number % 2:
            letter |= {"sent_at": letter["created_at"], "withdrawn_at": None, "visible_until": None}
    world.rows["letter_children"], world.rows["letter_recipients"] = [], []
    pupils = world.rows["pupils"]
    for number, letter in enumerate(one for one in world.rows["letters"] if one["sent_at"]):
        about = {pupils[(number + step * 5) % len(pupils)]["id"] for step in range(A_LETTER_IS_ABOUT)}
        places = [row for row in world.rows["guardianships"] if row["pupil_id"] in about]
        for user, pupil in sorted({(row["user_id"], row["pupil_id"]) for row in places}):
            world.add("letter_children", letter_id=letter["id"], user_id=user, pupil_id=pupil)
        for place, user in enumerate(sorted({row["user_id"] for row in places})):
            full = (number + place) % 2 == 0
            world.add("letter_recipients", full=full, letter_id=letter["id"], user_id=user)


def is_there(letter: Row) -> bool:
    last = letter["visible_until"]
    return bool(letter["sent_at"]) and not letter["withdrawn_at"] and (last is None or last >= TODAY)


def is_for(r: Reader, child: Row) -> bool:
    """Of a letter about a child to a guardian who decides for it and may meet it."""
    return child["user_id"] == r.id and r.decides(child["pupil_id"]) and not r.is_barred(child["pupil_id"])


def received(r: Reader, letter: Row) -> bool:
    return is_there(letter) and any(
        is_for(r, one) for one in r.world.of("letter_children", letter_id=letter["id"])
    )


def own_unread(r: Reader, copy: Row) -> bool:
    return copy["user_id"] == r.id and (copy["opened_at"] is None or copy["unread_at"] is not None)


def number_of_unread(world: School, user: int) -> int:
    """Return how many letters somebody has and did not read."""
    reader = Reader(world, user)
    copies = [copy for copy in world.of("letter_recipients", user_id=user) if own_unread(reader, copy)]
    return sum(received(reader, world.one("letters", id=copy["letter_id"])) for copy in copies)


SCOPES: dict[str, tuple[str, Holds]] = {
    "children_of_letters": ("letter_children", is_for),
    "own_receipts": ("letter_recipients", lambda r, row: row["user_id"] == r.id),
    "own_unread_receipts": ("letter_recipients", own_unread),
}

WITH_MORE: dict[str, dict[str, tuple[Any, Holds]]] = {
    "letters_received_by": {"today": (("letters", TODAY), received)},
}
