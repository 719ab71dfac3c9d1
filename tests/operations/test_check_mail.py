"""`portal check` looks at the settings of mail: how fast it goes, what comes back, and the virus scanner."""

from datetime import timedelta

import pytest

from portal.extensions import db, start_writing
from portal.models.school import School
from tests.letters.clamd import BREAKS_OFF, SAYS_ERROR, clamd
from tests.operations.test_check import check, worker_ran
from tests.outbox.imap_server import CERTIFICATE, ImapServer

__all__ = ["check"]

COMES_BACK = "mail that comes back"


@pytest.fixture
def imap():
    server = ImapServer()
    yield server
    server.stop()


@pytest.fixture
def looked_at(app, check):
    """Runs `portal check` with a worker that ran; returns what is bad and the lines by topic."""
    worker_ran(app, timedelta(seconds=20))
    return check


def mailbox(server: ImapServer, **settings) -> dict[str, object]:
    return {
        "MAIL_BOUNCE_ADDRESS": "portaal@lindeboog.example",
        "MAIL_IMAP_SERVER": "localhost",
        "MAIL_IMAP_PORT": server.port,
        "MAIL_IMAP_USERNAME": "portaal@lindeboog.example",
        "MAIL_IMAP_PASSWORD": "geheim",
        "MAIL_CA_FILE": str(CERTIFICATE),
        "MAIL_TIMEOUT": 1,
    } | settings


def test_how_fast_mail_goes_is_said(looked_at):
    assert looked_at(MAIL_PER_MINUTE=30)[1]["mail pace"] == "ok mail pace: at most 30 a minute"
    assert looked_at(MAIL_PER_MINUTE=0)[1]["mail pace"] == "ok mail pace: as fast as it can"


@pytest.mark.parametrize("setting", [-1, "veel", 1.5, True])
def test_a_pace_that_is_no_number_is_named(looked_at, setting):
    bad, lines = looked_at(MAIL_PER_MINUTE=setting)
    assert bad == {"mail pace"}
    assert "600 is kept to" in lines["mail pace"]


def test_without_a_bounce_address_it_says_what_is_missed(looked_at):
    bad, lines = looked_at()
    assert not bad
    assert "is not seen by the portal" in lines[COMES_BACK]
    assert "mailbox" not in lines


@pytest.mark.parametrize("setting", ["portaal@lindeboog.example", "terug.lindeboog.example"])
def test_a_bounce_address_without_a_mailbox_needs_a_pipe(looked_at, setting):
    bad, lines = looked_at(MAIL_BOUNCE_ADDRESS=setting)
    assert not bad
    assert "pipe it to `portal bounces`" in lines[COMES_BACK]
    assert "DKIM" not in lines[COMES_BACK]


def test_a_bounce_address_elsewhere_than_the_sender_is_named(looked_at):
    bad, lines = looked_at(MAIL_BOUNCE_ADDRESS="portaal@elders.example.nl")
    assert not bad
    assert "it is not in lindeboog.example, so only DKIM shows" in lines[COMES_BACK]


@pytest.mark.parametrize(
    ("setting", "trouble"),
    [
        ("portaal", "is no address and no domain"),
        ("por taal@lindeboog.example", "is no address and no domain"),
        ("@lindeboog.example", "is no address and no domain"),
        ("De Lindeboog <portaal@lindeboog.example>", "is no address and no domain"),
        ("het-ouderportaal-van-de-lindeboog@lindeboog.example", "more than 23 signs before its @"),
    ],
)
def test_a_bounce_address_that_cannot_work_is_named(looked_at, setting, trouble):
    bad, lines = looked_at(MAIL_BOUNCE_ADDRESS=setting)
    assert bad == {COMES_BACK}
    assert trouble in lines[COMES_BACK]


def test_a_mailbox_that_opens_is_well(looked_at, imap):
    bad, lines = looked_at(**mailbox(imap))
    assert not bad
    assert lines["mailbox"] == "ok mailbox: localhost lets us in"
    assert imap.seen == set()


