"""What comes back is read for what it is, whichever mail server wrote it. Needs no database."""

import pytest

from portal.domain import bounces, mail_trouble
from portal.domain.bounces import AUTOMATIC, BOUNCE
from tests.outbox.samples import ANSWERS, HERE, RETURNED, sample

TO = "portaal+b1x1-100-aaaaaa@lindeboog.example"


def test_every_sample_has_a_line():
    assert {file.stem for file in HERE.glob("returned/*.eml")} == set(RETURNED)
    assert {file.stem for file in HERE.glob("answers/*.eml")} == set(ANSWERS)


@pytest.mark.parametrize("name", sorted(RETURNED))
def test_a_report_gives_its_code_and_the_address_it_came_back_to(name):
    found = bounces.read(sample(name, TO))
    assert (found.kind, found.status) == RETURNED[name]
    assert TO in found.to
    if found.kind == BOUNCE and name != "outlook_words":
        assert found.message_id == "<abc@127.0.0.1>"


@pytest.mark.parametrize("name", sorted(ANSWERS))
def test_what_is_no_report_counts_for_nothing(name):
    found = bounces.read(sample(name, TO))
    assert (found.kind, found.status) == (ANSWERS[name], "")


@pytest.mark.parametrize("name", sorted(RETURNED))
def test_only_an_address_that_does_not_exist_is_hard(name):
    code = RETURNED[name][1]
    soft = ("exim_gave_up", "gmail_unwanted_report", "postfix_full_mailbox")
    assert mail_trouble.is_hard(code) == (code != "" and name not in soft)


@pytest.mark.parametrize("kind", ["vacation", "Automatic reply", "Afwezig", "Out of Office AutoReply"])
@pytest.mark.parametrize(
    "sender", ["ouder@thuis.example", "postmaster@thuis.example", "mailer-daemon@x.example"]
)
@pytest.mark.parametrize(
    "body", ["550 5.1.1 user unknown", "could not be delivered", "Undelivered Mail #5.1.1"]
)
def test_somebody_who_is_away_is_never_lost(kind, sender, body):
    raw = f"From: {sender}\nTo: {TO}\nSubject: {kind}: uw bericht\n\n{body}\n"
    assert bounces.read(raw.encode()).kind == AUTOMATIC


@pytest.mark.parametrize("name", sorted(RETURNED | ANSWERS))
@pytest.mark.parametrize("cut", range(0, 1500, 211))
def test_half_a_mail_is_read_without_a_fault(name, cut):
    whole = sample(name, TO)
    found = bounces.read(whole[:cut] + b"\xff\x00\r\n" + whole[cut + 5 :])
    assert found.status in ("", RETURNED.get(name, ("", ""))[1], "5.0.0", "5.1.1")


@pytest.mark.parametrize(
    "raw",
    [
        b"",
        b"\x00" * 500,
        b"From: =?x-unknown?q?=ff?= <a@b.example>\nSubject: =?bogus?b?////?=\n\nhallo",
        b"From: a@b.example\nContent-Type: text/plain; charset=no-such-charset\n\n\xff\xfe",
        b"From: a@b.example\nContent-Type: multipart/report; boundary=x\n\n--x\n--x--",
        b"Content-Type: message/delivery-status\n\nno blocks",
        b"From: " + b"a@b.example, " * 50_000 + b"\n\nhallo",
        b"".join(b"Content-Type: multipart/mixed; boundary=b%d\n\n--b%d\n" % (n, n) for n in range(3000)),
    ],
    ids=["empty", "zeroes", "charset of header", "charset of text", "no parts", "no blocks", "long", "deep"],
)
def test_nothing_that_comes_in_stops_the_reading(raw):
    assert bounces.read(raw).kind in (AUTOMATIC, bounces.PERSON, bounces.DELAY)


def test_what_our_own_words_say_in_a_report_is_no_code():
    raw = sample("exim_words", TO).replace(
        b"550 5.1.1 <ouder@thuis.example> User doesn't exist", b"451 4.7.1 wait"
    )
    assert bounces.read(raw).status == "4.7.1"


def test_the_reading_of_a_large_mail_takes_no_minute():
    raw = b"From: mailer-daemon@x.example\nSubject: Undelivered\n\n" + b"<" * 300_000 + b"5.1" * 300_000
    assert bounces.read(raw).kind == BOUNCE
