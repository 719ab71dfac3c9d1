"""The people and classes of OneRoster CSV 1.1 and 1.2, and of School Data Sync, as rows."""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date

from portal.domain.importers import contacts, days
from portal.domain.importers.oneroster_files import Record, kind_of, records
from portal.domain.importers.rows import (
    ERROR,
    N_,
    NOTE,
    ChildRef,
    GroupRow,
    GuardianRow,
    Place,
    Problem,
    PupilRow,
    Roster,
    TeacherRow,
    key_of,
    refusal,
)
from portal.domain.importers.sheets import Grid
from portal.names import MAX_PART, MAX_PREFIX, clean, split_prefix

_PUPIL = {"student", "learner"}
_TEACHER = {"teacher", "aide", "professor", "instructor", "faculty", "teacherassistant"}
_GUARDIAN = {"guardian", "parent"}
_GONE = {"tobedeleted", "inactive"}


@dataclass(slots=True)
class _Person:
    """Somebody of users.csv, with what the other files say of them."""

    record: Record
    at: Place
    roles: set[str] = field(default_factory=set)
    classes: list[str] = field(default_factory=list)
    children: dict[str, str] = field(default_factory=dict)
    birth: date | None = None
    grade: str = ""


def read(grids: Sequence[Grid]) -> Roster:
    """Return the rows of one roster, or a roster with the reason why it was not read."""
    return _Reader(grids).roster()


