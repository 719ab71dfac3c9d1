import re

import pytest

from portal import clock
from portal.extensions import db, start_writing
from portal.models.accounts import Invitation, LoginSession, User
from portal.models.arrangements import ArrangementEntry
from portal.models.audit import AuditEntry
from portal.models.outbox import OutgoingMessage
from portal.models.roster import Guardianship
from portal.models.school import School
from tests.clients import versions_in

NEW = {
    "given_name": "Nora",
    "surname": "Bos",
    "email": "Nora@Bos.Example",
    "language": "nl",
    "has_authority": "y",
}


def holding(rows, pupil):
    return [one for one in rows(Guardianship) if one.pupil_id == pupil.id and one.revoked_at is None]


def person(rows, user_id):
    return next(one for one in rows(User) if one.id == user_id)


class TestAdding:
    def test_it_adds_somebody_new(self, client_for, school, rows):
        before = rows(School)[0].roster_revision
        answer = client_for(school.otto).post(
            f"/school/pupils/{school.lotte.id}/guardians/new",
            data=NEW | {"phone": "06-12345678", "relation": "moeder"},
        )
        assert (answer.status_code, answer.location) == (303, f"/school/pupils/{school.lotte.id}")
        added = holding(rows, school.lotte)[1]
        nora = person(rows, added.user_id)
        assert (nora.email, nora.phone, nora.phone_e164) == (
            "nora@bos.example",
            "06-12345678",
            "+31612345678",
        )
        assert (added.seat, added.relation, added.has_authority) == (2, "moeder", True)
        assert rows(School)[0].roster_revision > before
        assert rows(AuditEntry)[-1].verb == "add_guardian"

    def test_it_stands_in_the_history(self, client_for, school, rows):
        office = client_for(school.otto)
        office.post(f"/school/pupils/{school.lotte.id}/guardians/new", data=NEW)
        added = holding(rows, school.lotte)[1]
        assert [(entry.what, entry.about, entry.changed_by) for entry in rows(ArrangementEntry)] == [
            ("added", added.user_id, school.otto.id)
        ]
        page = office.get(f"/school/pupils/{school.lotte.id}/arrangement").text
        assert "Nora Bos toegevoegd als ouder of verzorger" in page

    def test_a_second_guardian_gets_the_seat_that_is_free(self, client_for, school, rows):
        office = client_for(school.otto)
        first, second = holding(rows, school.bram)
        office.post(f"/school/guardianships/{first.id}/revocation", data={"reason": "Op verzoek."})
        office.post(f"/school/pupils/{school.bram.id}/guardians/new", data=NEW)
        assert sorted(one.seat for one in holding(rows, school.bram)) == [1, 2]
        assert {one.id for one in holding(rows, school.bram)} > {second.id}

    def test_a_third_is_refused_with_the_names_of_the_two(self, client_for, school, rows):
        office = client_for(school.otto)
        address = f"/school/pupils/{school.bram.id}/guardians/new"
        answer = office.post(address, data=NEW)
        assert answer.status_code == 422
        assert "heeft al twee ouders of verzorgers: Anna Bakker en Daan Visser" in answer.text
        assert 'value="Nora"' in answer.text
        assert len(holding(rows, school.bram)) == 2
        assert not [one for one in rows(User) if one.given_name == "Nora"]
        assert "Anna Bakker en Daan Visser" in office.get(address).text

    def test_somebody_whom_the_school_knows_is_shown_first(self, client_for, school, rows):
        address = f"/school/pupils/{school.lotte.id}/guardians/new"
        answer = client_for(school.otto).post(address, data=NEW | {"email": "CARL@lindeboog.example"})
        assert answer.status_code == 422
        assert "carl@lindeboog.example is van Carl Peters." in answer.text
        assert "Sem Peters" in answer.text
        assert len(holding(rows, school.lotte)) == 1

    def test_who_is_known_keeps_one_login_and_is_told(self, client_for, school, rows):
        address = f"/school/pupils/{school.lotte.id}/guardians/new"
        people = len(rows(User))
        client_for(school.otto).post(
            address, data=NEW | {"email": "carl@lindeboog.example", "known": school.carl.id}
        )
        assert holding(rows, school.lotte)[1].user_id == school.carl.id
        assert len(rows(User)) == people
        assert person(rows, school.carl.id).given_name == "Carl"
        assert [(one.kind, one.user_id) for one in rows(OutgoingMessage)] == [("child_added", school.carl.id)]

    def test_who_has_no_login_is_not_told_but_invited_later(self, client_for, school, rows):
        client_for(school.otto).post(
            f"/school/pupils/{school.lotte.id}/guardians/new",
            data=NEW | {"email": "inge@lindeboog.example", "known": school.inge.id},
        )
        assert holding(rows, school.lotte)[1].user_id == school.inge.id
        assert rows(OutgoingMessage) == []

    def test_confirming_one_person_does_not_add_another(self, client_for, school, rows):
        answer = client_for(school.otto).post(
            f"/school/pupils/{school.lotte.id}/guardians/new",
            data=NEW | {"email": "carl@lindeboog.example", "known": school.daan.id},
        )
        assert answer.status_code == 422
        assert len(holding(rows, school.lotte)) == 1

    def test_the_same_person_is_no_guardian_twice(self, client_for, school, rows):
        answer = client_for(school.otto).post(
            f"/school/pupils/{school.lotte.id}/guardians/new",
            data=NEW | {"email": "tess@lindeboog.example", "known": school.tess.id},
        )
        assert answer.status_code == 422
        assert "Tess Jansen is al ouder of verzorger van Lotte Jansen." in answer.text
        assert len(holding(rows, school.lotte)) == 1

    def test_a_staff_member_can_be_a_guardian(self, client_for, school, rows):
        client_for(school.otto).post(
            f"/school/pupils/{school.lotte.id}/guardians/new",
            data=NEW | {"email": "yara@lindeboog.example", "known": school.yara.id},
        )
        assert "Lotte" in client_for(school.yara).get("/absence").text

    @pytest.mark.parametrize(
        ("wrong", "sentence"),
        [
            ({"email": "nora"}, "Dit is geen e-mailadres."),
            ({"email": "a@b@c.nl"}, "Dit is geen e-mailadres."),
            ({"phone": "tien"}, "Dit is geen telefoonnummer."),
            ({"given_name": "", "surname": "", "email": ""}, "Vul een naam of een e-mailadres in."),
            ({"relation": "x" * 31}, "Gebruik hoogstens 30 tekens."),
            ({"language": "xx"}, 'id="errors"'),
        ],
    )
    def test_it_says_what_is_wrong_and_keeps_what_was_typed(self, client_for, school, rows, wrong, sentence):
        answer = client_for(school.otto).post(
            f"/school/pupils/{school.lotte.id}/guardians/new", data=NEW | {"prefix": "ten"} | wrong
        )
        assert answer.status_code == 422
        assert sentence in answer.text
        assert 'value="ten"' in answer.text
        assert len(holding(rows, school.lotte)) == 1

    def test_a_foreign_number_stays_as_it_was_typed(self, client_for, school, rows):
        client_for(school.otto).post(
            f"/school/pupils/{school.lotte.id}/guardians/new", data=NEW | {"phone": "+32 470 12 34 56"}
        )
        nora = person(rows, holding(rows, school.lotte)[1].user_id)
        assert (nora.phone, nora.phone_e164) == ("+32 470 12 34 56", "+32470123456")

    def test_without_authority_there_is_nothing_to_report(self, client_for, school, rows):
        form = {key: value for key, value in NEW.items() if key != "has_authority"}
        client_for(school.otto).post(
            f"/school/pupils/{school.lotte.id}/guardians/new",
            data=form | {"email": "carl@lindeboog.example", "known": school.carl.id},
        )
        page = client_for(school.carl).get("/absence/report").text
        assert "Sem" in page and "Lotte" not in page


