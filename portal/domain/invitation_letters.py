"""The invitation on paper, for who has no e-mail or does not read it."""

from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import ColumnElement, and_, select

from portal import access
from portal.access import Viewer, admitted
from portal.domain import accounts, audit
from portal.domain.accounts import AccountState
from portal.domain.invitations import has_child_in, invitation_link, valid_invitation
from portal.extensions import db
from portal.models.accounts import Invitation, User
from portal.models.roster import Group


@dataclass(frozen=True, slots=True)
class InvitationLetter:
    """One letter: to whom, about which children, and the link that it carries."""

    account: AccountState
    link: str
    expires_at: datetime


def prepare_letter(user: User, actor: Viewer | None, now: datetime) -> None:
    """See to it that there is a valid link to print, and note that it is printed.

    A link that was mailed before is printed as it is, so that both work. Raises Refused when the person has
    a login already.
    """
    valid_invitation(user, actor, now).printed_at = now
    audit.record(actor, "printed_invitation", "user", user.id)


def prepare_letters(group: Group, viewer: Viewer, now: datetime) -> int:
    """Prepare the letters of everybody with a child in the group and no login; return how many."""
    waiting = select(User).where(_waits_in(group, viewer)).order_by(User.sort_key, User.id)
    users = list(db.session.scalars(waiting))
    for user in users:
        prepare_letter(user, viewer, now)
    return len(users)


def _waits_in(group: Group, viewer: Viewer) -> ColumnElement[bool]:
    return and_(
        admitted(), User.activated_at.is_(None), has_child_in(group), access.adults_managed_by(viewer)
    )


def letters_of(
    viewer: Viewer, now: datetime, group: Group | None = None, user: User | None = None
) -> list[InvitationLetter]:
    """Return the letters that can be printed now, of a group's guardians or of one adult; changes nothing."""
    conditions = [
        access.adults_managed_by(viewer),
        Invitation.used_at.is_(None),
        Invitation.replaced_at.is_(None),
        Invitation.expires_at > now,
        User.activated_at.is_(None),
    ]
    if user:
        conditions.append(User.id == user.id)
    found = db.session.scalars(
        select(Invitation).join(User, User.id == Invitation.user_id).where(*conditions)
    )
    invitations = {invitation.user_id: invitation for invitation in found}
    return [
        InvitationLetter(state, invitation_link(invitation), invitation.expires_at)
        for state in accounts.account_states(viewer, now, group)
        if (invitation := invitations.get(state.user_id))
    ]
