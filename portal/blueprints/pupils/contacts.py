"""Emergency contacts: a guardian keeps the own ones, school all of them (R23)."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import access, clock
from portal.access import one_or_404, viewer
from portal.blueprints.pupils.blueprint import bp, pupil_or_404
from portal.blueprints.pupils.forms import (
    BY_SCHOOL,
    ContactChangeForm,
    EmergencyContactForm,
    SchoolContactForm,
    blank,
)
from portal.domain import emergency_contacts
from portal.domain.calling_order import contacts_to_call, guardians_to_call
from portal.domain.holding import Overtaken
from portal.domain.pupil_pages import PupilFacts
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.forms import options
from portal.models.pupils import EmergencyContact
from portal.models.roster import Pupil
from portal.words import gettext


def _kept(pupil_id: int) -> PupilFacts:
    """Return a pupil whose contacts the reader keeps, or answer 404."""
    pupil = pupil_or_404(pupil_id)
    return pupil if pupil.as_guardian or pupil.as_school else abort(404)


def _form_for(pupil: PupilFacts, sent: bool) -> EmergencyContactForm:
    """Return the form in which a guardian adds a contact; school also says who gave it."""
    kind = SchoolContactForm if pupil.as_school else EmergencyContactForm
    form: EmergencyContactForm = kind() if sent else blank(kind)
    if isinstance(form, SchoolContactForm):
        guardians = guardians_to_call(viewer(), [pupil.id])[pupil.id]
        form.given_by.choices = options(
            [
                (BY_SCHOOL, gettext("nobody: school keeps it itself")),
                *((one.user_id, one.name) for one in guardians if one.has_authority),
            ]
        )
    return form


@bp.get("/pupils/<int:pupil_id>/contacts")
def show_contacts(pupil_id: int) -> ResponseReturnValue:
    """Show whom school calls when no guardian answers, as far as the reader gave them or is school."""
    pupil = _kept(pupil_id)
    return _page(pupil, _form_for(pupil, sent=False))


@bp.post("/pupils/<int:pupil_id>/contacts")
def create_contact(pupil_id: int) -> ResponseReturnValue:
    """Add somebody whom school can call."""
    pupil = _kept(pupil_id)
    form = _form_for(pupil, sent=True)
    if not form.validate():
        return _page(pupil, form), 422
    giver = form.giver if isinstance(form, SchoolContactForm) else viewer().id
    start_writing()
    row = one_or_404(Pupil, pupil_id, access.pupils_visible_to(viewer()))
    try:
        emergency_contacts.add_contact(row, form.words, giver, viewer(), clock.now())
    except Refused as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return _page(pupil, form), 422
    db.session.commit()
    flash(gettext("School can call %(name)s now.", name=form.words.name), "ok")
    return redirect(url_for(".show_contacts", pupil_id=pupil_id), 303)


def _page(pupil: PupilFacts, form: EmergencyContactForm) -> str:
    return render_template(
        "pupils/contacts.html",
        pupil=pupil,
        form=form,
        contacts=contacts_to_call(viewer(), [pupil.id])[pupil.id],
        most=emergency_contacts.MOST,
    )


@bp.get("/contacts/<int:contact_id>")
def show_contact(contact_id: int) -> ResponseReturnValue:
    """Show the form with what is kept of a contact."""
    contact = _contact(contact_id)
    return _contact_page(contact, _details_of(contact))


@bp.post("/contacts/<int:contact_id>")
def update_contact(contact_id: int) -> ResponseReturnValue:
    """Change name, relation or number."""
    form = ContactChangeForm()
    if not form.validate():
        return _contact_page(_contact(contact_id), form), 422
    start_writing()
    contact = _contact(contact_id)
    pupil_id = contact.pupil_id
    try:
        emergency_contacts.edit_contact(contact, form.words, form.version.data or "", viewer())
    except Overtaken as refusal:
        db.session.rollback()
        return _contact_page(_contact(contact_id), form, refusal), 409
    db.session.commit()
    flash(gettext("The contact is changed."), "ok")
    return redirect(url_for(".show_contacts", pupil_id=pupil_id), 303)


def _details_of(contact: EmergencyContact) -> ContactChangeForm:
    form = ContactChangeForm(formdata=None, obj=contact)
    form.version.data = emergency_contacts.version_of_contact(contact)
    return form


def _contact_page(
    contact: EmergencyContact, form: ContactChangeForm, refusal: Overtaken | None = None
) -> str:
    return render_template(
        "pupils/contact.html",
        contact=contact,
        form=form,
        pupil=pupil_or_404(contact.pupil_id),
        stands_now=form.overtaken_by(_details_of(contact), refusal) if refusal else None,
    )


@bp.post("/contacts/<int:contact_id>/position")
def move_contact(contact_id: int) -> ResponseReturnValue:
    """Let school call somebody earlier or later (`to`: up or down)."""
    start_writing()
    contact = _contact(contact_id)
    pupil_id = contact.pupil_id
    emergency_contacts.move_contact(contact, request.form.get("to") == "up", viewer())
    db.session.commit()
    return redirect(url_for(".show_contacts", pupil_id=pupil_id), 303)


@bp.post("/contacts/<int:contact_id>/removal")
def remove_contact(contact_id: int) -> ResponseReturnValue:
    """Forget somebody."""
    start_writing()
    contact = _contact(contact_id)
    pupil_id, name = contact.pupil_id, contact.name
    emergency_contacts.remove_contact(contact, viewer())
    db.session.commit()
    flash(gettext("School does not call %(name)s any more.", name=name), "ok")
    return redirect(url_for(".show_contacts", pupil_id=pupil_id), 303)


def _contact(contact_id: int) -> EmergencyContact:
    return one_or_404(EmergencyContact, contact_id, access.contacts_visible_to(viewer()))
