"""The mail that says that there is a message: to whom, when, how often, and what it does not say."""

import pytest

from portal import clock
from portal.extensions import db, start_writing
from portal.models.accounts import User
from portal.models.notices import MailTrouble, NoticeChoice
from portal.models.outbox import OutgoingMessage
from portal.models.roster import Teaching
from tests.conversations.test_school_conversation import let_in
from tests.conversations.writing import ANSWER, TEXT, answer, begin, read, write
from tests.outbox.test_bounce import report

WAIT = "2026-11-24 07:58"


def addresses(mails) -> list[str]:
    return sorted(mail.recipients[0].split("@")[0] for mail in mails)


@pytest.fixture
def quiet(app):
    """Gives somebody hours in which they want to be left alone."""

    def make(person, begins: str, ends: str) -> None:
        with app.app_context():
            start_writing()
            times = (clock.at_local(f"2026-11-24 {text}") for text in (begins, ends))
            begin_at, end_at = (clock.to_local(moment).time() for moment in times)
            db.session.add(NoticeChoice(user_id=person.id, quiet_from=begin_at, quiet_until=end_at))
            db.session.commit()

    return make


def test_it_goes_to_the_teachers_and_says_nothing(begun, school, mailed, at):
    assert mailed() == []
    at(WAIT)
    mails = mailed()
    assert addresses(mails) == ["tess", "tim"]
    mail = mails[0]
    assert mail.subject == "Er is een bericht voor u"
    assert mail.links == [f"http://127.0.0.1:8000/staff/messages/{begun}"]
    for word in (*TEXT.split()[:3], "Anna", "Bakker", "Bram", "Visser", "3/4"):
        assert word not in mail.text + mail.html + mail.message.as_string()


def test_an_answer_goes_to_the_one_guardian(answered, school, mailed, at):
    at(WAIT)
    (mail,) = [
        mail for mail in mailed() if "tim" not in mail.recipients[0] and "tess" not in mail.recipients[0]
    ]
    assert mail.recipients == [school.anna.email]
    assert mail.links == [f"http://127.0.0.1:8000/messages/{answered}"]
    assert "Tess" not in mail.text + mail.html and ANSWER.split()[1] not in mail.text


def test_messages_that_were_not_read_are_one_mail(client_for, school, begun, mailed, at):
    anna = client_for(school.anna)
    write(anna, begun, "Nog iets.")
    at(WAIT)
    assert addresses(mailed()) == ["tess", "tim"]
    write(anna, begun, "En nog iets.")
    at("2026-11-24 08:10")
    assert mailed() == []
    read(client_for(school.tess), begun, at_school=True)
    write(anna, begun, "Weer iets.")
    at("2026-11-24 08:20")
    assert addresses(mailed()) == ["tess"]


def test_who_has_read_it_meanwhile_gets_none(client_for, school, begun, mailed, at):
    read(client_for(school.tess), begun, at_school=True)
    at(WAIT)
    assert addresses(mailed()) == ["tim"]


def test_what_came_while_reading_is_told_of_too(client_for, school, begun, mailed, at):
    tess, anna = client_for(school.tess), client_for(school.anna)
    at(WAIT)
    mailed()
    write(anna, begun, "Nog iets.")
    tess.post(f"/staff/messages/{begun}/receipt", data={"until": "1"})
    at("2026-11-24 08:05")
    assert addresses(mailed()) == ["tess"]


def test_colleagues_get_none_about_an_answer(client_for, school, answered, mailed, at):
    at(WAIT)
    mailed()
    answer(client_for(school.tess), answered, "Nog iets.")
    at("2026-11-24 08:05")
    assert mailed() == []


def test_a_substitute_is_told_and_who_was_let_out_is_not(client_for, school, begun, mailed, at):
    at(WAIT)
    mailed()
    tess = client_for(school.tess)
    let_in(tess, begun, school.yara)
    write(client_for(school.anna), begun)
    tess.post(f"/staff/messages/{begun}/guests/removal", data={"user": school.yara.id})
    at("2026-11-24 08:05")
    assert mailed() == []
    let_in(tess, begun, school.yara)
    write(client_for(school.anna), begun)
    at("2026-11-24 08:10")
    assert addresses(mailed()) == ["yara"]


def test_nobody_is_told_of_what_they_may_read_no_more(client_for, school, begun, change, rows, mailed, at):
    (teaching,) = [row for row in rows(Teaching) if row.user_id == school.tim.id]
    change(Teaching, teaching.id, ended_on=teaching.started_on)
    at(WAIT)
    assert addresses(mailed()) == ["tess"]


