"""What holds when fifty clients do the same thing at once, on both databases: as on the first day."""

import random
from collections import Counter

import pytest

from portal import clock
from portal.domain.invitations import invitation_link, invite
from portal.extensions import db, start_writing
from portal.models.absence import Absence
from portal.models.accounts import Invitation, LoginSession, User
from portal.models.groups import GroupNews, WeekItem
from portal.models.roster import Guardianship
from tests.cast import PASSWORD
from tests.race.crowding import Crowd, statuses

CLIENTS = 50


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


def test_a_week_is_written_as_if_one_after_the_other(crowd, school, rows):
    """Both teachers take gym out of different weeks, move it and add it at once: no week tells it twice."""
    chance = random.Random(3)
    page = f"/groups/{school.group_34}/week/items"
    weeks = ["2026-11-23", "2026-11-30", "2026-12-07", "2027-01-04"]
    posts = []
    for number in range(CLIENTS):
        teacher, week = chance.choice([school.tess, school.tim]), chance.choice(weeks)
        repeat = chance.choice(["once", "weekly"])
        if number % 2:
            posts.append(crowd.post(teacher, page, day=week, kind="gym", repeat=repeat))
        elif number % 4:
            posts.append(crowd.post(teacher, f"{page}/{school.gym}/removal?week={week}", repeat="once"))
        else:
            fields = {"kind": "gym", "weekday": chance.choice("15"), "text": "", "repeat": repeat}
            posts.append(crowd.post(teacher, f"{page}/{school.gym}?week={week}", **fields))
    answers = crowd.send(posts)
    assert set(statuses(answers)) <= {303, 404, 409, 422}
    for weekday in range(1, 6):
        spans = sorted(
            (row.first_week.isoformat(), row.last_week.isoformat() if row.last_week else "9999")
            for row in rows(WeekItem)
            if row.weekday == weekday
        )
        assert all(last < first for (_, last), (first, _) in zip(spans, spans[1:], strict=False)), spans


def test_a_message_is_placed_once(crowd, school, rows):
    fields = {"title": "Kastanjes", "text": "Wij hebben er genoeg."}
    posts = [crowd.post(school.tess, f"/groups/{school.group_34}/news", **fields) for _ in range(CLIENTS)]
    assert Counter(statuses(crowd.send(posts))) == {303: CLIENTS}
    assert len([news for news in rows(GroupNews) if news.title == "Kastanjes"]) == 1
