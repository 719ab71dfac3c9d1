"""The way in for an adult without a login: one open invitation, the same link by mail and on paper."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask import current_app
from sqlalchemy import ColumnElement, and_, exists, select, true, update
from sqlalchemy.exc import IntegrityError

from portal.access import Viewer, admitted, adults_known_to, hash_of
from portal.domain import audit, outbox
from portal.errors import Refused
from portal.extensions import db
from portal.models.accounts import Invitation, User
from portal.models.roster import Group, Guardianship, Membership, Pupil
from portal.names import clean, full
from portal.tokens import new_nonce, token_for
from portal.words import gettext

VALID_FOR = timedelta(days=60)
MAIL = "invitation"
CHILD_ADDED = "child_added"


def invite(user: User, actor: Viewer | None, now: datetime) -> Invitation:
    """Give an adult without a login a valid link and mail it to who has an address.

    Who was invited before gets the same link again, as long as it is valid. Raises Refused when there is
    nothing to invite to: the person has a login already, or no child here and no work.
    """
    invitation = valid_invitation(user, actor, now)
    _queue_mail(invitation, user, now)
    return invitation


def valid_invitation(user: User, actor: Viewer | None, now: datetime) -> Invitation:
    """Return the person's link, a new one when there is none or it is too old, and mail nothing."""
    _refuse_who_needs_none(user)
    invitation = open_invitation(user)
    if invitation is None or invitation.expires_at <= now or not fits_secret_key(invitation):
        invitation = _replace(invitation, user, actor, now)
    return invitation


def invite_all(
    actor: Viewer | None, now: datetime, group: Group | None = None, guardians_only: bool = False
) -> int:
    """Invite everybody who has no login and no open invitation, of one group or of the school.

    Returns how many were invited. Guardians without an address are counted too: their letter is printed.
    Whom the actor may not know is left to a colleague: the other guardian of the own child.
    """
    invited = exists().where(Invitation.user_id == User.id, _is_open())
    waiting = select(User).where(admitted(), User.activated_at.is_(None), ~invited, has_child_in(group))
    if actor is not None:
        waiting = waiting.where(adults_known_to(actor))
    if guardians_only:
        waiting = waiting.where(
            exists().where(Guardianship.user_id == User.id, Guardianship.revoked_at.is_(None))
        )
    users = list(db.session.scalars(waiting.order_by(User.sort_key, User.id)))
    made = _add_all(users, actor, now)
    outbox.queue_all(
        MAIL,
        now,
        [
            (user, invitation.id, f"{MAIL}:{invitation.id}:0")
            for user, invitation in zip(users, made, strict=True)
            if user.email
        ],
    )
    return len(users)


def renew_invitation(user: User, actor: Viewer | None, now: datetime) -> Invitation:
    """Replace the person's link by a new one, valid for 60 days from now, and mail it."""
    _refuse_who_needs_none(user)
    invitation = _replace(open_invitation(user), user, actor, now)
    _queue_mail(invitation, user, now)
    return invitation


def follow_address(user: User, actor: Viewer | None, now: datetime) -> None:
    """Replace the link that went to the address of before; no mail goes to who does not belong here now."""
    if _belongs_here(user):
        renew_invitation(user, actor, now)
    else:
        replace_link(user, actor, now)


def replace_link(user: User, actor: Viewer | None, now: datetime) -> None:
    """Let the link that the person has open nothing any more: the letter gets a new one, no mail goes."""
    invitation = open_invitation(user)
    if invitation is not None:
        _replace(invitation, user, actor, now)


def tell_of_new_child(user: User, guardianship: Guardianship, now: datetime) -> None:
    """Tell a guardian who has a login that a child was added; who has none will be invited anyway."""
    if user.activated_at is not None:
        outbox.queue(
            CHILD_ADDED,
            now,
            user=user,
            subject_id=guardianship.id,
            dedupe_key=f"{CHILD_ADDED}:{guardianship.id}",
        )


def invitation_link(invitation: Invitation) -> str:
    """Return the address on the letter and in the mail."""
    token = token_for(MAIL, invitation.user_id, invitation.nonce)
    return f"{current_app.config['BASE_URL']}/invitation/{token}"


def fits_secret_key(invitation: Invitation) -> bool:
    """Whether the link made today is the one that was sent; not after the installation got another key."""
    return invitation.token_hash == hash_of(token_for(MAIL, invitation.user_id, invitation.nonce))


def open_invitation(user: User) -> Invitation | None:
    """Return the one invitation of this person that was not used or replaced, valid or not."""
    return db.session.scalar(select(Invitation).where(Invitation.user_id == user.id, _is_open()))


def _is_open() -> ColumnElement[bool]:
    return and_(Invitation.used_at.is_(None), Invitation.replaced_at.is_(None))


def group_named(name: str) -> Group:
    """Return the group of this school year with a name as typed, '3/4' or 'groep 3/4'. Raises Refused."""
    bare = clean(name).casefold().removeprefix("groep ").removeprefix("group ")
    groups = db.session.scalars(select(Group).where(Group.closed_at.is_(None)).order_by(Group.id.desc()))
    for group in groups:
        if group.name.casefold() in (bare, clean(name).casefold()):
            return group
    raise Refused(gettext("There is no group called %(name)s.", name=name))


