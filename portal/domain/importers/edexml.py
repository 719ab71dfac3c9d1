"""EDEXML 1.0.3 to 2.1, alone or inside a UWLR answer (R42).

Only the elements named here are read; everything else, BSN and origin among it, is passed over without being
kept. The schema is not enforced: its list of school years ended long ago, and real files break its order.
"""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from portal.domain.importers import contacts
from portal.domain.importers.edexml_reader import (
    NOT_WELL_FORMED,
    PERSON,
    Reader,
    Thing,
    has_endless_token,
    parse,
)
from portal.domain.importers.rows import (
    ERROR,
    N_,
    NOTE,
    GroupRow,
    Place,
    Problem,
    PupilRow,
    Roster,
    TeacherRow,
    lasting,
    refusal,
)
from portal.names import MAX_PART, MAX_PREFIX, clean

_ENCODINGS = {
    "utf-8", "utf8", "utf-16", "us-ascii", "ascii", "iso-8859-1", "iso-8859-15", "latin1", "latin-1",
    "windows-1252", "cp1252",
}  # fmt: skip
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")

_MISLABELLED = N_("%(file)s says that it is UTF-8 but is not; it was read as Western European text.")


def read(file: str, data: bytes) -> Roster:
    """Return the rows of an EDEXML file, or a roster with the reason why it was not read."""
    declared = _DECLARED.match(data.removeprefix(b"\xef\xbb\xbf")[:400])
    encoding = declared.group(1).decode("ascii").lower() if declared else "utf-8"
    if encoding not in _ENCODINGS:
        return refusal(
            file,
            1,
            N_("%(file)s is in an encoding we do not read (%(encoding)s). Make the export in UTF-8."),
            file=file,
            encoding=encoding,
        )
    if has_endless_token(data):
        return refusal(file, 0, NOT_WELL_FORMED, file=file, line="1")
    notes: list[Problem] = []
    reader, problem = parse(file, data)
    if problem and encoding in ("utf-8", "utf8") and not _is_utf8(data):
        # Says UTF-8 and is not: some administrations write the Western code page under that heading.
        western = data.removeprefix(b"\xef\xbb\xbf").decode("cp1252", "replace")
        if "\ufffd" not in western:
            reader, problem = parse(file, western.encode())
            notes.append(Problem(Place(file), _MISLABELLED, {"file": file}, NOTE))
    if problem:
        return Roster(problems=(problem,))
    return _Rows(file, reader).roster(notes)


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


