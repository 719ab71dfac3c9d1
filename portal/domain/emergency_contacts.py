"""The people without a login whom school calls when no guardian answers (R23)."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from portal.access import Viewer
from portal.domain import audit
from portal.domain.holding import hold, refuse_overtaken, version_of
from portal.domain.sent_twice import SENT_TWICE
from portal.errors import Refused
from portal.extensions import db
from portal.models.pupils import EmergencyContact
from portal.models.roster import Pupil
from portal.words import gettext as _

MOST = 6
"""How many contacts each guardian gives, and school itself."""


@dataclass(frozen=True, slots=True)
class ContactWords:
    """What is kept of a contact; `phone` as typed and in E.164 form (R40)."""

    name: str
    relation: str
    phone: tuple[str, str]


def add_contact(
    pupil: Pupil, words: ContactWords, given_by: int | None, actor: Viewer, now: datetime
) -> EmergencyContact:
    """Add somebody at the end of what this guardian gave, or school itself (None); once when sent twice.

    Raises Refused when there are as many as there can be.
    """
    present = _given_together(pupil.id, given_by)
    for one in present:
        same = (one.name, one.relation, one.phone) == (words.name, words.relation, words.phone[0])
        if same and one.given_at > now - SENT_TWICE:
            return one
    if len(present) >= MOST:
        raise Refused(
            _("There are %(number)d contacts already. Remove one before you add another.", number=MOST)
        )
    contact = EmergencyContact(pupil_id=pupil.id, given_by=given_by, given_at=now, position=len(present) + 1)
    _fill(contact, words)
    db.session.add(contact)
    _number([*present, contact])
    db.session.flush()
    audit.record(actor, "add_contact", "emergency_contact", contact.id)
    return contact


def version_of_contact(contact: EmergencyContact) -> str:
    """Return what tells one wording of a contact from the next."""
    return version_of(contact.name, contact.relation, contact.phone)


def edit_contact(contact: EmergencyContact, words: ContactWords, version: str, actor: Viewer) -> None:
    """Change name, relation or number; `version` is the wording that was changed.

    Raises Overtaken when it is another by now, and Refused when somebody has just removed the contact.
    """
    hold(contact)
    refuse_overtaken(version, version_of_contact(contact))
    _fill(contact, words)
    audit.record(actor, "edit_contact", "emergency_contact", contact.id)


def move_contact(contact: EmergencyContact, up: bool, actor: Viewer) -> None:
    """Let school call somebody earlier or later, among what the same guardian gave.

    Raises Refused when somebody has just removed the contact.
    """
    present = _given_together(contact.pupil_id, contact.given_by)
    hold(contact)
    here = present.index(contact)
    there = here - 1 if up else here + 1
    if 0 <= there < len(present):
        present[here], present[there] = present[there], present[here]
    _number(present)
    audit.record(actor, "move_contact", "emergency_contact", contact.id)


def remove_contact(contact: EmergencyContact, actor: Viewer) -> None:
    """Forget somebody. Raises Refused when somebody else has just done it."""
    present = _given_together(contact.pupil_id, contact.given_by)
    hold(contact)
    _number([other for other in present if other is not contact])
    db.session.delete(contact)
    audit.record(actor, "remove_contact", "emergency_contact", contact.id)


def _given_together(pupil_id: int, given_by: int | None) -> list[EmergencyContact]:
    """Return the contacts of one giver in order; who changes them waits for the other."""
    db.session.execute(select(Pupil.id).where(Pupil.id == pupil_id).with_for_update(key_share=True)).all()
    mine = EmergencyContact.given_by
    return list(
        db.session.scalars(
            select(EmergencyContact)
            .where(
                EmergencyContact.pupil_id == pupil_id,
                mine.is_(None) if given_by is None else mine == given_by,
            )
            .order_by(EmergencyContact.position, EmergencyContact.id)
            .execution_options(populate_existing=True)
        )
    )


def _number(contacts: list[EmergencyContact]) -> None:
    for position, contact in enumerate(contacts, 1):
        contact.position = position


def _fill(contact: EmergencyContact, words: ContactWords) -> None:
    contact.name, contact.relation = words.name, words.relation
    contact.phone, contact.phone_e164 = words.phone
