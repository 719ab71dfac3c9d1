"""One pupil: what school has of the child, whom it calls, and the way to everything else."""

from collections.abc import Sequence

from flask import render_template
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import viewer
from portal.blueprints.pupils.blueprint import bp, pupil_or_404
from portal.domain.absence_lists import absences_of_pupil
from portal.domain.barring_lists import no_contact_with
from portal.domain.calling_order import contacts_to_call, guardians_to_call
from portal.domain.letter_lists import LetterLine, letters_of
from portal.domain.meetings_at_home import ChildTalk, talks_at_home
from portal.domain.pupil_pages import PupilFacts
from portal.domain.pupil_tidings import (
    MOST_LETTERS,
    SchoolLetter,
    SchoolTalk,
    letters_at_school,
    talks_at_school,
)
from portal.domain.school_days import current_year, school_years

LAST_FEW = 3


@bp.get("/pupils/<int:pupil_id>")
def show_pupil(pupil_id: int) -> ResponseReturnValue:
    """Show a pupil to a guardian, or to school: of the other guardian a guardian sees nothing here (R22)."""
    pupil = pupil_or_404(pupil_id)
    year = current_year(school_years(), clock.today())
    absences = absences_of_pupil(viewer(), pupil.id, year.first_day, year.last_day) if year else []
    return render_template(
        "pupils/show.html",
        pupil=pupil,
        guardians=guardians_to_call(viewer(), [pupil.id])[pupil.id],
        contacts=contacts_to_call(viewer(), [pupil.id])[pupil.id],
        no_contact=no_contact_with(viewer(), [pupil.id])[pupil.id],
        absences=absences,
        last_few=absences[:LAST_FEW],
        talks=_talks(pupil),
        letters=_letters(pupil),
    )


def _talks(pupil: PupilFacts) -> Sequence[ChildTalk | SchoolTalk]:
    if pupil.as_guardian:
        return talks_at_home(viewer(), clock.now()).get(pupil.id, [])
    return talks_at_school(viewer(), pupil.id, clock.now()) if pupil.as_school else []


def _letters(pupil: PupilFacts) -> Sequence[LetterLine | SchoolLetter]:
    if pupil.as_guardian:
        return letters_of(viewer(), clock.today(), MOST_LETTERS, about=pupil.id)
    return letters_at_school(viewer(), pupil.id) if pupil.as_school else []
