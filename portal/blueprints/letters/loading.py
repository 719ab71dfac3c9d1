"""The letters of school as a page about one loads them: 404 for who has it not, 403 for who only reads it."""

from portal import access
from portal.access import one_to_change, viewer
from portal.models.letters import Letter


def written_letter(letter_id: int) -> Letter:
    """Return a letter that the viewer writes; whether it has left meanwhile, the verb sees."""
    person = viewer()
    return one_to_change(
        Letter, letter_id, access.letters_of_school(person), access.letters_written_by(person)
    )


def followed_letter(letter_id: int) -> Letter:
    """Return a letter of which the viewer gathers the answers and reminds of it."""
    person = viewer()
    return one_to_change(
        Letter, letter_id, access.letters_of_school(person), access.letters_followed_by(person)
    )