class TestChanging:
    def test_it_changes_contact_data(self, client_for, school, rows):
        answer = client_for(school.otto).send_back(
            f"/school/guardians/{school.carl.id}/details",
            {
                "given_name": "Karel", "prefix": "", "surname": "Peters", "email": "Karel@Peters.Example",
                "phone": "030 123 45 67", "language": "en",
            },
        )  # fmt: skip
        assert answer.status_code == 303
        carl = person(rows, school.carl.id)
        assert (carl.given_name, carl.email, carl.phone_e164, carl.language) == (
            "Karel", "karel@peters.example", "+31301234567", "en",
        )  # fmt: skip
        assert carl.sort_key == "peters    karel"

    def test_an_address_of_somebody_else_is_refused_in_words(self, client_for, school, rows):
        answer = client_for(school.otto).send_back(
            f"/school/guardians/{school.carl.id}/details",
            {
                "given_name": "Carl",
                "surname": "Peters",
                "email": "ANNA@lindeboog.example",
                "language": "nl",
            },
        )
        assert answer.status_code == 422
        assert 'id="email-error"' in answer.text
        assert person(rows, school.carl.id).email == "carl@lindeboog.example"

    def test_a_new_address_before_the_first_login_replaces_the_link(self, client_for, school, rows, app):
        office = client_for(school.otto)
        office.post(f"/school/accounts/{school.inge.id}/invitation")
        office.send_back(
            f"/school/guardians/{school.inge.id}/details",
            {
                "given_name": "Inge",
                "surname": "Dekker",
                "email": "nieuw@dekker.example",
                "language": "nl",
            },
        )
        first, second = rows(Invitation)
        assert first.replaced_at and not second.replaced_at

    def test_the_second_of_two_writers_reads_what_stands_there_now_and_keeps_what_was_typed(
        self, client_for, school, rows
    ):
        otto, path = client_for(school.otto), f"/school/guardians/{school.carl.id}/details"
        form = {
            "given_name": "Carl", "surname": "Peters", "email": "carl@lindeboog.example", "language": "nl",
        }  # fmt: skip
        seen = versions_in(otto.get(path))
        client_for(school.hedy).send_back(path, form | {"phone": "030 123 45 67", "language": "en"})
        typed = form | {"given_name": "Karel", "email": "karel@peters.example"}
        refused = otto.post(path, data=typed | seen)
        assert refused.status_code == 409
        assert "Iemand anders heeft dit net gewijzigd." in refused.text
        assert 'value="karel@peters.example"' in refused.text
        assert "<bdi>030 123 45 67</bdi>" in refused.text and "<bdi>English</bdi>" in refused.text
        carl = person(rows, school.carl.id)
        assert (carl.given_name, carl.email, carl.phone) == (
            "Carl",
            "carl@lindeboog.example",
            "030 123 45 67",
        )
        assert otto.post(path, data=typed | versions_in(refused)).status_code == 303
        carl = person(rows, school.carl.id)
        assert (carl.given_name, carl.email, carl.phone) == ("Karel", "karel@peters.example", "")

    def test_it_changes_the_relation_and_leaves_the_authority(self, client_for, school, rows):
        one = holding(rows, school.sem)[0]
        client_for(school.otto).post(f"/school/guardianships/{one.id}", data={"relation": "stiefvader"})
        changed = holding(rows, school.sem)[0]
        assert (changed.relation, changed.has_authority) == ("stiefvader", True)
        assert "Sem" in client_for(school.carl).get("/absence/report").text

    def test_the_office_does_not_touch_who_works_here(self, client_for, school, rows):
        """With the address of the administrator in hand, anybody could come in as administrator."""
        office = client_for(school.otto)
        for staff in (school.tess, school.bea):
            assert office.get(f"/school/guardians/{staff.id}").status_code == 200
            for address in ("details",):
                form = {"surname": "x", "email": "otto2@lindeboog.example", "language": "nl"}
                assert office.get(f"/school/guardians/{staff.id}/{address}").status_code == 404
                assert office.post(f"/school/guardians/{staff.id}/{address}", data=form).status_code == 404
            assert office.post(f"/school/accounts/{staff.id}/letter").status_code == 404
            assert (
                office.post(f"/school/accounts/{staff.id}/email", data={"email": "a@b.nl"}).status_code == 404
            )
        assert person(rows, school.bea.id).email == "bea@lindeboog.example"
        assert client_for(school.hedy).get(f"/school/guardians/{school.tess.id}/details").status_code == 200


