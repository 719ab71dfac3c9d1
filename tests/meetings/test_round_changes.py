"""Changing a round that parents see: shown first, then done in one press."""

import re
from collections import Counter

import pytest

from portal import clock
from portal.access import Viewer
from portal.domain.bookings import cancel
from portal.extensions import db, start_writing
from portal.models.meeting_talks import MeetingEvent, SlotOffer
from portal.models.meetings import Booking, Invitee, MeetingRound, Slot
from tests.accounts.conftest import mailed_about_talks as mailed
from tests.meetings.hands import book_talk
from tests.meetings.office import AS_IT_IS, round_form

__all__ = ["book_talk", "mailed"]


@pytest.fixture
def otto(client_for, school):
    return client_for(school.otto)


@pytest.fixture
def change(otto, school, talks):
    """Sends the form of the round as it is with other fields; returns the answer."""

    def send(**values):
        return otto.post(f"/school/meetings/{talks.round}", data=round_form(school, **AS_IT_IS | values))

    return send


@pytest.fixture
def accept(otto, talks):
    """Presses 'Voer deze wijziging door' on a page that shows what becomes of the talks."""

    def press(page):
        fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)"', page.text)
        data: dict[str, list[str]] = {}
        for name, value in fields:
            data.setdefault(name, []).append(value)
        return otto.post(f"/school/meetings/{talks.round}", data=data)

    return press


def times(rows) -> dict[int, str]:
    """Return the time of each talk by the number of its booking."""
    return {
        one.id: f"{clock.to_local(one.starts_at):%d %H.%M}-{clock.to_local(one.ends_at):%H.%M}"
        for one in rows(Booking)
        if not one.cancelled_at
    }


def places_fit(rows) -> bool:
    """Say whether the places of each talk are exactly its time, and no two places of a table overlap."""
    slots = sorted(rows(Slot), key=lambda slot: (slot.host_id, slot.starts_at))
    for one, following in zip(slots, slots[1:], strict=False):
        assert one.host_id != following.host_id or one.ends_at <= following.starts_at
    for booking in rows(Booking):
        own = [slot for slot in slots if slot.booking_id == booking.id]
        if booking.cancelled_at:
            assert not own
            continue
        assert {slot.host_id for slot in own} == {booking.host_id}
        assert (own[0].starts_at, own[-1].ends_at) == (booking.starts_at, booking.ends_at)
    return True


def test_a_longer_talk_is_shown_first_and_done_in_one_press(rows, school, talks, book_talk, change, accept):
    noor = book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 15.20")
    sem = book_talk(school.carl, school.sem, talks.host_6, "2026-12-01 15.30")
    shown = change(talk_minutes="15")
    assert shown.status_code == 200
    assert "Noor" in shown.text
    assert "Blijft, met een wijziging" in shown.text
    assert "Verschuift" in shown.text
    assert times(rows) == {noor: "01 15.20-15.30", sem: "01 15.30-15.40"}
    assert accept(shown).status_code == 303
    assert times(rows) == {noor: "01 15.20-15.35", sem: "01 15.35-15.50"}
    assert [booking.sequence for booking in rows(Booking)] == [1, 1]
    assert [event.what for event in rows(MeetingEvent)] == ["booked", "booked", "changed", "moved"]
    assert [one.talk_minutes for one in rows(MeetingRound)] == [15]
    assert places_fit(rows)


def test_talks_that_stay_are_not_touched(rows, school, talks, book_talk, change, accept):
    noor = book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 15.20")
    lotte = book_talk(school.tess, school.lotte, talks.host_6, "2026-12-03 18.40")
    done = change(**{"days-1-day": "2026-12-08"})
    assert "Verschuift" in done.text
    assert "1 gesprek blijft zoals het is." in done.text
    accept(done)
    assert times(rows)[noor] == "01 15.20-15.30"
    assert times(rows)[lotte] == "08 18.40-18.50"
    assert {one.id: one.sequence for one in rows(Booking)} == {noor: 0, lotte: 1}
    assert places_fit(rows)


def test_a_change_that_touches_no_talk_asks_nothing(rows, school, talks, book_talk, change):
    book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 15.20")
    answer = change(name="Rapporten", closes_at="2026-11-28T12:00", **{"days-1-ends_at": "20.00"})
    assert answer.status_code == 303
    (round_,) = rows(MeetingRound)
    assert (round_.name, round_.revision) == ("Rapporten", 1)
    assert len([slot for slot in rows(Slot) if slot.host_id == talks.host_6]) == 11 + 9
    assert [booking.sequence for booking in rows(Booking)] == [0]
    assert places_fit(rows)


