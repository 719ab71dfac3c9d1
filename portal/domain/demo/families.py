"""The families of De Lindeboog: some that every demo has, and any number of ordinary ones. Pure."""

from collections import Counter
from collections.abc import Callable, Iterator

from portal.domain.demo.people import Adult, Child, Guard, People
from portal.domain.roster import PersonName

WAYS_IN = {
    "active": 83, "link unused": 6, "link expired": 2, "bounced": 2, "no e-mail": 3, "not invited": 4,
}  # fmt: skip
"""How many of a hundred guardians are how far on their way in."""

MIDDLE, UPPER = 1, 3
SIBLINGS = {1: 64, 2: 32, 3: 4}
ONE_PARENT = 0.12
APART = 0.1


class Families:
    """Makes families and gives their children a place in a group; `levels` are the year groups of each."""

    def __init__(self, people: People, levels: list[tuple[int, ...]], parallel: int, parent: Adult) -> None:
        self.people = people
        self.random = people.random
        self.levels = levels
        self.parallel = parallel
        self.parent = parent
        self.seats = Counter({number: 0 for number in range(len(levels) * parallel)})

    def make(self, count: int) -> Iterator[list[Child]]:
        """Yield the children of so many families, the ones that every demo has first."""
        always: list[Callable[[], list[Child]]] = [
            self._two_children, self._separated, self._teachers_own, self._one_word, self._long_name,
            self._institution, self._without_authority, self._cyrillic, self._apostrophes,
            *(lambda way_in=way_in: self._not_in_yet(way_in) for way_in in WAYS_IN if way_in != "active"),
        ]  # fmt: skip
        for number in range(count):
            yield always[number]() if number < len(always) else self._ordinary()

    # --- everybody else -----------------------------------------------------------------------------------

    def _ordinary(self) -> list[Child]:
        origin = self.people.origin()
        surname = self.people.surname(origin)
        guards = self._parents(origin, surname)
        if self.random.random() < ONE_PARENT:
            guards = guards[:1]
        hides = self.random.random() < APART
        for guard in guards:
            guard.adult.way_in = self.random.choices(list(WAYS_IN), list(WAYS_IN.values()))[0]
            guard.hides = hides and len(guards) == 2
        number = self.random.choices(list(SIBLINGS), list(SIBLINGS.values()))[0]
        levels = self.random.sample(range(len(self.levels)), number)
        called: dict[str, PersonName] = {}
        while len(called) < number:
            name = self.people.child(origin, surname)
            called[name.given_name] = name
        return [self._child(name, guards, level) for name, level in zip(called.values(), levels, strict=True)]

    def _not_in_yet(self, way_in: str) -> list[Child]:
        children = self._ordinary()
        for guard in children[0].guards:
            guard.adult.way_in = way_in
        return children

    def _child(self, name: PersonName, guards: list[Guard], level: int | None = None) -> Child:
        """Return a child in one of the emptiest groups, of one level or of any."""
        levels = range(len(self.levels)) if level is None else (level,)
        room = [one * self.parallel + two for one in levels for two in range(self.parallel)]
        emptiest = min(self.seats[number] for number in room)
        group = self.random.choice([number for number in room if self.seats[number] <= emptiest + 1])
        self.seats[group] += 1
        return Child(name, self.random.choice(self.levels[group // self.parallel]), group, guards)

    def _parents(self, origin: str, surname: tuple[str, str]) -> list[Guard]:
        mother = self.people.grown_up(origin, True, self.people.surname(origin))
        father = self.people.grown_up(origin, False, surname)
        return [
            Guard(self._adult(mother, self.people.language(origin)), "moeder"),
            Guard(self._adult(father, self.people.language(origin)), "vader"),
        ]

    def _adult(self, name: PersonName, language: str = "nl") -> Adult:
        return Adult(name, phone=self.people.phone(), language=language)

    # --- who is in every demo -----------------------------------------------------------------------------

    def _two_children(self) -> list[Child]:
        """The family of ouder1: two children in different groups; the father did not follow the link."""
        mother = Guard(self._adult(PersonName("Sanne", "de", "Wit")), "moeder")
        father = Guard(self._adult(PersonName("Jeroen", "van der", "Meer")), "vader")
        father.adult.way_in = "link unused"
        return [
            self._child(PersonName("Mila", "van der", "Meer"), [mother, father], MIDDLE),
            self._child(PersonName("Sem", "van der", "Meer"), [mother, father], UPPER),
        ]

    def _separated(self) -> list[Child]:
        """The family of ouder2 and ouder3: parents of one child who hide from each other (R22)."""
        mother = Guard(self._adult(PersonName("Esther", "van", "Dijk")), "moeder", hides=True)
        father = Guard(self._adult(PersonName("İsmail", "", "Yılmaz")), "vader", hides=True)
        return [self._child(PersonName("Elif", "", "Yılmaz"), [mother, father], UPPER)]

    def _teachers_own(self) -> list[Child]:
        """A teacher whose own child is at this school: one person, one login."""
        name = PersonName("Lotte", self.parent.name.prefix, self.parent.name.surname)
        return [self._child(name, [Guard(self.parent, "ouder")], UPPER + 1)]

    def _one_word(self) -> list[Child]:
        return [self._child(PersonName("Suryanti"), [Guard(self._adult(PersonName("Suharto")), "vader")])]

    def _long_name(self) -> list[Child]:
        """Sixty characters, as somebody really may be called."""
        name = PersonName("Maximiliaan-Alexander", "van", "Oudenhoven-van der Schimmelpennink")
        return [self._child(name, self._parents("NL", (name.prefix, name.surname)))]

    def _institution(self) -> list[Child]:
        """A child whose guardian is an institution; the mother has no authority (R21)."""
        institution = self._adult(PersonName("Els", "", "Jansen"))
        institution.organisation = "Jeugdbescherming Middenland"
        mother = self._adult(self.people.grown_up("NL", True, self.people.surname("NL")))
        guards = [Guard(institution, "voogd"), Guard(mother, "moeder", has_authority=False)]
        return [self._child(self.people.child("NL", self.people.surname("NL")), guards)]

    def _without_authority(self) -> list[Child]:
        surname = self.people.surname("PL")
        mother, father = self._parents("PL", surname)
        father.has_authority = False
        return [self._child(self.people.child("PL", surname), [mother, father])]

    def _cyrillic(self) -> list[Child]:
        mother = self._adult(PersonName("Виктория", "", "Димитрова"))
        return [self._child(PersonName("София", "", "Димитрова"), [Guard(mother, "moeder")])]

    def _apostrophes(self) -> list[Child]:
        father = self._adult(PersonName("Sjoerd", "d'", "Hondt"))
        return [self._child(PersonName("Fenna", "in 't", "Veld"), [Guard(father, "vader")])]
