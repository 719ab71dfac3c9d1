"""More children in the round of the cast."""

from typing import Any

from portal import clock
from portal.domain.meeting_upkeep import follow_roster
from portal.extensions import db, start_writing
from portal.models.meetings import Invitee
from portal.models.roster import Guardianship, Membership, Pupil
from tests.cast import Person


def add_child(
    app: Any, guardian: Person, group: int, name: str, other: Person | None = None, surname: str = "Bakker"
) -> int:
    """Give a guardian, and perhaps another one, one more child; return the number of the talk about it."""
    with app.app_context():
        start_writing()
        pupil = Pupil(
            given_name=name,
            surname=surname,
            sort_key=f"{surname.lower()} {name.lower()}",
            year_group=6,
            created_at=clock.now(),
        )
        db.session.add(pupil)
        db.session.flush()
        db.session.add(Membership(pupil_id=pupil.id, group_id=group, home=True, started_on=clock.today()))
        for seat, adult in enumerate([guardian] + ([other] if other else []), start=1):
            place = Guardianship(pupil_id=pupil.id, user_id=adult.id, seat=seat, created_at=clock.now())
            db.session.add(place)
        db.session.flush()
        follow_roster([pupil.id], clock.now())
        made = db.session.query(Invitee.id).filter_by(pupil_id=pupil.id).scalar()
        db.session.commit()
    return made
