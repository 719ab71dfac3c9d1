"""One mail a day about all letters, quiet hours, and the link that stops it."""

from datetime import time

import pytest

from portal import clock
from portal.access import Viewer
from portal.domain import letters, notice_choices, outbox
from portal.domain.letter_audience import PUPIL, Part
from portal.domain.notice_choices import DIGEST, PORTAL, Choice
from portal.extensions import db
from portal.models.accounts import User
from portal.models.letters import Letter, LetterRecipient
from portal.models.notices import MailTrouble, NoticeChoice
from portal.models.outbox import OutgoingMessage
from tests.accounts.conftest import ABOUT_LETTERS, work_all_day
from tests.letters.sending import send
from tests.outbox.samples import sample


@pytest.fixture
def chooses(do):
    """Lets somebody choose: `chooses(anna, letters="digest", digest_hour=17)`."""

    def choose(person, **choice) -> None:
        do(lambda: notice_choices.keep(Viewer(person.id), Choice(**choice), clock.now()))

    return choose


@pytest.fixture
def to_carl(app, school, smtp):
    """Lets the worker do what is due, and returns the mails to Carl since the last time."""
    seen = 0

    def look() -> list:
        nonlocal seen
        work_all_day(app, ABOUT_LETTERS)
        found = smtp.to(school.carl.email)
        new, seen = found[seen:], len(found)
        return new

    return look


@pytest.fixture
def letter(app, school):
    """Sends a letter about Sem, Carl's son."""
    return lambda **words: send(app, school.otto, [Part(PUPIL, school.sem.id)], **words)


def copy_of(rows, person, number) -> LetterRecipient:
    found = (copy for copy in rows(LetterRecipient) if (copy.user_id, copy.letter_id) == (person.id, number))
    return next(found)


def test_letters_wait_for_one_mail_a_day_that_names_them_all(school, chooses, letter, to_carl, at, rows):
    chooses(school.carl, letters=DIGEST, digest_hour=17)
    first = letter()
    at("2026-11-24 12:00")
    second = letter(title="Schaatsen", mail_shows="text", sender="meester Tim")
    assert to_carl() == []
    at("2026-11-24 16:59")
    assert to_carl() == []
    at("2026-11-24 17:00")
    [mail] = to_carl()
    assert mail.subject == "2 brieven van De Lindeboog"
    for number in (first, second):
        assert f"http://127.0.0.1:8000/letters/{number}" in mail.links
        assert f'href="http://127.0.0.1:8000/letters/{number}"' in mail.html
        copy = copy_of(rows, school.carl, number)
        assert (copy.mailed_at, copy.held_at) == (clock.now(), None)
    assert "Schaatsen" in mail.text
    assert "meester Tim" in mail.text
    assert "Een brief van juf Marieke" in mail.text
    for word in ("Museum", "lunch", "Sem"):
        assert word not in mail.message.as_string() + mail.text + mail.html
    at("2026-11-25 17:00")
    assert to_carl() == []


def test_the_next_day_has_only_what_is_new(school, chooses, letter, to_carl, at):
    chooses(school.carl, letters=DIGEST)
    letter()
    at("2026-11-24 17:00")
    [first] = to_carl()
    at("2026-11-24 17:30")
    second = letter()
    assert to_carl() == []
    at("2026-11-25 17:00")
    [mail] = to_carl()
    assert mail.subject == "Een brief van De Lindeboog"
    assert f"http://127.0.0.1:8000/letters/{second}" in mail.links
    assert mail.message["Message-ID"] != first.message["Message-ID"]


def test_a_mail_program_can_stop_it_with_one_touch(school, chooses, letter, to_carl, at):
    chooses(school.carl, letters=DIGEST)
    letter()
    at("2026-11-24 17:00")
    [mail] = to_carl()
    link = mail.message["List-Unsubscribe"]
    assert link.startswith("<http://127.0.0.1:8000/letters/digest/")
    assert mail.message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    assert mail.message["Auto-Submitted"] == "auto-generated"
    assert mail.message["List-Id"] == "<letters.127.0.0.1>"
    assert link.strip("<>") in mail.links


