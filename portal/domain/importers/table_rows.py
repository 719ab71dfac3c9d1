"""From a table whose columns are known to pupils, groups and guardians."""

import re
from collections.abc import Iterable
from dataclasses import replace
from datetime import date

from portal.domain.importers import contacts, headings
from portal.domain.importers.days import day_of, month_first
from portal.domain.importers.headings import IGNORE
from portal.domain.importers.rows import (
    ERROR,
    N_,
    NOTE,
    REFUSED,
    ChildRef,
    GroupRow,
    GuardianRow,
    Place,
    Problem,
    PupilRow,
    Roster,
    TeacherRow,
    key_of,
)
from portal.domain.importers.sheets import Grid, GridRow
from portal.domain.importers.table import Table, TableMapping, looks_like_bsn
from portal.names import MAX_PART, MAX_PREFIX, clean, fold, split_full, split_prefix

_SOMTODAY = ("vestiging", "stamgroep", "medewerker", "lesgroep")


def read(table: Table) -> Roster:
    """Return the rows of a table whose columns are known."""
    if table.mapping is None:
        raise ValueError("the columns are not known yet")
    return _TableReader(table, table.mapping).roster()


def read_structure(grid: Grid) -> Roster | None:
    """Return groups and teachers of a 'structuurbestand', where each line begins with its kind, or None."""
    kinds = [fold(row.cells[0]) for row in grid.rows]
    if not kinds or any(kind not in _SOMTODAY for kind in kinds):
        return None
    groups: dict[str, GroupRow] = {}
    teachers: list[TeacherRow] = []
    for row, kind in zip(grid.rows, kinds, strict=True):
        at = Place(grid.name, row.line)
        cells = [clean(cell) for cell in row.cells] + [""] * 5
        if kind == "stamgroep" and cells[2]:
            groups.setdefault(_group_key(cells[2]), _group(cells[2], at))
        elif kind == "medewerker" and cells[2]:
            prefix, surname = split_prefix(cells[2][:MAX_PART])
            teachers.append(TeacherRow(key_of(cells[3]) or None, "", "", prefix, surname, at=at))
    return Roster(groups=tuple(groups.values()), teachers=tuple(teachers))


def _group_key(name: str) -> str:
    return "~" + fold(name)


def _group(name: str, at: Place, years: Iterable[int] = ()) -> GroupRow:
    found = re.findall(r"(?:^|[^\w.]|groep|klas|gr)\s*([0-8])(?!\d)", fold(name)) if len(name) <= 20 else []
    named = {int(digit) for digit in found}
    return GroupRow(_group_key(name), name[:64], frozenset(years) or frozenset(named), at=at)