class _Reader:
    """Puts the files together."""

    def __init__(self, grids: Sequence[Grid]) -> None:
        self._problems: list[Problem] = []
        self._records: dict[str, list[tuple[Record, Place]]] = {}
        self._first = grids[0].name
        for grid in grids:
            kind = kind_of(grid.name)
            if kind:
                self._records.setdefault(kind, []).extend(records(grid))

    def _of(self, *kinds: str) -> list[tuple[Record, Place]]:
        return [record for kind in kinds for record in self._records.get(kind, [])]

    def _tell(self, at: Place, sentence: str, gravity: str = ERROR) -> None:
        values = {"file": at.file, "line": str(at.line)}
        self._problems.append(Problem(at, sentence, values, gravity))

    def roster(self) -> Roster:
        people = self._people()
        groups = self._groups()
        self._enrol(people, groups)
        self._relate(people)
        groups = _without_homes(people, groups)
        pupils = self._pupils(people, groups)
        if not pupils:
            return refusal(
                self._first,
                0,
                N_(
                    "There are no pupils in %(file)s. A OneRoster export is several files: choose all of them"
                    " together, or the zip with users, roles, classes and enrollments in it."
                ),
                file=self._first,
            )
        self._note_schools()
        whole = not any(record.get("value", "").lower() == "delta" for record, _ in self._of("manifest"))
        return Roster(
            groups=tuple(groups.values()),
            pupils=tuple(pupils),
            teachers=tuple(self._teachers(people, groups)),
            guardians=tuple(self._guardians(people)),
            problems=tuple(self._problems),
            complete=frozenset({"pupils", "groups", "teachers"} if whole else ()),
            leading=True,
        )

    def _people(self) -> dict[str, _Person]:
        people: dict[str, _Person] = {}
        for kind, role in (
            ("users", ""),
            ("user", "guardian"),
            ("student", "student"),
            ("teacher", "teacher"),
        ):
            for record, at in self._of(kind):
                key = key_of(record.get("id", ""))
                if not key:
                    self._tell(at, N_("%(file)s, line %(line)s: somebody without a key was left out."))
                    continue
                person = people.setdefault(key, _Person(record, at, grade=record.get("grade", "")))
                person.roles.update(filter(None, (role, _role(record.get("role", "")))))
        for record, _at in self._of("roles"):
            known = people.get(key_of(record.get("user", "")))
            if known and _here(record):
                known.roles.add(_role(record.get("role", "")))
                known.grade = known.grade or record.get("grade", "")
        self._births(people)
        return people

    def _births(self, people: Mapping[str, _Person]) -> None:
        """Read the dates of birth: all of them day first, or all of them month first."""
        texts = {key: person.record.get("birth", "") for key, person in people.items()}
        for record, _at in self._of("demographics"):
            texts[key_of(record.get("user") or record.get("id", ""))] = record.get("birth", "")
        months_first = days.month_first(texts.values())
        for key, person in people.items():
            person.birth = days.day_of(texts[key], months_first)

    def _groups(self) -> dict[str, GroupRow]:
        """Return the classes. Where a file knows homerooms, every other class is nobody's home group."""
        records = [(record, at) for record, at in self._of("classes", "section") if _here(record)]
        knows_homerooms = any(record.get("type", "").lower() == "homeroom" for record, _at in records)
        groups: dict[str, GroupRow] = {}
        for record, at in records:
            key, title = key_of(record.get("id", "")), clean(record.get("title", ""))[:64]
            if not key or not title or key in groups:
                self._tell(at, N_("%(file)s, line %(line)s: a class without key or name was left out."))
                continue
            years = frozenset(_year_groups(record.get("grade", "")))
            composite = knows_homerooms and record.get("type", "").lower() != "homeroom"
            groups[key] = GroupRow(key, title, years, composite, at)
        return groups

    def _enrol(self, people: Mapping[str, _Person], groups: Mapping[str, GroupRow]) -> None:
        for kind in ("enrollments", "studentenrollment", "teacherroster"):
            for record, at in self._of(kind):
                # In Microsoft's older files both ends of the row are an id.
                person = people.get(key_of(record.get("user") or record.get("id", "")))
                group = key_of(record.get("class", ""))
                if not _here(record):
                    continue
                if person is None or group not in groups:
                    self._tell(
                        at,
                        N_(
                            "%(file)s, line %(line)s: a person or class is named here that the files do not"
                            " describe. The row was left out."
                        ),
                        NOTE,
                    )
                    continue
                person.roles.update(filter(None, (_role(record.get("role", "")),)))
                if group not in person.classes:
                    person.classes.append(group)

    def _relate(self, people: Mapping[str, _Person]) -> None:
        """Find whose guardian somebody is, whichever of the two rows says so."""
        for key, person in people.items():
            for other_key in map(key_of, _several(person.record.get("agents", ""))):
                other = people.get(other_key)
                if other and person.roles & _PUPIL and other.roles & _GUARDIAN:
                    other.children[key] = ""
                elif other and person.roles & _GUARDIAN and other.roles & _PUPIL:
                    person.children[other_key] = ""
        for record, _at in self._of("relationships"):
            child, adult = key_of(record.get("user", "")), people.get(key_of(record.get("agent", "")))
            if adult and child in people and _role(record.get("relation", "")) in _GUARDIAN:
                adult.roles.add("guardian")
                adult.children[child] = ""
        for record, _at in self._of("guardianrelationship"):
            child, adult = key_of(record.get("id", "")), self._by_address(people, record.get("email", ""))
            if adult and child in people and _role(record.get("role", "")) in _GUARDIAN:
                adult.children[child] = ""

    @staticmethod
    def _by_address(people: Mapping[str, _Person], address: str) -> _Person | None:
        wanted = contacts.email_of(address)
        found = (
            one
            for one in people.values()
            if wanted and contacts.email_of(one.record.get("email", "")) == wanted
        )
        return next(found, None)

    def _pupils(self, people: Mapping[str, _Person], groups: Mapping[str, GroupRow]) -> list[PupilRow]:
        pupils = []
        for key, person in people.items():
            if not person.roles & _PUPIL:
                continue
            name = self._name(person)
            if name is None:
                continue
            home = next((one for one in person.classes if not groups[one].composite), None)
            years = groups[home].year_groups if home else frozenset()
            year = _year_group(person.grade)
            pupils.append(
                PupilRow(
                    key=key,
                    given_name=name[0],
                    prefix=name[1],
                    surname=name[2],
                    birth_date=person.birth,
                    year_group=next(iter(years), None) if year is None and len(years) == 1 else year,
                    group_key=home,
                    extra_group_keys=tuple(one for one in person.classes if one != home),
                    has_left=not _here(person.record),
                    at=person.at,
                )
            )
        return pupils

    def _teachers(
        self, people: Mapping[str, _Person], groups: Mapping[str, GroupRow]
    ) -> Iterable[TeacherRow]:
        for key, person in people.items():
            name = self._name(person) if person.roles & _TEACHER and _here(person.record) else None
            if name:
                email = contacts.email_of(person.record.get("email", ""))
                yield TeacherRow(key, name[0], "", name[1], name[2], email, tuple(person.classes), person.at)

    def _guardians(self, people: Mapping[str, _Person]) -> Iterable[GuardianRow]:
        for key, person in people.items():
            name = self._name(person) if person.children and _here(person.record) else None
            if name:
                phone, number = contacts.phone_of(person.record.get("phone", "")) or ("", "")
                yield GuardianRow(
                    tuple(ChildRef(key=child) for child in person.children),
                    name[0],
                    prefix=name[1],
                    surname=name[2],
                    email=contacts.email_of(person.record.get("email", "")),
                    phone=phone,
                    phone_e164=number,
                    key=key,
                    at=person.at,
                )

    def _name(self, person: _Person) -> tuple[str, str, str] | None:
        given = clean(person.record.get("given", ""))
        prefix, surname = split_prefix(clean(person.record.get("surname", "")))
        if not given and not surname:
            # Microsoft's shortest files give a login name only.
            given = clean(person.record.get("email", "")).partition("@")[0]
        if not given and not surname:
            self._tell(person.at, N_("%(file)s, line %(line)s: somebody without any name was left out."))
            return None
        if max(len(given), len(surname)) > MAX_PART or len(prefix) > MAX_PREFIX:
            self._tell(
                person.at,
                N_(
                    "%(file)s, line %(line)s: a name is longer than 100 characters. Shorten it and try again."
                ),
            )
            return None
        return given, prefix, surname

    def _note_schools(self) -> None:
        schools = [at for record, at in self._of("orgs") if record.get("type", "").lower() == "school"]
        schools += [at for _record, at in self._of("school")]
        if len(schools) > 1:
            self._tell(
                schools[1],
                N_("%(file)s has more than one school in it. The pupils of all of them were read."),
                NOTE,
            )


def _without_homes(people: Mapping[str, _Person], groups: Mapping[str, GroupRow]) -> dict[str, GroupRow]:
    """Make lessons of the classes where nothing tells which is the home group and pupils are in several."""
    told = any(group.composite for group in groups.values())
    if told or all(len(person.classes) < 2 for person in people.values() if person.roles & _PUPIL):
        return dict(groups)
    return {key: replace(group, composite=True) for key, group in groups.items()}


def _role(text: str) -> str:
    return re.sub(r"[^a-z]", "", text.lower().removeprefix("ext:"))


def _here(record: Record) -> bool:
    return _role(record.get("status", "")) not in _GONE


def _several(text: str) -> list[str]:
    return [part for part in re.split(r"\s*[,;]\s*", text) if part]


def _year_groups(text: str) -> Iterable[int]:
    for part in _several(text):
        year = _year_group(part)
        if year is not None:
            yield year


def _year_group(text: str) -> int | None:
    """Return 0-8; kindergarten and the grades of secondary schools are no year group here (R41)."""
    text = clean(text)
    return int(text) if re.fullmatch(r"0?[0-8]", text, re.ASCII) else None