def test_the_others_are_told_at_once_and_their_mail_has_no_such_link(app, school, chooses, letter, mailed):
    chooses(school.carl, letters=DIGEST)
    letter()
    [mail] = mailed()
    assert mail.recipients == [school.inge.email]
    assert mail.message["List-Unsubscribe"] is None


def test_an_urgent_letter_goes_at_once_quiet_hours_or_not(school, chooses, letter, to_carl, at):
    at("2026-11-24 23:30")
    for choice in (DIGEST, PORTAL, "at_once"):
        chooses(school.carl, letters=choice, quiet_from=time(21), quiet_until=time(7))
        letter(urgent=True)
        [mail] = to_carl()
        assert mail.subject == "Dringend: Een brief van juf Marieke"


def test_what_was_read_or_withdrawn_meanwhile_is_not_in_it(school, chooses, letter, to_carl, at, do, rows):
    chooses(school.carl, letters=DIGEST)
    read, withdrawn, stays = letter(), letter(), letter()
    to_carl()
    at("2026-11-24 12:00")

    def change():
        db.session.get_one(Letter, withdrawn).withdrawn_at = clock.now()
        db.session.get_one(LetterRecipient, (read, school.carl.id)).opened_at = clock.now()

    do(change)
    at("2026-11-24 17:00")
    [mail] = to_carl()
    assert [link for link in mail.links if "/letters/" in link and "digest" not in link] == [
        f"http://127.0.0.1:8000/letters/{stays}"
    ]
    assert {copy.held_at for copy in rows(LetterRecipient)} == {None}
    assert copy_of(rows, school.carl, read).mailed_at is None


def test_nothing_to_tell_is_no_mail(school, chooses, letter, to_carl, at, do, rows):
    chooses(school.carl, letters=DIGEST)
    number = letter()
    to_carl()
    do(lambda: setattr(db.session.get_one(Letter, number), "withdrawn_at", clock.now()))
    at("2026-11-24 17:00")
    assert to_carl() == []
    assert all(message.kind == "letter" for message in rows(OutgoingMessage))


def test_a_letter_that_is_corrected_with_notice_is_in_it_once_more(
    app, school, chooses, letter, to_carl, at, do, rows
):
    chooses(school.carl, letters=DIGEST)
    number = letter()
    at("2026-11-24 17:00")
    to_carl()
    at("2026-11-25 09:00")

    def correct():
        found = db.session.get_one(Letter, number)
        words = letters.Words("Museum op 11 december", "Een dag later.", "juf Marieke")
        letters.correct(
            found, words, found.revision, Viewer(school.otto.id, role="office"), clock.now(), True
        )

    do(correct)
    assert to_carl() == []
    at("2026-11-25 17:00")
    [mail] = to_carl()
    assert "gewijzigd" in mail.text