class TestQuietHours:
    def test_the_page_says_when_the_teacher_is_told_and_the_message_is_there_at_once(
        self, client_for, school, mailed, at
    ):
        at("2026-11-24 20:30")
        anna = client_for(school.anna)
        page = anna.get(f"/messages/new?group={school.group_34}").text
        assert "Juf Tess krijgt hier morgen om 7.00 uur bericht van." in page
        number = begin(anna, school.bram, school.group_34)
        assert "krijgt hier morgen om 7.00 uur bericht van." in anna.get(f"/messages/{number}").text
        assert TEXT in client_for(school.tess).get(f"/staff/messages/{number}").text
        at("2026-11-25 06:59")
        assert mailed() == []
        at("2026-11-25 07:00")
        assert addresses(mailed()) == ["tess", "tim"]

    def test_the_teachers_own_hours_go_before_those_of_school(self, client_for, school, quiet, mailed, at):
        quiet(school.tess, "16:00", "08:00")
        at("2026-11-24 16:30")
        anna = client_for(school.anna)
        page = anna.get(f"/messages/new?group={school.group_34}").text
        assert "Juf Tess krijgt hier morgen om 8.00 uur bericht van." in page
        assert "Tim krijgt hier" not in page
        begin(anna, school.bram, school.group_34)
        at("2026-11-24 16:35")
        assert addresses(mailed()) == ["tim"]
        at("2026-11-25 08:00")
        assert addresses(mailed()) == ["tess"]

    def test_also_for_the_guardian(self, client_for, school, begun, quiet, mailed, at):
        quiet(school.anna, "12:00", "15:00")
        at("2026-11-24 12:30")
        mailed()
        tess = client_for(school.tess)
        assert (
            "Anna krijgt hier vandaag om 15.00 uur bericht van." in tess.get(f"/staff/messages/{begun}").text
        )
        answer(tess, begun)
        at("2026-11-24 14:59")
        assert mailed() == []
        at("2026-11-24 15:00")
        assert addresses(mailed()) == ["anna"]

    def test_a_mail_that_was_late_keeps_out_of_them_too(self, begun, school, quiet, mailed, at):
        at("2026-11-24 20:30")
        assert mailed() == []
        quiet(school.tess, "16:00", "08:00")
        at("2026-11-25 07:00")
        assert addresses(mailed()) == ["tim"]
        at("2026-11-25 08:00")
        assert addresses(mailed()) == ["tess"]

    def test_outside_them_nothing_is_said(self, client_for, school):
        page = client_for(school.anna).get(f"/messages/new?group={school.group_34}").text
        assert "bericht van" not in page


class TestNoMail:
    def test_school_sees_that_no_mail_reaches_the_guardian(self, client_for, school, begun, change, app):
        tess = client_for(school.tess)
        assert "Mail bereikt deze ouder niet." not in tess.get(f"/staff/messages/{begun}").text
        change(User, school.anna.id, email=None)
        assert "Mail bereikt deze ouder niet." in tess.get(f"/staff/messages/{begun}").text
        assert answer(tess, begun).status_code == 303

    def test_an_address_that_does_not_work_gets_nothing(self, app, school, answered, mailed, at):
        with app.app_context():
            start_writing()
            now = clock.now()
            trouble = {"code": "5.1.1", "first_at": now, "last_at": now, "hard_at": now}
            db.session.add(MailTrouble(user_id=school.anna.id, address=school.anna.email, **trouble))
            db.session.commit()
        at(WAIT)
        assert "anna" not in addresses(mailed())


def come_back(app, mail, status: str) -> None:
    """Let a mail server report that a mail did not arrive."""
    said = report(mail.message["Message-ID"], status=status).replace(
        b"inge@lindeboog.example", mail.recipients[0].encode()
    )
    assert app.test_cli_runner().invoke(args=["bounce"], input=said).exit_code == 0


def mail_to(person, mails):
    return next(mail for mail in mails if person.email in mail.recipients)


class TestWhatNeverArrived:
    """A notice that was lost keeps no other one from going, as soon as mail arrives again."""

    def test_a_next_message_is_told_of_at_the_new_address(
        self, app, client_for, school, answered, mailed, change, at
    ):
        at(WAIT)
        come_back(app, mail_to(school.anna, mailed()), "5.1.1")
        change(User, school.anna.id, email="anna@elders.example")
        answer(client_for(school.tess), answered, "Wilt u mij bellen?")
        at("2026-11-24 08:10")
        assert addresses(mailed()) == ["anna"]
        answer(client_for(school.tess), answered, "Het mag ook morgen.")
        at("2026-11-24 08:20")
        assert mailed() == []

    def test_also_when_the_mail_server_refused_the_first_one(
        self, app, client_for, school, answered, mailed, smtp, change, at
    ):
        smtp.refused.add(school.anna.email)
        at(WAIT)
        assert "anna" not in addresses(mailed())
        change(User, school.anna.id, email="anna@elders.example")
        answer(client_for(school.tess), answered, "Wilt u mij bellen?")
        at("2026-11-24 08:10")
        assert addresses(mailed()) == ["anna"]

    def test_a_full_mailbox_gets_it_once_more_a_day_later(
        self, app, client_for, school, answered, mailed, at
    ):
        at(WAIT)
        come_back(app, mail_to(school.anna, mailed()), "4.2.2")
        answer(client_for(school.tess), answered, "Wilt u mij bellen?")
        at("2026-11-24 12:00")
        assert mailed() == []
        at("2026-11-25 08:10")
        assert addresses(mailed()) == ["anna"]

    def test_not_when_it_was_read_meanwhile(self, app, client_for, school, answered, mailed, at):
        at(WAIT)
        come_back(app, mail_to(school.anna, mailed()), "4.2.2")
        read(client_for(school.anna), answered)
        at("2026-11-25 08:10")
        assert mailed() == []


def test_the_other_guardian_gets_no_mail_of_it(answered, school, mailed, rows, at):
    at(WAIT)
    assert "daan" not in addresses(mailed())
    assert school.daan.id not in {row.user_id for row in rows(OutgoingMessage)}


def test_a_mail_keeps_those_of_one_conversation_together(begun, mailed, at):
    at(WAIT)
    assert {mail.message["References"] for mail in mailed()} == {f"<conversation-{begun}@127.0.0.1>"}
