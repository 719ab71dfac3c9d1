"""Which pupils the rows of a file are: by number, else by name and birth date. Pure."""

from collections import Counter
from collections.abc import Callable, Sequence

from portal.domain.importers.rows import ERROR, N_, Problem, PupilRow, lasting
from portal.domain.roster_likeness import differs_wholly, name_key
from portal.domain.roster_numbers import ByNumber
from portal.domain.roster_snapshot import PupilNow


class PupilRows:
    """The rows and the pupils that they are; `home_of` gives the token of the group that a row names."""

    def __init__(
        self,
        rows: Sequence[PupilRow],
        pupils: Sequence[PupilNow],
        home_of: Callable[[PupilRow], str | None],
        problems: list[Problem],
    ) -> None:
        self._rows = rows
        self._pupils = pupils
        self._home_of = home_of
        self._problems = problems
        self.found: dict[int, PupilNow] = {}
        """The pupil of a row, by the place of the row."""
        self.refused: set[int] = set()
        """The rows that are left out: their number is another child's."""
        self.by_pupil: dict[int, PupilRow] = {}
        """The row of a pupil."""
        self.contested: set[int] = set()
        """The pupils whose number a refused row bears, so that it does not tell who they are."""

    def match(self) -> None:
        """Find the pupil of each row, where there is one."""
        numbers = ByNumber((pupil.key, pupil) for pupil in self._pupils)
        for index, row in enumerate(self._rows):
            pupil = numbers.get(lasting(row.key or ""))
            if pupil is None:
                continue
            other_birth = bool(pupil.birth_date and row.birth_date and pupil.birth_date != row.birth_date)
            if differs_wholly(pupil, row) and (other_birth or not (pupil.birth_date and row.birth_date)):
                self._refuse_other_child(row)
                self.refused.add(index)
                self.contested.add(pupil.id)
            elif pupil.id not in self.by_pupil:
                self._is(index, pupil)
        self._match_by_name()

    def is_absent(self, pupil: PupilNow) -> bool:
        """Return whether no row is this pupil, nor one that was left out may have meant it."""
        unsure = {name_key(self._rows[index]) for index in self.refused}
        return not self.is_named(pupil) and name_key(pupil) not in unsure

    def is_named(self, pupil: PupilNow) -> bool:
        """Return whether a row is this pupil, or bears its number."""
        return pupil.id in self.by_pupil or pupil.id in self.contested

    def _is(self, index: int, pupil: PupilNow) -> None:
        self.found[index] = pupil
        self.by_pupil[pupil.id] = self._rows[index]

    def _refuse_other_child(self, row: PupilRow) -> None:
        sentence = N_(
            "%(file)s, line %(line)s: this pupil number belongs to another child here. The row was left out;"
            " look in your administration which of the two is right."
        )
        values = {"file": row.at.file, "line": str(row.at.line)}
        self._problems.append(Problem(row.at, sentence, values, ERROR))

    def _match_by_name(self) -> None:
        """Match who has no key, or a new one, by name and birth date; only where that is one child.

        Whose number the file gives to another child is found by both together, and by no name alone.
        """
        free: dict[tuple[str, str], list[PupilNow]] = {}
        for pupil in sorted(self._pupils, key=lambda one: one.id in self.contested):
            if pupil.id not in self.by_pupil:
                free.setdefault(name_key(pupil), []).append(pupil)
        open_rows = [
            (index, row)
            for index, row in enumerate(self._rows)
            if index not in self.found and index not in self.refused
        ]
        wanted = Counter(name_key(row) for _, row in open_rows)
        for index, row in open_rows:
            candidates = [pupil for pupil in free.get(name_key(row), []) if pupil.id not in self.by_pupil]
            exact = [pupil for pupil in candidates if pupil.birth_date and pupil.birth_date == row.birth_date]
            # Without a birth date on both sides a name is enough only while no number contradicts it.
            loose = [
                pupil
                for pupil in candidates
                if not (pupil.birth_date and row.birth_date)
                and not (pupil.key and row.key)
                and pupil.id not in self.contested
            ]
            if not exact and (len(loose) > 1 or wanted[name_key(row)] > 1):
                token = self._home_of(row)
                loose = [pupil for pupil in loose if token and f"g{pupil.home}" == token]
            if exact or len(loose) == 1:
                self._is(index, (exact or loose)[0])
