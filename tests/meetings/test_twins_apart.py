"""One talk about both twins, when the guardians come apart: each gets a talk about each child."""

import pytest

from portal import clock
from portal.access import Viewer
from portal.domain import arrangements, meeting_upkeep
from portal.extensions import db
from portal.models.meetings import Booking, Invitee, MeetingRound
from portal.models.roster import Pupil
from tests.meetings.children import add_child
from tests.meetings.family import Family

TUESDAY = "2026-12-01"


@pytest.fixture
def fien(app, school, talks) -> int:
    """The talk about Sem's twin sister."""
    talks.change(MeetingRound, talks.round, twins_together=True)
    return add_child(app, school.carl, school.group_6, "Fien", school.inge, "Peters")


@pytest.fixture
def one_talk(school, talks, fien) -> int:
    """Both are talked about in Sem's talk, which Inge booked for Tuesday at 15.20."""
    sem = talks.invitee(school.sem)
    talks.change(Invitee, fien, joined_to=sem)
    talks.book(school.inge, sem, talks.host_6, f"{TUESDAY} 15.20")
    return sem


@pytest.fixture
def deal_apart(school, do_now):
    """Lets school deal apart, or together, with the guardians of these pupils, one after the other."""

    def deal(*pupil_ids: int, apart: bool = True) -> None:
        office = Viewer(id=school.otto.id, role="office")
        for pupil_id in pupil_ids:
            do_now(
                lambda number=pupil_id: arrangements.deal_apart(
                    db.session.get_one(Pupil, number), apart, "Gescheiden.", office, clock.now()
                )
            )

    return deal


@pytest.fixture
def twins(rows, school, fien) -> tuple[int, int]:
    return school.sem.id, next(one.pupil_id for one in rows(Invitee) if one.id == fien)


def offered(rows) -> dict[tuple[int, int | None], Invitee]:
    return {(one.pupil_id, one.guardian_id): one for one in rows(Invitee) if one.ended_at is None}


@pytest.mark.parametrize("first", [0, 1])
def test_each_has_a_talk_about_each_child_with_times_to_choose(
    client_for, rows, school, talks, one_talk, twins, deal_apart, first
):
    deal_apart(twins[first], twins[1 - first])
    now = offered(rows)
    assert {key for key in now if key[0] in twins} == {
        (pupil, person.id) for pupil in twins for person in (school.carl, school.inge)
    }
    for (_, guardian), talk in now.items():
        lead = next((one for one in now.values() if one.id == talk.joined_to), None)
        assert lead is None or lead.guardian_id == guardian
    carl = Family(client_for(school.carl), talks)
    for pupil in twins:
        talk = now[pupil, school.carl.id]
        assert talk.joined_to is None
        page = carl.see(talk.id)
        assert 'name="slot"' in page and f"talk={one_talk}" not in page
    assert (
        carl.choose(
            now[twins[1], school.carl.id].id, slot=talks.slot(talks.host_6, f"{TUESDAY} 16.30")
        ).status_code
        == 303
    )


def test_who_booked_keeps_one_talk_about_both_when_they_come_apart_at_once(
    rows, school, one_talk, twins, do_now
):
    def apart() -> None:
        for pupil_id in twins:
            db.session.get_one(Pupil, pupil_id).apart_at = clock.now()
        db.session.flush()
        meeting_upkeep.follow_roster(twins, clock.now())

    do_now(apart)
    now = offered(rows)
    assert now[twins[0], school.inge.id].id == one_talk
    assert now[twins[1], school.inge.id].joined_to == one_talk
    assert now[twins[1], school.carl.id].joined_to is None


def test_apart_about_one_of_them_only_it_is_two_talks(rows, school, talks, one_talk, twins, deal_apart):
    deal_apart(twins[1])
    now = offered(rows)
    assert now[twins[0], None].id == one_talk
    assert {now[twins[1], person.id].joined_to for person in (school.carl, school.inge)} == {None}


def test_together_again_each_child_has_one_talk(rows, one_talk, twins, deal_apart):
    deal_apart(*twins)
    deal_apart(*twins, apart=False)
    now = offered(rows)
    assert [key for key in now if key[0] in twins] == [(twins[0], None), (twins[1], None)]
    assert now[twins[0], None].id == one_talk and now[twins[1], None].joined_to is None


def test_while_they_come_together_it_stays_one_talk(rows, one_talk, twins, do_now):
    do_now(lambda: meeting_upkeep.follow_roster(twins, clock.now()))
    assert offered(rows)[twins[1], None].joined_to == one_talk


def test_who_was_talked_about_already_is_not_asked_again(rows, school, one_talk, twins, deal_apart, at):
    at(f"{TUESDAY} 15:25")
    deal_apart(*twins)
    assert [key for key in offered(rows) if key[0] in twins] == [(twins[0], None), (twins[1], None)]
    assert [one.cancelled_at for one in rows(Booking)] == [None]
