"""The teacher's rounds, and the schedule of a table day by day."""

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.blueprints.meetings.blueprint import bp
from portal.blueprints.meetings.loading import asked_day, own_host
from portal.blueprints.staff.blueprint import staff_viewer
from portal.domain import ended_talks, meeting_schedule, meeting_tables
from portal.domain.meeting_tables import may_shape, table_of, tables_of


@bp.get("/staff/meetings")
def show_staff_meetings() -> ResponseReturnValue:
    """Show the rounds of who works here; a teacher with one table that is not over gets its schedule,
    unless `all` rounds are asked for.
    """
    person = staff_viewer()
    tables = tables_of(person)
    last_days = meeting_tables.last_days_of({table.round.id for table in tables})
    today = clock.today()
    current = [table for table in tables if last_days.get(table.round.id, today) >= today]
    own = [table for table in current if person.id in table.teacher_ids]
    if len(own) == 1 and not person.is_office and "all" not in request.args:
        return redirect(url_for(".show_table", host_id=own[0].host.id), 303)
    past = [table for table in tables if table not in current]
    return render_template(
        "meetings/staff.html",
        current=current,
        past=past,
        last_days=last_days,
        written=ended_talks.written_by(person),
    )


@bp.get("/staff/meetings/tables/<int:host_id>")
def show_table(host_id: int) -> ResponseReturnValue:
    """Show the schedule of a table on one day (`day`; without it today or the next day with talks)."""
    person, host = own_host(host_id)
    now = clock.now()
    found = meeting_schedule.schedule(person, host, now)
    days = found.days
    day = meeting_schedule.chosen_day([one.day for one in days], asked_day(), clock.today())
    table = table_of(host)
    return render_template(
        "meetings/schedule.html",
        table=table,
        phase=table.phase(now),
        schedule=found,
        days=days,
        day=day,
        rows=found.of_day(day),
        may_shape=may_shape(person, table, now),
        written=ended_talks.written_by(person),
    )
