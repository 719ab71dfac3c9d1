"""More pupils than the cast has, for counting queries."""

from collections.abc import Callable
from datetime import date

import pytest
from flask import Flask

from portal import clock
from portal.extensions import db, start_writing
from portal.models.absence import Absence, AbsenceNote, AttendanceMark
from portal.models.accounts import User
from portal.models.roster import Guardianship, Membership, Pupil
from tests.cast import Cast


@pytest.fixture
def many_pupils(app: Flask, school: Cast) -> Callable[[int], None]:
    """Adds pupils to groep 6: Anna's too, each with a guardian, some absent with a note, some seen today."""

    def add(number: int) -> None:
        today, now = clock.today(), clock.now()
        with app.app_context():
            start_writing()
            pupils = [
                Pupil(given_name=f"Kind {n}", surname="Veel", sort_key=f"veel {n:04}", created_at=now)
                for n in range(number)
            ]
            adults = [User(given_name=f"Ouder {n}", phone="06 00", created_at=now) for n in range(number)]
            db.session.add_all([*pupils, *adults])
            db.session.flush()
            for n, (pupil, adult) in enumerate(zip(pupils, adults, strict=True)):
                db.session.add(
                    Membership(
                        pupil_id=pupil.id, group_id=school.group_6, home=True, started_on=date(2026, 8, 24)
                    )
                )
                for seat, guardian in ((1, adult.id), (2, school.anna.id)):
                    db.session.add(
                        Guardianship(pupil_id=pupil.id, user_id=guardian, seat=seat, created_at=now)
                    )
                if n % 10 == 0:
                    _report(pupil, adult, school, today)
                elif n % 3:
                    db.session.add(
                        AttendanceMark(
                            pupil_id=pupil.id,
                            day=today,
                            state="present",
                            marked_by=school.yara.id,
                            marked_at=now,
                        )
                    )
            db.session.commit()

    return add


def _report(pupil: Pupil, guardian: User, school: Cast, day: date) -> None:
    absence = Absence(
        pupil_id=pupil.id,
        kind_id=school.kinds["sick"],
        first_day=day,
        last_day=day,
        source="guardian",
        reported_by=guardian.id,
        reported_at=clock.now(),
    )
    db.session.add(absence)
    db.session.flush()
    db.session.add(
        AbsenceNote(absence_id=absence.id, author_id=guardian.id, text="Thuis.", written_at=clock.now())
    )
