"""Letters as tests need them: written by somebody of the cast, on their way or received."""

from dataclasses import replace
from datetime import datetime

from portal import clock
from portal.access import Viewer
from portal.domain import letters
from portal.domain.letter_audience import SCHOOL, Part
from portal.domain.letters import Words
from portal.extensions import db, start_writing
from portal.models.letters import Letter
from tests.cast import Person

TEXT = "# Wat nemen wij mee\n\n- een **lunch**\n- een regenjas\n\nDe bus gaat om 9 uur."
WORDS = Words("Museum op 10 december", TEXT, "juf Marieke")
THE_SCHOOL = (Part(SCHOOL),)


def set_out(
    app, author: Person, parts=THE_SCHOOL, role="office", send_at: datetime | None = None, **words
) -> int:
    """Let a letter go as its author does; it leaves two minutes later, when a worker looks."""
    with app.app_context():
        start_writing()
        actor = Viewer(author.id, role=role)
        letter = letters.begin(actor, clock.now())
        letters.save(letter, replace(WORDS, **words), parts, 0, actor, clock.now())
        letters.set_out(letter, send_at, actor, clock.now())
        number = letter.id
        db.session.commit()
    return number


def send(app, author: Person, parts=THE_SCHOOL, role="office", **words) -> int:
    """Let a letter go and put it in everybody's hands at once; the mail about it waits."""
    number = set_out(app, author, parts, role, **words)
    with app.app_context():
        start_writing()
        db.session.get_one(Letter, number).send_at = clock.now()
        while letters.send_due(clock.now()):
            pass
        db.session.commit()
    return number
