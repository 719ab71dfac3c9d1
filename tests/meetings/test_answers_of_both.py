"""Two guardians with one talk about a child: what the one says about it is told to the other."""

import re

import pytest

from portal import clock
from portal.access import Viewer
from portal.domain import arrangements, meeting_choosing
from portal.extensions import db
from portal.models.meetings import Booking, Invitee, MeetingRound
from portal.models.outbox import OutgoingMessage
from portal.models.roster import Pupil
from tests.accounts.conftest import mailed_about_talks as mailed  # noqa: F401
from tests.meetings.children import add_child
from tests.meetings.test_mails import opened, sent  # noqa: F401

MONDAY = "2026-11-24"
NOT_NEEDED = "Het gesprek met juf Yara is niet nodig."
WANTED = "Het gesprek met juf Yara is toch gewenst."
JOINED = "Het gesprek met juf Yara is nu één gesprek met dat over een broer of zus."
PARTED = "Het gesprek met juf Yara is weer een eigen gesprek, los van dat over een broer of zus."


@pytest.fixture
def fien(tested_app, app, school, talks, sent) -> int:  # noqa: F811
    """The talk about Sem's twin sister, whose guardians are the same; all were invited."""

    def make() -> int:
        talks.change(MeetingRound, talks.round, twins_together=True)
        number = add_child(app, school.carl, school.group_6, "Fien", school.inge, "Peters")
        sent("2026-11-24 07:55")
        return number

    return tested_app.to("opened with Fien", make, begin=lambda: None)


@pytest.fixture
def carl(client_for, school, fien):
    return client_for(school.carl)


@pytest.fixture
def inge_says(school, do_now):
    """Lets Inge, who has no account yet, say whether a talk is needed."""

    def say(talk: int, needed: bool) -> None:
        verb = meeting_choosing.take_back_declining if needed else meeting_choosing.decline
        do_now(lambda: verb(db.session.get_one(Invitee, talk), Viewer(id=school.inge.id), clock.now()))

    return say


def says(client, talk: int, needed: str) -> None:
    assert client.post(f"/meetings/talks/{talk}/need", data={"needed": needed}).status_code == 303


def joins(client, talk: int, other: int | str) -> None:
    assert client.post(f"/meetings/talks/{talk}/joining", data={"with": other}).status_code == 303


def told(found, school) -> str:
    """Return what Inge's mail says; nobody else has one, it names no child, and no calendar changes."""
    assert set(found) == {school.inge.email}
    (mail,) = found[school.inge.email]
    assert mail.subject == "Uw gesprekken op school"
    words = mail.text + mail.html
    assert not any(name in words for name in ("Sem", "Fien", "Carl"))
    assert "bijlage" not in words
    assert not [part for part in mail.message.walk() if part.get_content_type() == "text/calendar"]
    return mail.text.replace("\r", "")


def test_that_no_talk_is_needed_and_that_it_is_after_all(school, talks, carl, sent):  # noqa: F811
    sem = talks.invitee(school.sem)
    says(carl, sem, "no")
    assert not sent(f"{MONDAY} 07:57")
    text = told(sent(f"{MONDAY} 08:00"), school)
    assert f"Dit heeft de andere ouder veranderd:\n\n- {NOT_NEEDED}\n\n" in text
    assert not sent(f"{MONDAY} 08:30")
    says(carl, sem, "yes")
    assert WANTED in told(sent(f"{MONDAY} 09:00"), school)


def test_talks_that_become_one_and_two_again(school, talks, carl, fien, sent):  # noqa: F811
    joins(carl, fien, talks.invitee(school.sem))
    assert JOINED in told(sent(f"{MONDAY} 08:00"), school)
    joins(carl, fien, "")
    assert PARTED in told(sent(f"{MONDAY} 09:00"), school)


def test_a_talk_that_was_not_needed_and_becomes_one_is_told_as_it_is(
    school,
    talks,
    carl,
    fien,
    sent,  # noqa: F811
):
    says(carl, fien, "no")
    joins(carl, fien, talks.invitee(school.sem))
    text = told(sent(f"{MONDAY} 08:00"), school)
    assert JOINED in text and NOT_NEEDED not in text


@pytest.mark.parametrize("act", ["need", "joining"])
def test_what_is_taken_back_within_minutes_is_not_told(school, talks, carl, fien, sent, act):  # noqa: F811
    for again in (False, True):
        if act == "need":
            says(carl, fien, "yes" if again else "no")
        else:
            joins(carl, fien, "" if again else talks.invitee(school.sem))
    assert not sent(f"{MONDAY} 08:00")


