"""Twelve places on a reply slip and many who want one at the same moment: twelve get it, never thirteen.

By default a small crowd, with `PROVE_ALL=1` the whole one: two hundred clients.
"""

import os
import random
from collections import Counter
from dataclasses import dataclass
from datetime import date

import pytest
from flask import Flask

from portal import clock
from portal.domain import slip_answers
from portal.domain.letter_audience import GROUP, Part
from portal.domain.slips import CHOICE, TEXT, Option, Question, fingerprint, slip_of
from portal.extensions import db, start_writing
from portal.models.accounts import User
from portal.models.roster import Guardianship, Membership, Pupil
from portal.models.slips import SlipAnswer, SlipOption, SlipValue
from tests.letters.slips import Asked, send_with_slip
from tests.race.crowding import Crowd, statuses

CLIENTS = 200 if "PROVE_ALL" in os.environ else 24
PLACES = 12
FAR = date(2027, 6, 30)
DRIVERS = (
    Question(
        CHOICE, "Hoe helpt u?", options=(Option("Rijden", places=PLACES), Option("Koffie", places=9000))
    ),
    Question(TEXT, "Wat moeten wij weten?", required=False),
)


@dataclass(frozen=True)
class Somebody:
    """An adult or a child by number."""

    id: int


@pytest.fixture
def crowd(live_server) -> Crowd:
    return Crowd(live_server)


def families(app: Flask, school) -> list[tuple[Somebody, Somebody]]:
    """Put as many guardians with a child into groep 3/4 as there are clients; return them in pairs."""
    with app.app_context():
        start_writing()
        found = [_family(number, school) for number in range(CLIENTS)]
        db.session.commit()
    return found


def _family(number: int, school) -> tuple[Somebody, Somebody]:
    now = clock.now()
    adult = User(given_name=f"Ouder {number}", surname="X", created_at=now, activated_at=now)
    pupil = Pupil(given_name=f"Kind {number}", created_at=now)
    db.session.add_all([adult, pupil])
    db.session.flush()
    place = {"home": True, "started_on": date(2026, 8, 24)}
    db.session.add(Membership(pupil_id=pupil.id, group_id=school.group_34, **place))
    db.session.add(Guardianship(pupil_id=pupil.id, user_id=adult.id, seat=1, created_at=now))
    return Somebody(adult.id), Somebody(pupil.id)


def in_numbers(rows) -> tuple[dict[str, int], dict[str, int]]:
    """Return how many places the options say are taken, and how many answers chose each."""
    options = rows(SlipOption)
    chosen = Counter(value.option_id for value in rows(SlipValue) if value.option_id)
    return {one.words: one.taken for one in options}, {one.words: chosen[one.id] for one in options}


def test_never_one_place_too_many_and_none_is_left(app, school, crowd, rows):
    pairs = families(app, school)
    letter = send_with_slip(app, school, DRIVERS, parts=[Part(GROUP, school.group_34)], deadline=FAR)
    asked = Asked(app, letter)
    posts = [
        crowd.post(adult, f"/letters/{letter}/reply", **asked.form(pupil, "Rijden", f"van {adult.id}"))
        for adult, pupil in pairs
    ]
    answers = crowd.send(posts)
    assert Counter(statuses(answers)) == {303: PLACES, 422: CLIENTS - PLACES}
    taken, chosen = in_numbers(rows)
    assert taken == chosen == {"Rijden": PLACES, "Koffie": 0}
    assert len(rows(SlipAnswer)) == PLACES
    for (adult, _pupil), answer in zip(pairs, answers, strict=True):
        if answer.status == 422:
            assert "‘Rijden’ is vol. Nog vrij: Koffie (9000 plaatsen)." in answer.text
            assert f'value="van {adult.id}"' in answer.text


