"""Guardians of a child: adding one, changing what is known of them, ending their access."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal import access, clock
from portal.access import one_or_404, viewer
from portal.blueprints.school.arrangement_forms import ReasonForm
from portal.blueprints.school.blueprint import bp
from portal.blueprints.school.change_forms import GuardianChangeForm
from portal.blueprints.school.forms import GuardianForm, GuardianshipForm
from portal.blueprints.school.loading import arranged_pupil, current_guardianship, managed_adult, named
from portal.domain import (
    accounts,
    invitations,
    roster_guardians,
    roster_lists,
    roster_namesakes,
    roster_staff,
)
from portal.domain.holding import Overtaken
from portal.domain.roster_guardians import full_name
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.models.accounts import User
from portal.models.roster import Guardianship, Pupil
from portal.words import gettext


@bp.get("/pupils/<int:pupil_id>/guardians/new")
def show_new_guardian(pupil_id: int) -> ResponseReturnValue:
    """Show the form for another guardian of this child."""
    return _new_guardian_page(pupil_id, GuardianForm())


@bp.post("/pupils/<int:pupil_id>/guardians/new")
def create_guardian(pupil_id: int) -> ResponseReturnValue:
    """Add a guardian: somebody new, or after a look at who it is somebody whom the school knows."""
    form = GuardianForm()
    if not form.validate():
        return _new_guardian_page(pupil_id, form), 422
    start_writing()
    try:
        pupil = arranged_pupil(pupil_id)
        words = _added_just_now(pupil, form)
        if not words and (asking := _whom_to_ask_about(pupil, form)):
            db.session.rollback()
            return _new_guardian_page(pupil_id, form, **asking), 422
        words = words or _add_guardian(pupil, form)
    except Refused as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return _new_guardian_page(pupil_id, form), 422
    db.session.commit()
    flash(words, "ok")
    return redirect(url_for(".show_pupil", pupil_id=pupil_id), 303)


def _added_just_now(pupil: Pupil, form: GuardianForm) -> str:
    """Return what was said when this very form was sent a moment ago, or ''."""
    words = (form.name, form.address, form.number[0], form.relation.data or "", form.has_authority.data)
    twin = roster_namesakes.added_just_now(pupil, *words, viewer(), clock.now())
    return _words_after_adding(twin, pupil) if twin else ""


def _whom_to_ask_about(pupil: Pupil, form: GuardianForm) -> dict[str, User]:
    """Return the person who may be meant, and was not confirmed or ruled out yet."""
    known = roster_guardians.known_adult(viewer(), form.address)
    if known:
        return {} if form.known.data == str(known.id) else {"known": known}
    roster_guardians.refuse_third(pupil)
    namesake = roster_namesakes.namesake_of(pupil, form.name)
    if namesake is None or form.other_than.data == str(namesake.id):
        return {}
    return {"namesake": namesake}


def _add_guardian(pupil: Pupil, form: GuardianForm) -> str:
    person = roster_guardians.known_adult(viewer(), form.address)
    if person is None or form.known.data != str(person.id):
        person = roster_guardians.new_adult(
            form.name,
            form.address,
            form.number,
            form.language.data,
            clock.now(),
            form.organisation.data or "",
        )
    guardianship = roster_guardians.add_guardian(
        pupil, person, form.relation.data or "", form.has_authority.data, viewer(), clock.now()
    )
    invitations.tell_of_new_child(person, guardianship, clock.now())
    return _words_after_adding(person, pupil)


def _words_after_adding(person: User, pupil: Pupil) -> str:
    guardian, child = full_name(person), full_name(pupil)
    if person.activated_at:
        return gettext(
            "%(guardian)s is a guardian of %(pupil)s now and is told so by mail. The login stays the same.",
            guardian=guardian,
            pupil=child,
        )
    return gettext(
        "%(guardian)s is a guardian of %(pupil)s now. Open the name to send the invitation.",
        guardian=guardian,
        pupil=child,
    )


def _new_guardian_page(
    pupil_id: int, form: GuardianForm, known: User | None = None, namesake: User | None = None
) -> str:
    pupil = arranged_pupil(pupil_id)
    without = known is not None and roster_namesakes.was_without_authority(pupil, known)
    if known:
        form.known.data = str(known.id)
        form.has_authority.data = form.has_authority.data and not without
    return render_template(
        "school/guardian_new.html",
        form=form,
        pupil=pupil,
        name=full_name(pupil),
        known=known,
        known_name=full_name(known) if known else "",
        without=without,
        namesake=namesake,
        known_children=roster_lists.children_of_adult(known.id) if known else [],
        known_left=roster_lists.children_of_adult(known.id, left=True) if known else [],
        guardians=roster_lists.guardians_of(viewer(), [pupil.id])[pupil.id],
    )


@bp.get("/guardians/<int:user_id>")
def show_guardian(user_id: int) -> ResponseReturnValue:
    """Show an adult with the children they are guardian of, and how far they are on the way in."""
    person = one_or_404(User, user_id, access.adults_known_to(viewer()))
    return render_template(
        "school/guardian.html",
        person=person,
        name=full_name(person),
        children=roster_lists.children_of_adult(person.id),
        left=roster_lists.children_of_adult(person.id, left=True),
        invitation=invitations.open_invitation(person),
        works_here=roster_staff.works_here(person),
    )


@bp.get("/guardians/<int:user_id>/details")
def show_guardian_details(user_id: int) -> ResponseReturnValue:
    """Show the form with what is known of an adult."""
    person = managed_adult(user_id)
    return _details_page(user_id, _details_of(person))


@bp.post("/guardians/<int:user_id>/details")
def update_guardian(user_id: int) -> ResponseReturnValue:
    """Change an adult's name and how to reach them."""
    form = GuardianChangeForm()
    if not form.validate():
        return _details_page(user_id, form), 422
    start_writing()
    person = managed_adult(user_id)
    try:
        _edit(person, form)
    except Overtaken as refusal:
        db.session.rollback()
        return _details_page(user_id, form, refusal), 409
    except Refused as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return _details_page(user_id, form), 422
    name = full_name(person)
    db.session.commit()
    flash(gettext("What you changed of %(name)s is saved.", name=name), "ok")
    return redirect(url_for(".show_guardian", user_id=user_id), 303)


