"""Many times the same new letter at the same moment, and a letter sent again while the worker settles it."""

import time
from threading import Thread

import pytest
from sqlalchemy import text, update

from portal import clock
from portal.domain.letter_audience import GROUP, Part
from portal.extensions import db, start_writing
from portal.models.letters import Letter, LetterAudience, LetterRecipient
from portal.models.outbox import OutgoingMessage
from tests.letters.sending import send
from tests.race.crowding import CLIENTS, SOMEBODY_WAITS, Crowd, statuses


@pytest.fixture
def crowd(live_server) -> Crowd:
    return Crowd(live_server)


@pytest.mark.parametrize("do", ["save", "send"])
def test_one_form_sent_by_all_is_one_letter(crowd, school, rows, do):
    words = {
        "title": "Museum",
        "sender": "juf Tess",
        "text": "Wij gaan.",
        "mail_shows": "hint",
        "when": "now",
    }
    words |= {"part": f"group:{school.group_34}", "key": "k" * 32, "do": do}
    posts = [crowd.post(school.tess, "/staff/letters/new", **words) for _ in range(CLIENTS)]
    answers = crowd.send(posts)
    assert set(statuses(answers)) == {303}
    assert len({answer.location for answer in answers}) == 1
    (letter,) = rows(Letter)
    assert letter.revision == 1 and (letter.send_at is not None) == (do == "send")
    assert len(rows(LetterAudience)) == 1


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
def test_who_sends_it_again_waits_for_the_worker_before_holding_the_copy(app, client_for, school, rows, at):
    """Only Postgres lets the two in at once: the worker holds the mail first, and then notes the copy."""
    at("2026-11-24 10:00")
    letter = send(app, school.tess, [Part(GROUP, school.group_34)], "teacher")
    client, answers = client_for(school.tess), []
    address = f"/staff/letters/{letter}/reminders"
    copy = LetterRecipient.letter_id == letter, LetterRecipient.user_id == school.daan.id
    with app.app_context():
        start_writing()
        db.session.execute(update(LetterRecipient).where(*copy).values(failed_at=clock.now()))
        db.session.commit()
    with app.app_context():
        start_writing()
        mail = OutgoingMessage.user_id == school.daan.id, OutgoingMessage.subject_id == letter
        db.session.execute(update(OutgoingMessage).where(*mail).values(attempts=1))
        other = Thread(
            target=lambda: answers.append(client.post(address, data={"guardian": school.daan.id}).status_code)
        )
        other.start()
        end = time.monotonic() + 5
        while not db.session.scalar(SOMEBODY_WAITS) and time.monotonic() < end:
            time.sleep(0.02)
        db.session.execute(text("SET LOCAL lock_timeout = '500ms'"))
        db.session.execute(update(LetterRecipient).where(*copy).values(failure="4.2.2"))
        db.session.commit()
    other.join(10)
    assert answers == [303]
    assert len([one for one in rows(OutgoingMessage) if one.user_id == school.daan.id]) == 1
