"""Reply slips in the filled school: what letters ask, who answered, and who may read which answer."""

from datetime import date
from typing import Any

from tests.privacy import letters
from tests.privacy.readers import Reader, is_apart
from tests.privacy.rows import Row

DEADLINES = (date(2026, 11, 26), date(2026, 11, 24), date(2026, 11, 20))
KINDS = ("choice", "text", "consent")


def put_slip(world: Any, letter: Row, number: int) -> None:
    """Let a letter ask something of each kind: per child or family, of one or of both, open or over."""
    world.add(
        "reply_slips",
        letter_id=letter["id"],
        per=("child", "family")[number % 4 // 3],
        answered_by=("one", "one", "both")[number // 3 % 3],
        deadline=DEADLINES[number // 2 % 3],
    )
    for place, kind in enumerate(KINDS):
        question = world.add(
            "slip_questions", letter_id=letter["id"], position=place, kind=kind, required=False
        )["id"]
        for option in range(0 if kind == "text" else 2):
            world.add(
                "slip_options",
                question_id=question,
                position=option,
                means="",
                places=(None, 300)[number % 2],
                taken=0,
            )


def answer(world: Any, letter: Row) -> None:
    """Let two of three who received a letter answer it; for some of them school filled it in."""
    slips = world.of("reply_slips", letter_id=letter["id"])
    if not slips:
        return
    per_child = slips[0]["per"] == "child"
    copies = world.of("letter_children", letter_id=letter["id"])
    about = {(copy["user_id"], copy["pupil_id"] if per_child else None) for copy in copies}
    for user, pupil in sorted(about, key=str):
        if (user + letter["id"] + (pupil or 0)) % 3:
            _answer(world, letter["id"], user, pupil)


def _answer(world: Any, letter: int, user: int, pupil: int | None) -> None:
    by_staff = world.people["Otto"] if user % 2 else None
    number = world.add("slip_answers", letter_id=letter, user_id=user, pupil_id=pupil, by_staff=by_staff)[
        "id"
    ]
    for question in world.of("slip_questions", letter_id=letter):
        options = world.of("slip_options", question_id=question["id"])
        chosen = options[user % 2] if options else None
        if chosen:
            chosen["taken"] += 1
        world.add(
            "slip_values",
            answer_id=number,
            question_id=question["id"],
            option_id=chosen["id"] if chosen else None,
            number=None,
            day=None,
        )


def own_answer(r: Reader, row: Row) -> bool:
    pupil = row["pupil_id"]
    still = pupil is None or (r.decides(pupil) and not r.is_barred(pupil))
    return bool(row["user_id"] == r.id and still)


def answer_known(r: Reader, row: Row) -> bool:
    """At school, of a letter that one handles: never of who is kept from one, nor about the own child.

    A teacher knows those of whom one teaches now.
    """
    pupil = row["pupil_id"]
    is_family = pupil is not None and (r.guards(pupil) or r.is_barred(pupil))
    places = r.world.of("guardianships", user_id=row["user_id"], revoked_at=None)
    about = [pupil] if pupil is not None else [place["pupil_id"] for place in places]
    taught = r.is_office or any(letters.as_school(r, one) for one in about)
    return row["user_id"] != r.id and taught and not r.is_beside(row["user_id"]) and not is_family


def is_asked(r: Reader, slip: Row, pupil: int) -> bool:
    """Whether a slip waits for the reader's answer about a child, as far as the reader may know."""
    answers = r.world.of("slip_answers", letter_id=slip["letter_id"])
    if any(one["user_id"] == r.id and one["pupil_id"] in (None, pupil) for one in answers):
        return False
    if slip["answered_by"] == "both" or is_apart(r.world, pupil):
        return True
    return not any(_does_too(r, slip, one, pupil) for one in answers if one["user_id"] != r.id)


def _does_too(r: Reader, slip: Row, one: Row, pupil: int) -> bool:
    other = Reader(r.world, one["user_id"])
    copies = r.world.of("letter_children", letter_id=slip["letter_id"], user_id=other.id, pupil_id=pupil)
    about = one["pupil_id"] == pupil or (one["pupil_id"] is None and copies)
    receives = other.decides(pupil) and not other.is_barred(pupil)
    return bool(about) and receives


def asked(r: Reader, row: Row) -> bool:
    """What a letter asks: who reads the letter."""
    if "letter_id" not in row:
        row = r.world.one("slip_questions", id=row["question_id"])
    letter = r.world.one("letters", id=row["letter_id"])
    return letters.received(r, letter) or letters.of_school(r, letter)


def answered(r: Reader, row: Row) -> bool:
    """What somebody answered: that one, and at school who handles the letter (R22)."""
    letter = r.world.one("letters", id=row["letter_id"])
    mine = own_answer(r, row) and letters.received(r, letter)
    return mine or (letters.followed_by(r, letter) and answer_known(r, row))


def value(r: Reader, row: Row) -> bool:
    return answered(r, r.world.one("slip_answers", id=row["answer_id"]))
