"""Guardians: which adults belong to a child, at most two at a time, each with their own access (R19, R23)."""

from datetime import datetime

from sqlalchemy import and_, delete, exists, select, update
from sqlalchemy.exc import IntegrityError

from portal import names
from portal.access import Viewer
from portal.domain import audit
from portal.domain.roster import PersonName, take_roster
from portal.errors import Refused
from portal.extensions import db
from portal.models.accounts import Invitation, LoginSession, MailKey, StaffMember, User
from portal.models.outbox import OutgoingMessage
from portal.models.roster import Guardianship, Pupil
from portal.words import gettext as _

SEATS = (1, 2)


def full_name(person: User | Pupil) -> str:
    """Return 'Sanne van der Berg', or the address of an adult whose name nobody filled in."""
    name = names.full(person.given_name, person.prefix, person.surname)
    return name or (person.email or "" if isinstance(person, User) else "")


def adult_with_email(email: str | None) -> User | None:
    """Return the one person who has this address, guardian or staff, or None."""
    if not email:
        return None
    return db.session.scalars(select(User).where(User.email == email)).one_or_none()


def new_adult(
    name: PersonName, email: str | None, phone: tuple[str, str], language: str, now: datetime
) -> User:
    """Make the one row of an adult whom the school did not know yet."""
    person = User(
        given_name=name.given_name,
        prefix=name.prefix,
        surname=name.surname,
        sort_key=name.sort_key,
        email=email,
        phone=phone[0],
        phone_e164=phone[1],
        language=language,
        created_at=now,
    )
    db.session.add(person)
    try:
        db.session.flush()
    except IntegrityError:
        raise Refused(
            _("Somebody else has just added %(email)s. Send the form again.", email=email or ""), "email"
        ) from None
    return person


def current_guardianships(pupil: Pupil) -> list[tuple[Guardianship, User]]:
    """Return who are the child's guardians now, in the order of their seats."""
    rows = db.session.execute(
        select(Guardianship, User)
        .join(User, User.id == Guardianship.user_id)
        .where(Guardianship.pupil_id == pupil.id, Guardianship.revoked_at.is_(None))
        .order_by(Guardianship.seat)
    )
    return [(row[0], row[1]) for row in rows]


def refuse_third(pupil: Pupil) -> None:
    """Raise Refused, naming the two, when the child has two guardians already."""
    _refuse_third(pupil, current_guardianships(pupil))


def _refuse_third(pupil: Pupil, present: list[tuple[Guardianship, User]]) -> None:
    if len(present) < len(SEATS):
        return
    raise Refused(
        _(
            "%(pupil)s has two guardians already: %(first)s and %(second)s. "
            "End the access of one of them before you add another.",
            pupil=full_name(pupil),
            first=full_name(present[0][1]),
            second=full_name(present[1][1]),
        )
    )


def add_guardian(
    pupil: Pupil, person: User, relation: str, has_authority: bool, actor: Viewer | None, now: datetime
) -> Guardianship:
    """Let an adult be guardian of a child, on a free seat.

    Raises Refused for a third guardian, naming the two, and for somebody who is one already. The turn on
    the roster settles a race; the unique seat in the database would refuse what slipped past it.
    """
    take_roster()
    if pupil.archived_at:
        raise Refused(_("This child has left the school. Take it back first."))
    present = current_guardianships(pupil)
    if any(user.id == person.id for _one, user in present):
        raise Refused(
            _(
                "%(guardian)s is a guardian of %(pupil)s already.",
                guardian=full_name(person),
                pupil=full_name(pupil),
            ),
            "email",
        )
    _refuse_third(pupil, present)
    taken = {one.seat for one, _user in present}
    guardianship = Guardianship(
        pupil_id=pupil.id,
        user_id=person.id,
        seat=next(seat for seat in SEATS if seat not in taken),
        relation=relation,
        has_authority=has_authority,
        created_at=now,
    )
    db.session.add(guardianship)
    try:
        db.session.flush()
    except IntegrityError:
        raise Refused(_("Somebody else has just added a guardian. Look who it is and try again.")) from None
    audit.record(actor, "add_guardian", "guardianship", guardianship.id)
    return guardianship


def edit_guardianship(
    guardianship: Guardianship, relation: str, has_authority: bool, actor: Viewer | None
) -> None:
    """Change what the adult is to the child, and whether they decide for it (R21)."""
    take_roster()
    guardianship.relation = relation
    guardianship.has_authority = has_authority
    audit.record(actor, "edit_guardianship", "guardianship", guardianship.id)


def edit_adult(
    person: User, name: PersonName, phone: tuple[str, str], language: str, actor: Viewer | None
) -> None:
    """Change an adult's name, phone number and language; the address is `correct_email`'s."""
    take_roster()
    person.given_name, person.prefix, person.surname = name.given_name, name.prefix, name.surname
    person.sort_key = name.sort_key
    person.phone, person.phone_e164 = phone
    person.language = language
    audit.record(actor, "edit_adult", "user", person.id)


def revoke_guardianship(guardianship: Guardianship, actor: Viewer | None, now: datetime) -> None:
    """End an adult's access to a child at once; who has nothing left to see is signed out, without mail."""
    take_roster()
    db.session.refresh(guardianship)
    if guardianship.revoked_at:
        return
    guardianship.revoked_at = now
    guardianship.revoked_by = actor.id if actor else None
    db.session.flush()
    audit.record(actor, "revoke_guardianship", "guardianship", guardianship.id)
    end_access_without_role(guardianship.user_id, now)


def has_role(user_id: int) -> bool:
    """Whether the adult is a guardian of somebody or works at school."""
    guards = exists().where(Guardianship.user_id == user_id, Guardianship.revoked_at.is_(None))
    works = exists().where(StaffMember.user_id == user_id, StaffMember.left_at.is_(None))
    return bool(db.session.scalar(select(guards | works)))


def end_access_without_role(user_id: int, now: datetime) -> None:
    """Sign out, everywhere, an adult who is nobody's guardian and no staff any more, and stop their mail."""
    if has_role(user_id):
        return
    db.session.execute(
        update(LoginSession)
        .where(LoginSession.user_id == user_id, LoginSession.ended_at.is_(None))
        .values(ended_at=now)
    )
    db.session.execute(
        update(Invitation)
        .where(Invitation.user_id == user_id, Invitation.used_at.is_(None), Invitation.replaced_at.is_(None))
        .values(replaced_at=now)
    )
    db.session.execute(
        update(MailKey).where(MailKey.user_id == user_id, MailKey.used_at.is_(None)).values(used_at=now)
    )
    db.session.execute(
        delete(OutgoingMessage).where(
            and_(OutgoingMessage.user_id == user_id, OutgoingMessage.sent_at.is_(None))
        )
    )
