"""Guardians: which adults belong to a child, at most two at a time, each with their own access (R19, R23)."""

from datetime import datetime

from sqlalchemy import and_, delete, exists, or_, select, true, update
from sqlalchemy.exc import IntegrityError

from portal import clock, names
from portal.access import Viewer, admitted, adults_known_to, barrings_kept_by
from portal.domain import audit, hiding, meeting_upkeep
from portal.domain.arrangement_history import note
from portal.domain.holding import hold, refuse_overtaken, version_of
from portal.domain.open_requests import close_without_access
from portal.domain.roster import PersonName, take_roster
from portal.domain.shown_fields import stop_showing_empty
from portal.errors import Refused
from portal.extensions import db
from portal.formatting import full_date
from portal.models.accounts import Invitation, LoginSession, MailKey, User
from portal.models.arrangements import Barring
from portal.models.outbox import OutgoingMessage
from portal.models.roster import Guardianship, Pupil
from portal.words import gettext as _

SEATS = (1, 2)


def full_name(person: User | Pupil) -> str:
    """Return 'Sanne van der Berg', or the address of an adult whose name nobody filled in.

    Who acts for an institution is named with it: 'Els Jansen (William Schrikker)' (R23).
    """
    name = names.full(person.given_name, person.prefix, person.surname)
    if isinstance(person, Pupil):
        return name
    return names.of_institution(name, person.organisation) or person.email or ""


def adult_with_email(email: str | None) -> User | None:
    """Return the one person who has this address, guardian or staff, or None."""
    if not email:
        return None
    return db.session.scalars(select(User).where(User.email == email)).one_or_none()


def known_adult(viewer: Viewer, email: str | None) -> User | None:
    """Return who has this address, as far as the reader may know the person.

    Raises Refused for the address of somebody kept from the reader: the other guardian of the own child.
    """
    person = adult_with_email(email)
    known = select(exists().where(User.email == email, adults_known_to(viewer)))
    if person and not db.session.scalar(known):
        raise Refused(_("This address cannot be used here. Ask a colleague to do this."), "email")
    return person


def new_adult(
    name: PersonName,
    email: str | None,
    phone: tuple[str, str],
    language: str,
    now: datetime,
    organisation: str = "",
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
        organisation=organisation or None,
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

    Raises Refused for a third guardian, naming the two, for somebody who is one already, and for who may
    have no contact with the child. The turn on the roster settles a race; the unique seat in the database
    would refuse what slipped past it.
    """
    take_roster()
    if pupil.archived_at:
        raise Refused(_("This child has left the school. Take it back first."))
    refuse_barred(pupil, person, actor)
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
    hiding.hide_as_before([guardianship.id])
    note(pupil.id, person.id, "added", "", actor, now)
    audit.record(actor, "add_guardian", "guardianship", guardianship.id)
    if not has_authority:
        said = _("Filled in when this guardian was added.")
        note(pupil.id, person.id, "no_authority", said, actor, now)
    meeting_upkeep.follow_roster(meeting_upkeep.touched_by(person.id, [pupil.id]), now)
    return guardianship


def refuse_barred(pupil: Pupil, person: User, actor: Viewer | None) -> None:
    """Raise Refused, with since when and why, for who may have no contact with the child.

    Somebody of the same name counts too: a second row of the same person would undo the decision. Whoever
    works here and may not know of it, being family of that person, is told to ask a colleague (R22).
    """
    told = barrings_kept_by(actor) if actor else true()
    row = db.session.execute(
        select(Barring.barred_at, Barring.reason, told.label("told"))
        .join(User, User.id == Barring.user_id)
        .where(
            Barring.pupil_id == pupil.id,
            Barring.lifted_at.is_(None),
            or_(User.id == person.id, and_(User.sort_key == person.sort_key, User.sort_key != "")),
        )
    ).first()
    if row is not None and not row.told:
        raise Refused(_("This cannot be done here. Ask a colleague."))
    if row is not None:
        raise Refused(
            _(
                "%(guardian)s may have no contact with %(pupil)s, since %(day)s: %(reason)s "
                "Only when that is lifted can they be a guardian again.",
                guardian=full_name(person),
                pupil=full_name(pupil),
                day=full_date(clock.to_local(row.barred_at).date()),
                reason=row.reason,
            )
        )


def edit_guardianship(guardianship: Guardianship, relation: str, actor: Viewer | None) -> None:
    """Change what the adult is to the child; authority is `change_authority`'s."""
    take_roster()
    guardianship.relation = relation
    audit.record(actor, "edit_guardianship", "guardianship", guardianship.id)


def version_of_adult(person: User) -> str:
    """Return what tells what is known of an adult from what was or will be."""
    name = (person.given_name, person.prefix, person.surname)
    return version_of(*name, person.email, person.phone, person.language, person.organisation)


def edit_adult(
    person: User,
    name: PersonName,
    phone: tuple[str, str],
    language: str,
    version: str,
    actor: Viewer | None,
    organisation: str | None = None,
) -> None:
    """Change an adult's name, phone number and language; the address is `correct_email`'s.

    `organisation` None leaves it as it is, '' means that the adult acts for no institution. Raises Overtaken
    when what is known is not this `version` any more.
    """
    take_roster()
    hold(person)
    refuse_overtaken(version, version_of_adult(person))
    person.given_name, person.prefix, person.surname = name.given_name, name.prefix, name.surname
    person.sort_key = name.sort_key
    person.phone, person.phone_e164 = phone
    person.language = language
    if organisation is not None:
        person.organisation = organisation or None
    stop_showing_empty(person, actor)
    audit.record(actor, "edit_adult", "user", person.id)


def revoke_guardianship(guardianship: Guardianship, reason: str, actor: Viewer | None, now: datetime) -> None:
    """End an adult's access to a child at once; who has nothing left to see is signed out, without mail.

    `reason` is kept in the pupil's history, for the office.
    """
    take_roster()
    db.session.refresh(guardianship)
    if guardianship.revoked_at:
        return
    touched = meeting_upkeep.touched_by(guardianship.user_id, [guardianship.pupil_id])
    meeting_upkeep.take_turns_of(touched, now)
    guardianship.revoked_at = now
    guardianship.revoked_by = actor.id if actor else None
    db.session.flush()
    audit.record(actor, "revoke_guardianship", "guardianship", guardianship.id)
    note(guardianship.pupil_id, guardianship.user_id, "ended", reason, actor, now)
    close_without_access(guardianship, actor, now)
    meeting_upkeep.follow_roster(touched, now)
    end_access_without_role(guardianship.user_id, now)


def end_access_without_role(user_id: int, now: datetime) -> None:
    """Sign out, everywhere, an adult who does not belong to the school any more, and stop their mail."""
    if db.session.scalar(select(exists().where(User.id == user_id, admitted()))):
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
