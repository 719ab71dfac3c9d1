"""The whole school's talks of one day on one page: a column for each table, a line for each time."""

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date, datetime

from portal.access import Viewer
from portal.domain.meeting_schedule import Day, Row, Schedule, chosen_day, schedules
from portal.domain.meeting_tables import Table, tables_of_round
from portal.models.meetings import MeetingRound


@dataclass(frozen=True, slots=True)
class Cell:
    """What is at a table from a time on, over so many lines of the page; `row` None: nothing at that time."""

    table: Table
    row: Row | None
    lines: int = 1


@dataclass(frozen=True, slots=True)
class Overview:
    """A day of a round. A cell that began on an earlier line is not in a later one."""

    day: date | None
    days: list[Day]
    tables: list[Table]
    lines: list[tuple[datetime, list[Cell]]]
    booked: int
    free: int
    all_tables: list[Table]

    def to_come(self, today: date) -> bool:
        """Whether the round has a day today or later."""
        return any(one.day >= today for one in self.days)


def overview(
    viewer: Viewer, round_: MeetingRound, asked: date | None, host_id: int | None, today: date, now: datetime
) -> Overview:
    """Return a day of all tables of a round, or of one of them; the queries do not grow with it."""
    everything = sorted(
        tables_of_round(viewer, round_.id), key=lambda table: (not table.groups, table.host.id)
    )
    tables = [table for table in everything if host_id in (None, table.host.id)]
    found = schedules(viewer, [table.host.id for table in tables], now)
    days = _days(found.values())
    day = chosen_day([one.day for one in days], asked, today)
    rows = {host: schedule.of_day(day) for host, schedule in found.items()}
    present = [table for table in tables if rows[table.host.id]]
    chosen = next((one for one in days if one.day == day), None)
    return Overview(
        day,
        days,
        present,
        _lines(present, rows),
        chosen.booked if chosen else 0,
        chosen.free if chosen else 0,
        everything,
    )


def _days(schedules_: Iterable[Schedule]) -> list[Day]:
    found: dict[date, tuple[int, int]] = {}
    for schedule in schedules_:
        for one in schedule.days:
            booked, free = found.get(one.day, (0, 0))
            found[one.day] = (booked + one.booked, free + one.free)
    return [Day(day, *counts) for day, counts in sorted(found.items())]


def _lines(tables: Sequence[Table], rows: dict[int, list[Row]]) -> list[tuple[datetime, list[Cell]]]:
    times = sorted({row.starts_at for table in tables for row in rows[table.host.id]})
    cells: list[list[Cell]] = [[] for _ in times]
    for table in tables:
        line = 0
        for row in rows[table.host.id]:
            start, end = bisect_left(times, row.starts_at), bisect_left(times, row.ends_at)
            for empty in range(line, start):
                cells[empty].append(Cell(table, None))
            cells[start].append(Cell(table, row, end - start))
            line = end
        for empty in range(line, len(times)):
            cells[empty].append(Cell(table, None))
    return list(zip(times, cells, strict=True))
