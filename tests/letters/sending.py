"""Letters as tests need them: written by somebody of the cast, on their way or received."""

from dataclasses import replace
from datetime import datetime

from portal import clock
from portal.access import Viewer
from portal.domain import letters
from portal.domain.letter_audience import GROUP, SCHOOL, Part
from portal.domain.letters import Words
from portal.extensions import db, start_writing
from portal.models.letters import Letter, LetterList, LetterListMember
from portal.models.roster import Teaching
from tests.cast import Cast, Child, Person

TEXT = "# Wat nemen wij mee\n\n- een **lunch**\n- een regenjas\n\nDe bus gaat om 9 uur."
WORDS = Words("Museum op 10 december", TEXT, "juf Marieke")
THE_SCHOOL = (Part(SCHOOL),)


def own(school: Cast) -> tuple[Person, list[Part], str]:
    """Return what makes a letter Tess's to groep 3/4: `send(app, *own(school))`."""
    return school.tess, [Part(GROUP, school.group_34)], "teacher"


def both_groups(app, school: Cast) -> list[Part]:
    """Let Tess teach groep 6 too, and return what makes a letter one to all her families."""
    with app.app_context():
        start_writing()
        day = clock.today()
        db.session.add(Teaching(user_id=school.tess.id, group_id=school.group_6, started_on=day))
        db.session.commit()
    return [Part(GROUP, school.group_34), Part(GROUP, school.group_6)]


def choir_of(school: Cast, *children: Child) -> int:
    """Put in the office's list of the choir with these children on it; return its number."""
    choir = LetterList(name="Koor", made_by=school.otto.id, made_at=clock.now())
    db.session.add(choir)
    db.session.flush()
    for child in children:
        db.session.add(LetterListMember(list_id=choir.id, pupil_id=child.id))
    return choir.id


def set_out(
    app, author: Person, parts=THE_SCHOOL, role="office", send_at: datetime | None = None, **words
) -> int:
    """Let a letter go as its author does; it leaves two minutes later, when a worker looks."""
    with app.app_context():
        start_writing()
        actor = Viewer(author.id, role=role)
        letter = letters.begin(actor, clock.now())
        letters.save(letter, replace(WORDS, **words), parts, 0, clock.now())
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
