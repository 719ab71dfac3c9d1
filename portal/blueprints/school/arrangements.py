"""How school deals with the guardians of a pupil: one screen, and one form with a reason for each change."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import access, clock
from portal.access import one_or_404, viewer
from portal.blueprints.school.arrangement_forms import (
    SOMEBODY_ELSE,
    ApartForm,
    AuthorityForm,
    BarringForm,
    HidingForm,
    ReasonForm,
    also_key,
)
from portal.blueprints.school.blueprint import bp
from portal.blueprints.school.hiding_words import said_of_hiding
from portal.blueprints.school.loading import arranged_pupil, current_guardianship, named
from portal.domain import (
    arrangement_history,
    arrangement_lists,
    arrangements,
    barring_lists,
    release_lists,
    roster_guardians,
)
from portal.domain.roster_guardians import full_name
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.models.accounts import User
from portal.models.arrangements import Barring
from portal.models.roster import Guardianship, Pupil
from portal.words import gettext


def _back(pupil_id: int) -> ResponseReturnValue:
    return redirect(url_for(".show_arrangement", pupil_id=pupil_id), 303)


@bp.get("/pupils/<int:pupil_id>/arrangement")
def show_arrangement(pupil_id: int) -> ResponseReturnValue:
    """Show in words which arrangement holds for a pupil, who may be told what, and what was done and why."""
    pupil = arranged_pupil(pupil_id)
    person = viewer()
    everything = request.args.get("history") == "all"
    return render_template(
        "school/arrangement.html",
        pupil=pupil,
        name=full_name(pupil),
        apart=arrangement_lists.talks_are_apart(pupil),
        guardians=arrangement_lists.arranged_guardians(person, pupil),
        still_hidden=arrangement_lists.still_hidden(person, pupil),
        barred=barring_lists.barred_of(person, pupil),
        siblings=barring_lists.barred_from_siblings(person, pupil),
        documents=release_lists.documents_about(person, pupil),
        history=arrangement_history.history_of(person, pupil, everything),
        everything=everything,
    )


@bp.get("/pupils/<int:pupil_id>/arrangement/apart")
def show_apart(pupil_id: int) -> ResponseReturnValue:
    """Show the form for together or apart."""
    pupil = arranged_pupil(pupil_id)
    return _apart_page(pupil_id, ApartForm(data={"apart": "yes" if pupil.apart_at else "no"}))


@bp.post("/pupils/<int:pupil_id>/arrangement/apart")
def deal_apart(pupil_id: int) -> ResponseReturnValue:
    """Deal with the guardians together or apart (R20)."""
    form = ApartForm()
    form.offer()
    if not form.validate():
        return _apart_page(pupil_id, form), 422
    start_writing()
    pupil, apart = arranged_pupil(pupil_id), form.apart.data == "yes"
    try:
        arrangements.deal_apart(pupil, apart, form.why, viewer(), clock.now())
    except Refused as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return _apart_page(pupil_id, form), 422
    said = gettext("From now on apart.") if apart else gettext("From now on together.")
    if not apart and arrangement_lists.talks_are_apart(pupil):
        said = gettext("From now on together. The talks stay apart: below you read why.")
    db.session.commit()
    flash(said, "ok")
    return _back(pupil_id)


def _apart_page(pupil_id: int, form: ApartForm) -> str:
    pupil = arranged_pupil(pupil_id)
    form.offer()
    stay_apart = not pupil.apart_at and arrangement_lists.talks_are_apart(pupil)
    guardians = arrangement_lists.arranged_guardians(viewer(), pupil) if stay_apart else []
    return render_template(
        "school/apart.html", form=form, pupil=pupil, name=full_name(pupil), guardians=guardians
    )


@bp.get("/guardianships/<int:guardianship_id>/authority")
def show_authority(guardianship_id: int) -> ResponseReturnValue:
    """Show the form for the authority of a guardian."""
    held = "yes" if current_guardianship(guardianship_id).has_authority else "no"
    return _authority_page(guardianship_id, AuthorityForm(data={"authority": held}))


@bp.post("/guardianships/<int:guardianship_id>/authority")
def change_authority(guardianship_id: int) -> ResponseReturnValue:
    """Give a guardian the authority, or information on request from now on (R21)."""
    form = AuthorityForm()
    form.offer()
    if not form.validate():
        return _authority_page(guardianship_id, form), 422
    start_writing()
    guardianship = current_guardianship(guardianship_id)
    try:
        arrangements.change_authority(
            guardianship, form.authority.data == "yes", form.why, viewer(), clock.now()
        )
    except Refused as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return _authority_page(guardianship_id, form), 422
    pupil_id = guardianship.pupil_id
    db.session.commit()
    flash(gettext("The authority is changed, from this moment."), "ok")
    return _back(pupil_id)


def _authority_page(guardianship_id: int, form: AuthorityForm) -> str:
    form.offer()
    return render_template("school/authority.html", form=form, **named(current_guardianship(guardianship_id)))


@bp.get("/guardianships/<int:guardianship_id>/hiding")
def show_hiding(guardianship_id: int) -> ResponseReturnValue:
    """Show the form for hiding a guardian from the other one."""
    return _hiding_page(guardianship_id, HidingForm(formdata=None))


@bp.post("/guardianships/<int:guardianship_id>/hiding")
def set_hiding(guardianship_id: int) -> ResponseReturnValue:
    """Hide a guardian on school's behalf, lock that, or end it (R22)."""
    form = HidingForm()
    form.offer((arrangements.HIDE, arrangements.SHOW, arrangements.LOCK, arrangements.UNLOCK))
    if not form.validate():
        return _hiding_page(guardianship_id, form), 422
    start_writing()
    guardianship = _arranged(guardianship_id)
    try:
        arrangements.set_hiding(guardianship, form.step.data, form.why, viewer(), clock.now())
    except Refused as refusal:
        db.session.rollback()
        return _hiding_refused(guardianship_id, form, refusal)
    pupil_id = guardianship.pupil_id
    said = said_of_hiding(form.step.data, guardianship, arranged_pupil(pupil_id), clock.now())
    db.session.commit()
    flash(said, "ok")
    return _back(pupil_id)


