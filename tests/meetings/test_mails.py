"""What guardians are mailed about talks: when they can choose, what is planned, and not to forget."""

from datetime import UTC, datetime, timedelta

import icalendar
import ics
import pytest
import vobject

from portal import clock
from portal.access import Viewer
from portal.domain import arrangements, hiding, meeting_tidings, roster, roster_guardians
from portal.domain.bookings import cancel
from portal.extensions import db, start_writing
from portal.models.accounts import User
from portal.models.meeting_talks import WaitingTime
from portal.models.meetings import Booking, Invitee, MeetingRound, Slot
from portal.models.outbox import OutgoingMessage
from portal.models.roster import Guardianship, Pupil
from tests.accounts.conftest import mailed_about_talks as mailed  # noqa: F401
from tests.meetings.children import add_child
from tests.meetings.making import make_round

OPENING, BOOKED = "Kies een tijd voor uw gesprek op school", "Uw gesprekken op school"
CHANGED = "Gewijzigd: uw gesprekken op school"


@pytest.fixture
def sent(talks, mailed, at):  # noqa: F811
    """Lets the worker do its work at a moment, and returns the mails by address."""

    def at_moment(moment: str):
        at(moment)
        found: dict[str, list] = {}
        for mail in mailed():
            found.setdefault(mail.recipients[0], []).append(mail)
        return found

    return at_moment


@pytest.fixture
def opened(tested_app, talks, sent):
    """The mails that invite to the round of the cast have gone, so that only others come after."""
    tested_app.to("opened", lambda: sent("2026-11-24 07:55"), begin=lambda: None)


def files(mail) -> list[bytes]:
    return [
        part.get_content() if isinstance(part.get_content(), bytes) else part.get_content().encode()
        for part in mail.message.walk()
        if part.get_content_type() == "text/calendar"
    ]


def read(mail) -> list[tuple[str, str, int, datetime]]:
    """Return method, uid, sequence and beginning of each file; two readers must agree."""
    found = []
    for content in files(mail):
        calendar = icalendar.Calendar.from_ical(content)
        (event,) = calendar.walk("VEVENT")
        one = (str(calendar["METHOD"]), str(event["UID"]), int(event["SEQUENCE"]), event.decoded("DTSTART"))
        other = vobject.readOne(content.decode())
        assert one == (
            other.method.value,
            other.vevent.uid.value,
            int(other.vevent.sequence.value),
            other.vevent.dtstart.value,
        )
        (third,) = ics.Calendar(content.decode()).events
        assert (third.uid, third.begin.datetime) == (one[1], one[3])
        found.append(one)
    return found


def subjects(mails) -> list[str]:
    return [mail.subject for mail in mails]


def test_each_guardian_is_invited_once_for_all_children(school, sent):
    first = sent("2026-11-24 07:55")
    assert {address: subjects(mails) for address, mails in first.items()} == {
        person.email: [OPENING]
        for person in (school.anna, school.daan, school.carl, school.inge, school.tess)
    }
    anna = first[school.anna.email][0]
    assert "2 gesprekken" in anna.text and "vrijdag 27 november, 17.00 uur" in anna.text
    assert "2 gesprekken" in anna.html and anna.links[0].endswith("/meetings/1")
    assert not sent("2026-11-24 08:55")


def test_a_child_that_joins_later_is_told_of_once_to_who_was_invited_before(app, school, opened, sent, at):
    at("2026-11-24 08:30")
    for name in ("Fien", "Guus"):
        add_child(app, school.anna, school.group_6, name)
    found = sent("2026-11-24 09:00")
    assert {address: subjects(mails) for address, mails in found.items()} == {school.anna.email: [OPENING]}
    assert "4 gesprekken" in found[school.anna.email][0].text
    assert not sent("2026-11-24 10:00")
    at("2026-11-24 10:30")
    add_child(app, school.anna, school.group_6, "Hugo")
    assert set(sent("2026-11-24 11:00")) == {school.anna.email}


def test_who_becomes_a_guardian_later_is_told_of_that_child_too(school, opened, sent, do_now, at):
    at("2026-11-24 08:30")
    office = Viewer(id=school.otto.id, role="office")
    do_now(
        lambda: roster_guardians.add_guardian(
            db.session.get_one(Pupil, school.lotte.id),
            db.session.get_one(User, school.carl.id),
            "Vader",
            True,
            office,
            clock.now(),
        )
    )
    assert set(sent("2026-11-24 09:00")) == {school.carl.email}


