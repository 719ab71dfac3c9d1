import pytest

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


@pytest.mark.parametrize("email", ["otto", "ander@eik.example"])
def test_a_school_is_set_up_once(portal, rows, email):
    portal(*SETUP)
    answer = portal("setup", "--name", "Nog een", "--admin-email", email)
    assert answer.exit_code == 2
    assert len(rows(School)) == len(rows(User)) == 1