class TestQuietHours:
    def test_mail_waits_until_they_are_over(self, school, chooses, letter, to_carl, at, rows):
        chooses(school.carl, quiet_from=time(21), quiet_until=time(7))
        at("2026-11-24 22:00")
        letter()
        assert to_carl() == []
        at("2026-11-25 06:59")
        assert to_carl() == []
        at("2026-11-25 07:00")
        [mail] = to_carl()
        message = next(row for row in rows(OutgoingMessage) if row.user_id == school.carl.id)
        assert (message.attempts, message.message_id) == (1, mail.message["Message-ID"])

    @pytest.mark.parametrize(
        ("begins", "ends", "now", "first"),
        [
            # Across midnight, and over both changes of the clock (25 October 2026, 28 March 2027).
            (time(21), time(7), "2026-11-24 20:59", "2026-11-24 20:59"),
            (time(21), time(7), "2026-11-24 21:00", "2026-11-25 07:00"),
            (time(21), time(7), "2026-11-25 00:30", "2026-11-25 07:00"),
            (time(21), time(7), "2026-10-24 22:00", "2026-10-25 07:00"),
            (time(21), time(7), "2027-03-27 22:00", "2027-03-28 07:00"),
            (time(21), time(2, 30), "2027-03-27 22:00", "2027-03-28 03:30"),
            (time(2, 15), time(2, 45), "2026-10-25 02:20", "2026-10-25 02:45"),
            (time(9), time(12), "2026-11-24 09:00", "2026-11-24 12:00"),
            (time(9), time(12), "2026-11-24 12:00", "2026-11-24 12:00"),
        ],
    )
    def test_the_first_good_moment(self, begins, ends, now, first):
        choice = Choice(quiet_from=begins, quiet_until=ends)
        assert notice_choices.first_moment(choice, clock.at_local(now)) == clock.at_local(first)

    def test_every_quarter_of_a_year_is_quiet_or_good_and_nothing_waits_longer_than_they_last(self):
        for begins, ends in [(21, 7), (0, 6), (2, 3), (13, 15), (22, 2)]:
            choice = Choice(quiet_from=time(begins), quiet_until=time(ends))
            longest = ((ends - begins) % 24 + 1) * 3600
            for day in ("2026-10-24", "2026-10-25", "2027-03-27", "2027-03-28", "2026-12-31"):
                start = clock.at_local(f"{day} 00:00")
                for quarter in range(4 * 30):
                    moment = start.fromtimestamp(start.timestamp() + quarter * 900, start.tzinfo)
                    good = notice_choices.first_moment(choice, moment)
                    assert 0 <= (good - moment).total_seconds() <= longest
                    assert notice_choices.first_moment(choice, good) == good

    @pytest.mark.parametrize(
        ("hour", "after", "due"),
        [
            (17, "2026-11-24 16:59", "2026-11-24 17:00"),
            (17, "2026-11-24 17:00", "2026-11-24 17:00"),
            (17, "2026-11-24 17:01", "2026-11-25 17:00"),
            (7, "2026-10-24 12:00", "2026-10-25 07:00"),
            (7, "2027-03-27 12:00", "2027-03-28 07:00"),
        ],
    )
    def test_the_hour_of_the_one_mail_a_day(self, hour, after, due):
        choice = Choice(letters=DIGEST, digest_hour=hour)
        assert notice_choices.next_digest(choice, clock.at_local(after)) == clock.at_local(due)


class TestAWorkerThatWasAway:
    def test_what_should_have_gone_goes_when_it_is_back(self, app, school, chooses, letter, to_carl, at):
        chooses(school.carl, letters=DIGEST, digest_hour=17)
        letter()
        at("2026-11-24 20:00")
        assert len(to_carl()) == 1
        at("2026-11-25 17:00")
        assert to_carl() == []

    def test_but_not_in_the_quiet_hours(self, school, chooses, letter, to_carl, at):
        chooses(school.carl, letters=DIGEST, digest_hour=17, quiet_from=time(21), quiet_until=time(7))
        letter()
        to_carl()
        at("2026-11-24 22:00")
        letter()
        assert to_carl() == []
        at("2026-11-25 07:00")
        [mail] = to_carl()
        assert mail.subject == "2 brieven van De Lindeboog"

    def test_after_days_it_is_still_one_mail(self, school, chooses, letter, to_carl, at):
        chooses(school.carl, letters=DIGEST, digest_hour=17)
        for day in (24, 25, 26):
            at(f"2026-11-{day} 10:00")
            letter()
        at("2026-11-28 09:00")
        [mail] = to_carl()
        assert mail.subject == "3 brieven van De Lindeboog"

    def test_a_mail_server_that_was_away_loses_and_doubles_nothing(
        self, school, chooses, letter, to_carl, at, smtp
    ):
        chooses(school.carl, letters=DIGEST, digest_hour=17)
        letter()
        to_carl()
        smtp.mode = "temporary"
        at("2026-11-24 17:00")
        assert to_carl() == []
        at("2026-11-24 17:10")
        late = letter()
        assert to_carl() == []
        smtp.mode = "accept"
        at("2026-11-24 17:20")
        [mail] = to_carl()
        assert f"http://127.0.0.1:8000/letters/{late}" in mail.links
        at("2026-11-25 17:00")
        assert to_carl() == []


