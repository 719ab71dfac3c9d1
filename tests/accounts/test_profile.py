"""/profile: one's own details, and the devices on which one is logged in."""

import pytest

from portal import clock
from portal.models.accounts import LoginSession, User
from portal.models.notices import MailTrouble
from tests.accounts.people import location, log_in, on_screen, path_of


def user(rows, person):
    return next(user for user in rows(User) if user.id == person.id)


class TestShow:
    def test_it_shows_ones_own_details(self, school, client_for):
        page = on_screen(client_for(school.anna).get("/profile"))
        for words in ("Anna Bakker", "anna@lindeboog.example", "06 5550 1234", "Dit apparaat"):
            assert words in page
        assert "Daan" not in page

    def test_it_lists_where_one_is_logged_in(self, school, client_for):
        phone, laptop = client_for(), client_for()
        log_in(phone, school.anna, headers={"User-Agent": "Mozilla/5.0 (iPhone) Version/18 Safari/604.1"})
        log_in(laptop, school.anna, headers={"User-Agent": "Mozilla/5.0 (X11; Linux) Firefox/140.0"})
        page = on_screen(phone.get("/profile"))
        assert "Safari op iPhone" in page
        assert "Firefox op Linux" in page

    def test_it_takes_few_queries(self, school, client_for, count_queries):
        anna = client_for(school.anna)
        for _ in range(5):
            log_in(client_for(), school.anna)
        with count_queries() as queries:
            anna.get("/profile")
        assert len(queries) <= 8


class TestSessions:
    def test_one_device_is_logged_out(self, school, client_for, rows):
        phone, tablet = client_for(), client_for()
        for client in (phone, tablet):
            log_in(client, school.anna)
        of_tablet = rows(LoginSession)[1].id
        assert location(phone.post(f"/profile/sessions/{of_tablet}/ending")) == "/profile"
        assert tablet.get("/profile").status_code == 303
        assert phone.get("/profile").status_code == 200
        assert phone.post(f"/profile/sessions/{of_tablet}/ending").status_code == 404

    def test_all_others_are_logged_out(self, school, client_for):
        clients = [client_for() for _ in range(3)]
        for client in clients:
            log_in(client, school.anna)
        clients[1].post("/profile/sessions/ending")
        assert [client.get("/profile").status_code for client in clients] == [303, 200, 303]

    def test_somebody_elses_device_is_not_there(self, school, client_for, rows):
        log_in(client_for(), school.carl)
        of_carl = rows(LoginSession)[0].id
        assert client_for(school.anna).post(f"/profile/sessions/{of_carl}/ending").status_code == 404
        assert rows(LoginSession)[0].ended_at is None


class TestPhone:
    def test_it_is_kept_as_typed_and_as_dialled(self, school, client_for, rows):
        client_for(school.anna).post("/profile/contact", data={"phone": "+31 6 5550 9999"})
        anna = user(rows, school.anna)
        assert (anna.phone, anna.phone_e164) == ("+31 6 5550 9999", "+31655509999")
        assert anna.phone_changed_by_self_at == clock.now()

    def test_the_number_that_school_calls_is_not_emptied(self, school, client_for, rows):
        answer = client_for(school.anna).post("/profile/contact", data={"phone": " "})
        assert answer.status_code == 422
        said = on_screen(answer)
        assert "Vul een nummer in waarop school u kan bellen." in said
        assert "Kies dan ‘Niemand’ bij Mijn gegevens." in said
        assert user(rows, school.anna).phone == "06 5550 1234"

    def test_who_has_no_such_choice_is_not_sent_to_it(self, school, client_for, rows):
        before = user(rows, school.otto).phone
        answer = client_for(school.otto).post("/profile/contact", data={"phone": ""})
        assert answer.status_code == 422
        assert "Niemand" not in on_screen(answer)
        assert user(rows, school.otto).phone == before

    def test_words_are_no_number(self, school, client_for, rows):
        answer = client_for(school.anna).post("/profile/contact", data={"phone": "bel mama"})
        assert answer.status_code == 422
        assert "Vul een telefoonnummer in" in on_screen(answer)
        assert user(rows, school.anna).phone == "06 5550 1234"

    def test_other_columns_cannot_be_slipped_in(self, school, client_for, rows):
        before = vars(user(rows, school.anna))
        client_for(school.anna).post(
            "/profile/contact",
            data={
                "phone": before["phone"],
                "given_name": "Eve",
                "email": "eve@evil.example",
                "role": "admin",
            },
        )
        after = vars(user(rows, school.anna))
        changed = {name for name in before if before[name] != after[name]}
        assert changed <= {"_sa_instance_state", "phone_e164", "phone_changed_by_self_at"}


