import re
from datetime import timedelta

import pytest
from sqlalchemy import update

from portal import clock
from portal.domain.invitations import invitation_link
from portal.extensions import db, start_writing
from portal.models.accounts import Invitation, User
from portal.models.outbox import OutgoingMessage


@pytest.fixture
def office(client_for, school):
    return client_for(school.otto)


@pytest.fixture
def invited(office, school):
    """Inge was invited by mail."""
    office.post(f"/school/accounts/{school.inge.id}/invitation")


def change(app, statement):
    with app.app_context():
        start_writing()
        db.session.execute(statement)
        db.session.commit()


def bounce(app, code):
    change(app, update(OutgoingMessage).values(failed_at=clock.now(), failure=code))


def link_in(page):
    return re.search(r"http://[^<\"]*/invitation/[\w-]+", page).group()


class TestList:
    def test_it_shows_who_is_not_in_and_how_many_are(self, office, school):
        page = office.get("/school/accounts").text
        assert "Inge Dekker" in page and "Anna Bakker" not in page
        assert "10 van de 11 volwassenen hebben een account." in page
        assert "Niet uitgenodigd" in page

    def test_who_has_lost_every_role_is_not_there(self, office, school):
        assert "Dora" not in office.get("/school/accounts?show=activated").text

    def test_it_says_for_how_many_days_the_link_lies_unused(self, office, school, invited, at):
        at("2026-11-30 09:00")
        page = office.get("/school/accounts").text
        assert "6 dagen geleden uitgenodigd" in page
        assert "de mail is onderweg" in page

    @pytest.mark.parametrize(
        ("code", "words"),
        [
            ("550", "Dit adres bestaat niet."),
            ("5.1.1", "Dit adres bestaat niet."),
            ("552", "De mailbox is vol."),
            ("5.2.2", "De mailbox is vol."),
            ("554", "weigerde de mail (554)"),
            ("gave up: timeout", "gaf een week lang geen antwoord"),
        ],
    )
    def test_it_says_why_a_mail_came_back(self, office, app, school, invited, code, words):
        bounce(app, code)
        page = office.get("/school/accounts?show=bounced").text
        assert "Inge Dekker" in page and words in page and "Verbeter adres" in page

    def test_it_shows_the_families_of_a_group(self, office, school):
        assert "Inge Dekker" in office.get(f"/school/accounts?group={school.group_6}").text
        assert "Inge Dekker" not in office.get(f"/school/accounts?group={school.group_34}").text
        assert office.get("/school/accounts?group=99999").status_code == 404

    def test_it_bears_a_strange_address(self, office, school):
        for query in ("show=x", "page=999", "page=x", "page=-3", "group="):
            assert office.get(f"/school/accounts?{query}").status_code == 200

    def test_it_takes_as_many_queries_for_500_families(self, office, school, many_pupils, count_queries):
        with count_queries() as few:
            office.get("/school/accounts")
        many_pupils(500)
        with count_queries() as many:
            page = office.get("/school/accounts").text
        assert len(few) == len(many) <= 6
        assert "Bladzijde 1 van" in page

    def test_the_office_leaves_who_works_here_to_the_head(self, app, client_for, office, school):
        change(app, update(User).where(User.id == school.tim.id).values(activated_at=None))
        address = f"/school/accounts/{school.tim.id}/invitation"
        page = office.get("/school/accounts").text
        assert "Tim Kok" in page and address not in page
        assert office.post(address).status_code == 404
        assert address in client_for(school.hedy).get("/school/accounts").text


class TestMailThatSaysNothingOfTheAddress:
    """What came back counts for the address that it went to, and only there."""

    @pytest.fixture
    def not_there(self, mailed, smtp):
        """Delivers what waits, where these addresses do not exist; what is sent later arrives."""

        def deliver(*addresses: str) -> None:
            smtp.refused.update(addresses)
            mailed()
            smtp.refused.clear()

        return deliver

    def test_a_corrected_address_of_who_has_a_login_has_not_failed_yet(
        self, office, school, anonymous, not_there
    ):
        anonymous.post("/login/mail", data={"email": school.carl.email})
        not_there(school.carl.email)
        assert "Carl Peters</bdi></a>" in office.get("/school/accounts?show=bounced").text
        office.post(f"/school/accounts/{school.carl.id}/email", data={"email": "carl@thuis.example"})
        assert "Carl Peters</bdi></a>" not in office.get("/school/accounts?show=bounced").text
        not_there(school.carl.email)
        assert "Carl Peters</bdi></a>" not in office.get("/school/accounts?show=bounced").text

    def test_nor_has_the_address_in_use_when_a_new_one_is_mistyped(
        self, office, school, client_for, not_there, rows
    ):
        typed = {"email": "carl@thuus.example", "current_password": school.password}
        client_for(school.carl).post("/profile/email", data=typed)
        not_there("carl@thuus.example")
        assert [bool(one.failed_at) for one in rows(OutgoingMessage)] == [True]
        assert "Carl Peters</bdi></a>" not in office.get("/school/accounts?show=bounced").text

    def test_who_has_a_login_is_in_also_when_a_mail_came_back(self, office, school, anonymous, not_there):
        before = office.get("/school/accounts").text
        anonymous.post("/login/mail", data={"email": school.carl.email})
        not_there(school.carl.email)
        page = office.get("/school/accounts").text
        assert "10 van de 11 volwassenen hebben een account." in before
        assert "10 van de 11 volwassenen hebben een account." in page
        assert "Carl Peters</bdi></a>" not in page and "Mail kwam terug" in page
        assert "Carl Peters</bdi></a>" in office.get("/school/accounts?show=bounced").text