class TestAnotherChoice:
    @pytest.mark.parametrize(
        ("choice", "goes_at"),
        [
            ({}, "2026-11-24 12:00"),
            ({"letters": DIGEST, "digest_hour": 20}, "2026-11-24 20:00"),
            ({"letters": DIGEST, "digest_hour": 8}, "2026-11-25 08:00"),
            ({"quiet_from": time(11), "quiet_until": time(13)}, "2026-11-24 13:00"),
        ],
    )
    def test_what_waits_goes_by_the_new_one(self, school, chooses, letter, to_carl, at, choice, goes_at):
        chooses(school.carl, letters=DIGEST, digest_hour=17)
        letter()
        to_carl()
        at("2026-11-24 12:00")
        chooses(school.carl, **choice)
        if goes_at != "2026-11-24 12:00":
            assert to_carl() == []
        at(goes_at)
        assert len(to_carl()) == 1
        at("2026-11-26 20:00")
        assert to_carl() == []

    def test_mail_that_waits_for_the_morning_joins_the_mail_of_the_day(
        self, school, chooses, letter, to_carl, at
    ):
        chooses(school.carl, quiet_from=time(21), quiet_until=time(7))
        at("2026-11-24 22:00")
        letter()
        to_carl()
        chooses(school.carl, letters=DIGEST, digest_hour=17)
        at("2026-11-25 07:00")
        assert to_carl() == []
        at("2026-11-25 17:00")
        assert len(to_carl()) == 1

    def test_no_mail_lets_go_of_what_waits(self, school, chooses, letter, to_carl, at, rows):
        chooses(school.carl, letters=DIGEST)
        number = letter()
        to_carl()
        chooses(school.carl, letters=PORTAL)
        letter()
        at("2026-11-25 17:00")
        assert to_carl() == []
        copy = copy_of(rows, school.carl, number)
        assert (copy.held_at, copy.mailed_at, copy.failed_at) == (None, None, None)


class TestTrouble:
    def test_an_address_that_does_not_exist_is_noted_with_each_letter(
        self, school, chooses, letter, to_carl, at, rows, smtp
    ):
        smtp.refused.add(school.carl.email)
        chooses(school.carl, letters=DIGEST)
        numbers = [letter(), letter()]
        at("2026-11-24 17:00")
        to_carl()
        for number in numbers:
            copy = copy_of(rows, school.carl, number)
            assert (copy.failure, copy.held_at, copy.mailed_at) == ("5.1.1", None, None)
        assert [trouble.hard_at for trouble in rows(MailTrouble)] == [clock.now()]

    @pytest.mark.parametrize(("name", "again"), [("gmail_report", 0), ("postfix_full_mailbox", 1)])
    def test_a_mail_of_a_day_that_comes_back_is_noted_with_each_letter_in_it(
        self, app, school, chooses, letter, to_carl, at, rows, monkeypatch, name, again
    ):
        monkeypatch.setitem(app.config, "MAIL_BOUNCE_ADDRESS", "portaal@lindeboog.example")
        chooses(school.carl, letters=DIGEST)
        numbers = [letter(), letter()]
        at("2026-11-24 17:00")
        [mail] = to_carl()
        other = letter()
        app.test_cli_runner().invoke(args=["bounces"], input=sample(name, mail.sender))
        assert {copy_of(rows, school.carl, number).failure for number in numbers} != {""}
        assert copy_of(rows, school.carl, other).failure == ""
        at("2026-11-25 17:00")
        mails = to_carl()
        assert len(mails) == again
        if again:
            assert mails[0].subject == "3 brieven van De Lindeboog"