def test_a_group_that_goes_cancels_its_talks_and_says_so(rows, school, talks, book_talk, change, accept):
    book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 15.20")
    shown = change(groups=[school.group_34])
    assert "Vervalt" in shown.text and "in deze ronde niet opnieuw kiezen" in shown.text
    accept(shown)
    assert times(rows) == {}
    assert {one.host_id for one in rows(Invitee) if not one.ended_at} == {talks.host_34}
    assert not [slot for slot in rows(Slot) if slot.host_id == talks.host_6]


def test_the_gap_between_siblings_can_grow_after_opening(rows, school, talks, book_talk, change, accept):
    noor = book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 15.00")
    bram = book_talk(school.anna, school.bram, talks.host_34, "2026-12-01 15.20")
    accept(change(gap_minutes="30"))
    assert times(rows) == {noor: "01 15.00-15.10", bram: "01 15.40-15.50"}
    assert places_fit(rows)


def test_what_was_booked_meanwhile_is_shown_before_it_is_done(
    app, rows, school, talks, book_talk, change, accept
):
    noor = book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 15.20")
    shown = change(talk_minutes="15")
    sem = book_talk(school.carl, school.sem, talks.host_6, "2026-12-01 15.30")
    again = accept(shown)
    assert again.status_code == 409
    assert "Intussen is een gesprek gekozen of veranderd" in again.text
    assert times(rows) == {noor: "01 15.20-15.30", sem: "01 15.30-15.40"}
    assert accept(again).status_code == 303
    assert times(rows)[sem] == "01 15.35-15.50"


def test_what_somebody_else_changed_meanwhile_is_not_overwritten(rows, school, talks, change, accept):
    form = {"revision": "0"}
    change(name="Eerst", **form)
    stale = change(name="Daarna", **form)
    assert stale.status_code == 409
    assert "Iemand anders heeft deze ronde net veranderd" in stale.text
    assert [one.name for one in rows(MeetingRound)] == ["Eerst"]


def test_what_a_teacher_blocked_stays_blocked(rows, school, talks, book_talk, change, accept):
    for moment in ("15.00", "15.10", "15.20"):
        talks.change(Slot, talks.slot(talks.host_6, f"2026-12-01 {moment}"), state="blocked")
    noor = book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 15.30")
    accept(change(talk_minutes="20"))
    states = Counter(
        (slot.state, clock.to_local(slot.starts_at).strftime("%H.%M"))
        for slot in rows(Slot)
        if slot.host_id == talks.host_6 and clock.to_local(slot.starts_at).hour == 15
    )
    assert states == {
        ("blocked", "15.00"): 1, ("blocked", "15.10"): 1, ("blocked", "15.20"): 1, ("open", "15.30"): 1,
    }  # fmt: skip
    assert times(rows) == {noor: "01 15.30-15.50"}


def test_a_place_that_the_teacher_keeps_for_a_family_is_kept_for_it(rows, school, talks, change):
    sem = talks.invitee(school.sem)
    talks.change(Slot, talks.slot(talks.host_6, "2026-12-01 15.20"), reserved_for=sem)
    assert change(talk_minutes="15").status_code == 303
    kept = [slot for slot in rows(Slot) if slot.reserved_for]
    assert [clock.to_local(slot.starts_at).strftime("%H.%M") for slot in kept] == ["15.20"]
    assert kept[0].reserved_for == sem


def test_a_kept_place_that_lapses_or_moves_is_named_first(rows, school, talks, change, accept):
    talks.change(Slot, talks.slot(talks.host_6, "2026-12-01 15.20"), reserved_for=talks.invitee(school.sem))
    page = change(groups=[school.group_34])
    assert page.status_code == 200
    assert "De vrijgehouden tijd van Sem Peters vervalt." in page.text and "15.20 uur" in page.text
    page = change(**{"days-0-starts_at": "15.30"})
    assert "De vrijgehouden tijd van Sem Peters verschuift." in page.text and "15.30 uur" in page.text
    accept(page)
    kept = [clock.to_local(slot.starts_at).strftime("%H.%M") for slot in rows(Slot) if slot.reserved_for]
    assert kept == ["15.30"]


def test_a_kept_place_of_who_changes_table_comes_free(rows, school, talks, change, accept):
    kept = talks.slot(talks.host_6, "2026-12-01 15.20")
    talks.change(Slot, kept, reserved_for=talks.invitee(school.bram, school.anna))
    page = change(gap_minutes="15")
    assert "De vrijgehouden tijd van Bram Visser vervalt." in page.text
    accept(page)
    assert [slot.reserved_for for slot in rows(Slot) if slot.id == kept] == [None]