class TestRevoking:
    def revoke(self, office, one):
        return office.post(f"/school/guardianships/{one.id}/revocation", data={"reason": "Op verzoek."})

    def test_it_asks_first(self, client_for, school, rows):
        one = holding(rows, school.noor)[0]
        page = client_for(school.otto).get(f"/school/guardianships/{one.id}/revocation").text
        assert "Toegang van Anna Bakker tot Noor Smit beëindigen?" in page
        assert "Bram Visser" in page

    def test_it_keeps_the_reason_and_asks_for_one(self, client_for, school, rows):
        one, office = holding(rows, school.noor)[0], client_for(school.otto)
        path = f"/school/guardianships/{one.id}/revocation"
        for reason in ("", " \u200b ", "x" * 501):
            answer = office.post(path, data={"reason": reason})
            assert answer.status_code == 422 and "<title>Fout: " in answer.text
        assert holding(rows, school.noor)[0].id == one.id
        office.post(path, data={"reason": "Uitspraak van de rechter."})
        assert [(entry.what, entry.about, entry.reason) for entry in rows(ArrangementEntry)] == [
            ("ended", school.anna.id, "Uitspraak van de rechter.")
        ]
        page = office.get(f"/school/pupils/{school.noor.id}/arrangement").text
        assert "Toegang van Anna Bakker beëindigd" in page and "Uitspraak van de rechter." in page

    def test_it_ends_access_at_once_and_leaves_the_other_children(self, client_for, school, rows):
        anna = client_for(school.anna)
        office = client_for(school.otto)
        assert "Noor" in anna.get("/absence/report").text
        before = rows(School)[0].roster_revision
        for _twice in range(2):
            answer = self.revoke(
                office, [one for one in rows(Guardianship) if one.user_id == school.anna.id][1]
            )
            assert answer.status_code == 303
        page = anna.get("/absence/report")
        assert page.status_code == 200
        assert "Noor" not in page.text and "Bram" in page.text
        assert rows(School)[0].roster_revision > before
        assert [entry.verb for entry in rows(AuditEntry)].count("revoke_guardianship") == 1

    def test_who_has_nothing_left_is_signed_out_and_gets_no_mail(self, client_for, school, rows, app):
        carl = client_for(school.carl)
        office = client_for(school.otto)
        with app.app_context():
            start_writing()
            db.session.add(
                OutgoingMessage(
                    kind="child_added", user_id=school.carl.id, message_id="<1@test>",
                    created_at=clock.now(), due_at=clock.now(),
                )
            )  # fmt: skip
            db.session.commit()
        self.revoke(office, holding(rows, school.sem)[0])
        assert carl.get("/absence").status_code == 303
        assert all(one.ended_at for one in rows(LoginSession) if one.user_id == school.carl.id)
        assert rows(OutgoingMessage) == []

    def test_a_child_that_left_the_school_keeps_nobody_signed_in(self, client_for, school, rows):
        anna, office = client_for(school.anna), client_for(school.otto)
        office.post(f"/school/pupils/{school.noor.id}/leaving", data={"left_on": "2026-11-24"})
        assert anna.get("/absence").status_code == 200
        self.revoke(office, next(one for one in rows(Guardianship) if one.user_id == school.anna.id))
        assert anna.get("/absence").status_code == 303
        assert all(one.ended_at for one in rows(LoginSession) if one.user_id == school.anna.id)

    def test_the_link_of_who_was_invited_dies(self, client_for, school, rows):
        office = client_for(school.otto)
        office.post(f"/school/accounts/{school.inge.id}/invitation")
        self.revoke(office, holding(rows, school.sem)[1])
        assert rows(Invitation)[0].replaced_at
        assert rows(OutgoingMessage) == []

    def test_who_works_here_stays_signed_in(self, client_for, school, rows):
        tess = client_for(school.tess)
        self.revoke(client_for(school.otto), holding(rows, school.lotte)[0])
        assert tess.get("/staff/today").status_code == 200

    def test_what_ended_cannot_be_changed(self, client_for, school, rows):
        ended = next(one for one in rows(Guardianship) if one.revoked_at)
        office = client_for(school.otto)
        assert office.get(f"/school/guardianships/{ended.id}").status_code == 404
        assert office.post(f"/school/guardianships/{ended.id}", data={"relation": "x"}).status_code == 404

    def test_somebody_can_come_back(self, client_for, school, rows):
        office = client_for(school.otto)
        self.revoke(office, holding(rows, school.sem)[0])
        office.post(
            f"/school/pupils/{school.sem.id}/guardians/new",
            data=NEW | {"email": "carl@lindeboog.example", "known": school.carl.id},
        )
        assert "Sem" in client_for(school.carl).get("/absence/report").text


