"""The virus scanner that a school may have: what it finds is refused, and what it says nothing of waits."""

import threading
from io import BytesIO

import pytest

from portal import file_checker
from portal.domain import letters, virus_scan
from portal.domain.virus_scan import NoAnswer, VirusFound
from portal.extensions import db, start_writing
from portal.models.letters import Attachment, AttachmentFile, Letter
from tests.letters.clamd import ANSWERS, BREAKS_OFF, HANGS, SAYS_ERROR, clamd
from tests.letters.files import EICAR, PDF, attach
from tests.letters.sending import set_out

HARMFUL = PDF + EICAR


@pytest.fixture
def scanner(app, tmp_path, monkeypatch):
    monkeypatch.setattr(virus_scan, "SECONDS_TO_ANSWER", 0.5)
    monkeypatch.setattr(virus_scan.scan, "__defaults__", (0.5,))
    monkeypatch.setattr(file_checker, "PATIENCE", 0.5)
    with clamd(tmp_path / "clamd.ctl") as (running, setting):
        monkeypatch.setitem(app.config, "CLAMAV", setting)
        yield running


@pytest.fixture
def letter(app, school):
    return set_out(app, school.otto)


def work(app) -> bool:
    with app.app_context():
        return file_checker.check_waiting(threading.Event())


def send_due(app, number: int) -> bool:
    with app.app_context():
        start_writing()
        row = db.session.get_one(Letter, number)
        row.send_at = row.created_at
        sent = letters.send_due(row.created_at)
        db.session.commit()
    return sent


@pytest.mark.parametrize("on_a_port", [False, True])
def test_it_is_asked_over_its_socket(app, tmp_path, monkeypatch, on_a_port):
    with clamd(None if on_a_port else tmp_path / "clamd.ctl") as (running, setting), app.app_context():
        monkeypatch.setitem(app.config, "CLAMAV", setting)
        virus_scan.scan(PDF)
        virus_scan.scan(b"x" * 300_000)
        with pytest.raises(VirusFound):
            virus_scan.scan(HARMFUL)
        assert running.seen == [len(PDF), 300_000, len(HARMFUL)]


@pytest.mark.parametrize("mood", [HANGS, SAYS_ERROR, BREAKS_OFF])
def test_no_clear_answer_is_none(app, scanner, mood):
    scanner.mood = mood
    with app.app_context(), pytest.raises(NoAnswer):
        virus_scan.scan(PDF)


@pytest.mark.parametrize("setting", ["/nowhere/clamd.ctl", "127.0.0.1:1"])
def test_a_scanner_that_is_not_there_gives_no_answer(app, monkeypatch, setting):
    monkeypatch.setitem(app.config, "CLAMAV", setting)
    with app.app_context(), pytest.raises(NoAnswer):
        virus_scan.scan(PDF)


def test_a_school_without_one_takes_every_file(app, letter, school, rows):
    attach(app, letter, school.otto, HARMFUL)
    assert rows(Attachment)[0].checked_at


def test_what_it_finds_is_refused_and_not_kept(app, client_for, school, scanner, rows):
    tess = client_for(school.tess)
    answer = tess.post(
        "/staff/letters/new",
        data={"title": "Museum", "text": "Wij gaan.", "mail_shows": "hint", "when": "now",
              "part": f"group:{school.group_34}", "files": (BytesIO(HARMFUL), "a.pdf"),
              "do": "attach"},
    )  # fmt: skip
    assert answer.status_code == 422
    assert "In dit bestand zit een virus" in answer.text
    assert "Wij gaan." in answer.text
    assert rows(Attachment) == rows(AttachmentFile) == []


@pytest.mark.parametrize("mood", [HANGS, SAYS_ERROR, BREAKS_OFF])
def test_a_letter_waits_for_what_was_not_checked_and_then_goes(
    app, client_for, school, scanner, letter, rows, mood
):
    scanner.mood = mood
    key = attach(app, letter, school.otto)
    otto = client_for(school.otto)
    assert "De brief gaat daarna" in otto.get(f"/staff/letters/{letter}").text
    assert otto.get(f"/attachments/{key}").status_code == 404
    assert not send_due(app, letter)
    assert work(app) == (mood == SAYS_ERROR)
    assert not send_due(app, letter)
    scanner.mood = ANSWERS
    scanner.let_go()
    assert work(app)
    assert send_due(app, letter)
    assert client_for(school.anna).get(f"/attachments/{key}").status_code == 200


def test_what_it_finds_later_is_taken_away_and_the_letter_goes_without(
    app, client_for, school, scanner, letter, rows
):
    scanner.mood = SAYS_ERROR
    key = attach(app, letter, school.otto, HARMFUL)
    fine = attach(app, letter, school.otto, PDF, "Rooster.pdf")
    scanner.mood = ANSWERS
    work(app)
    assert [row.failure for row in rows(Attachment)] == ["virus", ""]
    assert len(rows(AttachmentFile)) == 1
    assert send_due(app, letter)
    anna = client_for(school.anna)
    assert anna.get(f"/attachments/{key}").status_code == 404
    assert anna.get(f"/attachments/{fine}").status_code == 200
    page = anna.get(f"/letters/{letter}").text
    assert "1 bijlage" in page and "Programma" not in page
    assert "Programma" in client_for(school.otto).get(f"/staff/letters/{letter}/correction").text
