"""What the office reads when it hid a guardian from the other one, locked that, or ended it."""

from datetime import datetime

from portal.access import viewer
from portal.domain import arrangement_lists, meeting_mails, meeting_upkeep
from portal.domain.arrangement_lists import ArrangedGuardian
from portal.domain.arrangements import HIDE, LOCK, UNLOCK
from portal.domain.roster_guardians import full_name
from portal.formatting import spoken_list
from portal.models.roster import Guardianship, Pupil
from portal.words import gettext


def said_of_hiding(step: str, guardianship: Guardianship, pupil: Pupil, now: datetime) -> str:
    """Return what holds since this step, and who is told what; before the commit, in its transaction."""
    said = [gettext("Saved, from this moment.")]
    if guardianship.revoked_at is None:
        guardians = arrangement_lists.arranged_guardians(viewer(), pupil)
        said = [_what_holds(step, one) for one in guardians if one.guardianship_id == guardianship.id]
        if len(guardians) < 2 and step in (HIDE, LOCK):
            said.append(gettext("This child has no other guardian now: it holds for who was or becomes one."))
    said.append(gettext("Nobody gets a message about this."))
    # Hiding is between persons: it also changes talks about other children that they share.
    touched = meeting_upkeep.touched_by(guardianship.user_id, [pupil.id])
    told = spoken_list(map(full_name, meeting_mails.about_to_hear_of_talks(viewer(), touched, now)))
    if told:
        said.append(gettext("A mail about changed talks goes to %(names)s. It does not say why.", names=told))
    return " ".join(said)


def _what_holds(step: str, guardian: ArrangedGuardian) -> str:
    name = guardian.name
    if step == HIDE:
        return gettext("From now on %(name)s is hidden from the other guardian.", name=name)
    if step == LOCK:
        return gettext(
            "From now on %(name)s is hidden from the other guardian, and only school ends that.", name=name
        )
    if step == UNLOCK and guardian.by_school:
        return gettext("%(name)s stays hidden until %(name)s or school ends that.", name=name)
    if step == UNLOCK:
        return gettext("%(name)s stays hidden until %(name)s ends that.", name=name)
    if guardian.hides or guardian.away:
        return gettext(
            "School no longer hides %(name)s for this child. Because of another child the other guardian "
            "still sees nothing of %(name)s.",
            name=name,
        )
    return gettext("%(name)s is no longer hidden from the other guardian.", name=name)