def test_a_pupils_page_names_guardians_with_their_state(client_for, school):
    page = client_for(school.otto).get(f"/school/pupils/{school.sem.id}").text
    assert page.index("Carl Peters") < page.index("Inge Dekker")
    assert len(re.findall("heeft een account", page)) == 1
    assert len(re.findall("nog geen account", page)) == 1


def test_an_adults_page_names_the_children(client_for, school):
    page = client_for(school.otto).get(f"/school/guardians/{school.anna.id}").text
    assert "Bram Visser" in page and "Noor Smit" in page and "Sem" not in page


@pytest.mark.parametrize("number", [0, 99999, 2**31, 10**30])
def test_nobody_there_is_404(client_for, school, number):
    office = client_for(school.otto)
    for path in ("pupils", "guardians", "guardianships", "groups"):
        assert office.get(f"/school/{path}/{number}").status_code == 404


class TestSameName:
    """A second row of the same person would take the other parent's seat."""

    def test_it_asks_and_keeps_what_was_typed(self, client_for, school, rows):
        people = len(rows(User))
        form = {"given_name": "Tess", "surname": "Jansen", "language": "nl", "relation": "moeder"}
        path, office = f"/school/pupils/{school.lotte.id}/guardians/new", client_for(school.otto)
        answer = office.post(path, data=form)
        assert answer.status_code == 422
        assert "Lotte Jansen heeft al een ouder of verzorger met deze naam." in answer.text
        assert 'value="moeder"' in answer.text
        assert len(rows(User)) == people
        assert office.post(path, data=form | {"other_than": school.anna.id}).status_code == 422
        assert office.post(path, data=form | {"other_than": school.tess.id}).status_code == 303
        assert len(holding(rows, school.lotte)) == 2

    def test_enter_presses_the_button_that_asks_again(self, client_for, school):
        form = {"given_name": "Tess", "surname": "Jansen", "language": "nl"}
        path = f"/school/pupils/{school.lotte.id}/guardians/new"
        page = client_for(school.otto).post(path, data=form).text
        buttons = re.findall(r"<button[^>]*>", page[page.index('class="form card"') :])
        assert "other_than" not in buttons[0] and "other_than" in buttons[1]

    def test_the_next_day_the_same_form_is_no_second_person(self, client_for, school, rows, at):
        path = f"/school/pupils/{school.lotte.id}/guardians/new"
        form = NEW | {"email": ""}
        client_for(school.otto).post(path, data=form)
        at("2026-11-25 09:00")
        assert client_for(school.otto).post(path, data=form).status_code == 422
        assert len(holding(rows, school.lotte)) == 2


