"""Somebody has read a row, and before it is changed somebody else changes or removes it.

Only Postgres lets the other in between: on SQLite who writes is alone from the first word.
"""

from collections.abc import Callable
from threading import Thread
from typing import Any

import pytest

from portal import clock
from portal.access import Viewer
from portal.domain import absence, albums, care, change_requests, emergency_contacts, roster, roster_guardians
from portal.domain.care import CareWords
from portal.domain.emergency_contacts import ContactWords
from portal.domain.holding import Overtaken
from portal.domain.roster import PersonName
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.models.absence import Absence
from portal.models.accounts import User
from portal.models.albums import Album, Photo
from portal.models.pupils import CareNote, ChangeRequest, EmergencyContact
from portal.models.roster import Pupil
from portal.names import sort_key
from tests.albums.pictures import jpeg

pytestmark = pytest.mark.parametrize("engine", ["postgres"], indirect=True)

WORDS = CareWords("allergy", "pinda", "")
TO_CALL = ContactWords("Oma Riet", "oma", ("06 1", ""))


@pytest.fixture
def elsewhere(app) -> Callable[[Callable[[], Any]], None]:
    """Does something in a transaction of its own while another is open, and commits it."""

    def do(act: Callable[[], Any]) -> None:
        failures: list[BaseException] = []

        def run() -> None:
            try:
                with app.app_context():
                    start_writing()
                    act()
                    db.session.commit()
            except BaseException as failure:
                failures.append(failure)

        thread = Thread(target=run)
        thread.start()
        thread.join(20)
        assert not failures, failures

    return do


@pytest.fixture
def put(app):
    def add(row):
        with app.app_context():
            start_writing()
            db.session.add(row)
            db.session.commit()
            return row.id

    return add


@pytest.fixture
def beginning(app):
    """A transaction that is open, to change something in."""
    with app.app_context():
        start_writing()
        yield
        db.session.rollback()


def get(model, ident):
    return db.session.get_one(model, ident)


def office(school):
    return Viewer(id=school.otto.id, role="office")


def mother(school):
    return Viewer(id=school.anna.id, is_guardian=True, decides=True)


def gone(model, ident):
    return lambda: db.session.delete(get(model, ident))


class TestTheRoster:
    def test_two_requests_accepted_at_once_are_both_in_the_name(self, put, elsewhere, school, rows, app):
        asked = {"pupil_id": school.bram.id, "asked_by": school.anna.id, "asked_at": clock.now()}
        first = put(ChangeRequest(**asked, field="surname", wanted="Zeeman"))
        second = put(ChangeRequest(**asked, field="given_name", wanted="Abe"))

        def accept(number):
            request, pupil = get(ChangeRequest, number), get(Pupil, school.bram.id)
            return lambda: change_requests.accept_request(request, pupil, office(school), clock.now())

        with app.app_context():
            start_writing()
            accept_second = accept(second)
            elsewhere(lambda: accept(first)())
            accept_second()
            db.session.commit()
        bram = next(pupil for pupil in rows(Pupil) if pupil.id == school.bram.id)
        assert (bram.given_name, bram.surname) == ("Abe", "Zeeman")
        assert bram.sort_key == sort_key("Abe", "", "Zeeman")

    @pytest.mark.parametrize("model", [Pupil, User])
    def test_who_typed_over_what_is_not_there_any_more_writes_nothing(
        self, elsewhere, school, rows, app, model
    ):
        ident = school.bram.id if model is Pupil else school.carl.id

        def rename(person, given_name):
            name = PersonName(given_name, "", "Zeeman")
            if isinstance(person, Pupil):
                roster.edit_pupil(person, name, None, person.year_group, seen, office(school))
            else:
                roster_guardians.edit_adult(person, name, ("", ""), "nl", seen, office(school))

        with app.app_context():
            start_writing()
            person = get(model, ident)
            version_of = roster.version_of_pupil if model is Pupil else roster_guardians.version_of_adult
            seen = version_of(person)
            elsewhere(lambda: rename(get(model, ident), "Abe"))
            with pytest.raises(Overtaken):
                rename(person, "Bo")
            db.session.rollback()
        found = next(row for row in rows(model) if row.id == ident)
        assert (found.given_name, found.sort_key) == ("Abe", sort_key("Abe", "", "Zeeman"))


