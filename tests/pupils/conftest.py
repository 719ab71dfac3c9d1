"""What is kept of Bram and Noor, put into the database without going through the pages."""

import pytest

from portal import clock
from portal.extensions import db, start_writing
from portal.models.pupils import CareNote, CareReader, CareReading, ChangeRequest, EmergencyContact


@pytest.fixture
def put(app):
    """Adds rows and returns their numbers."""

    def add(*made):
        with app.app_context():
            start_writing()
            db.session.add_all(made)
            db.session.flush()
            numbers = [row.id for row in made]
            db.session.commit()
        return numbers if len(numbers) > 1 else numbers[0]

    return add


@pytest.fixture
def change(app):
    """Changes one row: change(Pupil, 1, surname="Vis")."""

    def change_one(model, ident, **values):
        with app.app_context():
            start_writing()
            thing = db.session.get_one(model, ident)
            for name, value in values.items():
                setattr(thing, name, value)
            db.session.commit()

    return change_one


@pytest.fixture
def give_contact(put):
    def give(pupil, giver, name, position=1, phone="06 5550 9999"):
        return put(
            EmergencyContact(
                pupil_id=pupil.id,
                given_by=giver.id if giver else None,
                given_at=clock.now(),
                position=position,
                name=name,
                relation="oma",
                phone=phone,
            )
        )

    return give


@pytest.fixture
def write_care(put):
    def write(pupil, writer, what="sesam", source="guardian", what_to_do="Bel ons."):
        return put(
            CareNote(
                pupil_id=pupil.id,
                kind="allergy",
                what=what,
                what_to_do=what_to_do,
                source=source,
                written_by=writer.id,
                written_at=clock.now(),
            )
        )

    return write


@pytest.fixture
def name_reader(put, school):
    def name(pupil, member):
        return put(
            CareReader(pupil_id=pupil.id, user_id=member.id, named_by=school.hedy.id, named_at=clock.now())
        )

    return name


@pytest.fixture
def filled(school, put, give_contact, write_care, name_reader):
    """Bram with everything that can be kept of a pupil, opened by Tess a moment ago."""
    give_contact(school.bram, school.anna, "Oma Riet")
    give_contact(school.bram, school.anna, "Buurvrouw Els", position=2)
    give_contact(school.bram, school.daan, "Opa Visser")
    write_care(school.bram, school.anna, what_to_do="Bel ons.\n\nDe pen zit in het rode etui.")
    write_care(school.bram, school.tess, what="inhalator", source="school", what_to_do="")
    name_reader(school.bram, school.bea)
    now = clock.now()
    asked = {"pupil_id": school.bram.id, "asked_by": school.anna.id, "asked_at": now}
    decided = {"decided_at": now, "decided_by": school.otto.id}
    put(
        CareReading(pupil_id=school.bram.id, user_id=school.tess.id, read_at=now),
        ChangeRequest(**asked, field="surname", wanted="Vis"),
        ChangeRequest(**asked, field="birth_date", wanted="2020-01-02"),
        ChangeRequest(**asked, field="other", wanted="Iets anders."),
        ChangeRequest(**asked, **decided, field="prefix", wanted="", accepted=True),
        ChangeRequest(**asked, **decided, field="given_name", wanted="Abe", accepted=False, reason="Nee."),
    )
    return school