def test_who_gets_authority_later_is_invited_about_that_child_too(
    app, school, talks, opened, sent, do_now, at
):
    """Carl was invited about Sem, and a guardian without authority of Lotte then."""
    with app.app_context():
        start_writing()
        place = {"seat": 2, "has_authority": False, "created_at": clock.at_local("2026-09-01 09:00")}
        db.session.add(Guardianship(user_id=school.carl.id, pupil_id=school.lotte.id, **place))
        db.session.commit()
    at("2026-11-24 08:30")
    assert not sent("2026-11-24 09:00")
    do_now(
        lambda: arrangements.change_authority(
            db.session.query(Guardianship).filter_by(user_id=school.carl.id, pupil_id=school.lotte.id).one(),
            True,
            "Uitspraak.",
            Viewer(id=school.otto.id, role="office"),
            clock.now(),
        )
    )
    assert set(sent("2026-11-24 10:00")) == {school.carl.email}
    assert not sent("2026-11-24 11:00")


@pytest.mark.parametrize("arranged", ["apart and together", "hidden and shown"])
def test_how_the_guardians_are_dealt_with_invites_nobody_again(school, opened, sent, do_now, at, arranged):
    """Else a mail would tell one of them what the other one, or school, did."""
    office = Viewer(id=school.otto.id, role="office")
    for hour, change in ((8, True), (9, False)):
        at(f"2026-11-24 {hour:02}:30")
        if arranged == "hidden and shown":
            mine = {"user_id": school.carl.id, "pupil_id": school.sem.id}
            do_now(
                lambda change=change, mine=mine: hiding.choose_hiding(
                    [db.session.query(Guardianship).filter_by(**mine).one()],
                    change,
                    Viewer(id=school.carl.id),
                    clock.now(),
                )
            )
        else:
            for child in (school.sem, school.noor):
                do_now(
                    lambda child=child, change=change: arrangements.deal_apart(
                        db.session.get_one(Pupil, child.id), change, "Gescheiden.", office, clock.now()
                    )
                )
        assert not sent(f"2026-11-24 {hour + 1:02}:00")


def test_families_with_several_children_and_those_asked_are_invited_earlier(school, talks, sent, at):
    for column, moment in [("early_from", "2026-11-24 16:00"), ("opens_at", "2026-11-25 16:00")]:
        talks.change(MeetingRound, talks.round, **{column: clock.at_local(moment)})
    talks.change(Invitee, talks.invitee(school.lotte), asked="wanted")
    assert not sent("2026-11-24 15:59")
    assert set(sent("2026-11-24 16:00")) == {school.anna.email, school.tess.email}
    assert set(sent("2026-11-25 16:00")) == {school.daan.email, school.carl.email, school.inge.email}


def test_nobody_is_invited_late_to_a_round_that_is_closed(sent):
    assert not sent("2026-11-27 17:00")


def test_a_booking_is_confirmed_with_a_calendar_file(school, talks, opened, sent, book_talk):
    book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 15.20")
    assert not sent("2026-11-24 07:57")
    (mail,) = sent("2026-11-24 07:59").pop(school.anna.email)
    assert mail.subject == BOOKED
    assert "dinsdag 1 december, 15.20 uur, juf Yara, lokaal 6" in mail.text
    assert "dinsdag 1 december, 15.20 uur, juf Yara, lokaal 6" in mail.html
    assert "Voor een gesprek is nog geen tijd" in mail.text
    assert school.noor.given_name not in mail.text + mail.html + files(mail)[0].decode()
    ((method, _uid, sequence, starts_at),) = read(mail)
    assert (method, sequence, starts_at) == ("REQUEST", 0, datetime(2026, 12, 1, 14, 20, tzinfo=UTC))
    assert not sent("2026-11-24 08:30")