class TestRemovedMeanwhile:
    def test_an_emergency_contact(self, put, elsewhere, school, beginning):
        given = {"pupil_id": school.bram.id, "given_by": school.anna.id, "given_at": clock.now()}
        verbs = [
            lambda contact: emergency_contacts.move_contact(contact, True, mother(school)),
            lambda contact: emergency_contacts.edit_contact(
                contact, TO_CALL, emergency_contacts.version_of_contact(contact), mother(school)
            ),
            lambda contact: emergency_contacts.remove_contact(contact, mother(school)),
        ]
        for verb in verbs:
            number = put_elsewhere(elsewhere, EmergencyContact(**given, position=1, name="Riet", phone="06"))
            contact = get(EmergencyContact, number)
            elsewhere(gone(EmergencyContact, number))
            with pytest.raises(Refused):
                verb(contact)
            start_writing()

    def test_care_information(self, elsewhere, school, beginning):
        written = {"source": "guardian", "written_by": school.anna.id, "written_at": clock.now()}
        verbs = [
            lambda note: care.rewrite_note(
                note, WORDS, "guardian", care.version_of_note(note), mother(school), clock.now()
            ),
            lambda note: care.remove_note(note, mother(school)),
        ]
        for verb in verbs:
            note = CareNote(pupil_id=school.bram.id, kind="allergy", what="sesam", **written)
            number = put_elsewhere(elsewhere, note)
            note = get(CareNote, number)
            elsewhere(gone(CareNote, number))
            with pytest.raises(Refused):
                verb(note)
            start_writing()

    def test_a_request(self, put, elsewhere, school, beginning):
        asked = {"pupil_id": school.bram.id, "asked_by": school.anna.id, "asked_at": clock.now()}
        number = put_elsewhere(elsewhere, ChangeRequest(**asked, field="surname", wanted="Zeeman"))
        request = get(ChangeRequest, number)
        elsewhere(gone(ChangeRequest, number))
        with pytest.raises(Refused):
            change_requests.withdraw_request(request, mother(school))

    def test_an_album_and_a_photo(self, elsewhere, school, beginning):
        album, photo = get(Album, school.album), get(Photo, school.photo)
        elsewhere(lambda: albums.remove_album(get(Album, school.album), office(school), clock.now()))
        with pytest.raises(Refused):
            albums.add_photo(album, albums.take_in(jpeg()), office(school), clock.now())
        with pytest.raises(Refused):
            albums.ask_removal(photo, "", mother(school), clock.now())


def put_elsewhere(elsewhere, row):
    numbers = []

    def add():
        db.session.add(row)
        db.session.flush()
        numbers.append(row.id)

    elsewhere(add)
    return numbers[0]


def test_care_that_was_rewritten_meanwhile_is_not_written_over(elsewhere, school, beginning, at):
    written = {"source": "guardian", "written_by": school.anna.id, "written_at": clock.now()}
    number = put_elsewhere(
        elsewhere, CareNote(pupil_id=school.bram.id, kind="allergy", what="sesam", **written)
    )
    note = get(CareNote, number)
    seen = care.version_of_note(note)
    now = at("2026-11-24 08:00")
    elsewhere(lambda: care.rewrite_note(get(CareNote, number), WORDS, "guardian", seen, mother(school), now))
    with pytest.raises(Overtaken):
        care.rewrite_note(note, WORDS, "guardian", seen, mother(school), now)


def test_a_report_is_read_again_when_its_turn_comes(elsewhere, school, beginning):
    report = Absence(
        pupil_id=school.bram.id,
        kind_id=school.kinds["sick"],
        first_day=clock.today(),
        last_day=clock.today(),
        source="guardian",
        reported_by=school.anna.id,
        reported_at=clock.now(),
    )
    found = get(Absence, put_elsewhere(elsewhere, report))
    assert found.seen_at is None

    def act():
        seen = get(Absence, found_id)
        seen.seen_at, seen.seen_by = clock.now(), school.tess.id

    found_id = found.id
    elsewhere(act)
    absence.take_turn(found)
    assert found.seen_at is not None
