"""The part of an import that its reader does not see: what is about the reader's own family.

Who works here and is a guardian stays a guardian beside the own child (R22): the rows are read in like all
others, but nobody reads or decides about the other guardian of the own child.
"""

from dataclasses import dataclass, replace

from sqlalchemy import select

from portal import access
from portal.access import Viewer
from portal.domain.roster_plan import Change, Link, Plan
from portal.extensions import db
from portal.models.accounts import User
from portal.models.roster import Guardianship, Pupil


@dataclass(frozen=True, slots=True)
class Family:
    """The reader, the pupils whose guardians the reader does not keep, and the adults who are kept away."""

    reader: str
    pupils: frozenset[str]
    guardianships: frozenset[int]
    adults: frozenset[int]
    addresses: frozenset[str]

    def without(self, plan: Plan) -> Plan:
        """Return the plan without what is about the family; what the import does stays the same."""
        kin = {f"u{number}" for number in self.adults}
        mine = self.pupils | {link.pupil for link in plan.links if link.user in kin | {self.reader}}
        # A question about another child names who has the same address or name: the guardian beside us, say.
        unnamed = kin | {link.user for link in (*plan.links, *plan.barred) if link.pupil in mine}
        return replace(
            plan,
            new_pupils=[replace(step, untold=step.token in mine) for step in plan.new_pupils],
            changes=[step for step in plan.changes if not self._is_about_us(step)],
            new_teachers=[step for step in plan.new_teachers if step.user not in kin],
            teaching=[step for step in plan.teaching if step.user not in kin],
            leaving_teachers=[step for step in plan.leaving_teachers if step.user_id not in self.adults],
            links=_outside(plan.links, mine, kin),
            barred=_outside(plan.barred, mine, kin),
            ending=[step for step in plan.ending if step.pupil not in mine],
            choices=[
                one for one in plan.choices if one.user not in unnamed and not mine.intersection(one.pupils)
            ],
            unmatched=[
                one
                for one in plan.unmatched
                if one.email not in self.addresses
                and not mine.intersection(suggestion.token for suggestion in one.suggestions)
            ],
        )

    def _is_about_us(self, step: Change) -> bool:
        if step.of == "link":
            return step.ident in self.guardianships
        if step.field == "email" and step.new in self.addresses:
            # Who gets it may be the reader; whose it was until now is not for the reader to read.
            return True
        return step.of in ("guardian", "teacher") and step.ident in self.adults


def _outside(links: list[Link], pupils: frozenset[str], adults: set[str]) -> list[Link]:
    return [link for link in links if link.pupil not in pupils and link.user not in adults]


def family_of(viewer: Viewer) -> Family | None:
    """Return the family of who works here and is a guardian, None for anybody else."""
    others = frozenset(db.session.scalars(select(Pupil.id).where(~access.pupils_arranged_by(viewer))))
    if not others:
        return None
    adults = db.session.execute(select(User.id, User.email).where(~access.adults_known_to(viewer))).all()
    pairs = select(Guardianship.id).where(Guardianship.pupil_id.in_(others))
    return Family(
        f"u{viewer.id}",
        frozenset(f"p{number}" for number in others),
        frozenset(db.session.scalars(pairs)),
        frozenset(row.id for row in adults),
        frozenset(row.email for row in adults if row.email),
    )
