"""The pages of one pupil; each asks itself in which quality the reader has the pupil."""

from flask import Blueprint, abort

from portal.access import possible_number, viewer
from portal.domain.pupil_pages import PupilFacts, pupil_facts

bp = Blueprint("pupils", __name__)


def pupil_or_404(pupil_id: int) -> PupilFacts:
    """Return a pupil whom the reader may see, or answer 404."""
    facts = known_pupil_or_404(pupil_id)
    return facts if facts.visible else abort(404)


def known_pupil_or_404(pupil_id: int) -> PupilFacts:
    """Return a pupil of whom the reader may see the page or know the care information, or answer 404."""
    facts = pupil_facts(viewer(), pupil_id) if possible_number(pupil_id) else None
    return facts or abort(404)
