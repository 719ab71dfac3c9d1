"""`portal bounces`: what comes back to the signed address of a mail, and who answers it."""

import pytest

from portal import clock
from portal.domain import bounce_addresses
from portal.domain.letter_audience import PUPIL, Part
from portal.models.accounts import User
from portal.models.letters import LetterRecipient
from portal.models.notices import MailTrouble
from portal.models.outbox import OutgoingMessage
from tests.letters.sending import send
from tests.mail_server import SENDER
from tests.outbox.samples import ANSWERS, RETURNED, sample

BOUNCES_TO = "portaal@lindeboog.example"


@pytest.fixture(autouse=True)
def bounce_address(app, monkeypatch):
    monkeypatch.setitem(app.config, "MAIL_BOUNCE_ADDRESS", BOUNCES_TO)


@pytest.fixture
def sent(app, school, mailed):
    """The mail to Carl about a letter, which the mail server took."""
    send(app, school.otto, [Part(PUPIL, school.sem.id)])
    return next(mail for mail in mailed() if school.carl.email in mail.recipients)


@pytest.fixture
def pipe(app):
    """Hands a mail to `portal bounces` and returns what it says."""

    def hand_over(raw: bytes, *args: str) -> str:
        result = app.test_cli_runner().invoke(args=["bounces", *args], input=raw)
        assert result.exit_code == 0, result.output
        return result.output.strip()

    return hand_over


def of_carl(rows, school) -> tuple[LetterRecipient, MailTrouble | None]:
    copy = next(copy for copy in rows(LetterRecipient) if copy.user_id == school.carl.id)
    return copy, next(iter(rows(MailTrouble)), None)


def test_a_mail_comes_back_to_an_address_of_its_own_and_is_from_the_school_all_the_same(sent):
    assert sent.sender.startswith("portaal+b")
    assert sent.sender.endswith("@lindeboog.example")
    assert len(sent.sender.partition("@")[0]) <= 64
    assert [address.addr_spec for address in sent.message["From"].addresses] == [SENDER]


def test_a_domain_of_its_own_may_take_what_comes_back(app, school, mailed, monkeypatch):
    monkeypatch.setitem(app.config, "MAIL_BOUNCE_ADDRESS", "terug.lindeboog.example")
    send(app, school.otto)
    senders = {mail.sender for mail in mailed()}
    assert all(sender.startswith("b") and sender.endswith("@terug.lindeboog.example") for sender in senders)
    assert len(senders) == 5


def test_without_such_an_address_mail_is_sent_as_before(app, school, mailed, monkeypatch):
    monkeypatch.setitem(app.config, "MAIL_BOUNCE_ADDRESS", "")
    send(app, school.otto)
    assert {mail.sender for mail in mailed()} == {SENDER}


@pytest.mark.parametrize("name", sorted(RETURNED))
def test_each_report_is_noted_by_the_address_that_it_came_to(school, sent, pipe, rows, name):
    kind, code = RETURNED[name]
    said = pipe(sample(name, sent.sender, "<somebody-elses@mail>"))
    copy, trouble = of_carl(rows, school)
    if kind != "bounce":
        assert (said, copy.failed_at, trouble) == ("Niets te noteren.", None, None)
        return
    assert said == "Genoteerd."
    assert (copy.failure, trouble.user_id, trouble.address) == (code, school.carl.id, school.carl.email)
    hard = code not in ("4.3.0", "4.2.2", "5.7.1")
    assert trouble.hard_at == (clock.now() if hard else None)


@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_no_answer_marks_an_address(school, sent, pipe, rows, name):
    pipe(sample(name, sent.sender))
    copy, trouble = of_carl(rows, school)
    assert (copy.failed_at, trouble) == (None, None)


def test_the_mail_server_says_the_address_where_the_report_does_not(sent, pipe, rows, school):
    raw = sample("postfix_unknown_user", "portaal@lindeboog.example", "<x@y>")
    assert pipe(raw, "--to", sent.sender.upper()) == "Genoteerd."
    assert of_carl(rows, school)[1].hard_at == clock.now()


