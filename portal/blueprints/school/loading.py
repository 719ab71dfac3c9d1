"""How pupils, adults and their places reach the office: 404 for what the reader does not keep."""

from typing import Any

from portal import access
from portal.access import one_or_404, viewer
from portal.domain.roster_guardians import full_name
from portal.models.accounts import User
from portal.models.roster import Guardianship, Pupil


def school_pupil(pupil_id: int) -> Pupil:
    """Return a pupil whom the office keeps, or answer 404."""
    return one_or_404(Pupil, pupil_id, access.pupils_of_school(viewer()))


def arranged_pupil(pupil_id: int) -> Pupil:
    """Return a pupil whose guardians the reader arranges, so never the own child; or answer 404."""
    return one_or_404(Pupil, pupil_id, access.pupils_arranged_by(viewer()))


def managed_adult(user_id: int) -> User:
    """Return an adult whose details and login the reader manages, or answer 404."""
    return one_or_404(User, user_id, access.adults_managed_by(viewer()))


def staff_member(user_id: int) -> User:
    """Return somebody who works at school or did, for who decides about that; or answer 404."""
    return one_or_404(User, user_id, access.staff_of_school(viewer()))


def current_guardianship(guardianship_id: int) -> Guardianship:
    """Return the place of somebody who is a guardian now, or answer 404."""
    return one_or_404(Guardianship, guardianship_id, access.current_guardianships(viewer()))


def named(guardianship: Guardianship) -> dict[str, Any]:
    """Return who has a place with which pupil, and their names, as the pages about it show them."""
    person = one_or_404(User, guardianship.user_id, access.adults_known_to(viewer()))
    pupil = arranged_pupil(guardianship.pupil_id)
    return {
        "guardianship": guardianship,
        "person": person,
        "name": full_name(person),
        "pupil": pupil,
        "pupil_name": full_name(pupil),
    }
