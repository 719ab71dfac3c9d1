"""What the board says after a tap."""

from collections.abc import Iterator

from portal.domain.attendance_board import LATE, PRESENT
from portal.domain.attendance_marks import Marked
from portal.models.roster import Pupil
from portal.words import gettext, ngettext


def marked_words(marked: Marked, state: str) -> Iterator[tuple[str, str]]:
    """Yield category and sentence for what became of a mark."""
    if marked.pupils:
        yield "ok", _marked(marked.pupils, state)
    for pupil in marked.reported_meanwhile:
        yield "warn", gettext("%(name)s is reported absent and is not marked.", name=_name(pupil))


def _name(pupil: Pupil) -> str:
    return pupil.given_name or pupil.surname


def _marked(pupils: list[Pupil], state: str) -> str:
    number, name = len(pupils), _name(pupils[0])
    if state == PRESENT:
        return ngettext("%(name)s is present.", "%(num)s pupils are present.", number, name=name)
    if state == LATE:
        return ngettext("%(name)s was late.", "%(num)s pupils were late.", number, name=name)
    return ngettext(
        "%(name)s is not known yet again.", "%(num)s pupils are not known yet again.", number, name=name
    )