def has_child_in(group: Group | None) -> ColumnElement[bool]:
    """The adults with a child in the group; everybody when there is no group."""
    if group is None:
        return true()
    return exists().where(
        Guardianship.user_id == User.id,
        Guardianship.revoked_at.is_(None),
        Membership.pupil_id == Guardianship.pupil_id,
        Membership.group_id == group.id,
        Membership.ended_on.is_(None),
    )


def _refuse_who_needs_none(user: User) -> None:
    if user.activated_at is not None:
        raise Refused(gettext("This person has a login already."))
    if not _belongs_here(user):
        raise Refused(gettext("This person has no child at this school and does not work here."))


def _belongs_here(user: User) -> bool:
    return bool(db.session.scalar(select(exists().where(User.id == user.id, admitted()))))


def _replace(old: Invitation | None, user: User, actor: Viewer | None, now: datetime) -> Invitation:
    if old is not None:
        db.session.execute(
            update(Invitation)
            .where(Invitation.id == old.id, _is_open())
            .values(replaced_at=now)
            .execution_options(synchronize_session=False)
        )
    return _add_all([user], actor, now)[0]


def _add_all(users: list[User], actor: Viewer | None, now: datetime) -> list[Invitation]:
    made = [_new(user, actor, now) for user in users]
    db.session.add_all(made)
    try:
        db.session.flush()
    except IntegrityError:
        raise Refused(gettext("Somebody else is inviting right now. Look again in a moment.")) from None
    for user in users:
        audit.record(actor, "invited", "user", user.id)
    return made


def _new(user: User, actor: Viewer | None, now: datetime) -> Invitation:
    nonce = new_nonce()
    return Invitation(
        user_id=user.id,
        nonce=nonce,
        token_hash=hash_of(token_for(MAIL, user.id, nonce)),
        created_at=now,
        created_by=actor.id if actor else None,
        expires_at=now + VALID_FOR,
    )


def _queue_mail(invitation: Invitation, user: User, now: datetime) -> None:
    """Queue the mail; while one is still waiting to be sent, that one is enough."""
    if user.email:
        number = outbox.times_done(MAIL, invitation.id)
        outbox.queue(
            MAIL, now, user=user, subject_id=invitation.id, dedupe_key=f"{MAIL}:{invitation.id}:{number}"
        )


@dataclass(frozen=True, slots=True)
class InvitationFacts:
    """What a link stands for. `state`: open, used, expired or replaced."""

    id: int
    user_id: int
    given_name: str
    prefix: str
    surname: str
    email: str | None
    language: str
    state: str


@dataclass(frozen=True, slots=True)
class InvitedChild:
    """A child that the invited person will find in the portal."""

    given_name: str
    prefix: str
    surname: str
    group: str | None

    @property
    def name(self) -> str:
        """The name as it is said."""
        return full(self.given_name, self.prefix, self.surname)


def invitation_of(token: str, now: datetime) -> InvitationFacts | None:
    """Return what the link is for; None when it never was one, or its owner may no longer come in."""
    row = db.session.execute(
        select(Invitation, User)
        .join(User, User.id == Invitation.user_id)
        .where(Invitation.token_hash == hash_of(token), admitted())
    ).one_or_none()
    if row is None:
        return None
    invitation, user = row
    return InvitationFacts(
        invitation.id,
        user.id,
        user.given_name,
        user.prefix,
        user.surname,
        user.email,
        user.language,
        _state(invitation, user, now),
    )


def _state(invitation: Invitation, user: User, now: datetime) -> str:
    if invitation.used_at is not None or user.activated_at is not None:
        return "used"
    if invitation.replaced_at is not None:
        return "replaced"
    return "expired" if invitation.expires_at <= now else "open"


def children_of(user_id: int) -> list[InvitedChild]:
    """Return the children that a person is guardian of now, with their home groups."""
    rows = db.session.execute(
        select(Pupil.given_name, Pupil.prefix, Pupil.surname, Group.name)
        .join(Guardianship, Guardianship.pupil_id == Pupil.id)
        .outerjoin(
            Membership,
            and_(Membership.pupil_id == Pupil.id, Membership.home, Membership.ended_on.is_(None)),
        )
        .outerjoin(Group, Group.id == Membership.group_id)
        .where(
            Guardianship.user_id == user_id,
            Guardianship.revoked_at.is_(None),
            Pupil.archived_at.is_(None),
        )
        .order_by(Pupil.sort_key, Pupil.id)
    )
    return [InvitedChild(*row) for row in rows]


def accept_invitation(token: str, password_hash: str, language: str, now: datetime) -> User | None:
    """Use the link: the person has a login from now on. None when it was just used or is no longer valid."""
    used = db.session.scalar(
        update(Invitation)
        .where(Invitation.token_hash == hash_of(token), _is_open(), Invitation.expires_at > now)
        .values(used_at=now)
        .returning(Invitation.user_id)
        .execution_options(synchronize_session=False)
    )
    user = db.session.scalar(select(User).where(User.id == used, User.activated_at.is_(None), admitted()))
    if user is None:
        return None
    user.activated_at = now
    user.password_hash = password_hash
    user.language = language
    audit.record(None, "accepted_invitation", "user", user.id)
    return user
