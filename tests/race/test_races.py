"""What holds when fifty clients do the same thing at once, on both databases."""

import random
from collections import Counter

import pytest

from portal import clock
from portal.domain.invitations import invitation_link, invite
from portal.extensions import db, start_writing
from portal.models.absence import Absence
from portal.models.accounts import Invitation, LoginSession, User
from portal.models.roster import Guardianship
from tests.cast import PASSWORD
from tests.race.crowding import CLIENTS, Crowd, statuses


@pytest.fixture
def crowd(live_server) -> Crowd:
    return Crowd(live_server)


def holding(absences):
    return [absence for absence in absences if absence.withdrawn_at is None]


def test_one_absence_however_many_reports_of_both_parents(crowd, school, rows):
    form = {"pupil": school.bram.id, "kind": "sick", "days": "one"}
    posts = [
        crowd.post(parent, "/absence/report", **form)
        for parent in (school.anna, school.daan)
        for _ in range(CLIENTS // 2)
    ]
    random.Random(1).shuffle(posts)
    answers = crowd.send(posts)
    (absence,) = rows(Absence)
    assert Counter(statuses(answers)) == {303: CLIENTS}
    assert {answer.location for answer in answers} == {f"/absence/{absence.id}"}


@pytest.mark.parametrize("seed", range(3))
def test_one_absence_per_child_and_day_whatever_periods_are_reported(crowd, school, rows, seed):
    chance = random.Random(seed)
    days = [f"2026-11-{day}" for day in (24, 25, 26, 27, 30)]
    posts = []
    for _ in range(CLIENTS):
        first = chance.randrange(len(days))
        form = {"first_day": days[first], "last_day": days[chance.randrange(first, len(days))]}
        if chance.random() < 0.2:
            form = {"first_day": form["first_day"], "until_better": "y"}
        form |= {"pupil": school.bram.id, "kind": chance.choice(["sick", "other"]), "days": "dates"}
        posts.append(crowd.post(chance.choice([school.anna, school.daan]), "/absence/report", **form))
    answers = crowd.send(posts)
    assert Counter(statuses(answers)) == {303: CLIENTS}
    spans = sorted(
        (absence.first_day.isoformat(), (absence.last_day or clock.today().replace(year=9999)).isoformat())
        for absence in holding(rows(Absence))
    )
    assert all(last < first for (_, last), (first, _) in zip(spans, spans[1:], strict=False))


def test_two_guardians_at_most(crowd, school, rows):
    """Sem has Carl and Inge; Lotte has one guardian, so that exactly one of fifty gets the second seat."""
    for child, free in ((school.sem, 0), (school.lotte, 1)):
        before = len(rows(Guardianship))
        posts = [
            crowd.post(
                school.otto,
                f"/school/pupils/{child.id}/guardians/new",
                given_name=f"Ouder {number}",
                surname="Nieuw",
                email=f"ouder{number}.{child.id}@lindeboog.example",
                language="nl",
                has_authority="y",
            )
            for number in range(CLIENTS)
        ]
        counts = Counter(statuses(crowd.send(posts)))
        assert len(rows(Guardianship)) - before == free
        assert set(counts) <= {303, 409, 422}
        assert counts[303] == free


def test_an_invitation_is_used_once(crowd, school, rows):
    with crowd.server.app.app_context():
        start_writing()
        link = invitation_link(invite(db.session.get_one(User, school.inge.id), None, clock.now()))
        db.session.commit()
    path = link.removeprefix(crowd.server.app.config["BASE_URL"])
    fields = {"new_password": f"{PASSWORD}-van-inge", "language": "nl"}
    counts = Counter(statuses(crowd.send([crowd.post(None, path, **fields) for _ in range(CLIENTS)])))
    assert counts == {303: 1, 410: CLIENTS - 1}
    assert [invitation.used_at is not None for invitation in rows(Invitation)] == [True]
    assert len([session for session in rows(LoginSession) if session.user_id == school.inge.id]) == 1
