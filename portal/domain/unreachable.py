"""The families whom no mail reaches: what the office does about each."""

from dataclasses import dataclass, field

from sqlalchemy import and_, or_, select

from portal import names
from portal.access import Viewer, adults_managed_by, of_office, pupils_of_school
from portal.access.directory import guarded_by_unknown
from portal.access.letters import receives_letters
from portal.access.pupils import is_family
from portal.domain.mail_trouble import takes_no_mail
from portal.extensions import db
from portal.models.accounts import User
from portal.models.notices import MailTrouble
from portal.models.roster import Group, Guardianship, Membership, Pupil


@dataclass(frozen=True, slots=True)
class Lost:
    """A guardian whom no mail reaches. `code` says why, '' when there is no address at all."""

    user_id: int
    name: str
    relation: str
    address: str
    phone: str
    code: str
    may_fix: bool


@dataclass(slots=True)
class Family:
    """A child with the guardians whom no mail reaches. `nobody`: no mail reaches any of its guardians.

    Without any in `lost` the child has no guardian who gets letters.
    """

    pupil_id: int
    name: str
    group: str
    lost: list[Lost] = field(default_factory=list)
    nobody: bool = True


def unreachable_families(viewer: Viewer) -> list[Family]:
    """Return the children with a guardian whom no mail reaches, or with no guardian who gets letters.

    First those of whom it reaches nobody.

    Only guardians whom the office reader may know are there, and no child of which one is kept from them.
    """
    rows = db.session.execute(
        select(
            *(Pupil.id, Pupil.given_name, Pupil.prefix, Pupil.surname, Group.name),
            *(User.id.label("user_id"), User.given_name, User.prefix, User.surname),
            *(User.organisation, Guardianship.relation, User.email, User.phone, MailTrouble.code),
            takes_no_mail().label("is_lost"),
            adults_managed_by(viewer).label("may_fix"),
        )
        .select_from(Pupil)
        .outerjoin(
            Guardianship,
            and_(
                Guardianship.pupil_id == Pupil.id,
                Guardianship.revoked_at.is_(None),
                receives_letters(Guardianship.user_id, Guardianship.pupil_id),
            ),
        )
        .outerjoin(User, User.id == Guardianship.user_id)
        .outerjoin(MailTrouble, and_(MailTrouble.user_id == User.id, MailTrouble.address == User.email))
        .outerjoin(
            Membership,
            and_(Membership.pupil_id == Pupil.id, Membership.home, Membership.ended_on.is_(None)),
        )
        .outerjoin(Group, Group.id == Membership.group_id)
        .where(
            of_office(viewer),
            pupils_of_school(viewer),
            Pupil.archived_at.is_(None),
            ~or_(is_family(viewer.id, Pupil.id), guarded_by_unknown(viewer.id, Pupil.id)),
        )
        .order_by(Pupil.sort_key, Pupil.id, Guardianship.seat)
    )
    found: dict[int, Family] = {}
    for row in rows:
        family = found.setdefault(row[0], Family(row[0], names.full(*row[1:4]), row[4] or ""))
        if row.user_id is None:
            continue
        if not row.is_lost:
            family.nobody = False
            continue
        name = names.of_adult(*row[6:9], row.organisation, row.email)
        family.lost.append(
            Lost(row.user_id, name, row.relation, row.email or "", row.phone, row.code or "", row.may_fix)
        )
    lost = [family for family in found.values() if family.lost or family.nobody]
    return sorted(lost, key=lambda family: not family.nobody)