class TestInviting:
    def test_one_click_sends_it(self, office, school, rows):
        answer = office.post(f"/school/accounts/{school.inge.id}/invitation?show=not_invited")
        assert (answer.status_code, answer.location) == (303, "/school/accounts?show=not_invited")
        assert [(one.kind, one.user_id) for one in rows(OutgoingMessage)] == [("invitation", school.inge.id)]

    def test_a_double_click_sends_one_mail_with_one_link(self, office, school, rows, invited):
        office.post(f"/school/accounts/{school.inge.id}/invitation")
        assert len(rows(OutgoingMessage)) == len(rows(Invitation)) == 1

    def test_it_is_sent_again_when_the_first_mail_has_gone(self, office, app, school, rows, invited):
        change(app, update(OutgoingMessage).values(sent_at=clock.now()))
        office.post(f"/school/accounts/{school.inge.id}/invitation")
        assert len(rows(OutgoingMessage)) == 2
        assert len(rows(Invitation)) == 1

    def test_an_expired_link_is_replaced(self, office, app, school, rows, invited):
        change(app, update(Invitation).values(expires_at=clock.now()))
        assert "Link verlopen" in office.get("/school/accounts").text
        office.post(f"/school/accounts/{school.inge.id}/invitation")
        first, second = rows(Invitation)
        assert first.replaced_at and second.expires_at > clock.now() + timedelta(days=59)

    def test_without_an_address_there_is_the_letter(self, office, app, school, rows):
        change(app, update(User).where(User.id == school.inge.id).values(email=None))
        answer = office.post(f"/school/accounts/{school.inge.id}/invitation")
        assert "heeft geen e-mailadres. Druk de brief af." in office.get(answer.location).text
        assert rows(Invitation) == []

    def test_who_is_in_needs_none(self, office, school, rows):
        answer = office.post(f"/school/accounts/{school.carl.id}/invitation")
        assert answer.status_code == 303
        assert rows(Invitation) == []

    def test_everybody_of_a_group_or_of_the_school(self, office, school, rows):
        assert "Nodig 1 volwassene uit" in office.get("/school/invitations").text
        office.post("/school/invitations", data={"group": school.group_34})
        assert rows(Invitation) == []
        for _twice in range(2):
            assert office.post("/school/invitations").status_code == 303
        assert [one.user_id for one in rows(Invitation)] == [school.inge.id]
        assert "Iedereen is uitgenodigd" in office.get("/school/invitations").text


