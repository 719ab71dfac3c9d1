"""A guardian who came with a letter tells which address is theirs, and proves it by mail."""

import re

import pytest

from portal import clock, worker
from portal.domain import invitations
from portal.extensions import db
from portal.models.accounts import MailKey, User
from tests.accounts.people import location, on_screen, path_of

GOOD = {"new_password": "drie-gele-tulpen", "language": "nl", "stay": "y"}
ADDRESS = {"email": "inge@thuis.example"}


def user(rows, person):
    return next(user for user in rows(User) if user.id == person.id)


def write_address(office, person, address):
    """Fill the address in among what the office knows of somebody, and keep the rest as it is."""
    path = f"/school/guardians/{person.id}/details"
    version = re.search('name="version"[^>]*value="([^"]*)"', office.get(path).text)[1]
    data = {"version": version, "given_name": "Inge", "surname": "Dekker", "language": "nl", "email": address}
    assert office.post(path, data=data).status_code == 303


@pytest.fixture
def letter(school, change, do):
    change(User, school.inge.id, email=None)
    return do(
        lambda: path_of(
            invitations.invitation_link(
                invitations.invite(db.session.get_one(User, school.inge.id), None, clock.now())
            )
        )
    )


def test_an_address_is_asked_for(school, anonymous, letter):
    answer = anonymous.post(letter, data=GOOD)
    assert answer.status_code == 422
    assert "Vul uw e-mailadres in." in on_screen(answer)


def test_it_counts_once_it_is_confirmed(school, anonymous, letter, mailed, rows, client_for):
    assert anonymous.post(letter, data=GOOD | {"email": "inge@typed.example"}).status_code == 303
    assert anonymous.get("/profile").status_code == 200
    assert user(rows, school.inge).email is None
    right = {"email": "Inge@Thuis.example", "current_password": GOOD["new_password"]}
    assert anonymous.post("/profile/email", data=right).status_code == 303
    [mail] = mailed()
    assert mail.recipients == ["inge@thuis.example"]
    link = path_of(mail.links[0])
    assert client_for().get(link).status_code == 200
    assert user(rows, school.inge).email is None
    assert client_for().post(link).status_code == 303
    assert user(rows, school.inge).email == "inge@thuis.example"
    assert (
        client_for()
        .post("/login", data={"email": "inge@thuis.example", "password": GOOD["new_password"]})
        .status_code
        == 303
    )


@pytest.fixture
def waiting_for(anonymous, letter, mailed):
    """Inge came in by the letter; the mail that asks to confirm her address has just arrived."""
    anonymous.post(letter, data=GOOD | {"email": "inge@thuis.example"})
    return mailed()


@pytest.mark.usefixtures("waiting_for")
def test_home_and_profile_ask_to_confirm_until_it_is_done(school, anonymous, mailed, client_for):
    for path in ("/", "/profile"):
        page = on_screen(anonymous.get(path))
        assert "Bevestig uw e-mailadres" in page
        assert "inge@thuis.example" in page
    assert location(anonymous.post("/profile/email/confirmation")) == "/"
    (mail,) = mailed()
    assert mail.recipients == ["inge@thuis.example"]
    client_for().post(path_of(mail.links[0]))
    assert "Bevestig uw e-mailadres" not in on_screen(anonymous.get("/"))
    assert location(anonymous.post("/profile/email/confirmation")) == "/profile"
    assert mailed() == []


@pytest.mark.usefixtures("waiting_for")
@pytest.mark.parametrize("path", ["/invitation/resend", "/password/forgot", "/login/mail"])
def test_whose_link_to_confirm_is_too_old_gets_another(
    school, letter, at, mailed, rows, client_for, app, path
):
    at("2026-12-09 08:00")
    with app.app_context():
        worker.run_jobs()
    phone = client_for()
    page = on_screen(phone.get(letter))
    assert "Open de link in onze mail" in page
    assert 'href="/invitation/resend"' in phone.get(letter).text
    phone.post(path, data={"email": "inge@thuis.example"})
    (mail,) = mailed()
    assert mail.recipients == ["inge@thuis.example"]
    phone.post(path_of(mail.links[0]))
    assert user(rows, school.inge).email == "inge@thuis.example"


@pytest.mark.usefixtures("waiting_for")
def test_the_office_sees_who_cannot_log_in_again_and_adds_the_address(school, client_for, rows):
    otto = client_for(school.otto)
    page = on_screen(otto.get("/school/accounts"))
    assert "Inge" in page
    assert "Geen bevestigd adres" in page
    otto.post(f"/school/accounts/{school.inge.id}/email", data={"email": "inge@thuis.example"})
    assert "Geen bevestigd adres" not in on_screen(otto.get("/school/accounts"))


@pytest.mark.usefixtures("waiting_for")
def test_an_address_that_school_took_away_is_no_way_back_in(school, letter, rows, client_for, mailed):
    otto = client_for(school.otto)
    write_address(otto, school.inge, "inge@werk.example")
    write_address(otto, school.inge, "")
    assert user(rows, school.inge).email is None
    mailed()
    client_for().post("/login/mail", data=ADDRESS)
    assert mailed() == []


def test_a_confirmed_address_that_school_took_away_is_no_way_back_in(
    school, anonymous, waiting_for, rows, client_for, mailed
):
    client_for().post(path_of(waiting_for[0].links[0]))
    assert user(rows, school.inge).email == ADDRESS["email"]
    write_address(client_for(school.otto), school.inge, "")
    assert user(rows, school.inge).email is None
    mailed()
    client_for().post("/login/mail", data=ADDRESS)
    assert mailed() == []
    page = on_screen(anonymous.get("/"))
    assert ADDRESS["email"] not in page
    assert "U hebt geen e-mailadres in het portaal" in page


@pytest.mark.usefixtures("waiting_for")
def test_a_mistyped_address_can_be_claimed_for_sixty_days_however_often_its_reader_asks(
    at, client_for, mailed, anonymous, app, rows
):
    for moment in ("2026-12-20 08:00", "2027-01-08 08:00"):
        at(moment)
        client_for().post("/login/mail", data=ADDRESS)
        assert len(mailed()) == 1
    at("2027-02-15 08:00")
    client_for().post("/login/mail", data=ADDRESS)
    assert mailed() == []
    with app.app_context():
        worker.run_jobs()
    assert [key for key in rows(MailKey) if key.new_email] == []


@pytest.mark.usefixtures("waiting_for")
def test_another_password_leaves_the_link_that_home_asks_to_open(anonymous, client_for, rows, school, mailed):
    data = {"current_password": GOOD["new_password"], "new_password": "vier-rode-rozen"}
    assert location(anonymous.post("/profile/password", data=data)) == "/profile"
    assert ADDRESS["email"] in on_screen(anonymous.get("/"))
    mailed()
    client_for().post("/login/mail", data=ADDRESS)
    (mail,) = mailed()
    client_for().post(path_of(mail.links[0]))
    assert user(rows, school.inge).email == ADDRESS["email"]


@pytest.mark.usefixtures("waiting_for")
def test_a_mail_that_was_not_sent_is_not_told_to_be_sent(anonymous, mailed):
    said = []
    for _ in range(6):
        anonymous.post("/profile/email/confirmation")
        said.append(on_screen(anonymous.get("/")))
    assert len(mailed()) == 5
    assert "Wij hebben opnieuw een mail gestuurd" in said[4]
    assert "Wij hebben opnieuw een mail gestuurd" not in said[5]
    assert "U hebt al een paar keer om deze mail gevraagd. Vraag het over een uur nog eens." in said[5]
