"""Several files at once to one roster: EDEXML or OneRoster leads, tables add the guardians."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from portal.domain.importers import edexml, oneroster, oneroster_files, sheets, table, table_rows
from portal.domain.importers.files import Upload, left_alone, open_uploads
from portal.domain.importers.rows import ERROR, N_, REFUSED, Place, Problem, Roster
from portal.domain.importers.table import Table, TableMapping


@dataclass(frozen=True, slots=True)
class ReadTable:
    """A table whose columns were known, and the rows in it."""

    name: str
    fingerprint: str
    roster: Roster


@dataclass(frozen=True, slots=True)
class Reading:
    """What the files hold; `unknown` are the tables whose columns the office has to name first.

    `tables` are those that were read; their rows stand in `roster` too.
    """

    roster: Roster
    unknown: tuple[Table, ...] = ()
    tables: tuple[ReadTable, ...] = ()


def read(uploads: Sequence[Upload], known: Mapping[str, TableMapping] | None = None) -> Reading:
    """Read all files; nothing of what cannot be read stops the others from being looked at."""
    sources, problems = open_uploads(uploads)
    rosters: list[Roster] = []
    tables: list[Table] = []
    exchange: list[sheets.Grid] = []
    for source in sources:
        if source.kind == "xml":
            rosters.append(edexml.read(source.name, source.data))
            continue
        grids, problem = _grids(source.kind, source.name, source.data)
        if problem:
            problems.append(problem)
        for grid in grids:
            structure = table_rows.read_structure(grid)
            if oneroster_files.is_part(grid):
                exchange.append(grid)
            elif structure is not None:
                rosters.append(structure)
            else:
                tables.append(table.examine(grid, known or {}))
    if exchange:
        rosters.append(oneroster.read(exchange))
    understood = [one for one in tables if one.mapping is not None]
    unknown = [one for one in tables if one.mapping is None]
    for one in [one for one in unknown if len(one.headings) < 2 or not one.body]:
        unknown.remove(one)
        problems.append(Problem(Place(one.name), _NO_LIST, {"file": one.name}, REFUSED))
    if understood or rosters:
        # A second sheet with remarks is no reason to ask anything, as long as it holds no list.
        problems.extend(left_alone(one.name, 0, _SHEET_LEFT_ALONE) for one in unknown if _is_prose(one))
        unknown = [one for one in unknown if not _is_prose(one)]
    read_now = tuple(ReadTable(one.name, one.fingerprint, table_rows.read(one)) for one in understood)
    rosters.extend(one.roster for one in read_now)
    return Reading(together(rosters, problems), tuple(unknown), read_now)


_SHEET_LEFT_ALONE = N_("%(file)s has no list in it and was not read.")


_NO_LIST = N_("There is no table of pupils or guardians in %(file)s. Choose an EDEXML file, Excel or CSV.")


def _is_prose(one: Table) -> bool:
    return len(one.body) < 5 or len(one.headings) < 2


def _grids(kind: str, name: str, data: bytes) -> tuple[list[sheets.Grid], Problem | None]:
    if kind == "xlsx":
        grids, problem = sheets.read_workbook(name, data)
    else:
        grid, problem = sheets.read_text(name, data)
        grids = [grid] if grid and grid.rows else []
    if not grids and problem is None:
        problem = Problem(
            Place(name), N_("There are no rows in %(file)s. Make the export again."), {"file": name}, REFUSED
        )
    return grids, problem


def together(rosters: Iterable[Roster], problems: Iterable[Problem] = ()) -> Roster:
    """Return one roster of several: the administration's own list leads, tables of guardians add to it."""
    rosters = list(rosters)
    official = [one for one in rosters if one.leading and "groups" in one.complete or one.school_year]
    leading = official or [one for one in rosters if one.leading]
    sources = leading or [one for one in rosters if one.pupils]
    problems = [*problems, *(problem for one in rosters for problem in one.problems)]
    years = {one.school_year for one in official if one.school_year}
    if len(years) > 1:
        problems.append(
            Problem(
                Place(""),
                N_("These EDEXML files are of different school years. Choose the files of one school year."),
                {},
                REFUSED,
            )
        )
    complete = frozenset.intersection(*(one.complete for one in leading)) if leading else frozenset()
    combined = Roster(
        school_year=next((one.school_year for one in rosters if one.school_year), None),
        reference_date=next((one.reference_date for one in rosters if one.reference_date), None),
        complete=complete,
        leading=bool(leading),
        guardians=tuple(table_rows.merged(row for one in rosters for row in one.guardians)),
    )
    for one in sources:
        combined = _added(combined, one, problems)
    extra_teachers = tuple(row for one in rosters if one not in sources for row in one.teachers)
    extra_groups = tuple(
        row for one in rosters if one not in sources and not one.pupils for row in one.groups
    )
    known = {group.key for group in combined.groups}
    return replace(
        combined,
        teachers=(*combined.teachers, *extra_teachers),
        groups=(*combined.groups, *(group for group in extra_groups if group.key not in known)),
        problems=tuple(problems),
    )


def _added(roster: Roster, one: Roster, problems: list[Problem]) -> Roster:
    """Add the rows of a second file; the same pupil in two files counts once."""
    groups = {group.key for group in roster.groups}
    pupils = {pupil.key for pupil in roster.pupils if pupil.key}
    teachers = {teacher.key for teacher in roster.teachers if teacher.key}
    for pupil in one.pupils:
        if pupil.key in pupils:
            problems.append(
                Problem(
                    pupil.at,
                    N_(
                        "%(file)s, line %(line)s: this pupil is in another file too; the first one was taken."
                    ),
                    {"file": pupil.at.file, "line": str(pupil.at.line)},
                    ERROR,
                )
            )
    return replace(
        roster,
        groups=(*roster.groups, *(row for row in one.groups if row.key not in groups)),
        pupils=(*roster.pupils, *(row for row in one.pupils if row.key is None or row.key not in pupils)),
        teachers=(
            *roster.teachers,
            *(row for row in one.teachers if row.key is None or row.key not in teachers),
        ),
    )
