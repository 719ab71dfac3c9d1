"""Who works at school. Only the head and the administrator decide that."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import viewer
from portal.blueprints.school.blueprint import bp, require_leading
from portal.blueprints.school.change_forms import MemberChangeForm
from portal.blueprints.school.forms import StaffForm
from portal.blueprints.school.loading import staff_member
from portal.domain import (
    accounts,
    invitations,
    roster_group_lists,
    roster_guardians,
    roster_lists,
    roster_staff,
)
from portal.domain.holding import Overtaken
from portal.domain.roster_guardians import full_name
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.models.accounts import User
from portal.words import gettext


@bp.get("/staff")
@require_leading
def show_staff() -> ResponseReturnValue:
    """Show who works at school, or who left."""
    left = request.args.get("left") == "1"
    return render_template(
        "school/staff.html", staff=roster_group_lists.staff_lines(viewer(), left), left=left
    )


@bp.get("/staff/new")
@require_leading
def show_new_member() -> ResponseReturnValue:
    """Show the form for somebody who comes to work here."""
    return render_template("school/staff_new.html", form=StaffForm(), known=None)


@bp.post("/staff/new")
@require_leading
def create_member() -> ResponseReturnValue:
    """Add somebody to the staff and invite them; a guardian stays one person with one login."""
    form = StaffForm()
    if not form.validate():
        return render_template("school/staff_new.html", form=form, known=None), 422
    start_writing()
    try:
        known = roster_guardians.known_adult(viewer(), form.address)
        if known and form.known.data != str(known.id):
            db.session.rollback()
            return _known_page(form), 422
        person = known or roster_guardians.new_adult(
            form.name, form.address, form.number, form.language.data, clock.now()
        )
        member = roster_staff.add_staff(person, form.role.data, form.called.data or "", viewer())
        roster_staff.change_reach(member, *form.shown_to_parents, viewer())
        if not person.activated_at:
            invitations.invite(person, viewer(), clock.now())
    except Refused as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return render_template("school/staff_new.html", form=form, known=None), 422
    name, invited = full_name(person), not person.activated_at
    confused = roster_staff.is_called_like_another(member)
    db.session.commit()
    if invited:
        flash(gettext("%(name)s works here now and gets an invitation by mail.", name=name), "ok")
    else:
        flash(gettext("%(name)s works here now and keeps the same login.", name=name), "ok")
    if confused:
        _warn_of_same_name(form.called.data or "")
    return redirect(url_for(".show_staff"), 303)


def _known_page(form: StaffForm) -> str:
    person = roster_guardians.known_adult(viewer(), form.address)
    form.known.data = str(person.id) if person else ""
    return render_template(
        "school/staff_new.html",
        form=form,
        known=person,
        known_name=full_name(person) if person else "",
        known_children=roster_lists.children_of_adult(person.id) if person else [],
    )


@bp.get("/staff/<int:user_id>")
@require_leading
def show_member(user_id: int) -> ResponseReturnValue:
    """Show the form with what is known of a member of staff."""
    person = staff_member(user_id)
    return _member_page(user_id, _details_of(person))


@bp.post("/staff/<int:user_id>")
@require_leading
def update_member(user_id: int) -> ResponseReturnValue:
    """Change a member of staff's name, address or role."""
    form = MemberChangeForm()
    if not form.validate():
        return _member_page(user_id, form), 422
    start_writing()
    person = staff_member(user_id)
    try:
        _edit(person, form)
    except Overtaken as refusal:
        db.session.rollback()
        return _member_page(user_id, form, refusal), 409
    except Refused as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return _member_page(user_id, form), 422
    name, confused = full_name(person), roster_staff.is_called_like_another(roster_staff.member_of(person))
    db.session.commit()
    flash(gettext("What you changed of %(name)s is saved.", name=name), "ok")
    if confused:
        _warn_of_same_name(form.called.data or "")
    return redirect(url_for(".show_staff"), 303)


def _warn_of_same_name(called: str) -> None:
    flash(
        gettext(
            "Somebody else here is called %(called)s too."
            " Add a letter of the surname, so that parents know who is meant.",
            called=called,
        ),
        "warn",
    )


def _edit(person: User, form: MemberChangeForm) -> None:
    roster_guardians.edit_adult(
        person, form.name, form.number, form.language.data, form.version.data or "", viewer()
    )
    member = roster_staff.member_of(person)
    roster_staff.edit_staff(
        member, form.role.data, form.called.data or "", form.work_version.data or "", viewer()
    )
    roster_staff.change_reach(member, *form.shown_to_parents, viewer())
    if form.address != person.email:
        accounts.correct_email(person, form.address, viewer(), clock.now())


def _details_of(person: User) -> MemberChangeForm:
    member = roster_staff.member_of(person)
    of_member = {name: getattr(member, name) for name in ("called", "role", "work_email", "reach")}
    form = MemberChangeForm(formdata=None, obj=person, data=of_member)
    form.version.data = roster_guardians.version_of_adult(person)
    form.work_version.data = roster_staff.version_of_member(member)
    return form


def _member_page(user_id: int, form: MemberChangeForm, refusal: Overtaken | None = None) -> str:
    person = staff_member(user_id)
    return render_template(
        "school/member.html",
        form=form,
        person=person,
        name=full_name(person),
        member=roster_staff.member_of(person),
        children=roster_lists.children_of_adult(person.id),
        stands_now=form.overtaken_by(_details_of(person), refusal) if refusal else None,
    )


@bp.get("/staff/<int:user_id>/leaving")
@require_leading
def show_member_leaving(user_id: int) -> ResponseReturnValue:
    """Ask whether somebody leaves, and say what that means."""
    person = staff_member(user_id)
    return render_template(
        "school/member_leaving.html",
        person=person,
        name=full_name(person),
        children=roster_lists.children_of_adult(person.id),
    )


@bp.post("/staff/<int:user_id>/leaving")
@require_leading
def end_member(user_id: int) -> ResponseReturnValue:
    """End somebody's access as staff, from this moment."""
    start_writing()
    person = staff_member(user_id)
    name = full_name(person)
    try:
        roster_staff.end_staff(roster_staff.member_of(person), viewer(), clock.now(), clock.today())
    except Refused as refusal:
        db.session.rollback()
        flash(refusal.sentence, "bad")
        return redirect(url_for(".show_member", user_id=user_id), 303)
    db.session.commit()
    flash(gettext("%(name)s no longer works here and has no access as staff.", name=name), "ok")
    return redirect(url_for(".show_staff"), 303)


@bp.post("/staff/<int:user_id>/return")
@require_leading
def return_member(user_id: int) -> ResponseReturnValue:
    """Let somebody who left work here again, in the same role."""
    start_writing()
    person = staff_member(user_id)
    member = roster_staff.member_of(person)
    name = full_name(person)
    roster_staff.add_staff(person, member.role, member.called, viewer())
    db.session.commit()
    flash(gettext("%(name)s works here again.", name=name), "ok")
    return redirect(url_for(".show_member", user_id=user_id), 303)
