"""The round of talks of the demo school."""

from collections import Counter

from portal import clock
from portal.access import Viewer
from portal.domain.bookings import cancel
from portal.domain.mails import mail_for
from portal.domain.meeting_phases import Phase, phase_of
from portal.domain.meeting_talk_lists import talks_of
from portal.domain.meeting_tidings import CHANGED
from portal.extensions import db, start_writing
from portal.models.meeting_tidings import TalkTold
from portal.models.meetings import Booking, Invitee, MeetingRound, Slot
from portal.models.outbox import OutgoingMessage
from portal.models.roster import Guardianship
from tests.demo.test_demo import by_email


def test_a_round_is_open_and_a_part_of_the_families_has_chosen_and_was_told(app, demo, rows):
    demo("--families", "60", "--years", "1")
    (round_,) = rows(MeetingRound)
    assert phase_of(round_, clock.now()) == Phase.OPEN
    booked, invited = rows(Booking), rows(Invitee)
    assert 3 < len(booked) < len(invited) / 2
    places = Counter(slot.booking_id for slot in rows(Slot) if slot.booking_id)
    assert places == Counter(booking.id for booking in booked)
    days_ahead = (min(one.starts_at for one in rows(Slot)) - clock.now()).days
    assert 6 <= days_ahead < 20
    assert all(one.booked_at <= clock.now() for one in booked)
    told = rows(TalkTold)
    assert {one.booking_id for one in told} == places.keys()
    with app.app_context():
        for one in told[:3]:
            (talk,) = [
                talk
                for talk in talks_of(Viewer(id=one.user_id), round_.id, clock.now())
                if talk.booking_id == one.booking_id
            ]
            assert talk.said == one.said
        start_writing()
        assert not db.session.query(OutgoingMessage).filter_by(kind=CHANGED).all()
        cancel(db.session.get_one(Booking, told[0].booking_id), None, clock.now())
        mails = db.session.query(OutgoingMessage).filter_by(kind=CHANGED).all()
        assert told[0].user_id in [mail.user_id for mail in mails]
        assert all(mail_for(mail, clock.now()).facts["gone"] for mail in mails)


def test_the_first_parents_can_still_choose_and_separated_ones_each_have_a_talk(demo, rows):
    demo("--families", "16", "--years", "1")
    people = by_email(rows)
    first = [people[f"ouder{number}@lindeboog.example"].id for number in (1, 2, 3)]
    own = {one.pupil_id for one in rows(Guardianship) if one.user_id in first}
    invited = [one for one in rows(Invitee) if one.pupil_id in own]
    assert not {one.invitee_id for one in rows(Booking)} & {one.id for one in invited}
    assert {one.guardian_id for one in invited} == {None, first[1], first[2]}