def test_of_a_plan_the_mail_says_that_times_can_be_passed_on_and_not_chosen(school, talks, opened, sent):
    talks.change(MeetingRound, talks.round, kind="wishes")
    talks.book(school.otto, talks.invitee(school.noor), talks.host_6, "2026-12-01 15.20", "plan")
    (mail,) = sent("2026-11-24 07:59")[school.anna.email]
    for text in (mail.text, mail.html):
        assert "Voor een gesprek hebt u nog niet gezegd wanneer u kunt." in text and "kiezen" not in text


def test_changes_within_minutes_are_one_mail_and_later_ones_update_the_calendar(
    app, school, talks, opened, sent, at, book_talk, do_now
):
    book_talk(school.carl, school.sem, talks.host_6, "2026-12-01 15.20")
    number = book_talk(school.carl, school.sem, talks.host_6, "2026-12-01 15.40")
    found = sent("2026-11-24 08:00")
    assert set(found) == {school.carl.email, school.inge.email}
    ((_, uid, sequence, starts_at),) = read(found[school.carl.email][0])
    assert (sequence, clock.to_local(starts_at).minute) == (0, 40)
    assert "was " not in found[school.carl.email][0].text
    book_talk(school.inge, school.sem, talks.host_6, "2026-12-01 16.10")
    (mail,) = sent("2026-11-24 09:00")[school.carl.email]
    assert read(mail) == [("REQUEST", uid, 1, datetime(2026, 12, 1, 15, 10, tzinfo=UTC))]
    assert mail.subject == CHANGED
    assert "was dinsdag 1 december, 15.40 uur" in mail.text
    assert "door school" not in mail.text
    do_now(lambda: cancel(db.session.get_one(Booking, number), Viewer(id=school.otto.id), clock.now()))
    (mail,) = sent("2026-11-24 10:00")[school.inge.email]
    assert read(mail) == [("CANCEL", uid, 2, datetime(2026, 12, 1, 15, 10, tzinfo=UTC))]
    assert "gaat niet door" in mail.text and "16.10 uur" in mail.text
    assert not sent("2026-11-24 11:00")


def test_what_was_booked_and_given_up_again_is_not_told(school, talks, opened, sent, book_talk, do_now):
    number = book_talk(school.carl, school.sem, talks.host_6, "2026-12-01 15.20")
    do_now(lambda: cancel(db.session.get_one(Booking, number), Viewer(id=school.carl.id), clock.now()))
    assert not sent("2026-11-24 09:00")


def test_separated_guardians_are_told_nothing_of_each_other(school, talks, opened, sent, book_talk):
    book_talk(school.daan, school.bram, talks.host_34, "2026-12-01 15.20")
    assert set(sent("2026-11-24 09:00")) == {school.daan.email}


def test_who_does_not_have_the_talk_any_more_is_told_so_by_the_old_time(
    school, talks, opened, sent, at, book_talk, do_now
):
    book_talk(school.carl, school.sem, talks.host_6, "2026-12-01 15.20")
    sent("2026-11-24 08:00")

    def hide():
        own = db.session.query(Guardianship).filter_by(user_id=school.carl.id).one()
        hiding.choose_hiding([own], True, Viewer(id=school.carl.id), clock.now())

    do_now(hide)
    book_talk(school.carl, school.sem, talks.host_6, "2026-12-01 16.10")
    found = sent("2026-11-24 09:00")
    ((method, _, sequence, starts_at),) = read(found[school.inge.email][0])
    assert (method, sequence, starts_at) == ("CANCEL", 1, datetime(2026, 12, 1, 14, 20, tzinfo=UTC))
    assert "16.10" not in found[school.inge.email][0].text
    ((method, _, sequence, _),) = read(found[school.carl.email][0])
    assert (method, sequence) == ("REQUEST", 1)
    book_talk(school.carl, school.sem, talks.host_6, "2026-12-01 16.30")
    assert set(sent("2026-11-24 10:00")) == {school.carl.email}


def test_a_revoked_guardian_is_mailed_no_more(school, talks, opened, sent, book_talk, do_now):
    book_talk(school.daan, school.bram, talks.host_34, "2026-12-01 15.20")

    def revoke():
        one = db.session.query(Guardianship).filter_by(user_id=school.daan.id, pupil_id=school.bram.id).one()
        roster_guardians.revoke_guardianship(
            one, "Op verzoek.", Viewer(id=school.otto.id, role="office"), clock.now()
        )

    do_now(revoke)
    assert not sent("2026-11-24 09:00")