def _hiding_refused(guardianship_id: int, form: HidingForm, refusal: Refused) -> ResponseReturnValue:
    guardianship = _arranged(guardianship_id)
    if not arrangements.steps_about_hiding(guardianship):
        # A colleague was first, and about a former guardian nothing is left to decide.
        flash(refusal.sentence, "warn")
        return _back(guardianship.pupil_id)
    form.refuse(refusal)
    return _hiding_page(guardianship_id, form), 422


def _hiding_page(guardianship_id: int, form: HidingForm) -> str:
    guardianship = _arranged(guardianship_id)
    steps = arrangements.steps_about_hiding(guardianship) or abort(404)
    form.offer(steps)
    return render_template("school/hiding.html", form=form, **named(guardianship))


@bp.get("/pupils/<int:pupil_id>/barrings/new")
def show_new_barring(pupil_id: int) -> ResponseReturnValue:
    """Show the form for who may have no contact with a pupil."""
    others = _others(arranged_pupil(pupil_id))
    data = {"who": request.args.get("who", ""), "also": [also_key(one) for one in others]}
    return _barring_page(pupil_id, BarringForm(data=data))


@bp.post("/pupils/<int:pupil_id>/barrings/new")
def bar(pupil_id: int) -> ResponseReturnValue:
    """Let somebody have no contact with a pupil, from this moment."""
    form = BarringForm()
    pupil = arranged_pupil(pupil_id)
    form.offer(_people_or_barred(pupil), _others(pupil))
    if not form.validate():
        return _barring_page(pupil_id, form), 422
    start_writing()
    try:
        pupil = arranged_pupil(pupil_id)
        name, children = _bar(form, pupil)
    except Refused as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return _barring_page(pupil_id, form), 422
    db.session.commit()
    flash(gettext("%(person)s may have no contact with %(pupil)s.", person=name, pupil=children), "ok")
    return _back(pupil_id)