def test_a_talk_that_is_over_is_left_alone(rows, school, talks, book_talk, change, accept, at):
    book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 15.20")
    at("2026-12-01 15:40")
    assert change(talk_minutes="15").status_code == 303
    assert list(times(rows).values()) == ["01 15.20-15.30"]
    assert [booking.sequence for booking in rows(Booking)] == [0]
    assert places_fit(rows)


def test_a_cancelled_talk_hinders_nothing(app, rows, school, talks, book_talk, change):
    noor = book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 15.20")
    with app.app_context():
        start_writing()
        cancel(db.session.get_one(Booking, noor), Viewer(id=school.anna.id), clock.now())
        db.session.commit()
    assert change(talk_minutes="15").status_code == 303
    assert times(rows) == {}


def test_a_withdrawn_round_does_not_change(rows, talks, change):
    talks.change(MeetingRound, talks.round, withdrawn_at=clock.now())
    answer = change(name="Toch")
    assert answer.status_code == 422
    assert "Deze ronde is ingetrokken." in answer.text


def test_the_preview_asks_the_database_as_often_for_many_talks(
    rows, school, talks, book_talk, change, count_queries
):
    book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 15.20")
    with count_queries() as few:
        change(talk_minutes="15")
    book_talk(school.carl, school.sem, talks.host_6, "2026-12-01 15.30")
    book_talk(school.tess, school.lotte, talks.host_6, "2026-12-01 15.40")
    with count_queries() as many:
        change(talk_minutes="15")
    assert len(few) == len(many)


def test_who_is_touched_is_told_and_nobody_else(
    school,
    talks,
    book_talk,
    change,
    accept,
    mailed,
    at,  # noqa: F811
):
    book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 15.20")
    book_talk(school.tess, school.lotte, talks.host_6, "2026-12-03 18.40")
    for moment in ("2026-11-24 08:00", "2026-11-24 08:10"):
        at(moment)
        mailed()
    accept(change(**{"days-1-day": "2026-12-08"}))
    at("2026-11-24 08:20")
    (mail,) = mailed()
    assert mail.recipients == [school.tess.email]
    assert mail.subject == "Gewijzigd: uw gesprekken op school"
    assert "dinsdag 8 december, 18.40 uur" in mail.text
    assert "(was donderdag 3 december, 18.40 uur, gewijzigd door school)" in mail.text


def test_who_is_told_of_another_length_reads_what_it_was(
    school,
    talks,
    book_talk,
    change,
    accept,
    mailed,
    at,  # noqa: F811
):
    book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 15.00")
    for moment in ("2026-11-24 08:00", "2026-11-24 08:10"):
        at(moment)
        mailed()
    accept(change(talk_minutes="15"))
    at("2026-11-24 08:20")
    (mail,) = mailed()
    assert "(nu tot 15.15 uur, was tot 15.10 uur, gewijzigd door school)" in mail.text
    assert "nu tot 15.15 uur, was tot 15.10 uur, gewijzigd door school" in mail.html


def test_a_place_that_was_offered_and_is_cut_away_is_offered_no_more(
    rows, school, talks, book_talk, client_for, change, accept
):
    book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 15.20")
    waiting = f"/meetings/talks/{talks.invitee(school.sem)}/waiting"
    client_for(school.carl).post(waiting, data={"slot": talks.slot(talks.host_6, "2026-12-03 18.40")})
    assert [offer.answer for offer in rows(SlotOffer)] == [""]
    accept(change(**{"days-1-day": "2026-12-08", "talk_minutes": "15"}))
    assert [offer.answer for offer in rows(SlotOffer)] == ["expired"]
    assert not [slot for slot in rows(Slot) if slot.held_for]
    assert client_for(school.carl).post("/meetings/offers/1/acceptance").status_code == 409


def test_a_round_that_is_withdrawn_leaves_the_calendars_and_offers_nothing(
    rows,
    school,
    talks,
    book_talk,
    client_for,
    otto,
    mailed,
    at,  # noqa: F811
):
    book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 15.20")
    waiting = f"/meetings/talks/{talks.invitee(school.sem)}/waiting"
    client_for(school.carl).post(waiting, data={"slot": talks.slot(talks.host_6, "2026-12-01 15.20")})
    for moment in ("2026-11-24 08:00", "2026-11-24 08:10"):
        at(moment)
        mailed()
    otto.post(f"/school/meetings/{talks.round}/withdrawal", data={"sure": "y"})
    assert not rows(MeetingRound)[0].withdrawn_at or rows(SlotOffer) == []
    at("2026-11-24 08:20")
    (mail,) = [one for one in mailed() if one.recipients == [school.anna.email]]
    assert "gaat niet door" in mail.text