class _Rows:
    """Turns what the reader kept into rows."""

    def __init__(self, file: str, reader: Reader) -> None:
        self._file = file
        self._reader = reader
        self._problems: list[Problem] = []

    def _tell(self, line: int, sentence: str, gravity: str = ERROR, **values: str) -> None:
        values = {"file": self._file, "line": str(line), **values}
        self._problems.append(Problem(Place(self._file, line), sentence, values, gravity))

    def roster(self, notes: Iterable[Problem]) -> Roster:
        self._problems.extend(notes)
        reader = self._reader
        school = next((thing for thing in reader.things if thing.kind == "school"), None)
        things = [thing for thing in reader.things if thing.kind != "school"]
        if not any(thing.kind == "leerling" for thing in things) and (reader.nothing or not reader.partial):
            return refusal(
                self._file,
                0,
                N_("There are no pupils in %(file)s. Make an export of the whole school and try again."),
                file=self._file,
            )
        year, reference = self._school(school)
        groups = self._groups([thing for thing in things if "groep" in thing.kind])
        pupils = self._pupils([thing for thing in things if thing.kind == "leerling"], groups, reference)
        complete = set()
        if not reader.partial:
            complete = {"pupils"} | ({"groups"} if "groepen" in reader.lists else set())
            complete |= {"teachers"} if "leerkrachten" in reader.lists else set()
        return Roster(
            school_year=year,
            reference_date=reference,
            groups=_with_year_groups(groups, pupils),
            pupils=tuple(pupils),
            teachers=tuple(self._teachers([thing for thing in things if thing.kind == "leerkracht"], groups)),
            problems=tuple(self._problems),
            complete=frozenset(complete),
            leading=bool(pupils),
        )

    def _school(self, school: Thing | None) -> tuple[str | None, date | None]:
        if school is None:
            return None, None
        texts = {name: clean(text) for name, text in school.texts.items()}
        year = texts.get("schooljaar", "")
        if not re.fullmatch(r"(\d{4})-(\d{4})", year) or int(year[5:]) != int(year[:4]) + 1:
            year = ""
        reference = _day(texts.get("peildatum", "")) or _day(texts.get("aanmaakdatum", ""))
        return year or None, reference

    def _groups(self, things: list[Thing]) -> dict[str, GroupRow]:
        groups: dict[str, GroupRow] = {}
        for thing in things:
            name = clean(thing.texts.get("naam", ""))[:64]
            if not thing.key or not name:
                self._tell(
                    thing.line, N_("%(file)s, line %(line)s: a group without key or name was left out.")
                )
            elif thing.key in groups:
                self._tell(
                    thing.line,
                    N_(
                        "%(file)s, line %(line)s: two groups have the same key, the second was left out."
                        " Give each group its own key in your administration."
                    ),
                )
            else:
                year = _year_group(thing.texts.get("jaargroep", ""))
                groups[thing.key] = GroupRow(
                    thing.key,
                    name,
                    frozenset(() if year is None else (year,)),
                    thing.kind == "samengestelde_groep",
                    Place(self._file, thing.line),
                )
        return groups

    def _pupils(
        self, things: list[Thing], groups: dict[str, GroupRow], reference: date | None
    ) -> list[PupilRow]:
        pupils: list[PupilRow] = []
        seen: set[str] = set()
        for thing in things:
            name = self._name(thing, N_("%(file)s, line %(line)s: a pupil without any name was left out."))
            if name is None:
                continue
            key = lasting(thing.key)
            if key in seen:
                self._tell(
                    thing.line,
                    N_(
                        "%(file)s, line %(line)s: two pupils have the same key, the second was left out."
                        " Look in your administration which of the two is right."
                    ),
                )
                continue
            if key:
                seen.add(key)
            pupils.append(self._pupil(thing, key, name, groups, reference))
        return pupils

    def _pupil(
        self,
        thing: Thing,
        key: str | None,
        name: tuple[str, str, str, str],
        groups: dict[str, GroupRow],
        reference: date | None,
    ) -> PupilRow:
        given, _initials, prefix, surname = name
        texts = thing.texts
        homes = self._known(thing, thing.home, groups)
        home = next((groups[one] for one in homes if not groups[one].composite), None)
        extra = [*self._known(thing, thing.extra, groups), *(one for one in homes if groups[one].composite)]
        year = _year_group(texts.get("jaargroep", ""))
        if year is None and not clean(texts.get("jaargroep", "")) and home:
            year = next(iter(home.year_groups), None)
        left_on = _day(clean(texts.get("uitstroomdatum", "")))
        historic = clean(texts.get("jaargroep", "")).upper() == "H"
        birth = clean(texts.get("geboortedatum", ""))
        if birth and _day(birth) is None:
            self._tell(
                thing.line,
                N_("%(file)s, line %(line)s: the date of birth cannot be read, write it as 2019-06-21."),
            )
        return PupilRow(
            key=key,
            given_name=given,
            prefix=prefix,
            surname=surname,
            birth_date=_day(birth),
            year_group=year,
            group_key=home.key if home else None,
            extra_group_keys=tuple(dict.fromkeys(extra)),
            left_on=left_on,
            has_left=historic or bool(left_on and reference and left_on < reference),
            at=Place(self._file, thing.line),
        )

    def _teachers(self, things: list[Thing], groups: dict[str, GroupRow]) -> Iterable[TeacherRow]:
        seen: set[str] = set()
        for thing in things:
            name = self._name(thing, N_("%(file)s, line %(line)s: a teacher without any name was left out."))
            key = lasting(thing.key)
            if name is None or key in seen:
                continue
            if key:
                seen.add(key)
            given, initials, prefix, surname = name
            email = contacts.email_of(thing.texts.get("emailadres", ""))
            if email is None and clean(thing.texts.get("emailadres", "")):
                self._tell(
                    thing.line,
                    N_("%(file)s, line %(line)s: the teacher's e-mail address is not a valid one."),
                    NOTE,
                )
            known = self._known(thing, [*thing.home, *thing.extra], groups)
            at = Place(self._file, thing.line)
            yield TeacherRow(key, given, initials, prefix, surname, email, tuple(dict.fromkeys(known)), at)

    def _known(self, thing: Thing, keys: list[str], groups: dict[str, GroupRow]) -> list[str]:
        unknown = [key for key in keys if key and key not in groups]
        if unknown and "groepen" in self._reader.lists:
            self._tell(
                thing.line,
                N_(
                    "%(file)s, line %(line)s: a group is named here that the file does not describe."
                    " It was left out; check the group in your administration."
                ),
                NOTE,
            )
        return [key for key in keys if key in groups]

    def _name(self, thing: Thing, nameless: str) -> tuple[str, str, str, str] | None:
        texts = {name: clean(text) for name, text in thing.texts.items() if name in PERSON}
        given, surname = texts.get("roepnaam", ""), texts.get("achternaam", "")
        # Without a roepnaam the first of the first names is the nearest thing.
        given = given or texts.get("voornamen", "").partition(" ")[0]
        prefix = texts.get("voorvoegsel", "")
        initials = texts.get("voorletters-1", "")[:20]
        if not given and not surname:
            self._tell(thing.line, nameless)
            return None
        if max(len(given), len(surname)) > MAX_PART or len(prefix) > MAX_PREFIX:
            self._tell(
                thing.line,
                N_(
                    "%(file)s, line %(line)s: a name is longer than 100 characters. Shorten it and try again."
                ),
            )
            return None
        return given or initials, initials, prefix if surname else "", surname


def _with_year_groups(groups: dict[str, GroupRow], pupils: list[PupilRow]) -> tuple[GroupRow, ...]:
    """A combination group ('C') has the year groups that its pupils have."""
    years: dict[str, set[int]] = {}
    for pupil in pupils:
        if pupil.group_key and pupil.year_group is not None and not pupil.has_left:
            years.setdefault(pupil.group_key, set()).add(pupil.year_group)
    return tuple(
        group
        if group.composite or group.year_groups
        else replace(group, year_groups=frozenset(years.get(group.key, ())))
        for group in groups.values()
    )


def _year_group(text: str) -> int | None:
    """Return 0-8; babies, special, secondary and combination years are no year group here."""
    text = clean(text)
    return int(text) if re.fullmatch(r"0?[0-8]", text, re.ASCII) else None


def _day(text: str) -> date | None:
    """Return the day of an XML date or moment, with or without time and zone."""
    found = re.match(r"\d{4}-\d\d-\d\d(?=$|[TZ+ -])", text.strip(), re.ASCII)
    try:
        return date.fromisoformat(found.group()) if found else None
    except ValueError:
        return None