class TestEmail:
    def ask(self, client, school, email="anna.bakker@thuis.example"):
        return client.post("/profile/email", data={"email": email, "current_password": school.password})

    def test_it_changes_when_the_new_address_is_proved(self, school, client_for, rows, mailed):
        anna = client_for(school.anna)
        assert location(self.ask(anna, school)) == "/profile"
        assert user(rows, school.anna).email == "anna@lindeboog.example"
        [mail] = mailed()
        assert mail.recipients == ["anna.bakker@thuis.example"]
        link = path_of(mail.links[0])
        stranger = client_for()
        assert "anna.bakker@thuis.example" in on_screen(stranger.get(link))
        assert user(rows, school.anna).email == "anna@lindeboog.example"
        assert stranger.post(link).status_code == 303
        assert user(rows, school.anna).email == "anna.bakker@thuis.example"
        assert user(rows, school.anna).email_changed_by_self_at == clock.now()
        [notice] = mailed()
        assert notice.recipients == ["anna@lindeboog.example"]
        assert "thuis.example" not in notice.text

    def test_that_the_old_address_takes_no_mail_says_nothing_of_the_new_one(
        self, school, client_for, mailed, smtp, rows
    ):
        self.ask(client_for(school.anna), school)
        client_for().post(path_of(mailed()[0].links[0]))
        smtp.refused.add("anna@lindeboog.example")
        assert mailed() == []
        assert rows(MailTrouble) == []

    def test_that_the_new_address_takes_no_mail_says_nothing_of_the_one_in_use(
        self, school, client_for, mailed, smtp, rows
    ):
        self.ask(client_for(school.anna), school)
        smtp.refused.add("anna.bakker@thuis.example")
        assert mailed() == []
        assert rows(MailTrouble) == []

    def test_the_link_to_a_mistyped_address_ends_when_the_right_one_is_asked_for(
        self, school, client_for, mailed, rows
    ):
        anna = client_for(school.anna)
        self.ask(anna, school, "somebody.else@thuis.example")
        stranger = path_of(mailed()[0].links[0])
        self.ask(anna, school)
        right = path_of(mailed()[0].links[0])
        assert client_for().post(stranger).status_code == 410
        assert client_for().post(right).status_code == 303
        assert client_for().post(stranger).status_code == 410
        assert user(rows, school.anna).email == "anna.bakker@thuis.example"

    def test_no_link_of_before_takes_the_account_once_an_address_is_confirmed(
        self, school, client_for, mailed
    ):
        anna = client_for(school.anna)
        self.ask(anna, school)
        first = path_of(mailed()[0].links[0])
        self.ask(anna, school)
        again = path_of(mailed()[0].links[0])
        assert client_for().post(first).status_code == 303
        assert client_for().post(again).status_code == 410

    def test_the_link_works_once(self, school, client_for, mailed):
        self.ask(client_for(school.anna), school)
        link = path_of(mailed()[0].links[0])
        assert client_for().post(link).status_code == 303
        assert client_for().post(link).status_code == 410

    def test_the_password_is_asked(self, school, client_for, waiting):
        answer = client_for(school.anna).post(
            "/profile/email", data={"email": "new@thuis.example", "current_password": "wrong-one"}
        )
        assert answer.status_code == 422
        assert waiting() == []

    def test_an_address_in_use_is_not_told_but_cannot_be_taken(self, school, client_for, mailed, rows):
        anna = client_for(school.anna)
        free = on_screen(self.ask(anna, school, "free@lindeboog.example"))
        taken = on_screen(self.ask(anna, school, "carl@lindeboog.example"))
        assert free == taken
        link = path_of(next(mail for mail in mailed() if "carl@" in mail.recipients[0]).links[0])
        answer = client_for().post(link)
        assert answer.status_code == 409
        assert "heeft dit e-mailadres al" in on_screen(answer)
        assert user(rows, school.anna).email == "anna@lindeboog.example"

    @pytest.mark.parametrize("email", ["anna@localhost.test", "a b@c.nl", "x@y..nl", "@thuis.example"])
    def test_what_cannot_be_an_address_is_refused(self, school, client_for, email, waiting):
        assert self.ask(client_for(school.anna), school, email).status_code == 422
        assert waiting() == []


class TestChoices:
    def test_the_language_is_kept_with_the_person(self, school, client_for, rows):
        anna = client_for(school.anna)
        assert location(anna.post("/language", data={"language": "en", "next": "/profile"})) == "/profile"
        assert "My details" in on_screen(anna.get("/profile"))
        assert user(rows, school.anna).language == "en"

    def test_the_language_is_kept_on_the_device(self, school, anonymous, rows):
        anonymous.post("/language", data={"language": "en", "next": "/login"})
        assert "Forgot your password?" in on_screen(anonymous.get("/login"))
        assert {user.language for user in rows(User)} == {"nl"}

    @pytest.mark.parametrize("next_page", ["//evil.example", "https://evil.example", "/\\evil.example", ""])
    def test_it_never_leads_elsewhere(self, school, anonymous, next_page):
        answer = anonymous.post("/language", data={"language": "en", "next": next_page})
        assert location(answer) == "/"

    def test_a_language_that_is_none_changes_nothing(self, school, client_for, rows):
        client_for(school.anna).post("/language", data={"language": "../../etc", "next": "/profile"})
        assert user(rows, school.anna).language == "nl"

    def test_a_teacher_who_is_a_parent_switches_sides(self, school, client_for):
        tess = client_for(school.tess)
        tess.post("/side", data={"side": "parent"})
        with tess.session_transaction() as session:
            assert session["side"] == "parent"
        tess.post("/side", data={"side": "staff"})
        with tess.session_transaction() as session:
            assert session["side"] == "staff"

    def test_a_parent_has_no_other_side(self, school, client_for):
        anna = client_for(school.anna)
        anna.post("/side", data={"side": "staff"})
        with anna.session_transaction() as session:
            assert "side" not in session
