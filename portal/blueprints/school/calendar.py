"""School years, holidays and the school's own free days."""

from datetime import date

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import access, clock
from portal.access import one_or_404, viewer
from portal.blueprints.school.blueprint import bp
from portal.blueprints.school.settings_forms import FreeDayForm, HolidaysForm, SchoolYearForm
from portal.domain import free_days
from portal.domain.school_days import current_year, school_years
from portal.domain.settings import school_row
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.forms import options
from portal.models.school import FreeDay, SchoolYear
from portal.words import gettext, ngettext


@bp.get("/calendar")
def show_calendar() -> ResponseReturnValue:
    """Show the free days of a school year: the one that runs, or the one asked for."""
    years = school_years()
    chosen = request.args.get("year", type=int)
    year = next((year for year in years if year.id == chosen), None) or current_year(years, clock.today())
    region = school_row().region
    return render_template(
        "school/calendar.html",
        years=sorted(years, key=lambda year: year.first_day),
        year=year,
        region=region,
        free_days=free_days.free_days_of(year) if year else [],
        to_load=free_days.holidays_to_load(year, region) if year else [],
    )


@bp.post("/calendar/holidays")
def load_holidays() -> ResponseReturnValue:
    """Take in the region's holidays of a school year."""
    form = HolidaysForm()
    years = school_years()
    form.year.choices = options((year.id, year.name) for year in years)
    if not form.validate():
        return redirect(url_for(".show_calendar"), 303)
    start_writing()
    year = next(year for year in years if year.id == form.year.data)
    count = free_days.load_holidays(year, school_row().region, viewer())
    db.session.commit()
    flash(
        ngettext(
            "%(num)s holiday is in the calendar now.", "%(num)s holidays are in the calendar now.", count
        ),
        "ok",
    )
    return redirect(url_for(".show_calendar", year=year.id), 303)


@bp.get("/calendar/free-days/new")
def show_new_free_day() -> ResponseReturnValue:
    """Show the form for a free day."""
    return render_template("school/free_day.html", form=FreeDayForm(), free_day=None)


@bp.post("/calendar/free-days/new")
def create_free_day() -> ResponseReturnValue:
    """Make days free."""
    form = FreeDayForm()
    if not form.validate() or form.first_day.data is None:
        return render_template("school/free_day.html", form=form, free_day=None), 422
    first, last = form.first_day.data, form.last_day.data or form.first_day.data
    start_writing()
    try:
        free_days.add_free_day(form.kind.data, form.name.data or "", first, last, viewer())
    except Refused as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return render_template("school/free_day.html", form=form, free_day=None), 422
    db.session.commit()
    flash(gettext("'%(name)s' is in the calendar now.", name=form.name.data), "ok")
    return redirect(url_for(".show_calendar", year=_year_id(first)), 303)


@bp.get("/calendar/free-days/<int:free_day_id>")
def show_free_day(free_day_id: int) -> ResponseReturnValue:
    """Show the form of a free day."""
    free_day = _free_day(free_day_id)
    return render_template("school/free_day.html", form=FreeDayForm(obj=free_day), free_day=free_day)


@bp.post("/calendar/free-days/<int:free_day_id>")
def update_free_day(free_day_id: int) -> ResponseReturnValue:
    """Change when a free day is, or what it is called."""
    form = FreeDayForm()
    if not form.validate() or form.first_day.data is None:
        return render_template("school/free_day.html", form=form, free_day=_free_day(free_day_id)), 422
    first, last = form.first_day.data, form.last_day.data or form.first_day.data
    start_writing()
    try:
        free_days.edit_free_day(
            _free_day(free_day_id), form.kind.data, form.name.data or "", first, last, viewer()
        )
    except Refused as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return render_template("school/free_day.html", form=form, free_day=_free_day(free_day_id)), 422
    db.session.commit()
    flash(gettext("What you changed of '%(name)s' is saved.", name=form.name.data), "ok")
    return redirect(url_for(".show_calendar", year=_year_id(first)), 303)


@bp.get("/calendar/free-days/<int:free_day_id>/removal")
def show_free_day_removal(free_day_id: int) -> ResponseReturnValue:
    """Ask whether these become school days."""
    return render_template("school/free_day_removal.html", free_day=_free_day(free_day_id))


@bp.post("/calendar/free-days/<int:free_day_id>/removal")
def remove_free_day(free_day_id: int) -> ResponseReturnValue:
    """Make free days school days again."""
    start_writing()
    free_day = _free_day(free_day_id)
    name, first = free_day.name, free_day.first_day
    free_days.remove_free_day(free_day, viewer())
    db.session.commit()
    flash(gettext("'%(name)s' is no longer in the calendar: there is school on those days.", name=name), "ok")
    return redirect(url_for(".show_calendar", year=_year_id(first)), 303)


@bp.get("/calendar/years/new")
def show_new_year() -> ResponseReturnValue:
    """Show the form for the next school year."""
    return _year_page(SchoolYearForm(data=free_days.next_school_year(school_years(), clock.today())))


@bp.post("/calendar/years/new")
def create_year() -> ResponseReturnValue:
    """Add a school year."""
    form = SchoolYearForm()
    if not form.validate() or form.first_day.data is None or form.last_day.data is None:
        return _year_page(form), 422
    start_writing()
    try:
        year = free_days.add_school_year(form.first_day.data, form.last_day.data, viewer())
    except Refused as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return _year_page(form), 422
    year_id, name = year.id, year.name
    db.session.commit()
    flash(gettext("School year %(name)s is in the calendar now. Take in its holidays.", name=name), "ok")
    return redirect(url_for(".show_calendar", year=year_id), 303)


@bp.get("/calendar/years/<int:year_id>")
def show_year(year_id: int) -> ResponseReturnValue:
    """Show the form of a school year."""
    year = one_or_404(SchoolYear, year_id, access.of_office(viewer()))
    return _year_page(SchoolYearForm(obj=year), year)


@bp.post("/calendar/years/<int:year_id>")
def update_year(year_id: int) -> ResponseReturnValue:
    """Change the first and last day of a school year."""
    form = SchoolYearForm()
    if not form.validate() or form.first_day.data is None or form.last_day.data is None:
        return _year_page(form, one_or_404(SchoolYear, year_id, access.of_office(viewer()))), 422
    start_writing()
    year = one_or_404(SchoolYear, year_id, access.of_office(viewer()))
    try:
        free_days.edit_school_year(year, form.first_day.data, form.last_day.data, viewer())
    except Refused as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return _year_page(form, one_or_404(SchoolYear, year_id, access.of_office(viewer()))), 422
    name = year.name
    db.session.commit()
    flash(gettext("School year %(name)s is saved.", name=name), "ok")
    return redirect(url_for(".show_calendar", year=year_id), 303)


def _year_page(form: SchoolYearForm, year: SchoolYear | None = None) -> str:
    return render_template("school/year.html", form=form, year=year)


def _free_day(free_day_id: int) -> FreeDay:
    return one_or_404(FreeDay, free_day_id, access.of_office(viewer()))


def _year_id(day: date) -> int | None:
    return next((year.id for year in school_years() if year.first_day <= day <= year.last_day), None)