def test_the_family_of_a_child_that_leaves_is_told_that_the_talk_is_off(
    school, talks, opened, sent, book_talk, do_now
):
    book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 15.20")
    sent("2026-11-24 08:00")
    do_now(
        lambda: roster.archive_pupil(
            db.session.get_one(Pupil, school.noor.id), clock.today(), None, clock.now(), clock.today()
        )
    )
    (mail,) = sent("2026-11-24 09:00")[school.anna.email]
    assert read(mail)[0][0] == "CANCEL"


def test_a_round_that_is_called_off_is_taken_out_of_calendars(school, talks, opened, sent, book_talk, do_now):
    book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 15.20")
    sent("2026-11-24 08:00")
    talks.change(MeetingRound, talks.round, withdrawn_at=clock.now())
    do_now(lambda: meeting_tidings.tell([talks.invitee(school.noor)], clock.now()))
    (mail,) = sent("2026-11-24 09:00")[school.anna.email]
    assert read(mail)[0][0] == "CANCEL"


def test_who_was_invited_to_a_round_that_is_called_off_is_told_so_once(
    client_for, school, talks, opened, sent, book_talk, at
):
    book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 15.20")
    sent("2026-11-24 08:00")
    otto = client_for(school.otto)
    for _ in range(2):
        otto.post(f"/school/meetings/{talks.round}/withdrawal")
    found = sent("2026-11-24 09:00")
    assert {address: subjects(mails) for address, mails in found.items()} == {
        school.anna.email: [CHANGED],
        **{
            person.email: ["De gespreksronde gaat niet door"]
            for person in (school.daan, school.carl, school.inge, school.tess)
        },
    }
    (mail,) = found[school.daan.email]
    assert "afgezegd: Rapportgesprekken. U hoeft geen tijd te kiezen." in mail.text
    assert school.bram.given_name not in mail.text + mail.html
    assert "School heeft alle gesprekken van deze ronde afgezegd." in found[school.anna.email][0].text


def test_who_was_not_told_of_a_round_is_not_told_that_it_is_off(
    client_for, school, talks, sent, smtp, do_now, at
):
    for column, moment in [("early_from", "2026-11-24 07:50"), ("opens_at", "2026-11-25 16:00")]:
        talks.change(MeetingRound, talks.round, **{column: clock.at_local(moment)})
    smtp.mode = "temporary"
    sent("2026-11-24 07:55")
    client_for(school.otto).post(f"/school/meetings/{talks.round}/withdrawal")
    smtp.mode = "accept"
    assert not sent("2026-11-24 09:00")


def test_who_waits_for_a_second_invitation_is_told_that_the_round_is_off(
    app, client_for, school, talks, opened, sent, smtp
):
    add_child(app, school.carl, school.group_6, "Fien")
    smtp.mode = "temporary"
    sent("2026-11-24 08:00")
    client_for(school.otto).post(f"/school/meetings/{talks.round}/withdrawal")
    smtp.mode = "accept"
    assert subjects(sent("2026-11-24 09:00")[school.carl.email]) == ["De gespreksronde gaat niet door"]


def test_a_guardian_who_was_revoked_is_not_told_that_the_round_is_off(
    client_for, school, talks, opened, sent, smtp, do_now
):
    client_for(school.otto).post(f"/school/meetings/{talks.round}/withdrawal")
    do_now(
        lambda: (
            db.session.query(Guardianship)
            .filter_by(user_id=school.daan.id)
            .update({"revoked_at": clock.now()})
        )
    )
    assert set(sent("2026-11-24 09:00")) == {school.carl.email, school.inge.email} | {
        school.anna.email,
        school.tess.email,
    }


def share(client, invitee: int, audience: str = "parents") -> None:
    data = {"text": "Noor leest graag.", "for": audience}
    assert client.post(f"/staff/meetings/talks/{invitee}/report", data=data).status_code == 303


