"""Which adults the rows of a file are, and whose guardians they become. Pure."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, replace

from portal.domain.importers.rows import (
    ERROR,
    N_,
    NOTE,
    ChildRef,
    GuardianRow,
    Problem,
    PupilRow,
    Roster,
)
from portal.domain.roster_adult_changes import change_adult, shown
from portal.domain.roster_likeness import (
    adult_name,
    alike,
    differs_wholly,
    is_named,
    name_key,
    name_of,
    nearest,
)
from portal.domain.roster_plan import (
    ONE,
    TWO,
    AddAdult,
    Answers,
    Change,
    Choice,
    EndLink,
    Link,
    Plan,
    Suggestion,
    Unmatched,
)
from portal.domain.roster_siblings import FamilyNames, Known
from portal.domain.roster_snapshot import AdultNow, GuardianshipNow, PupilNow, Snapshot
from portal.names import fold

SEATS = 2


class Child:
    """A pupil as guardians' rows may point at it: there already, or new in this import."""

    __slots__ = ("birth_date", "group", "key", "leaves", "name", "names", "pupil", "step", "token")

    def __init__(
        self, token: str, row: PupilRow | PupilNow, group: str, pupil: PupilNow | None, step: str = ""
    ) -> None:
        self.token = token
        self.key = row.key
        self.name = name_of(row)
        self.names = row
        self.birth_date = row.birth_date
        self.group = group
        self.pupil = pupil
        self.step = step
        self.leaves = False


@dataclass(frozen=True, slots=True)
class _Wish:
    """A row that makes an adult guardian of a child.

    `answered` when the office chose the child, `chosen` when it said who the adult is, other than the page.
    """

    row: GuardianRow
    ref: ChildRef
    answered: bool
    chosen: bool


def plan_guardians(
    now: Snapshot,
    roster: Roster,
    plan: Plan,
    children: Iterable[Child],
    teachers: set[int],
    answers: Answers,
) -> None:
    """Match the guardians with adults and children, and note who becomes whose guardian."""
    _Guardians(now, roster, plan, list(children), teachers, answers).match()