class _TableReader:
    """Reads the rows of one table by its mapping."""

    def __init__(self, table: Table, mapping: TableMapping) -> None:
        self._table = table
        self._columns = {
            name: index for index, name in enumerate(mapping.columns) if name not in ("", IGNORE)
        }
        self._header = [fold(clean(text)) for text in table.headings]
        self._problems: list[Problem] = []
        self._groups: dict[str, GroupRow] = {}
        self._years: dict[str, set[int]] = {}
        self._pupils: dict[tuple[object, ...], PupilRow] = {}
        self._guardians: list[GuardianRow] = []
        relations = [headings.relation_of(table.headings, number) for number in (1, 2)]
        self._relations = dict(zip((1, 2), relations, strict=True))
        self._months_first = month_first(self._values("pupil.birth"))

    def _values(self, meaning: str) -> list[str]:
        index = self._columns.get(meaning, -1)
        return [row.cells[index] for row in self._table.body if 0 <= index < len(row.cells)]

    def _tell(self, line: int, sentence: str, gravity: str = ERROR, meaning: str = "") -> None:
        index = self._columns.get(meaning, -1)
        column = self._table.headings[index] if index >= 0 else ""
        if index >= 0 and not column:
            column = str(index + 1)
        values = {"file": self._table.name, "line": str(line), "column": column}
        self._problems.append(Problem(Place(self._table.name, line), sentence, values, gravity))

    def roster(self) -> Roster:
        if looks_like_bsn(self._values("pupil.key")):
            sentence = N_(
                "%(file)s: the column %(column)s looks like BSN. We do not read it. Make the list with the"
                " pupil number of your administration."
            )
            self._tell(0, sentence, REFUSED, "pupil.key")
            return Roster(problems=tuple(self._problems))
        for row in self._table.body:
            if not self._is_header_again(row):
                self._row(row)
        named = {"pupil.name", "pupil.given", "pupil.surname"} & set(self._columns)
        guardians = any(name.startswith("guardian") for name in self._columns)
        leading = bool(named) and (not guardians or bool({"pupil.group", "pupil.year"} & set(self._columns)))
        groups = tuple(
            replace(group, year_groups=frozenset(self._years.get(key, ())) or group.year_groups)
            for key, group in self._groups.items()
        )
        return Roster(
            groups=groups if named else (),
            pupils=tuple(self._pupils.values()) if named else (),
            guardians=tuple(merged(self._guardians)),
            problems=tuple(self._problems),
            complete=frozenset({"pupils"} if leading else ()),
            leading=leading,
        )

    def _is_header_again(self, row: GridRow) -> bool:
        cells = [fold(clean(cell)) for cell in row.cells]
        filled = [(cell, text) for cell, text in zip(cells, self._header, strict=False) if cell]
        return len(filled) > 1 and all(cell == text for cell, text in filled)

    def _cell(self, row: GridRow, meaning: str) -> str:
        index = self._columns.get(meaning, -1)
        if not 0 <= index < len(row.cells):
            return ""
        text = clean(row.cells[index])
        if text.startswith("=") and re.match(r"=[A-Za-z(+\-0-9$]", text) and "(" in text:
            sentence = N_(
                "%(file)s, line %(line)s: the cell under %(column)s is a formula and was left out."
                " Paste the list as values."
            )
            self._tell(row.line, sentence, meaning=meaning)
            return ""
        return "" if text.casefold() in ("-", "n.v.t.", "nvt", "null", "none", "#n/a", "#n/b") else text

    def _row(self, row: GridRow) -> None:
        keys = self._keys(row)
        given, prefix, surname = self._name(row, "pupil")
        if not keys and not given and not surname:
            if any(cell for cell in row.cells):
                self._tell(
                    row.line,
                    N_(
                        "%(file)s, line %(line)s: this row does not say which pupil it is about"
                        " and was left out."
                    ),
                )
            return
        if not self._fits(row, given, prefix, surname):
            return
        birth = self._day(row, "pupil.birth")
        group_name = self._cell(row, "pupil.group")[:64]
        year = self._year(row)
        if group_name:
            self._groups.setdefault(
                _group_key(group_name), _group(group_name, Place(self._table.name, row.line))
            )
            if year is not None:
                self._years.setdefault(_group_key(group_name), set()).add(year)
        if given or surname:
            self._pupil(row, keys, (given, prefix, surname), birth, group_name, year)
            children = [ChildRef(keys[0] if keys else None, given, prefix, surname, birth, group_name)]
        else:
            children = [ChildRef(key) for key in keys]
        for number in (1, 2):
            self._guardian(row, number, tuple(children))

    def _keys(self, row: GridRow) -> list[str]:
        text = self._cell(row, "pupil.key")
        if re.fullmatch(r"\d+[.,]?\d*e\+?\d+", text, re.IGNORECASE):
            sentence = N_(
                "%(file)s, line %(line)s: Excel has shortened the number under %(column)s."
                " Make that column text, wide enough, and save the list again."
            )
            self._tell(row.line, sentence, meaning="pupil.key")
            return []
        keys = (key_of(part) for part in re.split(r"[,;|/\n]", text))
        return [key for key in dict.fromkeys(keys) if key and not key.startswith("#")]

    def _pupil(
        self,
        row: GridRow,
        keys: list[str],
        name: tuple[str, str, str],
        birth: date | None,
        group_name: str,
        year: int | None,
    ) -> None:
        given, prefix, surname = name
        key = keys[0] if keys else None
        group = self._groups.get(_group_key(group_name)) if group_name else None
        if year is None and group and len(group.year_groups) == 1:
            year = next(iter(group.year_groups))
        identity = (key,) if key else (fold(given), fold(prefix), fold(surname), birth, group_name)
        if identity in self._pupils:
            return
        self._pupils[identity] = PupilRow(
            key=key,
            given_name=given,
            prefix=prefix,
            surname=surname,
            birth_date=birth,
            year_group=year,
            group_key=_group_key(group_name) if group_name else None,
            left_on=self._day(row, "pupil.left"),
            at=Place(self._table.name, row.line),
        )

    def _name(self, row: GridRow, who: str) -> tuple[str, str, str]:
        given = self._cell(row, f"{who}.given")
        prefix = self._cell(row, f"{who}.prefix")
        surname = self._cell(row, f"{who}.surname")
        whole = self._cell(row, f"{who}.name")
        if whole and not (given and surname):
            whole_given, whole_prefix, whole_surname = split_full(whole)
            given, surname = given or whole_given, surname or whole_surname
            prefix = prefix or whole_prefix
        if "," in surname:
            core, _, behind = (part.strip() for part in surname.rpartition(","))
            if core and behind and fold(split_prefix(f"{behind} x")[0]) == fold(behind):
                surname, prefix = core, prefix or behind
            else:
                behind_given, behind_prefix, core = split_full(surname)
                surname, given, prefix = core or behind_given, given or behind_given, prefix or behind_prefix
        if surname:
            inside, core = split_prefix(surname)
            if inside and (not prefix or fold(prefix) == fold(inside)):
                prefix, surname = prefix or inside, core
        return given, prefix if surname else "", surname

    def _fits(self, row: GridRow, given: str, prefix: str, surname: str) -> bool:
        if max(len(given), len(surname)) <= MAX_PART and len(prefix) <= MAX_PREFIX:
            return True
        self._tell(
            row.line,
            N_("%(file)s, line %(line)s: a name is longer than 100 characters. Shorten it and try again."),
        )
        return False

    def _day(self, row: GridRow, meaning: str) -> date | None:
        text = self._cell(row, meaning)
        day = day_of(text, self._months_first) if text else None
        if day is not None and not 1900 <= day.year <= 2200:
            day = None
        if text and day is None:
            sentence = N_(
                "%(file)s, line %(line)s: the date under %(column)s cannot be read. Write it as 21-06-2019."
            )
            self._tell(row.line, sentence, meaning=meaning)
        return day

    def _year(self, row: GridRow) -> int | None:
        text = fold(self._cell(row, "pupil.year"))
        found = re.fullmatch(r"(?:groep|jaargroep|leerjaar|jaar|group|year|grade)?\s*([0-8])", text, re.ASCII)
        return int(found[1]) if found else None

    def _guardian(self, row: GridRow, number: int, children: tuple[ChildRef, ...]) -> None:
        who = f"guardian{number}"
        given, prefix, surname = self._name(row, who)
        initials = self._cell(row, f"{who}.initials")[:20]
        raw_email, raw_phone = self._cell(row, f"{who}.email"), self._cell(row, f"{who}.phone")
        if not (given or surname or initials or raw_email or raw_phone):
            return
        if not self._fits(row, given, prefix, surname):
            return
        email = contacts.email_of(raw_email)
        if raw_email and email is None:
            sentence = N_(
                "%(file)s, line %(line)s: the e-mail address under %(column)s is not a valid one"
                " and was left out. Correct it in your administration."
            )
            self._tell(row.line, sentence, meaning=f"{who}.email")
        phone = contacts.phone_of(raw_phone)
        if raw_phone and phone is None:
            sentence = N_(
                "%(file)s, line %(line)s: the number under %(column)s is not a telephone number"
                " and was left out."
            )
            self._tell(row.line, sentence, NOTE, f"{who}.phone")
        if re.fullmatch(r"(?:[A-Z]\.? ?){1,6}|[A-Z][a-z]?\.(?:[A-Z][a-z]?\.)*", given) and not initials:
            given, initials = "", given[:20]
        if not (given or surname or initials or email or phone):
            return
        relation = self._cell(row, f"{who}.relation")[:30] or self._relations[number]
        authority = _yes_or_no(self._cell(row, f"{who}.authority"))
        self._guardians.append(
            GuardianRow(
                children=tuple(replace(ref, relation=relation, authority=authority) for ref in children),
                given_name=given,
                initials=initials,
                prefix=prefix,
                surname=surname,
                email=email,
                phone=phone[0] if phone else "",
                phone_e164=phone[1] if phone else "",
                key=key_of(self._cell(row, f"{who}.key")) or None,
                at=Place(self._table.name, row.line),
            )
        )


