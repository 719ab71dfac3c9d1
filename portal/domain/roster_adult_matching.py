"""Which adults the guardians' rows of a file are: known ones, new ones, or to be asked about. Pure."""

from collections.abc import Iterable, Mapping
from dataclasses import replace

from portal.domain.importers.rows import GuardianRow
from portal.domain.roster_adult_changes import change_adult, shown
from portal.domain.roster_child_matching import Child
from portal.domain.roster_likeness import adult_name, alike, is_named
from portal.domain.roster_passed_addresses import PassedAddresses
from portal.domain.roster_plan import AddAdult, Plan
from portal.domain.roster_questions import ONE, TWO, Answers, Choice
from portal.domain.roster_siblings import FamilyNames, Known
from portal.domain.roster_snapshot import AdultNow
from portal.names import fold


class Adults:
    """The adults by all that a row may say of them.

    `teachers` are the numbers of those whom the file names as teachers, `wanted` who is to be a guardian of
    whom so far.
    """

    def __init__(
        self,
        adults: Mapping[int, AdultNow],
        rows: Iterable[GuardianRow],
        plan: Plan,
        answers: Answers,
        teachers: set[int],
        wanted: Mapping[str, Mapping[str, object]],
    ) -> None:
        self._adults = adults
        self._plan = plan
        self._answers = answers
        self._teachers = teachers
        self._wanted = wanted
        self._by_key = {adult.guardian_key: adult for adult in adults.values() if adult.guardian_key}
        self._by_email = {adult.email: adult for adult in adults.values() if adult.email}
        self._by_phone: dict[str, list[AdultNow]] = {}
        for adult in adults.values():
            if adult.phone_e164:
                self._by_phone.setdefault(adult.phone_e164, []).append(adult)
        self._rows = tuple(rows)
        self._rows_of: dict[str, list[GuardianRow]] = {}
        for row in self._rows:
            if row.email:
                self._rows_of.setdefault(row.email, []).append(row)
        self._claimed = _addresses_of_new_teachers(plan)
        self._described: set[int] = set()
        self._passed = PassedAddresses()
        self.families = FamilyNames()
        self.chosen: set[int] = set()
        """The rows of which the office said who they are, other than as the page began."""
        self.guessed: set[int] = set()
        """The rows that are taken for who has their address, which nobody has said yet."""

    def find(self, index: int, row: GuardianRow, found: list[Child]) -> str | None:
        """Return the token of who a row is, as a guardian of these children; None until that is said."""
        adult = self._by_key.get(row.key) if row.key else None
        if adult is None and row.email:
            owner = self._by_email.get(row.email)
            if owner is not None:
                if not (alike(owner, row) or not is_named(row)):
                    return self._shared_address(index, row, found, f"u{owner.id}", owner)
                adult = self._named_beside(owner, row, found) or owner
            elif row.email in self._claimed:
                token, first = self._claimed[row.email]
                if alike(first, row) or not is_named(row):
                    return token
                return self._shared_address(index, row, found, token, first)
        if adult is None:
            adult = self._known_by_name(row, found)
        if adult is not None:
            return self._existing(adult, row, found)
        if not (row.email or row.phone_e164 or row.key):
            return self._of_sibling(index, row, found) or self._new(index, row, None)
        return self._new(index, row, row.email)

    def finish(self) -> None:
        """Plan the addresses that go from one adult to another, now that all rows are matched."""
        self._passed.plan(self._plan)

    # --- by name

    def _known_by_name(self, row: GuardianRow, found: list[Child]) -> AdultNow | None:
        """Find a guardian of these children by number or name, or somebody elsewhere by both.

        Who may have no contact with one of them counts as near: a new address is no new person.
        """
        near = self._guardians_of(found)
        known = near | {number: self._adults[number] for child in found for number in child.barred}
        # Another row may be the same adult by address; two rows never become one by name alone.
        fitting = [
            adult
            for adult in known.values()
            if self._may_be(adult, row) or self._has_two_addresses(adult, row)
        ]
        called = [adult for adult in fitting if row.phone_e164 and adult.phone_e164 == row.phone_e164]
        if len(called) == 1:
            return called[0]
        if not is_named(row):
            return self._who_changed_address(row, near.values())
        if row.surname and (row.given_name or row.initials):
            elsewhere = self._by_phone.get(row.phone_e164, []) if row.phone_e164 else []
            fitting += [adult for adult in elsewhere if adult.id not in known and self._may_be(adult, row)]
            fitting = [adult for adult in fitting if adult.surname]
        else:
            fitting = [adult for adult in fitting if shown(adult) == adult_name(row)]
        return fitting[0] if len(fitting) == 1 else None

    def _named_beside(self, owner: AdultNow, row: GuardianRow, found: list[Child]) -> AdultNow | None:
        """Return the guardian who bears the row's name, where the owner of its address is nameless."""
        if is_named(owner):
            return None
        others = [one for one in self._guardians_of(found).values() if _bears_name(one, row)]
        fitting = [one for one in others if self._may_be(one, row)]
        return fitting[0] if len(fitting) == 1 else None

    def _guardians_of(self, found: list[Child]) -> dict[int, AdultNow]:
        return {pair.user_id: self._adults[pair.user_id] for child in found for pair in child.guardians}

    def _may_be(self, adult: AdultNow, row: GuardianRow) -> bool:
        return alike(adult, row) and not self._is_named_by_address(adult, row)

    def _is_named_by_address(self, adult: AdultNow, row: GuardianRow) -> bool:
        """Whether another row is the adult by the address; no row that bears the name of somebody else."""
        if not adult.email or adult.email == row.email:
            return False
        return any(alike(adult, other) or not is_named(other) for other in self._rows_of.get(adult.email, []))

    def _has_two_addresses(self, adult: AdultNow, row: GuardianRow) -> bool:
        """Whether a guardian of these children has another address with other children in the file.

        So it is for one whole name in rows that are about different pupils.
        """
        name = adult_name(row)
        if not (row.given_name and row.surname and fold(name) == fold(adult_name(adult))):
            return False
        pupils = {ref.pointer for ref in row.children}
        others = self._rows_of.get(adult.email or "", [])
        return not any(pupils.intersection(ref.pointer for ref in other.children) for other in others)

    def _who_changed_address(self, row: GuardianRow, near: Iterable[AdultNow]) -> AdultNow | None:
        """An unknown address without a name is the one guardian who took another address in the portal."""
        if not row.email:
            return None
        changed = [adult for adult in near if adult.own_email and adult.email not in self._rows_of]
        return changed[0] if len(changed) == 1 else None

    # --- asked about

    def _of_sibling(self, index: int, row: GuardianRow, found: list[Child]) -> str | None:
        """Ask whether a name alone is the guardian of that name of a sibling; two people until it is said."""
        known: list[Known] = []
        for child in found:
            near = {f"u{pair.user_id}" for pair in child.guardians}
            known = known or self.families.of(row, child.names, near | set(self._wanted.get(child.token, {})))
        if not known:
            return None
        answer = self._answer(index, TWO)
        others = tuple(dict.fromkeys(one.child for one in known))
        self._ask(
            index, row, found, Choice("", shown(row), "", "", (), row.at, answer, (), known[0].token, others)
        )
        return known[0].token if answer == ONE else None

    def _shared_address(
        self, index: int, row: GuardianRow, found: list[Child], token: str, first: AdultNow | GuardianRow
    ) -> str | None:
        """Ask whether a row is who has its address, which bears another name, unless it is somebody known."""
        known = self._known_by_name(row, found)
        if known is not None:
            return self._existing(known, row, found)
        answer = self._answer(index, ONE if self._is_one_renamed(token, row, found) else "")
        self._ask(
            index, row, found, Choice("", shown(first), "", row.email or "", (), row.at, answer, (), token)
        )
        if answer == ONE:
            return token
        return self._new(index, row, None) if answer == TWO else None

    def _is_one_renamed(self, token: str, row: GuardianRow, found: list[Child]) -> bool:
        """Whether the owner of the address seems to have another name by now.

        So it is when the owner is guardian of all these children, no other one bears the name of the row, and
        no other row about them the name of the owner.
        """
        guardians = self._guardians_of(found)
        owner = guardians.pop(int(token[1:]), None) if token.startswith("u") else None
        if owner is None or not all(_has(child, owner) for child in found):
            return False
        pupils = {ref.pointer for ref in row.children}
        beside = (other for other in self._rows if pupils.intersection(ref.pointer for ref in other.children))
        return not any(_bears_name(adult, row) for adult in guardians.values()) and not any(
            _bears_name(owner, other) for other in beside if other is not row
        )

    def _ask(self, index: int, row: GuardianRow, found: list[Child], choice: Choice) -> None:
        names, tokens = tuple(child.name for child in found), tuple(child.token for child in found)
        ident = f"choice-{index}"
        self._plan.choices.append(replace(choice, id=ident, second=shown(row), children=names, pupils=tokens))

    def _answer(self, index: int, begins: str) -> str:
        """Return what the office said about a row, else how its choice begins."""
        answer = self._answers.choices.get(f"choice-{index}", begins)
        if answer in (ONE, TWO) and answer != begins:
            self.chosen.add(index)
        if answer == ONE and f"choice-{index}" not in self._answers.choices:
            self.guessed.add(index)
        return answer if answer in (ONE, TWO) else ""

    # --- settled

    def _new(self, index: int, row: GuardianRow, email: str | None) -> str:
        token = f"na{index}"
        if email:
            self._claimed[email] = (token, row)
        self._plan.adults.append(AddAdult(token, row, email))
        return token

    def _existing(self, adult: AdultNow, row: GuardianRow, found: list[Child]) -> str:
        if adult.id not in self._described:
            self._described.add(adult.id)
            if adult.id in self._teachers:
                # The school's own list says what a teacher is called and mailed at.
                row = replace(row, given_name="", initials="", prefix="", surname="", email=None)
            elif row.email and self._is_named_by_address(adult, row):
                # Another row has the address that the adult has: of two, that one stays.
                row = replace(row, email=None)
            owner = self._by_email.get(row.email or "")
            if owner is not None and owner.id != adult.id:
                self._passed.ask_for(adult, owner, found[0].name)
            elif row.email and self._claimed.get(row.email, (f"u{adult.id}", row))[0] != f"u{adult.id}":
                row = replace(row, email=None)
            change_adult(self._plan, adult, row, "guardian", self._by_email, found[0].name)
            if row.email and owner is None:
                self._claimed[row.email] = (f"u{adult.id}", row)
            if row.key and adult.guardian_key is None and row.key not in self._by_key:
                self._plan.keys.append((adult.id, row.key))
        return f"u{adult.id}"


def _has(child: Child, adult: AdultNow) -> bool:
    return any(pair.user_id == adult.id for pair in child.guardians)


def _bears_name(adult: AdultNow, row: GuardianRow) -> bool:
    """Whether both have a surname and can be one person; who has none is like anybody."""
    return bool(adult.surname and row.surname) and alike(adult, row)


def _addresses_of_new_teachers(plan: Plan) -> dict[str, tuple[str, GuardianRow]]:
    """Return who of this file has an address already: its token, and the row."""
    claimed = {}
    for step in plan.new_teachers:
        row, email = step.row, step.row.email
        if email and step.user.startswith("n"):
            as_guardian = GuardianRow((), row.given_name, row.initials, row.prefix, row.surname, email)
            claimed[email] = (step.user, as_guardian)
    return claimed