def test_who_has_the_last_word_is_told_nothing(school, talks, carl, sent, inge_says):  # noqa: F811
    sem = talks.invitee(school.sem)
    says(carl, sem, "no")
    inge_says(sem, True)
    assert not sent(f"{MONDAY} 08:00").get(school.inge.email)
    inge_says(sem, False)
    assert set(sent(f"{MONDAY} 09:00")) == {school.carl.email}


def test_a_time_that_the_one_gives_up_is_told_to_both(rows, school, talks, carl, book_talk, sent):  # noqa: F811
    book_talk(school.inge, school.sem, talks.host_6, "2026-12-01 15.20")
    assert set(sent(f"{MONDAY} 08:00")) == {school.carl.email, school.inge.email}
    (booking,) = rows(Booking)
    carl.post(f"/meetings/bookings/{booking.id}/cancellation")
    found = sent(f"{MONDAY} 09:00")
    assert set(found) == {school.carl.email, school.inge.email}
    assert all("gaat niet door" in mail.text for (mail,) in found.values())
    says(carl, talks.invitee(school.sem), "no")
    assert NOT_NEEDED in told(sent(f"{MONDAY} 10:00"), school)


def test_who_waits_for_a_time_wants_the_talk_after_all(school, talks, carl, book_talk, sent):  # noqa: F811
    book_talk(school.anna, school.noor, talks.host_6, "2026-12-01 15.20")
    sem, slot = talks.invitee(school.sem), talks.slot(talks.host_6, "2026-12-01 15.20")
    says(carl, sem, "no")
    sent(f"{MONDAY} 08:00")
    carl.post(f"/meetings/talks/{sem}/waiting", data={"slot": slot})
    assert WANTED in told(sent(f"{MONDAY} 09:00"), school)


def test_who_gives_wishes_wants_the_talks_after_all(school, talks, carl, fien, sent):  # noqa: F811
    talks.change(MeetingRound, talks.round, kind="wishes")
    says(carl, talks.invitee(school.sem), "no")
    says(carl, fien, "no")
    sent(f"{MONDAY} 08:00")
    first = dict(re.findall(r'name="(wish-\d+)" value="(1)"', carl.get(f"/meetings/{talks.round}").text))
    assert carl.post(f"/meetings/{talks.round}/wishes", data=first).status_code == 303
    assert told(sent(f"{MONDAY} 09:00"), school).count(WANTED) == 2


def test_a_time_that_is_booked_then_is_told_by_itself(school, talks, carl, book_talk, sent):  # noqa: F811
    says(carl, talks.invitee(school.sem), "no")
    book_talk(school.carl, school.sem, talks.host_6, "2026-12-01 15.20")
    (mail,) = sent(f"{MONDAY} 08:00")[school.inge.email]
    assert "15.20 uur" in mail.text and "de andere ouder" not in mail.text


def test_who_comes_apart_before_it_leaves_is_told_nothing(school, talks, carl, fien, do_now, sent):  # noqa: F811
    says(carl, fien, "no")
    says(carl, talks.invitee(school.sem), "no")
    office = Viewer(id=school.otto.id, role="office")

    def part():
        for invitee in [
            db.session.get_one(Invitee, fien),
            db.session.get_one(Invitee, talks.invitee(school.sem)),
        ]:
            pupil = db.session.get_one(Pupil, invitee.pupil_id)
            arrangements.deal_apart(pupil, True, "Gescheiden.", office, clock.now())

    do_now(part)
    assert not sent(f"{MONDAY} 08:00")


def test_guardians_apart_are_told_nothing_and_nothing_waits(client_for, rows, school, talks, opened, sent):  # noqa: F811
    before = {row.id for row in rows(OutgoingMessage)}
    says(client_for(school.anna), talks.invitee(school.bram, school.anna), "no")
    assert {row.user_id for row in rows(OutgoingMessage) if row.id not in before} == {school.anna.id}
    assert not sent(f"{MONDAY} 08:00")


def test_an_answer_is_told_once_when_the_mail_server_had_trouble(school, talks, carl, fien, sent, smtp, at):  # noqa: F811
    at(f"{MONDAY} 07:57")
    says(carl, talks.invitee(school.sem), "no")
    smtp.mode = "temporary"
    assert not sent(f"{MONDAY} 08:00")
    says(carl, fien, "no")
    assert not sent(f"{MONDAY} 08:02")
    smtp.mode = "accept"
    text = told(sent(f"{MONDAY} 08:30"), school)
    assert text.count(NOT_NEEDED) == 2
    assert not sent(f"{MONDAY} 09:30")
