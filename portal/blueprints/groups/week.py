"""What happens in a week of a group, as its teachers and the office write it."""

from datetime import date, timedelta

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import access, clock
from portal.access import one_to_change, viewer
from portal.blueprints.groups.blueprint import bp, kept_group
from portal.blueprints.groups.forms import WEEKLY, ChangedItemForm, ItemForm
from portal.domain import week_items
from portal.domain.school_days import school_days
from portal.domain.weeks import monday_of
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.formatting import long_date, short_date
from portal.forms import options
from portal.models.groups import WeekItem
from portal.words import gettext


def _day_asked(text: str | None) -> date | None:
    try:
        day = date.fromisoformat(text or "")
    except ValueError:
        return None
    return day if week_items.is_near(day, clock.today()) else None


def asked_week(today: date) -> date:
    """Return the Monday of the week that the address asks for, or of the one to begin with."""
    day = _day_asked(request.args.get("week"))
    return monday_of(day) if day else week_items.shown_week(today)


def _day_to_fill(text: str | None) -> date:
    """Return a school day that something can be written for, or answer 404."""
    day = _day_asked(text)
    if day is None or day.weekday() > 4 or week_items.is_over(monday_of(day), clock.today()):
        abort(404)
    return day


def _week_page(group_id: int, monday: date) -> ResponseReturnValue:
    shown = monday != week_items.shown_week(clock.today())
    return redirect(url_for(".show_group", group_id=group_id, week=monday if shown else None), 303)


@bp.get("/groups/<int:group_id>/week/items/new")
def show_new_item(group_id: int) -> ResponseReturnValue:
    """Show the form for something on a `day`."""
    kept_group(group_id)
    return _new_item_page(group_id, _day_to_fill(request.args.get("day")), ItemForm(formdata=None))


@bp.post("/groups/<int:group_id>/week/items")
def create_item(group_id: int) -> ResponseReturnValue:
    """Let something happen on a `day`, in that week only or weekly from then on (`repeat`)."""
    kept_group(group_id)
    day, form = _day_to_fill(request.form.get("day")), ItemForm()
    if not form.validate():
        return _new_item_page(group_id, day, form), 422
    entry, days = form.entry_on(day.isoweekday()), school_days(day)
    start_writing()
    try:
        week_items.add_item(
            kept_group(group_id), entry, monday_of(day), form.is_weekly, days, viewer(), clock.now()
        )
    except Refused as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return _new_item_page(group_id, day, form, refused=True), 422
    db.session.commit()
    slots = {"what": week_items.said(entry.kind, entry.text), "day": long_date(day)}
    if form.is_weekly:
        flash(gettext("Parents see it every week from %(day)s: %(what)s.", **slots), "ok")
    else:
        flash(gettext("Parents see it on %(day)s: %(what)s.", **slots), "ok")
    return _week_page(group_id, monday_of(day))


def _new_item_page(group_id: int, day: date, form: ItemForm, refused: bool = False) -> str:
    return render_template(
        "groups/week_item_new.html",
        refused=refused,
        group=kept_group(group_id),
        form=form,
        day=day,
        monday=monday_of(day),
        icons=week_items.ICONS,
    )


@bp.get("/groups/<int:group_id>/week/items/<int:item_id>")
def show_item(group_id: int, item_id: int) -> ResponseReturnValue:
    """Show the form with which to change something, or take it away, as it stands in a `week`."""
    item, monday = _item_in_week(group_id, item_id)
    form = ChangedItemForm(formdata=None, obj=item)
    return _item_page(item, monday, form)


@bp.post("/groups/<int:group_id>/week/items/<int:item_id>")
def update_item(group_id: int, item_id: int) -> ResponseReturnValue:
    """Say it differently in a `week` only, or from that week on (`repeat`)."""
    item, monday = _item_in_week(group_id, item_id)
    form = ChangedItemForm()
    _offer_days(form, monday)
    if not form.validate():
        return _item_page(item, monday, form), 422
    entry, days = form.entry_on(form.weekday.data), school_days(monday)
    start_writing()
    item = _kept_item(group_id, item_id)
    try:
        week_items.change_item(item, entry, monday, form.is_weekly, days, viewer(), clock.now())
    except Refused as refusal:
        db.session.rollback()
        if refusal.field is None:
            raise
        form.refuse(refusal)
        return _item_page(_kept_item(group_id, item_id), monday, form), 422
    db.session.commit()
    what = week_items.said(entry.kind, entry.text)
    flash(gettext("It is changed: %(what)s.", what=what), "ok")
    return _week_page(group_id, monday)


@bp.post("/groups/<int:group_id>/week/items/<int:item_id>/removal")
def remove_item(group_id: int, item_id: int) -> ResponseReturnValue:
    """Take something out of a `week`, or out of that one and all later ones (`repeat`)."""
    _item, monday = _item_in_week(group_id, item_id)
    start_writing()
    item = _kept_item(group_id, item_id)
    what = week_items.said(item.kind, item.text)
    onwards = request.form.get("repeat") == WEEKLY
    week_items.remove_item(item, monday, onwards, viewer(), clock.now())
    db.session.commit()
    slots = {"what": what, "day": short_date(monday)}
    if onwards:
        flash(gettext("Taken away from the week of %(day)s on: %(what)s.", **slots), "ok")
    else:
        flash(gettext("Taken away in the week of %(day)s: %(what)s.", **slots), "ok")
    return _week_page(group_id, monday)


def _kept_item(group_id: int, item_id: int) -> WeekItem:
    person = viewer()
    item = one_to_change(
        WeekItem, item_id, access.week_items_visible_to(person), access.week_items_kept_by(person)
    )
    return item if item.group_id == group_id else abort(404)


def _item_in_week(group_id: int, item_id: int) -> tuple[WeekItem, date]:
    """Return something and the Monday of a week that is not over and in which it happens, or answer 404."""
    item, monday = _kept_item(group_id, item_id), asked_week(clock.today())
    if week_items.is_over(monday, clock.today()) or not week_items.holds_in(item, monday):
        abort(404)
    return item, monday


def _offer_days(form: ChangedItemForm, monday: date) -> None:
    days = [monday + timedelta(days=number) for number in range(5)]
    form.weekday.choices = options((day.isoweekday(), short_date(day).split()[0]) for day in days)


def _item_page(item: WeekItem, monday: date, form: ChangedItemForm) -> str:
    _offer_days(form, monday)
    return render_template(
        "groups/week_item.html",
        group=kept_group(item.group_id),
        form=form,
        item=item,
        monday=monday,
        day=monday + timedelta(days=item.weekday - 1),
        what=week_items.label_of(item.kind) or item.text,
        goes_on=week_items.goes_on(item, monday),
        icons=week_items.ICONS,
    )