class TestCorrecting:
    def test_a_new_address_gets_a_new_link_and_the_old_one_dies(self, office, app, school, rows, invited):
        bounce(app, "550")
        answer = office.post(
            f"/school/accounts/{school.inge.id}/email?show=bounced", data={"email": "Inge@Dekker.Example"}
        )
        assert (answer.status_code, answer.location) == (303, "/school/accounts?show=bounced")
        inge = next(one for one in rows(User) if one.id == school.inge.id)
        assert inge.email == "inge@dekker.example"
        assert [bool(one.replaced_at) for one in rows(Invitation)] == [True, False]
        assert [bool(one.failed_at) for one in rows(OutgoingMessage)] == [True, False]

    def test_the_same_address_once_more_sends_what_it_says(self, office, app, school, rows, invited):
        bounce(app, "552")
        answer = office.post(
            f"/school/accounts/{school.inge.id}/email", data={"email": "inge@lindeboog.example"}
        )
        assert answer.status_code == 303
        assert [bool(one.replaced_at) for one in rows(Invitation)] == [True, False]
        assert [bool(one.failed_at) for one in rows(OutgoingMessage)] == [True, False]

    def test_what_came_back_can_be_sent_again_in_one_click(self, office, app, school, rows, invited):
        bounce(app, "552")
        page = office.get("/school/accounts").text
        assert "De mailbox is vol." in page
        assert "Stuur opnieuw" in page
        office.post(f"/school/accounts/{school.inge.id}/invitation")
        assert [bool(one.failed_at) for one in rows(OutgoingMessage)] == [True, False]

    def test_an_address_that_is_cleared_takes_its_link_along(
        self, office, app, school, rows, invited, anonymous
    ):
        with app.app_context():
            old = invitation_link(db.session.get_one(Invitation, rows(Invitation)[0].id))
        path = old.partition("8000")[2]
        assert anonymous.get(path).status_code == 200
        office.send_back(
            f"/school/guardians/{school.inge.id}/details",
            {"given_name": "Inge", "surname": "Dekker", "email": "", "language": "nl"},
        )
        assert next(one for one in rows(User) if one.id == school.inge.id).email is None
        assert anonymous.get(path).status_code == 410
        assert len(rows(OutgoingMessage)) == 1

    def test_who_has_a_login_is_told_at_the_old_address_and_its_links_end(
        self, office, school, mailed, anonymous
    ):
        anonymous.post("/password/forgot", data={"email": school.anna.email})
        [link] = [mail.links[0] for mail in mailed()]
        path = link.partition("8000")[2]
        assert anonymous.get(path).status_code == 200
        office.post(f"/school/accounts/{school.anna.id}/email", data={"email": "anna@thuis.example"})
        [notice] = mailed()
        assert notice.recipients == [school.anna.email]
        assert "Heeft u hier niet om gevraagd?" in notice.text and "thuis.example" not in notice.text
        assert anonymous.get(path).status_code == 410

    def test_nobody_reads_about_another_at_an_address_that_is_theirs_by_now(self, office, school, mailed):
        office.post(f"/school/accounts/{school.anna.id}/email", data={"email": "anna@thuis.example"})
        office.post(f"/school/accounts/{school.inge.id}/email", data={"email": school.anna.email})
        assert [(mail.recipients, mail.subject[:2]) for mail in mailed()] == [([school.anna.email], "U ")]

    @pytest.mark.parametrize("wrong", ["", "inge", "inge@", "carl@lindeboog.example", "a" * 250 + "@x.nl"])
    def test_it_says_what_is_wrong(self, office, school, rows, wrong):
        answer = office.post(f"/school/accounts/{school.inge.id}/email", data={"email": wrong})
        assert answer.status_code == 422
        assert 'id="email-error"' in answer.text
        assert f'value="{wrong}"' in answer.text
        assert next(one for one in rows(User) if one.id == school.inge.id).email == "inge@lindeboog.example"


class TestLetters:
    def test_looking_makes_nothing(self, office, school, rows):
        assert office.get(f"/school/accounts/{school.inge.id}/letter").status_code == 404
        assert rows(Invitation) == []

    def test_it_prints_the_link_and_its_code(self, office, app, school, rows):
        answer = office.post(f"/school/accounts/{school.inge.id}/letter")
        assert (answer.status_code, answer.location) == (303, f"/school/accounts/{school.inge.id}/letter")
        page = office.get(answer.location).text
        (invitation,) = rows(Invitation)
        with app.app_context():
            assert link_in(page) == invitation_link(invitation)
        assert "Inge Dekker" in page and "Sem Peters" in page and "<svg" in page
        assert invitation.printed_at
        assert rows(OutgoingMessage) == []

    def test_the_link_that_was_mailed_is_the_one_on_paper(self, office, school, rows, invited):
        for _twice in range(2):
            office.post(f"/school/accounts/{school.inge.id}/letter")
        assert len(rows(Invitation)) == len(rows(OutgoingMessage)) == 1

    def test_it_is_in_the_language_of_who_gets_it(self, office, app, school):
        change(app, update(User).where(User.id == school.inge.id).values(language="en"))
        page = office.get(office.post(f"/school/accounts/{school.inge.id}/letter").location).text
        assert '<html lang="nl"' in page
        assert "Your access to the parent portal of De Lindeboog" in page
        assert "The code works until 23 January 2027." in page

    def test_it_lets_somebody_in(self, office, school, anonymous):
        page = office.get(office.post(f"/school/accounts/{school.inge.id}/letter").location).text
        path = "/invitation/" + link_in(page).rsplit("/", 1)[1]
        assert anonymous.get(path).status_code == 200

    def test_who_is_in_gets_none(self, office, school, rows):
        answer = office.post(f"/school/accounts/{school.carl.id}/letter")
        assert (answer.status_code, answer.location) == (303, "/school/accounts")
        assert rows(Invitation) == []

    def test_a_whole_group_goes_in_one_print(self, office, app, school, rows):
        change(app, update(User).where(User.id == school.carl.id).values(activated_at=None))
        answer = office.post("/school/invitations/letters", data={"group": school.group_6})
        assert answer.status_code == 303
        page = office.get(answer.location).text
        assert page.count('class="sheet"') == 2
        assert "Carl Peters" in page and "Inge Dekker" in page
        assert len(rows(Invitation)) == 2

    def test_a_whole_group_takes_as_many_queries(self, office, school, many_pupils, count_queries):
        address = f"/school/invitations/letters?group={school.group_6}"
        with count_queries() as few:
            office.get(address)
        many_pupils(40)
        office.post("/school/invitations/letters", data={"group": school.group_6})
        with count_queries() as many:
            page = office.get(address).text
        assert page.count('class="sheet"') == 41
        assert len(few) == len(many) <= 8

    def test_without_a_group_there_is_nothing(self, office, school):
        assert office.get("/school/invitations/letters").status_code == 404
        assert office.post("/school/invitations/letters").status_code == 404