@pytest.mark.parametrize(
    ("mode", "settings", "trouble"),
    [
        ("refuse", {}, "does not let us in"),
        ("hang", {}, "does not answer (TimeoutError)"),
        ("serve", {"MAIL_IMAP_PASSWORD": ""}, "PORTAL_MAIL_IMAP_PASSWORD is not set"),
        ("serve", {"MAIL_IMAP_USERNAME": ""}, "PORTAL_MAIL_IMAP_USERNAME is not set"),
        ("serve", {"MAIL_IMAP_PORT": 1}, "does not answer (ConnectionRefusedError)"),
        ("serve", {"MAIL_IMAP_PORT": "veel"}, "does not answer (ValueError)"),
        ("serve", {"MAIL_CA_FILE": None}, "does not answer (SSLCertVerificationError)"),
    ],
)
def test_a_mailbox_that_does_not_open_is_named(looked_at, imap, mode, settings, trouble):
    imap.mode = mode
    bad, lines = looked_at(**mailbox(imap, **settings))
    assert bad == {"mailbox"}
    assert trouble in lines["mailbox"]
    assert "geheim" not in str(lines)


def test_a_mailbox_without_an_address_is_named(looked_at, imap):
    bad, lines = looked_at(**mailbox(imap, MAIL_BOUNCE_ADDRESS="", MAIL_IMAP_USERNAME="portaal"))
    assert bad == {COMES_BACK}
    assert "PORTAL_MAIL_BOUNCE_ADDRESS" in lines[COMES_BACK]


def test_a_virus_scanner_that_scans_is_well(looked_at, tmp_path):
    with clamd(tmp_path / "clamd.ctl") as (running, setting):
        bad, lines = looked_at(CLAMAV=setting)
        assert not bad
        assert "scans files of 15 MB" in lines["virus scanner"]
        assert running.seen == [12, 15_000_000]
    assert "virus scanner" not in looked_at()[1]


@pytest.mark.parametrize("mood", [SAYS_ERROR, BREAKS_OFF])
def test_a_virus_scanner_that_does_not_scan_is_named(looked_at, tmp_path, mood):
    with clamd(tmp_path / "clamd.ctl") as (running, setting):
        running.mood = mood
        bad, lines = looked_at(CLAMAV=setting)
    assert bad == {"virus scanner"}
    assert "what comes in waits for it" in lines["virus scanner"]


@pytest.mark.parametrize("setting", ["/nowhere/clamd.ctl", "127.0.0.1:1", "clamav", "clamav:veel"])
def test_a_virus_scanner_that_is_not_there_is_named(looked_at, setting):
    bad, lines = looked_at(CLAMAV=setting)
    assert bad == {"virus scanner"}
    assert "see PORTAL_CLAMAV" in lines["virus scanner"]


def test_a_virus_scanner_that_takes_no_large_files_is_named(looked_at, tmp_path):
    with clamd(tmp_path / "clamd.ctl") as (running, setting):
        running.largest = 1_000_000
        bad, lines = looked_at(CLAMAV=setting)
    assert bad == {"virus scanner"}
    assert "StreamMaxLength" in lines["virus scanner"]


@pytest.mark.parametrize(
    ("email", "bounce_address", "said"),
    [
        ("info@lindeboog.example", "portaal@lindeboog.example", "go to info@lindeboog.example"),
        ("", "portaal@lindeboog.example", "go to portaal@lindeboog.example, where the portal says"),
        ("", "", "are read by nobody"),
    ],
)
def test_it_says_who_reads_an_answer(app, looked_at, email, bounce_address, said):
    with app.app_context():
        start_writing()
        db.session.get_one(School, 1).email = email
        db.session.commit()
    assert said in looked_at(MAIL_BOUNCE_ADDRESS=bounce_address)[1]["answers"]