def test_the_guardians_of_a_talk_are_told_once_that_there_is_a_report(
    client_for, school, talks, opened, sent
):
    tess = client_for(school.tess)
    share(tess, talks.invitee(school.bram, school.daan))
    share(tess, talks.invitee(school.bram, school.daan))
    assert not sent("2026-11-24 07:57")
    found = sent("2026-11-24 08:00")
    assert set(found) == {school.daan.email}
    (mail,) = found[school.daan.email]
    assert mail.subject == "Er is een verslag om te lezen" and "/meetings/reports/" in mail.links[0]
    assert school.bram.given_name not in mail.text + mail.html and "leest" not in mail.text + mail.html
    for audience in ("hide", "parents"):
        share(tess, talks.invitee(school.bram, school.daan), audience)
    assert not sent("2026-11-24 09:00")


def test_a_report_that_is_shared_no_more_when_the_mail_leaves_is_not_told(
    client_for, school, talks, opened, sent, do_now
):
    yara, sem = client_for(school.yara), talks.invitee(school.sem)
    share(yara, sem)
    share(yara, sem, "hide")
    share(yara, talks.invitee(school.noor))
    noors = {"user_id": school.anna.id, "pupil_id": school.noor.id}
    do_now(lambda: db.session.query(Guardianship).filter_by(**noors).update({"revoked_at": clock.now()}))
    assert not sent("2026-11-24 08:00")


def test_a_mail_that_could_not_go_tells_what_holds_when_it_goes(school, talks, opened, sent, book_talk, smtp):
    smtp.mode = "temporary"
    book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 15.20")
    assert not sent("2026-11-24 08:00")
    smtp.mode = "accept"
    book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 16.20")
    mails = sent("2026-11-24 09:00")[school.anna.email]
    assert [read(mail)[0][2:] for mail in mails] == [(0, datetime(2026, 12, 1, 15, 20, tzinfo=UTC))]


def test_news_does_not_wait_for_the_next_try_of_an_earlier_mail(
    rows, school, talks, opened, sent, book_talk, smtp
):
    smtp.mode = "temporary"
    book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 15.20")
    for moment in ("08:00", "08:05", "08:15", "08:30", "09:00", "10:00"):
        assert not sent(f"2026-11-24 {moment}")
    smtp.mode = "accept"
    (waits,) = (row for row in rows(OutgoingMessage) if row.kind == meeting_tidings.CHANGED)
    book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 16.20")
    assert waits.due_at > clock.now() + timedelta(minutes=10)
    (mail,) = sent("2026-11-24 10:04")[school.anna.email]
    assert "16.20 uur" in mail.text and "15.20 uur" not in mail.text
    assert not sent("2026-11-24 11:00")


def test_news_is_not_given_up_with_an_earlier_mail_whose_week_is_over(
    school, talks, opened, sent, book_talk, smtp
):
    smtp.mode = "temporary"
    book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 15.20")
    for moment in ("11-24 08:00", "11-24 08:05", "11-24 08:15", "11-24 08:30", "12-01 07:50"):
        assert not sent(f"2026-{moment}")
    book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 16.20")
    assert not sent("2026-12-01 08:00")
    smtp.mode = "accept"
    assert subjects(sent("2026-12-01 08:04")[school.anna.email]).count(BOOKED) == 1


@pytest.mark.parametrize("day", ["2027-03-28", "2027-10-31", "2027-03-29", "2027-11-01"])
def test_calendar_files_are_right_when_the_clocks_change(school, talks, opened, sent, book_talk, do_now, day):
    def open_place():
        starts_at = clock.at_local(f"{day} 15:20")
        db.session.add(
            Slot(host_id=talks.host_6, starts_at=starts_at, ends_at=starts_at + timedelta(minutes=10))
        )

    do_now(open_place)
    book_talk(school.anna, school.noor, talks.host_6, f"{day} 15.20")
    (mail,) = sent("2026-11-24 08:00")[school.anna.email]
    ((_, _, _, starts_at),) = read(mail)
    assert clock.to_local(starts_at).isoformat()[:16] == f"{day}T15:20"