def _yes_or_no(text: str) -> bool | None:
    text = fold(text)
    if text in ("ja", "j", "yes", "y", "true", "waar", "1", "x"):
        return True
    return False if text in ("nee", "n", "no", "false", "onwaar", "0") else None


def merged(guardians: Iterable[GuardianRow]) -> list[GuardianRow]:
    """Make one row of the rows that are clearly one person: same key, or same name and address or number."""
    kept: dict[tuple[object, ...], GuardianRow] = {}
    for index, row in enumerate(guardians):
        identity = _identity(row, index)
        first = kept.get(identity)
        kept[identity] = row if first is None else _joined(first, row)
    return list(kept.values())


def _identity(row: GuardianRow, index: int) -> tuple[object, ...]:
    if row.key:
        return ("key", row.key)
    name = (fold(row.given_name or row.initials), fold(row.prefix), fold(row.surname))
    if row.email:
        return ("email", row.email, *name)
    if row.phone_e164 and any(name):
        return ("phone", row.phone_e164, *name)
    return ("row", index)


def _joined(first: GuardianRow, second: GuardianRow) -> GuardianRow:
    children: dict[ChildRef, ChildRef] = {}
    for ref in (*first.children, *second.children):
        known = children.get(ref.pointer)
        children[ref.pointer] = ref if known is None else known.joined(ref)
    return replace(
        first,
        children=tuple(children.values()),
        given_name=first.given_name or second.given_name,
        initials=first.initials or second.initials,
        prefix=first.prefix or (second.prefix if not first.surname else ""),
        surname=first.surname or second.surname,
        email=first.email or second.email,
        phone=first.phone or second.phone,
        phone_e164=first.phone_e164 or second.phone_e164,
    )
