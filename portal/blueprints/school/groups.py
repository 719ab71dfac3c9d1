"""Groups: which there are, who is in them, and who teaches them."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import access, clock
from portal.access import one_or_404, viewer
from portal.blueprints.school.blueprint import bp
from portal.blueprints.school.forms import NO_GROUP, GroupForm, TeachersForm, weekdays
from portal.domain import roster_group_lists, roster_groups
from portal.domain.school_days import current_year, school_years
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.formatting import group_label
from portal.forms import options
from portal.models.roster import Group
from portal.words import gettext


@bp.get("/groups")
def show_groups() -> ResponseReturnValue:
    """Show the groups of this school year, or those that were closed."""
    closed = request.args.get("closed") == "1"
    return render_template(
        "school/groups.html",
        groups=roster_group_lists.group_lines(viewer(), closed),
        closed=closed,
        closed_count=roster_group_lists.count_closed(viewer()),
    )


@bp.get("/groups/new")
def show_new_group() -> ResponseReturnValue:
    """Show the form for a new group."""
    return render_template("school/group_new.html", form=GroupForm())


@bp.post("/groups/new")
def create_group() -> ResponseReturnValue:
    """Open a group in the school year that runs."""
    form = GroupForm()
    if not form.validate():
        return render_template("school/group_new.html", form=form), 422
    start_writing()
    year = current_year(school_years(), clock.today())
    try:
        if year is None:
            raise Refused(gettext("Add the school year to the calendar first."))
        group = roster_groups.add_group(
            year, form.name.data or "", form.year_groups.data or [], form.composite.data, viewer()
        )
    except Refused as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return render_template("school/group_new.html", form=form), 422
    group_id, name = group.id, group.name
    db.session.commit()
    flash(gettext("%(group)s is open. Choose who teaches it.", group=group_label(name)), "ok")
    return redirect(url_for(".show_group", group_id=group_id), 303)


@bp.get("/groups/<int:group_id>")
def show_group(group_id: int) -> ResponseReturnValue:
    """Show a group: its teachers with their days, and the children in it."""
    group = one_or_404(Group, group_id, access.of_office(viewer()))
    return render_template(
        "school/group.html",
        group=group,
        year_groups=roster_groups.split(group.year_groups),
        teachers=roster_group_lists.teachers_of([group.id])[group.id],
        weekday_names=_weekday_names,
        pupils=roster_group_lists.pupils_in(viewer(), group),
    )


def _weekday_names(taught: int) -> str:
    return ", ".join(name for bit, name in weekdays() if taught & bit)


@bp.get("/groups/<int:group_id>/details")
def show_group_details(group_id: int) -> ResponseReturnValue:
    """Show the form with the group's name and year groups."""
    group = one_or_404(Group, group_id, access.of_office(viewer()))
    form = GroupForm(
        data={
            "name": group.name,
            "year_groups": roster_groups.split(group.year_groups),
            "composite": group.composite,
        }
    )
    return _details_page(group_id, form)


@bp.post("/groups/<int:group_id>/details")
def update_group(group_id: int) -> ResponseReturnValue:
    """Change the group's name and year groups."""
    form = GroupForm()
    if not form.validate():
        return _details_page(group_id, form), 422
    start_writing()
    group = one_or_404(Group, group_id, access.of_office(viewer()))
    try:
        roster_groups.edit_group(
            group, form.name.data or "", form.year_groups.data or [], form.composite.data, viewer()
        )
    except Refused as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return _details_page(group_id, form), 422
    db.session.commit()
    flash(
        gettext(
            "What you changed of %(name)s is saved.", name=group_label(form.name.data or "", inside=True)
        ),
        "ok",
    )
    return redirect(url_for(".show_group", group_id=group_id), 303)


def _details_page(group_id: int, form: GroupForm) -> str:
    group = one_or_404(Group, group_id, access.of_office(viewer()))
    return render_template("school/group_details.html", form=form, group=group)


@bp.get("/groups/<int:group_id>/teachers")
def show_teachers(group_id: int) -> ResponseReturnValue:
    """Show the form with who teaches the group on which days."""
    return _teachers_page(group_id, TeachersForm(formdata=None))


@bp.post("/groups/<int:group_id>/teachers")
def update_teachers(group_id: int) -> ResponseReturnValue:
    """Let exactly these people teach the group."""
    form = TeachersForm()
    _offer_staff(form)
    if not form.validate():
        return _teachers_page(group_id, form), 422
    start_writing()
    group = one_or_404(Group, group_id, access.groups_of_school(viewer()))
    roster_groups.set_teachers(group, form.weekdays(), viewer(), clock.today())
    name = group.name
    db.session.commit()
    flash(gettext("The teachers of %(group)s are saved.", group=group_label(name, inside=True)), "ok")
    return redirect(url_for(".show_group", group_id=group_id), 303)


def _offer_staff(form: TeachersForm) -> None:
    staff = roster_group_lists.colleagues(viewer())
    form.teacher.choices = options((line.user_id, line.called or line.name) for line in staff)
    form.day.choices = options((f"{line.user_id}-{bit}", name) for line in staff for bit, name in weekdays())
    form.added.choices = options(
        [
            (NO_GROUP, gettext("nobody")),
            *((line.user_id, f"{line.name}, {line.called}" if line.called else line.name) for line in staff),
        ]
    )


def _teachers_page(group_id: int, form: TeachersForm) -> str:
    group = one_or_404(Group, group_id, access.groups_of_school(viewer()))
    teachers = roster_group_lists.teachers_of([group.id])[group.id]
    _offer_staff(form)
    if not form.is_submitted():
        form.teacher.data = [teacher.user_id for teacher in teachers]
        form.day.data = [
            f"{teacher.user_id}-{bit}"
            for teacher in teachers
            for bit in roster_groups.WEEKDAYS
            if teacher.weekdays & bit
        ]
    return render_template(
        "school/group_teachers.html", form=form, group=group, teachers=teachers, days=weekdays()
    )


@bp.post("/groups/<int:group_id>/closing")
def close_group(group_id: int) -> ResponseReturnValue:
    """Close a group that nobody is in."""
    start_writing()
    group = one_or_404(Group, group_id, access.of_office(viewer()))
    name = group.name
    try:
        roster_groups.close_group(group, viewer(), clock.now(), clock.today())
    except Refused as refusal:
        db.session.rollback()
        flash(refusal.sentence, "bad")
        return redirect(url_for(".show_group", group_id=group_id), 303)
    db.session.commit()
    flash(gettext("%(group)s is closed.", group=group_label(name)), "ok")
    return redirect(url_for(".show_groups"), 303)


@bp.post("/groups/<int:group_id>/opening")
def open_group(group_id: int) -> ResponseReturnValue:
    """Open a closed group again."""
    start_writing()
    group = one_or_404(Group, group_id, access.of_office(viewer()))
    name = group.name
    roster_groups.open_group(group, viewer())
    db.session.commit()
    flash(gettext("%(group)s is open again.", group=group_label(name)), "ok")
    return redirect(url_for(".show_group", group_id=group_id), 303)