class TestLeft:
    """A child that left the school is no reason to invite anybody, nor access that stays."""

    @pytest.fixture
    def office(self, client_for, school):
        office = client_for(school.otto)
        office.post(f"/school/pupils/{school.sem.id}/leaving", data={"left_on": "2026-11-24"})
        return office

    def test_an_adults_page_tells_it_apart_and_invites_nobody(self, office, school):
        page = office.get(f"/school/guardians/{school.inge.id}").text
        assert "Sem Peters" in page and "is van school" in page
        assert "Nu van niemand op deze school ouder of verzorger" in page
        assert "Verstuur de uitnodiging" not in page and "/invitation" not in page

    def test_ending_the_access_counts_it_as_nothing_that_stays(self, office, school, rows):
        form = {"email": "carl@lindeboog.example", "known": school.carl.id, "has_authority": "y"}
        office.post(f"/school/pupils/{school.lotte.id}/guardians/new", data=NEW | form)
        place = next(one for one in holding(rows, school.lotte) if one.user_id == school.carl.id)
        page = office.get(f"/school/guardianships/{place.id}/revocation").text
        assert "toegang tot deze kinderen blijft" not in page and "<bdi>Sem" not in page

    def test_who_is_known_is_named_with_the_child_that_left(self, office, school):
        form = NEW | {"email": "carl@lindeboog.example"}
        page = office.post(f"/school/pupils/{school.lotte.id}/guardians/new", data=form).text
        assert "Ouder of verzorger van een kind dat van school is: <bdi>Sem Peters</bdi>." in page
