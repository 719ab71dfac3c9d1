"""Who has a login, who has not yet, and what the office can do about it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, select, update
from sqlalchemy.exc import IntegrityError

from portal.access import Viewer, admitted, adults_known_to, own_account
from portal.domain import audit, invitations, mail_keys, mail_trouble, outbox
from portal.domain.left_addresses import leave_addresses
from portal.domain.school import school_facts
from portal.domain.shown_fields import stop_showing_empty
from portal.errors import Refused
from portal.extensions import db
from portal.models.accounts import Invitation, StaffMember, User
from portal.models.outbox import OutgoingMessage
from portal.models.roster import Group, Guardianship, Membership, Pupil
from portal.words import gettext


@dataclass(frozen=True, slots=True)
class ChildOfAccount:
    """A child as it stands beside its guardian in the office's list."""

    pupil_id: int
    given_name: str
    prefix: str
    surname: str
    group: str | None


@dataclass(frozen=True, slots=True)
class AccountState:
    """How far an adult is on the way in.

    `state`: activated, unconfirmed (has a login but no address that is proved, so cannot log in again),
    bounced (the last mail to this address came back; `failure` says with which code), not_invited,
    no_email (only a letter helps), expired (the link was never used and is no longer valid) or invited
    (the link was not used since `invited_at`). `mail`: waiting, sent, bounced or '' for the last mail.
    """

    user_id: int
    given_name: str
    prefix: str
    surname: str
    email: str | None
    language: str
    role: str | None
    activated_at: datetime | None
    invited_at: datetime | None
    expires_at: datetime | None
    printed_at: datetime | None
    mail: str
    failure: str
    state: str
    organisation: str
    children: tuple[ChildOfAccount, ...]

    @property
    def is_in(self) -> bool:
        """Whether the person can log in, also when a mail came back."""
        return self.activated_at is not None and self.email is not None

    def days_waiting(self, now: datetime) -> int | None:
        """Return for how many days the link lies unused, or None when there is none."""
        return (now - self.invited_at).days if self.invited_at and not self.activated_at else None


def account_states(viewer: Viewer, now: datetime, group: Group | None = None) -> list[AccountState]:
    """Return every adult of the school (or of one group's families), in the order of their names.

    The other guardian of the reader's own child is not among them.
    """
    children = _children_by_guardian()
    last_mail = (
        select(OutgoingMessage.user_id, func.max(OutgoingMessage.id).label("id"))
        .where(OutgoingMessage.user_id.is_not(None), mail_trouble.went_to_address_in_use())
        .group_by(OutgoingMessage.user_id)
        .subquery()
    )
    found = db.session.execute(
        select(
            User.id, User.given_name, User.prefix, User.surname, User.email, User.language,
            StaffMember.role, User.activated_at,
            Invitation.created_at, Invitation.expires_at, Invitation.printed_at,
            OutgoingMessage.sent_at, OutgoingMessage.failed_at, OutgoingMessage.failure, User.organisation,
        )
        .outerjoin(StaffMember, and_(StaffMember.user_id == User.id, StaffMember.left_at.is_(None)))
        .outerjoin(
            Invitation,
            and_(
                Invitation.user_id == User.id,
                Invitation.used_at.is_(None),
                Invitation.replaced_at.is_(None),
            ),
        )
        .outerjoin(last_mail, last_mail.c.user_id == User.id)
        .outerjoin(OutgoingMessage, OutgoingMessage.id == last_mail.c.id)
        .where(admitted(), adults_known_to(viewer), invitations.has_child_in(group))
        .order_by(User.sort_key, User.id)
    )  # fmt: skip
    states = []
    for *who, sent_at, failed_at, failure, organisation in found:
        mail = "bounced" if failed_at else "sent" if sent_at else "waiting" if failure is not None else ""
        state = _state(who[4], who[7], who[8], who[9], mail, now)
        mine = tuple(children.get(who[0], ()))
        values = (*who, mail, failure if failed_at else "", state, organisation or "", mine)
        states.append(AccountState(*values))
    return states


