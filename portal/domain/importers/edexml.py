"""EDEXML 1.0.3 to 2.1, alone or inside a UWLR answer (R42).

Only the elements named here are read; everything else, BSN and origin among it, is passed over without being
kept. The schema is not enforced: its list of school years ended long ago, and real files break its order.
"""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any
from xml.sax import SAXException
from xml.sax.handler import ContentHandler
from xml.sax.xmlreader import AttributesImpl

from defusedxml import DefusedXmlException
from defusedxml.expatreader import DefusedExpatParser

from portal.domain.importers import contacts
from portal.domain.importers.rows import (
    ERROR,
    N_,
    NOTE,
    REFUSED,
    GroupRow,
    Place,
    Problem,
    PupilRow,
    Roster,
    TeacherRow,
    key_of,
    lasting,
    refusal,
)
from portal.names import MAX_PART, MAX_PREFIX, clean

MAX_ELEMENTS = 300_000
MAX_DEPTH = 24
MAX_TOKEN = 1_000_000
MAX_TEXT = 2_000

_ROOTS = ("EDEX", "Envelope", "leerlinggegevens")
_PARTIAL = "leerlinggegevens-"
_NOTHING = ("geengegevens", "geenwijzigingen")
_ENCODINGS = {
    "utf-8", "utf8", "utf-16", "us-ascii", "ascii", "iso-8859-1", "iso-8859-15", "latin1", "latin-1",
    "windows-1252", "cp1252",
}  # fmt: skip
_DECLARED = re.compile(rb"""^\s*<\?xml[^>]{0,200}?encoding\s*=\s*["']([A-Za-z0-9._-]{1,40})["']""")

_PERSON = {"achternaam", "voorvoegsel", "voorletters-1", "roepnaam", "voornamen"}
_READ = {
    "school": {"schooljaar", "peildatum", "aanmaakdatum", "brincode"},
    "groep": {"naam", "jaargroep"},
    "samengestelde_groep": {"naam"},
    "leerling": {*_PERSON, "geboortedatum", "jaargroep", "uitstroomdatum"},
    "leerkracht": {*_PERSON, "emailadres"},
}
_LISTS = {
    "groepen": ("groep", "samengestelde_groep"),
    "leerlingen": ("leerling",),
    "leerkrachten": ("leerkracht",),
}
_INSIDE = ("groep", "samengestelde_groepen", "samengestelde_groep", "groepen")


@dataclass(slots=True)
class _Thing:
    """One object of the file while it is read: its attributes and the text of the elements that are read."""

    kind: str
    key: str
    line: int
    depth: int
    texts: dict[str, str] = field(default_factory=dict)
    home: list[str] = field(default_factory=list)
    extra: list[str] = field(default_factory=list)


class _Stop(SAXException):
    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = sentence


class _Reader(ContentHandler):
    """Keeps the objects of the file, and of each only what `_READ` names."""

    def __init__(self, line: Callable[[], int | None]) -> None:
        super().__init__()
        self._line = line
        self.things: list[_Thing] = []
        self.lists: set[str] = set()
        self.partial = False
        self.nothing = False
        self._path: list[str] = []
        self._thing: _Thing | None = None
        self._reading: list[str] | None = None
        self._length = 0
        self._passing_over = 0
        self._elements = 0

    def startElement(self, name: str, attrs: AttributesImpl) -> None:  # noqa: N802
        self._elements += 1
        if self._elements > MAX_ELEMENTS:
            raise _Stop(N_("%(file)s has far more in it than a school. Make a new export and try again."))
        local = name.rpartition(":")[2]
        path = self._path
        path.append(local)
        depth = len(path)
        if depth > MAX_DEPTH:
            raise _Stop(N_("%(file)s is nested too deep to be EDEXML. Make a new export and try again."))
        if self._passing_over:
            return
        if depth == 1 and not local.startswith(_ROOTS):
            raise _Stop(
                N_(
                    "%(file)s is XML, but not EDEXML. Choose the EDEXML export (EDEX & UWLR) in your pupil"
                    " administration and use that file."
                )
            )
        self._reading = None
        if self._thing is not None:
            self._start_inside(self._thing, local, depth, attrs)
        elif local == "toevoegingen":
            self._passing_over = depth
        else:
            self._start_outside(local, depth, attrs)

    def _start_inside(self, thing: _Thing, local: str, depth: int, attrs: AttributesImpl) -> None:
        if local in _INSIDE and depth <= thing.depth + 2:
            if local in ("groep", "samengestelde_groep"):
                (thing.home if local == "groep" else thing.extra).append(key_of(attrs.get("key", "")))
        elif depth == thing.depth + 1 and local in _READ[thing.kind] and local not in thing.texts:
            self._reading = []
            self._length = 0
        else:
            self._passing_over = depth

    def _start_outside(self, local: str, depth: int, attrs: AttributesImpl) -> None:
        parent = self._path[-2] if depth > 1 else ""
        if local == "school" or local in _LISTS.get(parent, ()):
            self._thing = _Thing(local, key_of(attrs.get("key", "")), self._line() or 0, depth)
        elif local in _LISTS:
            self.lists.add(local)
        elif local in _NOTHING:
            self.nothing = True
        elif local.startswith(_PARTIAL):
            self.partial = True

    def characters(self, content: str) -> None:
        if self._reading is not None and self._length <= MAX_TEXT:
            self._length += len(content)
            self._reading.append(content)

    def endElement(self, name: str) -> None:  # noqa: N802
        depth = len(self._path)
        local = self._path.pop()
        if self._passing_over:
            if depth == self._passing_over:
                self._passing_over = 0
            return
        if self._thing is None:
            return
        if self._reading is not None:
            self._thing.texts[local] = "".join(self._reading)
            self._reading = None
        if depth == self._thing.depth:
            self.things.append(self._thing)
            self._thing = None


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
    if _has_endless_token(data):
        return refusal(file, 0, _NOT_WELL_FORMED, file=file, line="1")
    notes: list[Problem] = []
    reader, problem = _parse(file, data)
    if problem and encoding in ("utf-8", "utf8") and not _is_utf8(data):
        # Says UTF-8 and is not: some administrations write the Western code page under that heading.
        western = data.removeprefix(b"\xef\xbb\xbf").decode("cp1252", "replace")
        if "\ufffd" not in western:
            reader, problem = _parse(file, western.encode())
            notes.append(Problem(Place(file), _MISLABELLED, {"file": file}, NOTE))
    if problem:
        return Roster(problems=(problem,))
    return _Rows(file, reader).roster(notes)


