"""Care information: guardians keep it, the few at school who may read it open it by an act (R15)."""

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal import access, clock
from portal.access import one_or_404, viewer
from portal.blueprints.pupils.blueprint import bp, known_pupil_or_404
from portal.blueprints.pupils.forms import CareForm, RewrittenCareForm, blank
from portal.blueprints.pupils.words import care_kinds
from portal.blueprints.staff.blueprint import staff_viewer
from portal.domain import care
from portal.domain.care_readers import pupils_named_for, readers_of
from portal.domain.holding import Overtaken
from portal.domain.pupil_pages import PupilFacts
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.models.pupils import CareNote
from portal.models.roster import Pupil
from portal.words import gettext


def _readable(pupil_id: int) -> PupilFacts:
    """Return a pupil of whose care information the reader may know, or answer 404."""
    pupil = known_pupil_or_404(pupil_id)
    return pupil if pupil.care_notes is not None else abort(404)


def _is_open(pupil: PupilFacts) -> bool:
    return pupil.as_guardian or pupil.id in care.opened_by(viewer(), [pupil.id], clock.now())


def _source(pupil: PupilFacts) -> str:
    return care.GUARDIAN if pupil.as_guardian else care.SCHOOL


@bp.get("/care")
def show_named() -> ResponseReturnValue:
    """Show a member of staff for which pupils he or she was put on the short list."""
    return render_template("pupils/care_named.html", pupils=pupils_named_for(staff_viewer()))


@bp.get("/pupils/<int:pupil_id>/care")
def show_care(pupil_id: int) -> ResponseReturnValue:
    """Show care information to a guardian, and to who at school opened it a moment ago; else the button."""
    return _page(_readable(pupil_id), blank(CareForm))


@bp.post("/pupils/<int:pupil_id>/care/readings")
def open_care(pupil_id: int) -> ResponseReturnValue:
    """Open care information at school: the guardians see that it was done."""
    pupil = _readable(pupil_id)
    if not pupil.care_as_school:
        abort(404)
    start_writing()
    row = one_or_404(Pupil, pupil_id, access.reads_care_as_school(viewer(), Pupil.id))
    care.open_care([row.id], viewer(), clock.now())
    db.session.commit()
    return redirect(url_for(".show_care", pupil_id=pupil_id), 303)


@bp.post("/pupils/<int:pupil_id>/care")
def create_note(pupil_id: int) -> ResponseReturnValue:
    """Write down a piece of care information."""
    pupil, form = _readable(pupil_id), CareForm()
    if not form.validate():
        return _page(pupil, form), 422
    start_writing()
    row = one_or_404(Pupil, pupil_id, access.reads_care(viewer(), Pupil.id))
    try:
        care.write_note(row, form.words, _source(pupil), viewer(), clock.now())
    except Refused as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return _page(pupil, form), 422
    db.session.commit()
    flash(gettext("It is written down."), "ok")
    return redirect(url_for(".show_care", pupil_id=pupil_id), 303)


def _page(pupil: PupilFacts, form: CareForm) -> str:
    is_open = _is_open(pupil)
    row = one_or_404(Pupil, pupil.id, access.reads_care(viewer(), Pupil.id))
    return render_template(
        "pupils/care.html",
        pupil=pupil,
        form=form,
        is_open=is_open,
        kinds=dict(care_kinds()),
        notes=care.notes_of(viewer(), [pupil.id]).get(pupil.id, []) if is_open else [],
        readers=readers_of(row),
        readings=care.readings_of(viewer(), row) if pupil.as_guardian else [],
        minutes=care.OPEN_FOR.seconds // 60,
    )


@bp.get("/care/<int:note_id>")
def show_note(note_id: int) -> ResponseReturnValue:
    """Show the form with a piece of care information; at school only while it is open."""
    note = _note(note_id)
    pupil = _readable(note.pupil_id)
    if not _is_open(pupil):
        return redirect(url_for(".show_care", pupil_id=pupil.id), 303)
    form = RewrittenCareForm(obj=note)
    form.version.data = care.version_of_note(note)
    return _note_page(note, form)


@bp.post("/care/<int:note_id>")
def update_note(note_id: int) -> ResponseReturnValue:
    """Correct a piece of care information; `version` says which wording the form was about."""
    form = RewrittenCareForm()
    if not form.validate():
        return _note_page(_note(note_id), form), 422
    start_writing()
    note = _note(note_id)
    pupil = _readable(note.pupil_id)
    try:
        care.rewrite_note(note, form.words, _source(pupil), form.version.data or "", viewer(), clock.now())
    except Overtaken as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return _changed_page(note_id, form), 409
    db.session.commit()
    flash(gettext("It is changed."), "ok")
    return redirect(url_for(".show_care", pupil_id=pupil.id), 303)


def _changed_page(note_id: int, form: RewrittenCareForm) -> str:
    """Return the form as it was filled in beside what stands there now, when the reader has that open.

    Who has it open saves over it the next time; who has not opens it first.
    """
    note = _note(note_id)
    is_open = _is_open(_readable(note.pupil_id))
    if is_open:
        form.version.data = care.version_of_note(note)
    return _note_page(note, form, changed=True, is_open=is_open)


def _note_page(note: CareNote, form: RewrittenCareForm, changed: bool = False, is_open: bool = True) -> str:
    return render_template(
        "pupils/care_note.html",
        note=note,
        form=form,
        pupil=_readable(note.pupil_id),
        kinds=dict(care_kinds()),
        changed=changed,
        is_open=is_open,
    )


@bp.post("/care/<int:note_id>/removal")
def remove_note(note_id: int) -> ResponseReturnValue:
    """Take away what does not hold any more."""
    start_writing()
    note = _note(note_id)
    pupil_id = note.pupil_id
    care.remove_note(note, viewer())
    db.session.commit()
    flash(gettext("It is taken away."), "ok")
    return redirect(url_for(".show_care", pupil_id=pupil_id), 303)


def _note(note_id: int) -> CareNote:
    return one_or_404(CareNote, note_id, access.care_visible_to(viewer()))