class TestStop:
    @pytest.fixture
    def link(self, school, chooses, letter, to_carl, at):
        chooses(school.carl, letters=DIGEST)
        letter()
        at("2026-11-24 17:00")
        [mail] = to_carl()
        return mail.message["List-Unsubscribe"].strip("<>").removeprefix("http://127.0.0.1:8000")

    def chosen(self, rows, school) -> str:
        return next(row.letters for row in rows(NoticeChoice) if row.user_id == school.carl.id)

    def test_to_look_changes_nothing(self, anonymous, link, rows, school):
        page = anonymous.get(link)
        assert page.status_code == 200
        assert "Stop de mail" in page.text
        assert self.chosen(rows, school) == DIGEST

    def test_who_reads_english_reads_it_in_english(self, anonymous, link, school, change):
        change(User, school.carl.id, language="en")
        page = anonymous.get(link).text
        assert "Stop the mail about letters" in page and 'lang="en"' in page

    def test_a_mail_program_stops_it_without_a_cookie_or_a_page(self, app, link, rows, school):
        answer = app.test_client().post(link, data={"List-Unsubscribe": "One-Click"})
        assert (answer.status_code, answer.data) == (204, b"")
        assert self.chosen(rows, school) == PORTAL

    def test_a_reader_stops_it_and_is_told_where_the_letters_are(
        self, app, anonymous, link, rows, school, letter, to_carl, at
    ):
        page = app.test_client().post(link, follow_redirects=True)
        assert "U krijgt geen mail meer over brieven" in page.text
        assert "Een dringende brief komt nog wel per mail." in page.text
        letter()
        at("2026-11-25 17:00")
        assert to_carl() == []

    @pytest.mark.parametrize(
        "change_it", [lambda t: t[:-1], lambda t: "9" + t, lambda t: "x-y", lambda t: "-"]
    )
    def test_a_link_that_is_not_ours_stops_nothing(self, app, link, rows, school, change_it):
        forged = "/letters/digest/" + change_it(link.rpartition("/")[2])
        assert app.test_client().get(forged).status_code == 404
        assert app.test_client().post(forged, data={"List-Unsubscribe": "One-Click"}).status_code == 404
        assert self.chosen(rows, school) == DIGEST

    def test_a_link_of_an_address_of_before_stops_nothing(self, app, link, rows, school, change):
        change(User, school.carl.id, email="carl@elders.example")
        assert app.test_client().post(link).status_code == 404

    def test_the_author_sees_who_reads_in_the_portal_and_does_not_remind_them(
        self, app, link, client_for, school, letter, mailed
    ):
        app.test_client().post(link)
        number = letter()
        mailed()
        page = client_for(school.otto).get(f"/staff/letters/{number}").text
        assert "leest op het portaal" in page
        assert "Herinner 1 ouder" in page
        client_for(school.otto).post(f"/staff/letters/{number}/reminders")
        assert [mail.recipients for mail in mailed()] == [[school.inge.email]]


def test_the_author_sees_who_gets_it_with_the_mail_of_the_day(school, chooses, letter, mailed, client_for):
    chooses(school.carl, letters=DIGEST)
    number = letter()
    mailed()
    assert "in de dagmail" in client_for(school.otto).get(f"/staff/letters/{number}").text


def test_two_letters_that_are_held_at_once_wait_for_one_mail(school, chooses, letter, to_carl, rows):
    chooses(school.carl, letters=DIGEST)
    for _ in range(3):
        letter()
    to_carl()
    [message] = [row for row in rows(OutgoingMessage) if row.kind == "letter_digest"]
    assert message.due_at == clock.at_local("2026-11-24 17:00")
    assert outbox.TURN["letter_digest"] == outbox.TURN["letter"]