_NOT_WELL_FORMED = N_(
    "%(file)s is damaged or incomplete near line %(line)s. Make the export again and send the file as it is,"
    " without opening it in another program first."
)
_MISLABELLED = N_("%(file)s says that it is UTF-8 but is not; it was read as Western European text.")
_DTD = N_(
    "%(file)s has a document type or entities in it (line %(line)s). EDEXML never needs these and they can be"
    " harmful, so nothing was read. Make a new export."
)


def _has_endless_token(data: bytes) -> bool:
    start = 0
    while start + MAX_TOKEN < len(data):
        last = data.rfind(b">", start, start + MAX_TOKEN)
        if last < 0:
            return True
        start = last + 1
    return False


def _is_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8")
    except UnicodeDecodeError:
        return False
    return True


def _parse(file: str, data: bytes) -> tuple[_Reader, Problem | None]:
    parser: Any = DefusedExpatParser(forbid_dtd=True, forbid_entities=True, forbid_external=True)
    reader = _Reader(parser.getLineNumber)
    parser.setContentHandler(reader)
    try:
        # In one piece: fed bit by bit, this expat rescans a very long token each time.
        parser.feed(data)
        parser.close()
    except DefusedXmlException:
        return reader, _refused(file, parser.getLineNumber(), _DTD)
    except _Stop as stop:
        return reader, _refused(file, parser.getLineNumber(), stop.sentence)
    except (SAXException, ValueError, LookupError):
        return reader, _refused(file, parser.getLineNumber(), _NOT_WELL_FORMED)
    return reader, None


def _refused(file: str, line: int | None, sentence: str) -> Problem:
    return Problem(Place(file, line or 0), sentence, {"file": file, "line": str(line or 0)}, REFUSED)


class _Rows:
    """Turns what the reader kept into rows."""

    def __init__(self, file: str, reader: _Reader) -> None:
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
        year, reference, brin = self._school(school)
        groups = self._groups([thing for thing in things if "groep" in thing.kind])
        pupils = self._pupils([thing for thing in things if thing.kind == "leerling"], groups, reference)
        complete = set()
        if not reader.partial:
            complete = {"pupils"} | ({"groups"} if "groepen" in reader.lists else set())
            complete |= {"teachers"} if "leerkrachten" in reader.lists else set()
        return Roster(
            school_year=year,
            reference_date=reference,
            brin=brin,
            groups=_with_year_groups(groups, pupils),
            pupils=tuple(pupils),
            teachers=tuple(self._teachers([thing for thing in things if thing.kind == "leerkracht"], groups)),
            problems=tuple(self._problems),
            complete=frozenset(complete),
            leading=bool(pupils),
        )

    def _school(self, school: _Thing | None) -> tuple[str | None, date | None, str | None]:
        if school is None:
            return None, None, None
        texts = {name: clean(text) for name, text in school.texts.items()}
        year = texts.get("schooljaar", "")
        if not re.fullmatch(r"(\d{4})-(\d{4})", year) or int(year[5:]) != int(year[:4]) + 1:
            year = ""
        reference = _day(texts.get("peildatum", "")) or _day(texts.get("aanmaakdatum", ""))
        brin = texts.get("brincode", "").upper()
        return year or None, reference, brin if re.fullmatch(r"[0-9]{2}[A-Z]{2}", brin) else None

    def _groups(self, things: list[_Thing]) -> dict[str, GroupRow]:
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
        self, things: list[_Thing], groups: dict[str, GroupRow], reference: date | None
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
        thing: _Thing,
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

    def _teachers(self, things: list[_Thing], groups: dict[str, GroupRow]) -> Iterable[TeacherRow]:
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

    def _known(self, thing: _Thing, keys: list[str], groups: dict[str, GroupRow]) -> list[str]:
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

    def _name(self, thing: _Thing, nameless: str) -> tuple[str, str, str, str] | None:
        texts = {name: clean(text) for name, text in thing.texts.items() if name in _PERSON}
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
