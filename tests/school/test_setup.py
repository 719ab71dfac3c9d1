import pytest

from portal.domain.roster_staff import add_staff
from portal.extensions import db, start_writing
from portal.models.accounts import Invitation, StaffMember, User
from portal.models.outbox import OutgoingMessage
from portal.models.school import FreeDay, School

SETUP = ["setup", "--name", "De Eik", "--admin-email", "Bea@Eik.example", "--admin-name", "Bea de Groot"]


@pytest.fixture
def portal(app):
    def run(*words):
        return app.test_cli_runner().invoke(args=words)

    return run


def test_a_new_school_gets_an_administrator_with_a_link(portal, rows, anonymous):
    answer = portal(*SETUP, "--region", "zuid")
    assert answer.exit_code == 0
    path = "/invitation/" + answer.output.strip().rsplit("/", 1)[1]
    assert anonymous.get(path).status_code == 200
    (bea,) = rows(User)
    assert (bea.given_name, bea.prefix, bea.surname, bea.email) == ("Bea", "de", "Groot", "bea@eik.example")
    assert [member.role for member in rows(StaffMember)] == ["admin"]
    assert (rows(School)[0].name, rows(School)[0].region) == ("De Eik", "zuid")
    assert "Kerstvakantie" in {day.name for day in rows(FreeDay)}
    assert [message.kind for message in rows(OutgoingMessage)] == ["invitation"]


def test_said_again_it_makes_the_same_link(portal, rows):
    assert portal(*SETUP).output == portal(*SETUP).output
    assert len(rows(Invitation)) == len(rows(User)) == 1


class TestAfterAnImport:
    """`portal import` works before `portal setup`; then the school has no name and nobody who leads it."""

    @pytest.fixture(autouse=True)
    def imported(self, portal, tmp_path):
        table = tmp_path / "list.csv"
        table.write_text(
            "Leerlingnummer;Naam leerling;Groep;Naam ouder 1;E-mail ouder 1\n"
            "1;Daan de Groot;6;Bea de Groot;bea@eik.example\n"
        )
        done = portal("import", str(table))
        assert done.exit_code == 0, done.output

    @pytest.mark.parametrize("email", ["bea@eik.example", "nieuw@eik.example"])
    def test_it_names_the_school_and_lets_somebody_in(self, portal, rows, anonymous, email):
        words = [email if word == "Bea@Eik.example" else word for word in SETUP]
        answer = portal(*words, "--region", "zuid")
        assert answer.exit_code == 0, answer.output
        path = "/invitation/" + answer.output.strip().rsplit("/", 1)[1]
        assert anonymous.get(path).status_code == 200
        assert (rows(School)[0].name, rows(School)[0].region) == ("De Eik", "zuid")
        assert "Kerstvakantie" in {day.name for day in rows(FreeDay)}
        (member,) = rows(StaffMember)
        (admin,) = [person for person in rows(User) if person.id == member.user_id]
        assert (member.role, admin.email) == ("admin", email)
        assert portal(*words).output == answer.output

    def test_a_teacher_of_the_roster_becomes_the_administrator(self, portal, app, rows):
        with app.app_context():
            start_writing()
            add_staff(db.session.query(User).filter_by(email="bea@eik.example").one(), "teacher", "juf", None)
            db.session.commit()
        assert portal(*SETUP).exit_code == 0
        assert [(member.role, member.called) for member in rows(StaffMember)] == [("admin", "juf")]

    def test_only_once(self, portal, rows):
        portal(*SETUP)
        answer = portal("setup", "--name", "Nog een", "--admin-email", "ander@eik.example")
        assert answer.exit_code == 2
        assert rows(School)[0].name == "De Eik"


@pytest.mark.parametrize("email", ["otto", "ander@eik.example"])
def test_a_school_is_set_up_once(portal, rows, email):
    portal(*SETUP)
    answer = portal("setup", "--name", "Nog een", "--admin-email", email)
    assert answer.exit_code == 2
    assert len(rows(School)) == len(rows(User)) == 1