class _Guardians:
    def __init__(
        self,
        now: Snapshot,
        roster: Roster,
        plan: Plan,
        children: list[Child],
        teachers: set[int],
        answers: Answers,
    ) -> None:
        self.now = now
        self.roster = roster
        self.plan = plan
        self.answers = answers
        self.children = {child.token: child for child in children}
        self.adults = {adult.id: adult for adult in now.adults}
        self.by_key = {adult.guardian_key: adult for adult in now.adults if adult.guardian_key}
        self.by_email = {adult.email: adult for adult in now.adults if adult.email}
        self.by_phone: dict[str, list[AdultNow]] = {}
        for adult in now.adults:
            if adult.phone_e164:
                self.by_phone.setdefault(adult.phone_e164, []).append(adult)
        self.addresses = {row.email for row in roster.guardians if row.email}
        self.current: dict[int, list[GuardianshipNow]] = {}
        for pair in now.guardianships:
            self.current.setdefault(pair.pupil_id, []).append(pair)
        self.barred: dict[int, list[AdultNow]] = {}
        for pupil_id, user_id in sorted(now.barred):
            self.barred.setdefault(pupil_id, []).append(self.adults[user_id])
        self.claimed: dict[str, tuple[str, GuardianRow]] = {}
        """Who of this file has an address already: its token and row."""
        for step in plan.new_teachers:
            row, email = step.row, step.row.email
            if email and step.user.startswith("n"):
                as_guardian = GuardianRow((), row.given_name, row.initials, row.prefix, row.surname, email)
                self.claimed[email] = (step.user, as_guardian)
        self.wanted: dict[str, dict[str, _Wish]] = {}
        self.described: set[int] = set()
        self.teachers = teachers
        self.families = FamilyNames()
        self.chosen: set[int] = set()
        self._index_children(children)

    def _index_children(self, children: list[Child]) -> None:
        self.child_by_key = {child.key: child for child in children if child.key}
        bare = Counter(key.lstrip("0") for key in self.child_by_key)
        self.child_by_bare = {
            key.lstrip("0"): child for key, child in self.child_by_key.items() if bare[key.lstrip("0")] == 1
        }
        self.child_by_name: dict[tuple[str, str], list[Child]] = {}
        for child in children:
            self.child_by_name.setdefault(name_key(child.names), []).append(child)
            for pair in self.current.get(child.pupil.id, []) if child.pupil else []:
                adult = self.adults[pair.user_id]
                self.families.add(adult, child.names, f"u{adult.id}", child.name)

    def match(self) -> None:
        for index, row in enumerate(self.roster.guardians):
            found: dict[Child, ChildRef] = {}
            answered = False
            for number, ref in enumerate(row.children):
                child = self._child(ref)
                if child is None:
                    child = self._ask_child(f"who-{index}-{number}", row, ref)
                    answered = answered or child is not None
                if child is not None and not child.leaves:
                    found[child] = found[child].joined(ref) if child in found else ref
            token = self._adult(index, row, list(found)) if found else None
            if token:
                for child, ref in found.items():
                    self._want(child, token, _Wish(row, ref, answered, index in self.chosen))
        self._link()

    def _want(self, child: Child, user: str, wish: _Wish) -> None:
        wishes = self.wanted.setdefault(child.token, {})
        first = wishes.get(user)
        wishes[user] = wish if first is None else replace(first, ref=first.ref.joined(wish.ref))
        self.families.add(wish.row, child.names, user, child.name)

    # --- which child

    def _child(self, ref: ChildRef) -> Child | None:
        if ref.key:
            child = self.child_by_key.get(ref.key) or self.child_by_bare.get(ref.key.lstrip("0"))
            if child and ref.given_name and ref.surname and differs_wholly(child.names, ref):
                return None
            if child or not (ref.given_name or ref.surname):
                return child
        candidates = self.child_by_name.get(name_key(ref), [])
        if ref.birth_date:
            exact = [child for child in candidates if child.birth_date == ref.birth_date]
            if exact:
                return exact[0] if len(exact) == 1 else None
            candidates = [child for child in candidates if child.birth_date is None]
        if len(candidates) > 1 and ref.group_name:
            candidates = [child for child in candidates if fold(child.group) == fold(ref.group_name)]
        return candidates[0] if len(candidates) == 1 else None

    def _ask_child(self, ident: str, row: GuardianRow, ref: ChildRef) -> Child | None:
        answer = self.answers.matches.get(ident, "")
        child = self.children.get(answer)
        tokens = self._near(ref)
        suggestions = tuple(
            Suggestion(token, self.children[token].name, self.children[token].group) for token in tokens
        )
        if child and child.token not in tokens:
            child = None
        about = name_of(ref) or (ref.key or "")
        self.plan.unmatched.append(
            Unmatched(ident, shown(row), about, row.at, suggestions, answer if child else "", row.email)
        )
        if child is None:
            sentence = N_(
                "%(file)s, line %(line)s: the pupil of this guardian is not in the roster. Correct the"
                " pupil's number or name and date of birth, or choose the child on the import page."
            )
            values = {"file": row.at.file, "line": str(row.at.line)}
            self.plan.refusals.append(Problem(row.at, sentence, values, ERROR))
        return child

    def _near(self, ref: ChildRef) -> list[str]:
        if not (ref.given_name or ref.surname):
            return nearest(
                ref.key or "", ((token, child.key) for token, child in self.children.items() if child.key)
            )
        tokens = nearest(name_of(ref), ((token, child.name) for token, child in self.children.items()))
        if ref.birth_date:
            same_day = [token for token, child in self.children.items() if child.birth_date == ref.birth_date]
            tokens = [*(token for token in same_day if token in tokens), *same_day[:2], *tokens]
        return list(dict.fromkeys(tokens))[:3]

    # --- which adult

    def _adult(self, index: int, row: GuardianRow, found: list[Child]) -> str | None:
        adult = self.by_key.get(row.key) if row.key else None
        if adult is None and row.email:
            owner = self.by_email.get(row.email)
            if owner is not None:
                if alike(owner, row) or not is_named(row):
                    adult = owner
                else:
                    return self._shared_address(index, row, found, f"u{owner.id}", owner)
            elif row.email in self.claimed:
                token, first = self.claimed[row.email]
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

    def _of_sibling(self, index: int, row: GuardianRow, found: list[Child]) -> str | None:
        """Ask whether a name alone is the guardian of that name of a sibling; two people until it is said."""
        known: list[Known] = []
        for child in found:
            near = (
                {f"u{pair.user_id}" for pair in self.current.get(child.pupil.id, [])}
                if child.pupil
                else set()
            )
            known = known or self.families.of(row, child.names, near | set(self.wanted.get(child.token, {})))
        if not known:
            return None
        ident = f"choice-{index}"
        answer = self._answer(index, TWO)
        self.plan.choices.append(
            Choice(
                ident,
                shown(row),
                shown(row),
                "",
                tuple(child.name for child in found),
                row.at,
                answer,
                tuple(child.token for child in found),
                known[0].token,
                tuple(dict.fromkeys(one.child for one in known)),
            )
        )
        return known[0].token if answer == ONE else None

    def _known_by_name(self, row: GuardianRow, found: list[Child]) -> AdultNow | None:
        """Find a guardian of these children by number or name, or somebody elsewhere by both.

        Who may have no contact with one of them counts as near: a new address is no new person.
        """
        near: dict[int, AdultNow] = {}
        kept_away: dict[int, AdultNow] = {}
        for child in found:
            for pair in self.current.get(child.pupil.id, []) if child.pupil else []:
                near[pair.user_id] = self.adults[pair.user_id]
            for adult in self.barred.get(child.pupil.id, []) if child.pupil else []:
                kept_away[adult.id] = adult
        # Another row may be the same adult by address; two rows never become one by name alone.
        known = near | kept_away
        fitting = [
            adult
            for adult in known.values()
            if alike(adult, row) and not self._is_named_by_address(adult, row)
        ]
        called = [adult for adult in fitting if row.phone_e164 and adult.phone_e164 == row.phone_e164]
        if len(called) == 1:
            return called[0]
        if not is_named(row):
            return self._who_changed_address(row, near.values())
        if row.surname and (row.given_name or row.initials):
            elsewhere = self.by_phone.get(row.phone_e164, []) if row.phone_e164 else []
            fitting += [
                adult
                for adult in elsewhere
                if adult.id not in known and alike(adult, row) and not self._is_named_by_address(adult, row)
            ]
            fitting = [adult for adult in fitting if adult.surname]
        else:
            fitting = [adult for adult in fitting if shown(adult) == adult_name(row)]
        return fitting[0] if len(fitting) == 1 else None

    def _is_named_by_address(self, adult: AdultNow, row: GuardianRow) -> bool:
        return adult.email in self.addresses and adult.email != row.email

    def _who_changed_address(self, row: GuardianRow, near: Iterable[AdultNow]) -> AdultNow | None:
        """An unknown address without a name is the one guardian who took another address in the portal."""
        if not row.email:
            return None
        changed = [adult for adult in near if adult.own_email and adult.email not in self.addresses]
        return changed[0] if len(changed) == 1 else None

    def _shared_address(
        self, index: int, row: GuardianRow, found: list[Child], token: str, first: AdultNow | GuardianRow
    ) -> str | None:
        known = self._known_by_name(row, found)
        if known is not None:
            return self._existing(known, replace(row, email=None), found)
        guarded = token.startswith("u") and all(
            child.pupil is not None
            and any(f"u{pair.user_id}" == token for pair in self.current.get(child.pupil.id, []))
            for child in found
        )
        ident = f"choice-{index}"
        answer = self._answer(index, ONE if guarded else "")
        self.plan.choices.append(
            Choice(
                ident,
                shown(first),
                shown(row),
                row.email or "",
                tuple(child.name for child in found),
                row.at,
                answer,
                tuple(child.token for child in found),
                token,
            )
        )
        if answer == ONE:
            return token
        return self._new(index, row, None) if answer == TWO else None

    def _answer(self, index: int, begins: str) -> str:
        """Return what the office said about a row, else how its choice begins."""
        answer = self.answers.choices.get(f"choice-{index}", begins)
        if answer in (ONE, TWO) and answer != begins:
            self.chosen.add(index)
        return answer if answer in (ONE, TWO) else ""

    def _new(self, index: int, row: GuardianRow, email: str | None) -> str:
        token = f"na{index}"
        if email:
            self.claimed[email] = (token, row)
        self.plan.adults.append(AddAdult(token, row, email))
        return token

    def _existing(self, adult: AdultNow, row: GuardianRow, found: list[Child]) -> str:
        if adult.id not in self.described:
            self.described.add(adult.id)
            if adult.id in self.teachers:
                # The school's own list says what a teacher is called and mailed at.
                row = replace(row, given_name="", initials="", prefix="", surname="", email=None)
            if row.email and row.email in self.claimed and self.claimed[row.email][0] != f"u{adult.id}":
                row = replace(row, email=None)
            change_adult(self.plan, adult, row, "guardian", self.by_email, found[0].name)
            if row.email and row.email not in self.by_email:
                self.claimed[row.email] = (f"u{adult.id}", row)
            if row.key and adult.guardian_key is None and row.key not in self.by_key:
                self.plan.keys.append((adult.id, row.key))
        return f"u{adult.id}"

    # --- who becomes whose guardian

    def _link(self) -> None:
        for token, rows in self.wanted.items():
            child = self.children[token]
            current = self.current.get(child.pupil.id, []) if child.pupil else []
            taken = [shown(self.adults[pair.user_id]) for pair in current]
            for user, wish in rows.items():
                pair = next((one for one in current if f"u{one.user_id}" == user), None)
                if pair is not None:
                    self._change_link(pair, wish.ref, child)
                else:
                    self._add_link(child, user, wish, taken)
            for pair in current:
                if f"u{pair.user_id}" not in rows and not child.leaves:
                    guardian = shown(self.adults[pair.user_id])
                    ident = f"end-{pair.id}"
                    self.plan.ending.append(
                        EndLink(
                            ident,
                            child.name,
                            child.group,
                            False,
                            guardianship_id=pair.id,
                            guardian=guardian,
                            pupil=child.token,
                        )
                    )

    def _add_link(self, child: Child, user: str, wish: _Wish, taken: list[str]) -> None:
        row = wish.row
        pair = (child.pupil.id, int(user[1:])) if child.pupil and user.startswith("u") else (0, 0)
        barred, ended = pair in self.now.barred, pair in self.now.revoked
        blocked = len(taken) >= SEATS and not barred
        (self.plan.barred if barred else self.plan.links).append(
            Link(
                f"link-{child.token}-{user}",
                child.name,
                child.group,
                not ended,
                pupil=child.token,
                user=user,
                guardian=shown(row) or (shown(self.adults[int(user[1:])]) if user.startswith("u") else ""),
                relation=wish.ref.relation,
                has_authority=wish.ref.authority is not False,
                at=row.at,
                blocked=blocked,
                present=tuple(taken[:SEATS]),
                was_ended=ended,
                answered=wish.answered or (wish.chosen and not ended),
                follows=child.step,
            )
        )
        if barred:
            sentence = N_(
                "%(file)s, line %(line)s: this guardian may have no contact with %(pupil)s and was left out."
                " Lift that in the arrangement of the pupil first."
            )
            values = {"file": row.at.file, "line": str(row.at.line), "pupil": child.name}
            self.plan.left_out.append(Problem(row.at, sentence, values, NOTE))
        elif blocked:
            sentence = N_(
                "%(file)s, line %(line)s: %(pupil)s has two guardians already: %(first)s and %(second)s."
                " A third was left out; end the access of one of them first."
            )
            values = {
                "file": row.at.file,
                "line": str(row.at.line),
                "pupil": child.name,
                "first": taken[0],
                "second": taken[1],
            }
            self.plan.refusals.append(Problem(row.at, sentence, values, ERROR))
        elif not ended:
            taken.append(shown(row))

    def _change_link(self, pair: GuardianshipNow, ref: ChildRef, child: Child) -> None:
        adult = shown(self.adults[pair.user_id])
        if ref.relation and ref.relation != pair.relation:
            self.plan.changes.append(
                Change(
                    f"link-{pair.id}-relation",
                    adult,
                    child.name,
                    of="link",
                    ident=pair.id,
                    field="relation",
                    old=pair.relation,
                    new=ref.relation,
                    values={"relation": ref.relation},
                )
            )
        if ref.authority is not None and ref.authority != pair.has_authority:
            self.plan.changes.append(
                Change(
                    f"link-{pair.id}-authority",
                    adult,
                    child.name,
                    of="link",
                    ident=pair.id,
                    field="authority",
                    old="yes" if pair.has_authority else "no",
                    new="yes" if ref.authority else "no",
                    values={"has_authority": ref.authority},
                )
            )