def _edit(person: User, form: GuardianChangeForm) -> None:
    version, organisation = form.version.data or "", form.organisation.data or ""
    roster_guardians.edit_adult(
        person, form.name, form.number, form.language.data, version, viewer(), organisation
    )
    if form.address != person.email:
        accounts.correct_email(person, form.address, viewer(), clock.now())


def _details_of(person: User) -> GuardianChangeForm:
    form = GuardianChangeForm(formdata=None, obj=person)
    form.version.data = roster_guardians.version_of_adult(person)
    return form


def _details_page(user_id: int, form: GuardianChangeForm, refusal: Overtaken | None = None) -> str:
    person = managed_adult(user_id)
    return render_template(
        "school/guardian_details.html",
        form=form,
        person=person,
        name=full_name(person),
        stands_now=form.overtaken_by(_details_of(person), refusal) if refusal else None,
    )


@bp.get("/guardianships/<int:guardianship_id>")
def show_guardianship(guardianship_id: int) -> ResponseReturnValue:
    """Show the form with what an adult is to a child."""
    guardianship = current_guardianship(guardianship_id)
    return _guardianship_page(guardianship_id, GuardianshipForm(obj=guardianship))


@bp.post("/guardianships/<int:guardianship_id>")
def update_guardianship(guardianship_id: int) -> ResponseReturnValue:
    """Change the relation to the child."""
    form = GuardianshipForm()
    if not form.validate():
        return _guardianship_page(guardianship_id, form), 422
    start_writing()
    guardianship = current_guardianship(guardianship_id)
    roster_guardians.edit_guardianship(guardianship, form.relation.data or "", viewer())
    pupil_id = guardianship.pupil_id
    db.session.commit()
    flash(gettext("Saved what this guardian is to the child."), "ok")
    return redirect(url_for(".show_pupil", pupil_id=pupil_id), 303)


def _guardianship_page(guardianship_id: int, form: GuardianshipForm) -> str:
    return render_template(
        "school/guardianship.html", form=form, **_who(current_guardianship(guardianship_id))
    )


@bp.get("/guardianships/<int:guardianship_id>/revocation")
def show_revocation(guardianship_id: int) -> ResponseReturnValue:
    """Ask whether this adult's access to the child ends, and say what that means."""
    return _revocation_page(guardianship_id, ReasonForm(formdata=None))


def _revocation_page(guardianship_id: int, form: ReasonForm) -> str:
    return render_template("school/revocation.html", form=form, **_who(current_guardianship(guardianship_id)))


@bp.post("/guardianships/<int:guardianship_id>/revocation")
def revoke_guardianship(guardianship_id: int) -> ResponseReturnValue:
    """End an adult's access to a child, from this moment; a second click changes nothing more."""
    form = ReasonForm()
    if not form.validate():
        return _revocation_page(guardianship_id, form), 422
    start_writing()
    guardianship = one_or_404(Guardianship, guardianship_id, access.guardianships_arranged_by(viewer()))
    who = _who(guardianship)
    pupil_id = guardianship.pupil_id
    roster_guardians.revoke_guardianship(guardianship, form.why, viewer(), clock.now())
    db.session.commit()
    flash(
        gettext(
            "%(guardian)s no longer has access to %(pupil)s.", guardian=who["name"], pupil=who["pupil_name"]
        ),
        "ok",
    )
    return redirect(url_for(".show_pupil", pupil_id=pupil_id), 303)


def _who(guardianship: Guardianship) -> dict[str, object]:
    children = roster_lists.children_of_adult(guardianship.user_id)
    return named(guardianship) | {
        "other_children": [child for child in children if child.id != guardianship.pupil_id]
    }
