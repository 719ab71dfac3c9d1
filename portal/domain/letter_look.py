"""The mail about a letter as it will be, for who writes the letter: worded by what words the real one."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select

from portal import clock
from portal.access import Viewer
from portal.domain import letter_digests, letter_mails, mails
from portal.domain.letter_audience import Part, known_recipients
from portal.domain.mail_trouble import LETTER, LETTER_URGENT
from portal.domain.slips import Slip
from portal.extensions import db
from portal.models.letters import Letter
from portal.models.roster import Pupil
from portal.words import gettext


@dataclass(frozen=True, slots=True)
class MailLook:
    """A mail to look at. `named`: the children for whose guardians the subject only says from whom it is."""

    sender: str
    subject: str
    text: str
    html: str
    named: tuple[str, ...]


def look_at_mail(
    viewer: Viewer, letter: Letter, parts: Sequence[Part], files: Sequence[str], slip: Slip | None
) -> MailLook:
    """Return the mail about a letter for these parts, in the viewer's language; nothing is sent or kept."""
    asks = slip if slip and (not letter.corrected_at or slip.is_open(clock.today())) else None
    facts = letter_mails.facts_of(letter, files, asks.deadline if asks else None)
    named, everybody = _named(viewer, parts, str(facts["title"]))
    facts["title_in_subject"] = bool(facts["title"]) and not everybody
    facts["changed_at"] = letter.corrected_at
    facts |= {"user_id": 0, "reminder": False, "slip_reminder": False, "name": gettext("(first name)")}
    kind = LETTER_URGENT if letter.urgent else LETTER
    message = mails.render(mails.Mail(0, "", kind, "", viewer.language, facts))
    sender = message.sender[0] if isinstance(message.sender, tuple) else str(message.sender)
    return MailLook(
        sender, str(message.subject), str(message.body), str(message.html), () if everybody else named
    )


def _named(viewer: Viewer, parts: Sequence[Part], title: str) -> tuple[tuple[str, ...], bool]:
    """Return which children of the audience the subject names, and whether that is all of them."""
    if not title:
        return (), False
    about = known_recipients(viewer, parts).subquery()
    given = db.session.scalars(
        select(Pupil.given_name).where(Pupil.id.in_(select(about.c.pupil_id))).distinct()
    ).all()
    named = letter_digests.names_in(title, sorted(given))
    return tuple(named), bool(named) and len(named) == len(given)
