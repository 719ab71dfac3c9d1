"""E-mail addresses that go in one file from an adult to another, as where two parents exchange them. Pure."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace

from portal.domain.roster_adult_changes import shown
from portal.domain.roster_plan import Change, Plan
from portal.domain.roster_snapshot import AdultNow


@dataclass(frozen=True, slots=True)
class _Wish:
    adult: AdultNow
    owner: AdultNow
    about: str


class PassedAddresses:
    """Who is to get an address that somebody else has now; planned when it is known who lets go of theirs."""

    def __init__(self) -> None:
        self._wishes: dict[str, _Wish] = {}

    def ask_for(self, adult: AdultNow, owner: AdultNow, about: str) -> None:
        """Note that the file gives an adult the address of `owner`; of two who ask, the first counts."""
        if owner.email:
            self._wishes.setdefault(owner.email, _Wish(adult, owner, about))

    def plan(self, plan: Plan) -> None:
        """Add the changes for which the owner gets another address in this file.

        Such a change begins on only where that of the owner does, and needs it.
        """
        changing = {step.ident: step for step in plan.changes if step.field == "email"}
        wishes = [wish for wish in self._wishes.values() if wish.adult.id not in changing]
        while wishes:
            letting_go = {*changing, *(wish.adult.id for wish in wishes)}
            kept = [wish for wish in wishes if wish.owner.id in letting_go]
            if len(kept) == len(wishes):
                break
            wishes = kept
        steps = {wish.adult.id: _change(wish, changing) for wish in wishes}
        plan.changes.extend(_begun(steps, changing).values())


def _change(wish: _Wish, changing: Mapping[int, Change]) -> Change:
    adult, email = wish.adult, wish.owner.email or ""
    before = changing.get(wish.owner.id)
    return Change(
        f"guardian-{adult.id}-email",
        shown(adult),
        wish.about,
        not adult.own_email,
        of="guardian",
        ident=adult.id,
        field="email",
        old=adult.email or "",
        new=email,
        values={"email": email},
        conflict=adult.own_email,
        needs=before.id if before else f"guardian-{wish.owner.id}-email",
    )


def _begun(steps: dict[int, Change], changing: Mapping[int, Change]) -> dict[int, Change]:
    """Let the boxes begin off that need one that does."""
    while True:
        off = {step.id for step in (*steps.values(), *changing.values()) if not step.on}
        wrong = [number for number, step in steps.items() if step.on and step.needs in off]
        if not wrong:
            return steps
        steps |= {number: replace(steps[number], on=False) for number in wrong}


def unmet(changes: Sequence[Change], ticked: frozenset[str]) -> Change | None:
    """Return the first change that is ticked while the one that frees its address is not."""
    return next((one for one in changes if one.id in ticked and one.needs and one.needs not in ticked), None)
