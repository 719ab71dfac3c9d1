"""An answer to a mail goes to school, else to the portal; else the mail says that nobody reads it."""

import pytest

from portal.domain.letter_audience import PUPIL, Part
from portal.models.accounts import User
from portal.models.school import School
from tests.letters.sending import send
from tests.outbox.samples import sample

NOBODY = "Niemand leest een antwoord op deze mail. Schrijf school in het ouderportaal."


@pytest.fixture
def to_carl(app, school, mailed):
    """The mail to Carl about a new letter."""

    def sent():
        send(app, school.otto, [Part(PUPIL, school.sem.id)])
        return next(mail for mail in mailed() if school.carl.email in mail.recipients)

    return sent


@pytest.fixture
def settings(app, change, monkeypatch):
    """Sets the address of school and the one for what comes back."""

    def let(email: str, bounce_address: str) -> None:
        change(School, 1, email=email)
        monkeypatch.setitem(app.config, "MAIL_BOUNCE_ADDRESS", bounce_address)

    return let


@pytest.mark.parametrize("bounce_address", ["", "portaal@lindeboog.example"])
def test_it_goes_to_school_where_school_has_an_address(to_carl, settings, bounce_address):
    settings("info@lindeboog.example", bounce_address)
    mail = to_carl()
    assert mail.message["Reply-To"] == "info@lindeboog.example"
    assert NOBODY not in mail.text + mail.html


@pytest.mark.parametrize(
    ("bounce_address", "answers_go_to"),
    [
        ("portaal@lindeboog.example", "portaal@lindeboog.example"),
        ("terug.lindeboog.example", "antwoord@terug.lindeboog.example"),
    ],
)
def test_else_the_portal_reads_it_and_says_where_to_write(
    app, to_carl, settings, mailed, bounce_address, answers_go_to
):
    settings("", bounce_address)
    mail = to_carl()
    assert mail.message["Reply-To"] == answers_go_to
    assert NOBODY in mail.text
    assert NOBODY in mail.html
    answer = sample("person_answers", answers_go_to, mail.message["Message-ID"])
    assert app.test_cli_runner().invoke(args=["bounces"], input=answer).exit_code == 0
    [said] = mailed()
    assert said.recipients == ["ouder@thuis.example"]
    assert said.subject == "Antwoorden op deze mail leest niemand"


def test_else_the_mail_says_that_nobody_reads_it(to_carl, settings):
    settings("", "")
    mail = to_carl()
    assert mail.message["Reply-To"] is None
    assert NOBODY in mail.text
    assert NOBODY in mail.html


def test_in_english_too(to_carl, settings, change, school):
    settings("", "")
    change(User, school.carl.id, language="en")
    assert "Nobody reads an answer to this mail. You write to school in the parent portal." in to_carl().text