def test_only_who_has_not_answered_is_reminded_halfway_and_on_the_last_day(
    app, school, talks, sent, at, book_talk, do_now
):
    talks.change(MeetingRound, talks.round, opens_at=clock.at_local("2026-11-21 17:00"))
    sent("2026-11-23 09:00")
    book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 15.20")
    book_talk(school.anna, school.bram, talks.host_34, "2026-12-01 16.10")
    sent("2026-11-24 08:00")
    talks.change(Invitee, talks.invitee(school.lotte), declined_at=clock.now())
    assert not sent("2026-11-24 16:00")
    late = sent("2026-11-24 17:00")
    assert set(late) == {school.daan.email, school.carl.email, school.inge.email}
    assert "vrijdag 27 november" in late[school.daan.email][0].subject

    def wait():
        slot = db.session.get_one(Slot, talks.slot(talks.host_6, "2026-12-01 15.20"))
        waits = {
            "invitee_id": talks.invitee(school.sem),
            "starts_at": slot.starts_at,
            "ends_at": slot.ends_at,
        }
        db.session.add(WaitingTime(**waits, since=clock.now()))

    do_now(wait)
    assert not sent("2026-11-26 12:00")
    assert set(sent("2026-11-27 08:00")) == {school.daan.email}
    assert not sent("2026-11-27 12:00")


def test_the_office_reminds_who_has_not_answered_at_most_once_a_day(
    client_for, school, talks, sent, at, book_talk
):
    talks.change(MeetingRound, talks.round, opens_at=clock.at_local("2026-11-21 17:00"))
    sent("2026-11-22 09:00")
    at("2026-11-24 15:00")
    book_talk(school.carl, school.sem, talks.host_6, "2026-12-01 15.20")
    otto, families = client_for(school.otto), f"/school/meetings/{talks.round}/families"
    assert "Stuur 3 herinneringen" in otto.get(families).text
    for said in ("3 herinneringen gaan nu weg.", "Er gaat niets weg"):
        answer = otto.post(f"/school/meetings/{talks.round}/reminders", follow_redirects=True)
        assert said in answer.text
    assert "Stuur" not in answer.text and "vandaag niemand" in answer.text
    found = sent("2026-11-24 15:10")
    reminded = {address for address, mails in found.items() if "Vergeet" in subjects(mails)[0]}
    assert reminded == {person.email for person in (school.anna, school.daan, school.tess)}
    # Halfway is at five: who was reminded today, is not again, also not tomorrow.
    assert not sent("2026-11-24 17:00") and not sent("2026-11-25 09:00")


def test_a_reminder_is_not_sent_after_the_deadline(school, talks, opened, sent, smtp):
    smtp.mode = "temporary"
    assert not sent("2026-11-27 16:00")
    smtp.mode = "accept"
    assert not sent("2026-11-27 17:30")


def test_the_day_before_all_talks_of_the_family_are_in_one_mail(school, talks, opened, sent, book_talk):
    book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 15.20")
    book_talk(school.anna, school.bram, talks.host_34, "2026-12-01 16.10")
    sent("2026-11-24 08:00")
    assert not sent("2026-11-30 09:50").get(school.daan.email)
    found = sent("2026-11-30 10:00")
    (mail,) = found[school.anna.email]
    assert set(found) == {school.anna.email}
    assert mail.subject == "Uw gesprek op school op dinsdag 1 december"
    assert "15.20 uur, juf Yara" in mail.text and "16.10 uur, juf Tess en meester Tim" in mail.text
    assert not sent("2026-12-01 09:00")


def test_who_booked_after_the_last_reminder_gets_the_confirmation_only(
    school, talks, opened, sent, at, book_talk
):
    at("2026-11-30 11:00")
    book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 15.20")
    (mail,) = sent("2026-11-30 11:30")[school.anna.email]
    assert mail.subject == BOOKED


def test_the_worker_that_was_away_tells_of_what_is_still_to_come(school, talks, opened, sent, book_talk):
    book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 15.20")
    book_talk(school.anna, school.bram, talks.host_34, "2026-12-01 16.40")
    sent("2026-11-24 08:00")
    (mail,) = sent("2026-12-01 15:30")[school.anna.email]
    assert "16.40 uur" in mail.text and "15.20 uur" not in mail.text


def test_mails_are_in_the_reader_s_language(school, talks, sent, book_talk):
    talks.change(User, school.anna.id, language="en")
    (mail,) = sent("2026-11-24 07:55")[school.anna.email]
    assert mail.subject == "Choose a time for your talk at school" and "until Friday" in mail.text
    book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 15.20")
    (mail,) = sent("2026-11-24 08:00")[school.anna.email]
    assert "Tuesday 1 December, 15:20, juf Yara" in mail.text and b"Talk at school" in files(mail)[0]


