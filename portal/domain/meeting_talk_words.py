"""What mails and calendars say of a talk."""

from portal.formatting import room as room_words
from portal.formatting import sentence


def where(room: str, building: str, school: str) -> str:
    """Return where a talk at school is: 'Lokaal 3, Dependance, De Lindeboog'."""
    return ", ".join(filter(None, (sentence(room_words(room)), building, school)))
