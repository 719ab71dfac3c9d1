"""Which families a letter goes to: children that have a guardian in common."""

from collections.abc import Iterable

from sqlalchemy import select

from portal.domain.letter_audience import parts_of, recipients
from portal.extensions import db
from portal.models.letters import Letter, LetterChild


def homes(pairs: Iterable[tuple[int, int]]) -> dict[int, int]:
    """Return for each child, of pairs of guardian and child, the first of the family: children that have a
    guardian in common, of whatever other child too.
    """
    first: dict[int, int] = {}
    of_guardian: dict[int, int] = {}

    def find(pupil: int) -> int:
        while first[pupil] != pupil:
            pupil = first[pupil]
        return pupil

    for user, pupil in pairs:
        first.setdefault(pupil, pupil)
        other = of_guardian.setdefault(user, pupil)
        first[find(pupil)] = find(other)
    return {pupil: find(pupil) for pupil in first}


def goes_to_one_family(letter: Letter) -> bool:
    """Whether a letter is about the children of one family only, as it went or as it would go now."""
    went = select(LetterChild.user_id, LetterChild.pupil_id).where(LetterChild.letter_id == letter.id)
    query = went if letter.sent_at else recipients(parts_of(letter.id))
    pairs = [(user, pupil) for user, pupil in db.session.execute(query)]
    return len(set(homes(pairs).values())) == 1
