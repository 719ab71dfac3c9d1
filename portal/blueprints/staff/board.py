"""The teacher's board of the day; the office has the same for the whole school."""

from datetime import date

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import access, clock
from portal.access import LONGEST_NUMBER, Viewer, all_or_404
from portal.blueprints.absence.words import back_words, shortened_words
from portal.blueprints.staff.blueprint import bp, staff_viewer
from portal.blueprints.staff.words import marked_words
from portal.domain import absence, attendance, attendance_marks
from portal.domain.attendance_board import PRESENT, STATES, UNKNOWN, BoardGroup
from portal.domain.school_days import SchoolDays, school_days
from portal.extensions import db, start_writing
from portal.formatting import long_date
from portal.models.roster import Pupil
from portal.words import gettext

ROWS_OF_SCHOOL, ROWS_OF_GROUP = 25, 500
"""So many of whom nothing is known stand on the page: of all groups together only the first to call."""


@bp.get("/today")
def show_board() -> ResponseReturnValue:
    """Show who is known absent, late and present, and of whom nothing is known.

    `group` chooses one group; without it a teacher sees the first of the own groups and the office the whole
    school. A refresh that says which `version` it has gets 204 when nothing changed.
    """
    person = staff_viewer()
    groups = attendance.board_groups(person)
    shown = _chosen(person, groups)
    today = clock.today()
    days = school_days(today)
    everybody = person.is_office and shown == groups
    board = attendance.board(person, shown, today, days.previous_school_day(today), everybody=everybody)
    is_school_day = days.is_school_day(today)
    version = f"{today}{'' if is_school_day else ' free'} {board.version}"
    if request.headers.get("HX-Request") and request.args.get("version") == version:
        return Response(status=204)
    return render_template(
        "staff/board.html",
        groups=groups,
        shown=shown,
        whole_school=len(shown) > 1,
        most_rows=ROWS_OF_SCHOOL if len(shown) > 1 else ROWS_OF_GROUP,
        board=board,
        version=version,
        days=days,
        is_school_day=is_school_day,
        undo=request.args.getlist("undo", type=int),
    )


def _chosen(person: Viewer, groups: list[BoardGroup]) -> list[BoardGroup]:
    asked = request.args.get("group", "")
    if asked == "all":
        return groups
    if asked:
        chosen = [group for group in groups if str(group.id) == asked]
        return chosen or abort(404)
    return groups if person.is_office else groups[:1]


@bp.post("/attendance")
def mark_attendance() -> ResponseReturnValue:
    """Note pupils (`pupil`) as present, late, or unknown again (`state`).

    A button for one pupil of a list says both in one: `mark` is 'present:12'.
    """
    person = staff_viewer()
    state, numbers = _asked_mark()
    days = school_days(clock.today())
    if overtaken := _overtaken(days):
        return overtaken
    start_writing()
    pupils = all_or_404(Pupil, numbers, access.pupils_of_school(person))
    absence.take_turns([pupil.id for pupil in pupils])
    marked = attendance_marks.mark_attendance(
        pupils,
        state,
        days,
        clock.today(),
        person,
        clock.now(),
        was_unknown=request.form.get("was") == UNKNOWN,
    )
    db.session.commit()
    undo = [pupil.id for pupil in marked.pupils] if state == PRESENT and len(numbers) > 1 else []
    for category, sentence in marked_words(marked, state):
        if not (undo and category == "ok"):  # the board says it itself, beside the way back
            flash(sentence, category)
    shortened = shortened_words(marked.shortened, clock.today(), person)
    for sentence in (*back_words(marked.back, person), *shortened):
        flash(sentence, "warn")
    return redirect(_back_to_board(undo=undo), 303)


def _asked_mark() -> tuple[str, list[int]]:
    """Return state and pupils that the form names, or answer 400."""
    state, _, number = request.form.get("mark", "").partition(":")
    if state:
        numbers = [int(number)] if number.isdecimal() and len(number) <= LONGEST_NUMBER else []
    else:
        state, numbers = request.form.get("state", ""), request.form.getlist("pupil", type=int)
    if state not in STATES or not numbers:
        abort(400)
    return state, numbers


@bp.post("/sightings")
def see_reports() -> ResponseReturnValue:
    """Note that the reports about one or more pupils (`pupil`) were seen."""
    person = staff_viewer()
    numbers = request.form.getlist("pupil", type=int)
    if overtaken := _overtaken(school_days(clock.today())):
        return overtaken
    start_writing()
    pupils = all_or_404(Pupil, numbers, access.pupils_of_school(person))
    attendance_marks.see_reports([pupil.id for pupil in pupils], clock.today(), person, clock.now())
    db.session.commit()
    return redirect(_back_to_board(), 303)


def _overtaken(days: SchoolDays) -> ResponseReturnValue | None:
    """Send back to the board who taps on one of another day, or on a day without school; nothing is noted."""
    today = clock.today()
    shown = request.form.get("day", default=today, type=date.fromisoformat)
    if shown != today:
        sentence = gettext(
            "This page was of %(day)s, so nothing was noted. Below is how things stand today.",
            day=long_date(shown),
        )
    elif not days.is_school_day(today):
        sentence = gettext("There is no school today, so nothing was noted.")
    else:
        return None
    flash(sentence, "warn")
    return redirect(_back_to_board(), 303)


def _back_to_board(undo: list[int] | None = None) -> str:
    return url_for(".show_board", group=request.form.get("group") or None, undo=undo or None)
