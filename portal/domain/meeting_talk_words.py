"""What mails and calendars say of a talk."""

from portal.formatting import sentence
from portal.words import gettext


def where(room: str, building: str, school: str) -> str:
    """Return where a talk at school is: 'Lokaal 3, Dependance, De Lindeboog'."""
    called = gettext("room %(room)s", room=room) if room[:1].isdigit() else room
    return ", ".join(filter(None, (sentence(called), building, school)))