def _state(
    email: str | None,
    activated_at: datetime | None,
    invited_at: datetime | None,
    expires_at: datetime | None,
    mail: str,
    now: datetime,
) -> str:
    if mail == "bounced":
        return "bounced"
    if activated_at:
        return "activated" if email else "unconfirmed"
    if not email:
        return "no_email"
    if invited_at is None:
        return "not_invited"
    return "expired" if expires_at and expires_at <= now else "invited"


def _children_by_guardian() -> dict[int, list[ChildOfAccount]]:
    rows = db.session.execute(
        select(Guardianship.user_id, Pupil.id, Pupil.given_name, Pupil.prefix, Pupil.surname, Group.name)
        .join(Pupil, Pupil.id == Guardianship.pupil_id)
        .outerjoin(
            Membership,
            and_(Membership.pupil_id == Pupil.id, Membership.home, Membership.ended_on.is_(None)),
        )
        .outerjoin(Group, Group.id == Membership.group_id)
        .where(Guardianship.revoked_at.is_(None), Pupil.archived_at.is_(None))
        .order_by(Group.sort_key, Pupil.sort_key, Pupil.id)
    )
    children: dict[int, list[ChildOfAccount]] = {}
    for user_id, pupil_id, given_name, prefix, surname, group in rows:
        child = ChildOfAccount(pupil_id, given_name, prefix, surname, group)
        children.setdefault(user_id, []).append(child)
    return children


def correct_email(user: User, email: str | None, actor: Viewer, now: datetime) -> None:
    """Set the address that the office was told, and send there what was not used yet.

    `email` is a valid address in lower case, or None for a guardian without one. Who has no login yet gets a
    new invitation there, also at an address that was right all along: the mail did not arrive. Who has one is
    told at the old address. Raises Refused with field `email` when somebody else has the new one.
    """
    before = user.email
    if before == email:
        mail_keys.withdraw_keys([user.id], now)
    else:
        leave_addresses([user.id], now)
    user.email = email
    user.email_changed_by_self_at = None
    _flush_email()
    stop_showing_empty(user, actor)
    audit.record(actor, "corrected_email", "user", user.id)
    # The link that went to the wrong address must not open anything any more.
    if user.activated_at is None and email:
        invitations.renew_invitation(user, actor, now)
    elif user.activated_at is None and before:
        invitations.replace_link(user, actor, now)


def account(user_id: int) -> User:
    """Return the account of who has just proved to be its owner with a link from a mail."""
    return db.session.get_one(User, user_id)


def own_words(user_id: int) -> list[str | None]:
    """Return the words that are too easy to guess in this person's password."""
    names = db.session.execute(
        select(User.email, User.given_name, User.surname).where(User.id == user_id)
    ).one()
    school = school_facts()
    return [*names, f"{names.given_name} {names.surname}", school.name, school.short_name]


def choose_language(viewer: Viewer, language: str) -> None:
    """Keep the language in which the person reads pages and mail."""
    db.session.execute(
        update(User)
        .where(own_account(viewer))
        .values(language=language)
        .execution_options(synchronize_session=False)
    )


def request_new_email(user: User, email: str, now: datetime) -> None:
    """Send a link to the new address; the address changes when it is followed, the last one asked for."""
    mail_keys.withdraw_other_addresses(user.id, email, now)
    key = mail_keys.make_key(user, mail_keys.EMAIL, now, new_email=email)
    outbox.queue("new_email", now, user=user, subject_id=key.id)


def confirm_new_email(user: User, email: str, now: datetime) -> None:
    """Set the address that the person asked for and has proved to read; the old address is told.

    Raises Refused when somebody else has it by now.
    """
    leave_addresses([user.id], now)
    user.email = email
    user.email_changed_by_self_at = now
    _flush_email()
    audit.record(None, "changed_email", "user", user.id)


def _flush_email() -> None:
    try:
        db.session.flush()
    except IntegrityError:
        raise Refused(gettext("Somebody else at school has this e-mail address already."), "email") from None


def change_phone(user: User, phone: str, phone_e164: str, now: datetime) -> None:
    """Set the person's own telephone number, both as typed and as dialled."""
    if (phone, phone_e164) != (user.phone, user.phone_e164):
        user.phone, user.phone_e164 = phone, phone_e164
        user.phone_changed_by_self_at = now
        audit.record(None, "changed_phone", "user", user.id)
