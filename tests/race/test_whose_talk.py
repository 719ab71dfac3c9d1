"""A talk of both becomes the other guardian's own while somebody waits for the turn to change it (R22).

Only Postgres lets the other in between: on SQLite who writes is alone from the first word.
"""

import time
from threading import Thread

import pytest

from portal import clock
from portal.domain.meeting_people import take_turn_at
from portal.extensions import db, start_writing
from portal.models.meeting_talks import MeetingEvent, MeetingWish, SlotOffer, WaitingTime
from portal.models.meetings import Booking, Invitee, MeetingRound, Slot
from portal.models.roster import Guardianship
from tests.meetings.making import Talks, talks
from tests.race.crowding import SOMEBODY_WAITS

__all__ = ["talks"]

pytestmark = pytest.mark.parametrize("engine", ["postgres"], indirect=True)

AT_THREE = "2026-12-01 15.00"


@pytest.fixture
def book(school, talks: Talks):
    return lambda: talks.book(school.carl, talks.invitee(school.sem), talks.host_6, AT_THREE)


@pytest.fixture
def twin(app, school):
    """Lets Sem's guardians be Lotte's too, so that one talk can be about both."""
    with app.app_context():
        start_writing()
        db.session.query(Guardianship).filter_by(pupil_id=school.lotte.id).delete()
        for seat, person in ((1, school.carl), (2, school.inge)):
            place = {"user_id": person.id, "seat": seat, "created_at": clock.now()}
            db.session.add(Guardianship(pupil_id=school.lotte.id, **place))
        db.session.commit()


def cancels(school, talks, book):
    return f"/meetings/bookings/{book()}/cancellation", {}


def says_what_about(school, talks, book):
    return f"/meetings/bookings/{book()}/details", {"subjects": "Over haar"}


def chooses_video(school, talks, book):
    talks.change(MeetingRound, talks.round, way="choice")
    return f"/meetings/bookings/{book()}/details", {"way": "video"}


def says_no(school, talks, book):
    return f"/meetings/talks/{talks.invitee(school.sem)}/need", {"needed": "no"}


def joins(school, talks, book):
    talks.change(MeetingRound, talks.round, twins_together=True)
    return f"/meetings/talks/{talks.invitee(school.sem)}/joining", {"with": talks.invitee(school.lotte)}


def parts(school, talks, book):
    talks.change(Invitee, talks.invitee(school.sem), joined_to=talks.invitee(school.lotte))
    return f"/meetings/talks/{talks.invitee(school.sem)}/joining", {"with": ""}


def gives_wishes(school, talks, book):
    talks.change(MeetingRound, talks.round, kind="wishes")
    return f"/meetings/{talks.round}/wishes", {"wish-202612011400": "2"}


def waits(school, talks, book):
    talks.book(school.anna, talks.invitee(school.noor), talks.host_6, AT_THREE)
    slot = talks.slot(talks.host_6, AT_THREE)
    return f"/meetings/talks/{talks.invitee(school.sem)}/waiting", {"slot": slot}


def takes_the_offer(school, talks, book):
    return f"/meetings/offers/{offered(school, talks)}/acceptance", {}


def passes(school, talks, book):
    return f"/meetings/offers/{offered(school, talks)}/refusal", {}


def offered(school, talks):
    return talks.offer(talks.invitee(school.sem), talks.host_6, AT_THREE)


ACTS = [
    cancels, says_what_about, chooses_video, says_no, joins, parts, gives_wishes, waits, takes_the_offer,
    passes,
]  # fmt: skip


@pytest.mark.parametrize("act", ACTS, ids=lambda act: act.__name__)
def test_who_waited_does_nothing_about_a_talk_that_is_only_the_others_now(
    app, client_for, school, twin, talks: Talks, book, rows, act
):
    address, data = act(school, talks, book)
    client, answers = client_for(school.carl), []
    sem = talks.invitee(school.sem)
    before = contents(rows)
    with app.app_context():
        start_writing()
        talk = db.session.get_one(Invitee, sem)
        take_turn_at([talk])
        other = Thread(target=lambda: answers.append(client.post(address, data=data).status_code))
        other.start()
        end = time.monotonic() + 5
        while not db.session.scalar(SOMEBODY_WAITS) and time.monotonic() < end:
            time.sleep(0.02)
        talk.guardian_id = school.inge.id
        db.session.commit()
    other.join(10)
    assert answers and answers[0] in (404, 409)
    assert contents(rows) == before


def contents(rows) -> dict[str, list[dict[str, object]]]:
    """What is kept of the talks, but for whose they are."""
    return {
        model.__name__: [
            {name: value for name, value in vars(one).items() if name[0] != "_" and name != "guardian_id"}
            for one in sorted(rows(model), key=lambda one: one.id)
        ]
        for model in (Invitee, Booking, Slot, SlotOffer, WaitingTime, MeetingWish, MeetingEvent)
    }
