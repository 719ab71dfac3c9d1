"""Today, for a guardian; who works at school goes to the board."""

from flask import Blueprint, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import viewer
from portal.domain.absence_lists import AbsenceFacts, running_absences
from portal.domain.children import children_of
from portal.domain.group_tidings import tidings_of
from portal.domain.letter_lists import TO_DO, letters_of
from portal.domain.mail_keys import unconfirmed_address
from portal.domain.meetings_at_home import talks_at_home
from portal.domain.release_lists import information_of
from portal.domain.school_days import school_days
from portal.navigation import STAFF, side_of

bp = Blueprint("home", __name__)

LETTERS = 3


@bp.get("/")
def show_today() -> ResponseReturnValue:
    """Show a guardian the children, what is reported today, and what to do."""
    reader = viewer()
    if side_of(reader) == STAFF:
        return redirect(url_for("staff.show_board"), 303)
    today = clock.today()
    days = school_days(today)
    running: dict[int, list[AbsenceFacts]] = {}
    for absence in running_absences(reader, today):
        running.setdefault(absence.pupil_id, []).append(absence)
    children = children_of(reader)
    told = {} if all(child.decides for child in children) else information_of(reader)
    return render_template(
        "home/today.html",
        children=children,
        told=told,
        tidings=tidings_of(reader, today, days, clock.now()) if reader.decides else {},
        letters=letters_of(reader, today, LETTERS, TO_DO) if reader.decides else [],
        talks=talks_at_home(reader, clock.now()) if reader.decides else {},
        running=running,
        unconfirmed=None if reader.email else unconfirmed_address(reader.id, clock.now()),
        free=days.period_of(today),
        is_school_day=days.is_school_day(today),
        starts_again=days.first_school_day(today),
    )
