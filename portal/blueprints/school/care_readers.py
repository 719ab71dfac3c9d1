"""Who at school may read a pupil's care information; nothing of the information itself (R15)."""

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal import access, clock
from portal.access import one_or_404, viewer
from portal.blueprints.school.blueprint import bp
from portal.blueprints.school.loading import arranged_pupil
from portal.blueprints.school.request_forms import ReaderForm
from portal.domain import care_readers
from portal.domain.roster_guardians import full_name
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.forms import options
from portal.models.pupils import CareReader
from portal.models.roster import Pupil
from portal.words import gettext


@bp.get("/pupils/<int:pupil_id>/care-readers")
def show_care_readers(pupil_id: int) -> ResponseReturnValue:
    """Show who may read the care information of a pupil."""
    return _readers_page(arranged_pupil(pupil_id), ReaderForm(formdata=None))


@bp.post("/pupils/<int:pupil_id>/care-readers")
def name_care_reader(pupil_id: int) -> ResponseReturnValue:
    """Let one more colleague (`user`) read it."""
    form, pupil = ReaderForm(), arranged_pupil(pupil_id)
    form.user.choices = options(care_readers.staff_to_name(pupil))
    if not form.validate():
        return _readers_page(pupil, form), 422
    start_writing()
    pupil = arranged_pupil(pupil_id)
    try:
        care_readers.name_reader(pupil, form.user.data, viewer(), clock.now())
    except Refused as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return _readers_page(arranged_pupil(pupil_id), form), 422
    db.session.commit()
    flash(gettext("This colleague may read the care information now. The parents see the name."), "ok")
    return redirect(url_for(".show_care_readers", pupil_id=pupil_id), 303)


def _readers_page(pupil: Pupil, form: ReaderForm) -> str:
    form.user.choices = options(care_readers.staff_to_name(pupil))
    return render_template(
        "school/care_readers.html",
        pupil=pupil,
        name=full_name(pupil),
        form=form,
        readers=care_readers.readers_of(pupil),
    )


@bp.post("/care-readers/<int:reader_id>/removal")
def drop_care_reader(reader_id: int) -> ResponseReturnValue:
    """Take a colleague off the list, at once."""
    start_writing()
    reader = one_or_404(CareReader, reader_id, access.care_readers_named_by(viewer()))
    pupil_id = reader.pupil_id
    care_readers.drop_reader(reader, viewer())
    db.session.commit()
    flash(gettext("This colleague does not read the care information any more."), "ok")
    return redirect(url_for(".show_care_readers", pupil_id=pupil_id), 303)
