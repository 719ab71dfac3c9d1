"""Which pupil a guardian's row of a file is about: one that is there, or one that comes in with it. Pure."""

from collections.abc import Iterable, Sequence

from portal.domain.importers.rows import ERROR, N_, ChildRef, GuardianRow, Problem, PupilRow
from portal.domain.roster_adult_changes import shown
from portal.domain.roster_likeness import differs_wholly, name_key, name_of, nearest
from portal.domain.roster_numbers import ByNumber
from portal.domain.roster_plan import Plan
from portal.domain.roster_questions import Answers, Suggestion, Unmatched
from portal.domain.roster_snapshot import GuardianshipNow, PupilNow
from portal.names import fold


class Child:
    """A pupil as guardians' rows may point at it: there already, or new in this import.

    `guardians` are those it has now, `barred` the numbers of who may have no contact with it. A child that
    is `gone` had left before; of who `leaves`, that too, no row makes anybody a guardian.
    """

    __slots__ = (
        *("barred", "birth_date", "gone", "group", "guardians", "key", "key_before", "leaves", "name"),
        *("names", "pupil", "step", "token"),
    )

    def __init__(
        self,
        token: str,
        row: PupilRow | PupilNow,
        group: str,
        pupil: PupilNow | None,
        step: str = "",
        gone: bool = False,
    ) -> None:
        self.token = token
        self.key = row.key
        self.key_before = pupil.key if pupil else None
        self.name = name_of(row)
        self.names = row
        self.birth_date = row.birth_date
        self.group = group
        self.pupil = pupil
        self.step = step
        self.gone = gone
        self.leaves = gone
        self.guardians: Sequence[GuardianshipNow] = ()
        self.barred: Sequence[int] = ()


class _Pointed:
    """Children by all that a row may say of them."""

    def __init__(self, children: Iterable[Child]) -> None:
        children = list(children)
        # A number that changes in this file still says who is meant, unless it is now another child's.
        before = ((child.key_before, child) for child in children)
        self.numbers = ByNumber([*before, *((child.key, child) for child in children)])
        self.by_name: dict[tuple[str, str], list[Child]] = {}
        for child in children:
            self.by_name.setdefault(name_key(child.names), []).append(child)

    def find(self, ref: ChildRef) -> Child | None:
        """Return the one child that a row points at; None when it may be several, or none."""
        if ref.key:
            child = self.numbers.get(ref.key)
            if child and ref.given_name and ref.surname and differs_wholly(child.names, ref):
                return None
            if child or not (ref.given_name or ref.surname):
                return child
        candidates = self.by_name.get(name_key(ref), [])
        if ref.birth_date:
            exact = [child for child in candidates if child.birth_date == ref.birth_date]
            if exact:
                return exact[0] if len(exact) == 1 else None
            candidates = [child for child in candidates if child.birth_date is None]
        if ref.key:
            # Nobody bears that number: a name alone is not enough where another number contradicts it.
            candidates = [child for child in candidates if not child.key]
        if len(candidates) > 1 and ref.group_name:
            candidates = [child for child in candidates if fold(child.group) == fold(ref.group_name)]
        return candidates[0] if len(candidates) == 1 else None


class Children:
    """The pupils whom rows may mean, and what is asked where a row says too little."""

    def __init__(self, children: Sequence[Child], plan: Plan, answers: Answers) -> None:
        self._plan = plan
        self._answers = answers
        self.by_token = {child.token: child for child in children if not child.gone}
        self._there = _Pointed(self.by_token.values())
        self._gone = _Pointed(child for child in children if child.gone)

    def find(self, ref: ChildRef) -> Child | None:
        """Return the one child that a row points at; of who has left only where it can be nobody else."""
        child = self._there.find(ref)
        if child or self._there.numbers.get(ref.key):
            return child
        if self._gone.numbers.get(ref.key) or name_key(ref) not in self._there.by_name:
            return self._gone.find(ref)
        return None

    def ask(self, ident: str, row: GuardianRow, ref: ChildRef) -> Child | None:
        """Ask which child is meant, and return the one that the office said it was, if it did."""
        answer = self._answers.matches.get(ident, "")
        tokens = self._near(ref)
        child = self.by_token.get(answer) if answer in tokens else None
        suggestions = tuple(
            Suggestion(token, self.by_token[token].name, self.by_token[token].group) for token in tokens
        )
        about = name_of(ref) or (ref.key or "")
        self._plan.unmatched.append(
            Unmatched(ident, shown(row), about, row.at, suggestions, answer if child else "", row.email)
        )
        if child is None:
            sentence = N_(
                "%(file)s, line %(line)s: the pupil of this guardian is not in the roster. Correct the"
                " pupil's number or name and date of birth, or choose the child on the import page."
            )
            values = {"file": row.at.file, "line": str(row.at.line)}
            self._plan.refusals.append(Problem(row.at, sentence, values, ERROR))
        return child

    def _near(self, ref: ChildRef) -> list[str]:
        if not (ref.given_name or ref.surname):
            return nearest(
                ref.key or "", ((token, child.key) for token, child in self.by_token.items() if child.key)
            )
        tokens = nearest(name_of(ref), ((token, child.name) for token, child in self.by_token.items()))
        if ref.birth_date:
            same_day = [token for token, child in self.by_token.items() if child.birth_date == ref.birth_date]
            tokens = [*(token for token in same_day if token in tokens), *same_day[:2], *tokens]
        return list(dict.fromkeys(tokens))[:3]