def test_a_report_is_noted_once(sent, pipe, rows, school, at):
    raw = sample("postfix_unknown_user", sent.sender)
    assert pipe(raw) == "Genoteerd."
    first = of_carl(rows, school)[1].hard_at
    at("2026-11-25 09:00")
    assert pipe(raw) == "Niets te noteren."
    trouble = of_carl(rows, school)[1]
    assert (trouble.times, trouble.hard_at) == (1, first)


def forged(address: str) -> list[str]:
    name, _, domain = address.partition("@")
    head, _, signature = name.rpartition("-")
    number = head.partition("+b")[2].partition("x")[0]
    return [
        f"{head}-{'a' * len(signature)}@{domain}",
        f"{head}-{signature[:-1]}{'b' if signature[-1] != 'b' else 'c'}@{domain}",
        f"{name.replace(f'+b{number}x', f'+b{int(number) + 1}x')}@{domain}",
        f"{name.replace('x1-', 'x2-')}@{domain}",
        f"portaal+b999999999999x1-9999-{signature}@{domain}",
    ]


@pytest.mark.parametrize("which", range(5))
def test_a_forged_address_changes_nothing_whatever_the_report_quotes(sent, pipe, rows, school, which):
    raw = sample("postfix_unknown_user", forged(sent.sender)[which], sent.message["Message-ID"])
    assert pipe(raw) == "Niets te noteren."
    copy, trouble = of_carl(rows, school)
    assert (copy.failed_at, trouble) == (None, None)


def test_an_address_of_long_ago_changes_nothing(app, sent, pipe, rows, school, at):
    at("2026-12-15 08:00")
    with app.app_context():
        assert bounce_addresses.sending_of(sent.sender, clock.now())
    at("2026-12-16 08:00")
    assert (
        pipe(sample("postfix_unknown_user", sent.sender, sent.message["Message-ID"])) == "Niets te noteren."
    )
    assert of_carl(rows, school)[1] is None


def test_the_address_that_a_report_names_marks_nobody_else(sent, pipe, rows, school):
    raw = sample("postfix_unknown_user", sent.sender).replace(
        b"ouder@thuis.example", school.inge.email.encode()
    )
    pipe(raw)
    assert [trouble.user_id for trouble in rows(MailTrouble)] == [school.carl.id]


def test_a_report_about_an_old_address_says_nothing_of_the_new_one(sent, pipe, rows, school, change):
    change(User, school.carl.id, email="carl@elders.example")
    pipe(sample("postfix_unknown_user", sent.sender))
    copy, trouble = of_carl(rows, school)
    assert (copy.failure, trouble) == ("5.1.1", None)


def test_a_mail_that_may_arrive_later_goes_once_more_and_marks_after_five_days(
    app, school, sent, pipe, rows, mailed, at
):
    mail = sent
    for day in range(24, 29):
        at(f"2026-11-{day} 09:00")
        assert pipe(sample("postfix_full_mailbox", mail.sender)) == "Genoteerd."
        # The same report again, and one about an earlier time, count for nothing.
        assert pipe(sample("postfix_full_mailbox", mail.sender)) == "Niets te noteren."
        copy, trouble = of_carl(rows, school)
        assert (copy.failure, trouble.times) == ("4.2.2", day - 23)
        assert (trouble.hard_at is not None) == (day == 28)
        at(f"2026-11-{day + 1} 08:59")
        assert mailed() == []
        at(f"2026-11-{day + 1} 09:00")
        again = mailed()
        assert len(again) == (0 if day == 28 else 1)
        mail = again[0] if again else mail
        assert mail.message["Message-ID"] == sent.message["Message-ID"]


def test_several_mails_that_come_back_on_one_day_count_once(app, school, mailed, pipe, rows):
    for _ in range(6):
        send(app, school.otto, [Part(PUPIL, school.sem.id)])
    for mail in mailed():
        if school.carl.email in mail.recipients:
            pipe(sample("gmail_unwanted_report", mail.sender))
    assert [(trouble.times, trouble.hard_at) for trouble in rows(MailTrouble)] == [(1, None)]