def test_a_round_by_wishes_asks_for_wishes(school, talks, sent):
    talks.change(MeetingRound, talks.round, kind="wishes")
    (mail,) = sent("2026-11-24 07:55")[school.anna.email]
    assert "wanneer u kunt" in mail.subject and "wanneer u kunt" in mail.text


def test_the_text_has_its_talks_under_each_other_without_gaps(school, talks, opened, sent, book_talk):
    book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 15.20")
    book_talk(school.anna, school.bram, talks.host_34, "2026-12-01 16.10")
    (mail,) = sent("2026-11-24 08:00")[school.anna.email]
    times = "- dinsdag 1 december, 15.20 uur, juf Yara, lokaal 6\n- dinsdag 1 december, 16.10 uur, juf Tess"
    assert times in mail.text.replace("\r", "") and "\n\n\n" not in mail.text.replace("\r", "")
    (mail,) = sent("2026-11-30 10:00")[school.anna.email]
    assert times in mail.text.replace("\r", "") and "Kunt u niet? Bel de school." in mail.text


def test_who_has_a_time_for_every_talk_is_not_asked_to_choose_one(school, talks, sent, book_talk):
    book_talk(school.carl, school.sem, talks.host_6, "2026-12-01 15.20")
    book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 15.40")
    found = sent("2026-11-24 07:55")
    for guardian in (school.carl, school.inge):
        assert all(mail.subject == BOOKED for mail in found.get(guardian.email, []))
    (mail,) = [one for one in found[school.anna.email] if one.subject != BOOKED]
    assert "nodigt u uit voor een gesprek" in mail.text


@pytest.fixture
def two_rounds(app, school, talks, opened, book_talk):
    """Anna's talks about Noor in two rounds: at 15.20 in the first one, and later as asked."""

    def book(moment: str) -> int:
        first = book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 15.20")
        other = make_round(app, school, name="Zorggesprekken")
        with app.app_context():
            found = db.session.query(Invitee).filter_by(round_id=other.round, pupil_id=school.noor.id)
            number = found.one().id
        other.book(school.anna, number, other.host_6, moment)
        return first

    return book


def test_the_day_before_talks_of_two_rounds_are_in_one_mail(school, sent, two_rounds):
    two_rounds("2026-12-01 16.10")
    sent("2026-11-24 08:00")
    (mail,) = sent("2026-11-30 10:00")[school.anna.email]
    assert "15.20 uur, juf Yara" in mail.text and "16.10 uur, juf Yara" in mail.text
    assert mail.links == ["http://127.0.0.1:8000/meetings"]
    assert not sent("2026-11-30 10:10")


def test_the_day_is_told_once_also_when_the_talk_of_the_first_round_is_over(school, sent, two_rounds):
    two_rounds("2026-12-01 16.10")
    sent("2026-11-24 08:00")
    assert sent("2026-11-30 10:00")[school.anna.email]
    assert not sent("2026-12-01 15:30")


def test_a_mail_about_tomorrow_says_nothing_of_today(school, sent, two_rounds):
    two_rounds("2026-12-03 18.30")
    sent("2026-11-24 08:00")
    sent("2026-11-30 10:00")
    (mail,) = sent("2026-12-02 10:00")[school.anna.email]
    assert mail.subject == "Uw gesprek op school op donderdag 3 december"


def test_of_talks_today_and_tomorrow_each_day_has_a_mail_of_its_own(app, school, talks, sent, two_rounds):
    first = two_rounds("2026-12-03 18.30")
    sent("2026-11-24 08:00")
    wednesday = clock.at_local("2026-12-02 15:20")
    talks.change(Booking, first, starts_at=wednesday, ends_at=wednesday + timedelta(minutes=10))
    found = sent("2026-12-02 10:00")[school.anna.email]
    assert sorted(subjects(found)) == [
        "Uw gesprek op school op donderdag 3 december",
        "Uw gesprek op school op woensdag 2 december",
    ]
    for mail in found:
        if "donderdag" in mail.subject:
            assert "18.30 uur" in mail.text and "15.20 uur" not in mail.text