def test_who_changes_to_and_fro_at_once_leaves_every_count_right(app, school, crowd, rows):
    """Half of them change their mind twice while the others come: what is counted is what was answered."""
    chance, pairs = random.Random(5), families(app, school)
    letter = send_with_slip(app, school, DRIVERS, parts=[Part(GROUP, school.group_34)], deadline=FAR)
    asked, path = Asked(app, letter), f"/letters/{letter}/reply"
    with app.app_context():
        start_writing()
        for adult, pupil in pairs[:PLACES]:
            question = asked.questions[0]
            value = slip_answers.Value(option_id=question.options[0].id)
            reply = slip_answers.Reply({pupil.id: {question.id: value}})
            slip_answers.give_answer(letter, adult.id, reply, clock.now())
        db.session.commit()
    posts = []
    for adult, pupil in [*pairs, *pairs[: CLIENTS // 2]][:CLIENTS]:
        if chance.random() < 0.2:
            posts.append(crowd.post(adult, path, withdraw=f"p{pupil.id}"))
        else:
            wanted = chance.choice(("Rijden", "Koffie"))
            posts.append(crowd.post(adult, path, **asked.form(pupil, wanted)))
    assert set(statuses(crowd.send(posts))) <= {303, 422}
    taken, chosen = in_numbers(rows)
    assert taken == chosen
    assert taken["Rijden"] <= PLACES


def test_a_double_press_is_one_answer(app, school, crowd, rows):
    letter = send_with_slip(app, school, DRIVERS, deadline=FAR)
    fields = Asked(app, letter).form(school.bram, "Rijden")
    people = [school.anna] * 10 + [school.daan] * 10
    answers = crowd.send([crowd.post(person, f"/letters/{letter}/reply", **fields) for person in people])
    assert set(statuses(answers)) == {303}
    taken, chosen = in_numbers(rows)
    assert taken == chosen == {"Rijden": 2, "Koffie": 0}
    assert len(rows(SlipAnswer)) == 2


def test_a_parent_and_school_at_the_same_moment_make_one_answer(app, school, crowd, rows):
    letter = send_with_slip(app, school, DRIVERS, deadline=FAR)
    fields = Asked(app, letter).form(school.bram, "Rijden")
    posts = [crowd.post(school.anna, f"/letters/{letter}/reply", **fields) for _ in range(10)]
    posts += [
        crowd.post(school.tess, f"/staff/letters/{letter}/answers/{school.anna.id}", **fields)
        for _ in range(10)
    ]
    assert set(statuses(crowd.send(posts))) == {303}
    taken, chosen = in_numbers(rows)
    assert taken == chosen == {"Rijden": 1, "Koffie": 0}


def test_questions_do_not_change_under_an_answer(app, school, crowd, rows):
    """Tess changes the questions of a letter that parents have while they answer: either she is first, or
    they are and the questions stay.
    """
    pairs = families(app, school)[:20]
    letter = send_with_slip(app, school, DRIVERS, parts=[Part(GROUP, school.group_34)], deadline=FAR)
    asked = Asked(app, letter)
    page = live_form(app, letter)
    posts = [
        crowd.post(
            adult, f"/letters/{letter}/reply", questions=asked_of(asked), **asked.form(pupil, "Rijden")
        )
        for adult, pupil in pairs
    ]
    posts.insert(3, crowd.post(school.tess, f"/staff/letters/{letter}/slip", do="save", **page))
    assert set(statuses(crowd.send(posts))) <= {303, 422}
    known = {one.id for one in rows(SlipOption)}
    values = rows(SlipValue)
    assert all(value.option_id in known for value in values)
    taken, chosen = in_numbers(rows)
    assert taken == chosen


def asked_of(asked: Asked) -> str:
    return " ".join(str(question.id) for question in asked.questions)


def live_form(app: Flask, letter: int) -> dict[str, str]:
    """Return the fields of the author's form with another first question."""
    with app.app_context():
        opened = fingerprint(slip_of(letter))
        db.session.rollback()
    return {
        "opened": opened,
        "deadline": FAR.isoformat(),
        "q0-kind": CHOICE,
        "q0-words": "Helpt u mee?",
        "q0-required": "y",
        "q0-o0-words": "Graag",
        "q0-o1-words": "Nu niet",
    }