def _bar(form: BarringForm, pupil: Pupil) -> tuple[str, str]:
    """Bar who was chosen; return the names of that person and of the children."""
    person = _chosen(form, pupil)
    if person is None:
        arrangements.bar_somebody_new(pupil, form.name, form.address, form.why, viewer(), clock.now())
        return form.name.full, full_name(pupil)
    children = [pupil, *(arranged_pupil(number) for number in form.chosen_others())]
    arrangements.bar_from_all(children, person, form.why, viewer(), clock.now())
    return full_name(person), ", ".join(full_name(child) for child in children)


def _chosen(form: BarringForm, pupil: Pupil) -> User | None:
    if form.who.data == SOMEBODY_ELSE:
        return roster_guardians.known_adult(viewer(), form.address)
    if int(form.who.data) not in dict(_people_or_barred(pupil)):
        raise arrangements.overtaken()
    return one_or_404(User, int(form.who.data), access.adults_known_to(viewer()))


def _people(pupil: Pupil) -> list[tuple[int, str]]:
    now = [(one.user_id, one.name) for one in arrangement_lists.arranged_guardians(viewer(), pupil)]
    return [*now, *((one.user_id, one.name) for one in arrangement_lists.former_guardians(viewer(), pupil))]


def _people_or_barred(pupil: Pupil) -> list[tuple[int, str]]:
    """Return whom a form may mean that is sent now: it may have been sent already."""
    barred = barring_lists.barred_of(viewer(), pupil)
    return [*_people(pupil), *((one.user_id, one.name) for one in barred)]


def _offer_people(form: BarringForm, pupil: Pupil) -> None:
    form.offer(_people(pupil), _others(pupil))


def _others(pupil: Pupil) -> list[arrangement_lists.OtherChild]:
    known = [user_id for user_id, _ in _people(pupil)]
    return arrangement_lists.other_children(viewer(), pupil, known)


def _barring_page(pupil_id: int, form: BarringForm) -> str:
    pupil = arranged_pupil(pupil_id)
    _offer_people(form, pupil)
    return render_template("school/barring.html", form=form, pupil=pupil, name=full_name(pupil))


@bp.get("/barrings/<int:barring_id>/lifting")
def show_lifting(barring_id: int) -> ResponseReturnValue:
    """Show the form with which contact is no longer forbidden."""
    return _lifting_page(barring_id, ReasonForm())


@bp.post("/barrings/<int:barring_id>/lifting")
def lift_barring(barring_id: int) -> ResponseReturnValue:
    """Forbid the contact no longer; that gives no access back by itself."""
    form = ReasonForm()
    if not form.validate():
        return _lifting_page(barring_id, form), 422
    start_writing()
    barring = _barring(barring_id)
    try:
        arrangements.lift_barring(barring, form.why, viewer(), clock.now())
    except Refused as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return _lifting_page(barring_id, form), 422
    pupil_id = barring.pupil_id
    db.session.commit()
    flash(gettext("Contact is no longer forbidden. Access does not come back by itself."), "ok")
    return _back(pupil_id)


def _barring(barring_id: int) -> Barring:
    return one_or_404(Barring, barring_id, access.barrings_kept_by(viewer()))


def _lifting_page(barring_id: int, form: ReasonForm) -> str:
    barring = _barring(barring_id)
    pupil = arranged_pupil(barring.pupil_id)
    person = one_or_404(User, barring.user_id, access.adults_known_to(viewer()))
    return render_template(
        "school/lifting.html",
        form=form,
        barring=barring,
        pupil=pupil,
        pupil_name=full_name(pupil),
        name=full_name(person),
    )


def _arranged(guardianship_id: int) -> Guardianship:
    """Return the place of who is a guardian, or was one: that one may hide still."""
    return one_or_404(Guardianship, guardianship_id, access.guardianships_arranged_by(viewer()))