def test_the_office_and_the_author_see_it(sent, pipe, client_for, school):
    pipe(sample("office365_report", sent.sender))
    unreachable = client_for(school.otto).get("/school/unreachable").text
    assert school.carl.email in unreachable
    assert "Dit adres bestaat niet." in unreachable
    letter = client_for(school.otto).get("/staff/letters").text
    assert "/staff/letters/1" in letter
    assert "Dit adres bestaat niet." in client_for(school.otto).get("/staff/letters/1").text


class TestAnswer:
    def test_who_answers_hears_where_to_write(self, sent, pipe, mailed):
        raw = sample("person_answers", sent.sender, sent.message["Message-ID"])
        assert pipe(raw) == "De afzender krijgt bericht waar die kan schrijven."
        [mail] = mailed()
        assert mail.recipients == ["ouder@thuis.example"]
        assert mail.message["Auto-Submitted"] == "auto-replied"
        assert mail.subject == "Antwoorden op deze mail leest niemand"
        assert "info@lindeboog.example" in mail.text
        assert mail.links == ["http://127.0.0.1:8000/letters"]
        assert "Carl" not in mail.message.as_string()

    def test_once_a_day(self, sent, pipe, mailed, at):
        raw = sample("person_answers", sent.sender)
        for moment, count in [("2026-11-24 09:00", 1), ("2026-11-24 23:00", 0), ("2026-11-25 09:00", 1)]:
            at(moment)
            pipe(raw)
            assert len(mailed()) == count

    @pytest.mark.parametrize(
        "name", sorted(RETURNED) + sorted(name for name in ANSWERS if "person" not in name)
    )
    def test_a_machine_gets_none(self, sent, pipe, rows, name):
        pipe(sample(name, sent.sender))
        assert all(message.kind == "letter" for message in rows(OutgoingMessage))

    @pytest.mark.parametrize(
        ("sender", "to", "message_id", "answered"),
        [
            ("ouder@thuis.example", BOUNCES_TO, "<nobody@knows>", False),
            ("carl@lindeboog.example", BOUNCES_TO, "<nobody@knows>", True),
            ("ouder@thuis.example", BOUNCES_TO, "", True),
            (BOUNCES_TO, BOUNCES_TO, "", False),
            ("noreply@winkel.example", BOUNCES_TO, "", False),
        ],
    )
    def test_only_who_answers_a_mail_of_ours_or_is_known(
        self, sent, pipe, mailed, sender, to, message_id, answered
    ):
        raw = sample("person_answers", to, message_id or sent.message["Message-ID"])
        pipe(raw.replace(b"ouder@thuis.example", sender.encode()))
        assert [mail.recipients for mail in mailed()] == ([[sender]] if answered else [])

    def test_no_sender_adds_a_header_or_a_recipient(self, sent, pipe, mailed):
        raw = sample("person_answers", sent.sender)
        for evil in (
            "a@b.example\r\nBcc: x@evil.example",
            "=?utf-8?q?a=0aBcc=3Ax?=@b.example",
            "a@b.example,c@d.example",
        ):
            pipe(raw.replace(b"Ouder <ouder@thuis.example>", evil.encode()))
        for mail in mailed():
            assert mail.message["Bcc"] is None
            assert mail.recipients == ["a@b.example"]


def test_a_sender_with_a_name_in_the_settings_is_read_as_an_address(app, school, mailed, monkeypatch):
    monkeypatch.setitem(app.config, "MAIL_DEFAULT_SENDER", f"De Lindeboog <{SENDER}>")
    monkeypatch.setitem(app.config, "MAIL_BOUNCE_ADDRESS", "")
    send(app, school.otto, [Part(PUPIL, school.sem.id)])
    for mail in mailed():
        assert mail.sender == SENDER
        assert [address.addr_spec for address in mail.message["From"].addresses] == [SENDER]
