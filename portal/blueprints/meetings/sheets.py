"""The evening on paper and as a workbook."""

from flask import Response, render_template

from portal import access, clock
from portal.access import one_or_404
from portal.blueprints.downloads import plain_name
from portal.blueprints.meetings.blueprint import bp
from portal.blueprints.meetings.loading import own_host, own_table
from portal.blueprints.staff.blueprint import staff_viewer
from portal.domain import meeting_schedule, meeting_sheets, spreadsheets
from portal.domain.meeting_schedule import Row
from portal.domain.meeting_tables import Table, table_of
from portal.formatting import full_date, group_label, spoken_list
from portal.logs import note_export
from portal.models.meetings import MeetingRound
from portal.words import gettext


@bp.get("/staff/meetings/tables/<int:host_id>/sheets")
def show_sheets(host_id: int) -> str:
    """Show what can be printed and downloaded of a table."""
    _, table = own_table(host_id)
    return render_template("meetings/sheets.html", table=table)


@bp.get("/staff/meetings/tables/<int:host_id>/print")
def show_printed_schedule(host_id: int) -> str:
    """Show the whole schedule as it is printed, a day on each sheet."""
    person, host = own_host(host_id)
    found = meeting_schedule.schedule(person, host, clock.now())
    return render_template("meetings/print_schedule.html", table=table_of(host), schedule=found)


@bp.get("/staff/meetings/rounds/<int:round_id>/doors")
def show_doors(round_id: int) -> str:
    """Show the lists for the doors as they are printed: the own door, for the office all."""
    person = staff_viewer()
    round_ = one_or_404(MeetingRound, round_id, access.rounds_of_school(person))
    return render_template(
        "meetings/print_doors.html", round=round_, lists=meeting_sheets.door_lists(person, round_)
    )


@bp.get("/staff/meetings/rounds/<int:round_id>/families")
def show_families(round_id: int) -> str:
    """Show the talks family by family as they are printed."""
    person = staff_viewer()
    round_ = one_or_404(MeetingRound, round_id, access.rounds_of_school(person))
    return render_template(
        "meetings/print_families.html", round=round_, families=meeting_sheets.family_lists(person, round_)
    )


@bp.get("/staff/meetings/tables/<int:host_id>/schedule.xlsx")
def download_schedule(host_id: int) -> Response:
    """Return the schedule as a workbook."""
    person, host = own_host(host_id)
    table = table_of(host)
    found = meeting_schedule.schedule(person, host, clock.now())
    book = spreadsheets.xlsx_of(_cells(table, found.rows), table.round.name)
    plain = plain_name(table.round.name, str(host_id))
    disposition = f'attachment; filename="{plain}.xlsx"'
    note_export("schedule of table", host_id, person.id)
    return Response(book, mimetype=spreadsheets.XLSX, headers={"Content-Disposition": disposition})


def _cells(table: Table, rows: tuple[Row, ...]) -> list[list[str]]:
    kinds = {
        "booked": gettext("Booked"),
        "taken": gettext("Taken"),
        "blocked": gettext("Blocked"),
        "break": gettext("Break"),
        "kept": gettext("Kept free"),
        "held": gettext("Offered"),
        "free": gettext("Free"),
    }
    groups = ", ".join(group_label(name) for name in table.groups)
    title = ", ".join(part for part in (table.round.name, groups, spoken_list(table.teachers)) if part)
    headings = [
        gettext("Day"), gettext("From"), gettext("Until"), gettext("Status"), gettext("Pupil"),
        gettext("With whom"), gettext("Phone"), gettext("How"), gettext("They want to discuss"),
    ]  # fmt: skip
    return [[title], headings, *([full_date(row.day), *_of_row(row, kinds[row.kind])] for row in rows)]


def _of_row(row: Row, kind: str) -> list[str]:
    times = [clock.to_local(moment).strftime("%H:%M") for moment in (row.starts_at, row.ends_at)]
    talk = row.talk
    if talk is None:
        return [*times, kind, "", "", "", "", ""]
    phones = ", ".join(number for _, number in talk.phones if number)
    way = gettext("by video") if talk.way == "video" else gettext("at school")
    return [*times, kind, talk.pupil, talk.with_whom, phones, way if talk.booking_id else "", talk.subjects]
