"""/password/forgot, /password/reset/<token> and /profile/password: another password."""

import pytest

from portal import clock
from portal.models.accounts import LoginSession, MailKey, User
from tests.accounts.people import location, log_in, on_screen, path_of

NEW = "vier-rode-fietsen"


def forget(client, person):
    return client.post("/password/forgot", data={"email": person.email})


@pytest.fixture
def link(school, client_for, mailed):
    """The link of the mail that Anna asked for."""
    forget(client_for(), school.anna)
    [mail] = mailed()
    assert mail.subject == "Kies een nieuw wachtwoord"
    return path_of(mail.links[0])


class TestForgotten:
    def test_a_new_password_brings_one_in(self, school, anonymous, client_for, link, mailed):
        assert location(anonymous.post(link, data={"new_password": NEW, "stay": "y"})) == "/"
        assert "Uw nieuwe wachtwoord is bewaard." in on_screen(anonymous.get("/"))
        assert anonymous.get("/profile").status_code == 200
        assert log_in(client_for(), school.anna, password=NEW).status_code == 303
        assert log_in(client_for(), school.anna).status_code == 422
        [notice] = mailed()
        assert notice.subject == "Uw wachtwoord is gewijzigd"

    def test_opening_the_link_changes_nothing(self, school, anonymous, link, rows):
        assert anonymous.get(link).status_code == 200
        assert rows(MailKey)[0].used_at is None

    def test_the_link_works_once_and_for_an_hour(self, school, anonymous, client_for, link, at):
        assert anonymous.post(link, data={"new_password": NEW}).status_code == 303
        assert client_for().post(link, data={"new_password": "weer-iets-anders"}).status_code == 410

    def test_the_link_works_for_an_hour(self, school, anonymous, link, at):
        at("2026-11-24 08:56")
        assert anonymous.post(link, data={"new_password": NEW}).status_code == 410

    def test_every_other_device_is_logged_out(self, school, anonymous, client_for, link):
        tablet = client_for()
        log_in(tablet, school.anna)
        anonymous.post(link, data={"new_password": NEW})
        assert tablet.get("/profile").status_code == 303
        assert anonymous.get("/profile").status_code == 200

    def test_another_link_under_way_opens_nothing_any_more(self, school, anonymous, client_for, link, mailed):
        anonymous.post("/login/mail", data={"email": school.anna.email})
        [mail] = mailed()
        assert client_for().post(link, data={"new_password": NEW}).status_code == 303
        assert client_for().post(path_of(mail.links[0])).status_code == 410

    def test_a_weak_password_leaves_the_link_as_it_was(self, school, anonymous, link):
        answer = anonymous.post(link, data={"new_password": "wachtwoord1"})
        assert answer.status_code == 422
        assert "Veel mensen gebruiken dit wachtwoord" in on_screen(answer)
        assert anonymous.post(link, data={"new_password": NEW}).status_code == 303

    def test_a_link_to_log_in_sets_no_password(self, school, anonymous, client_for, mailed):
        anonymous.post("/login/mail", data={"email": school.anna.email})
        token = mailed()[0].links[0].rsplit("/", 1)[1]
        assert client_for().post(f"/password/reset/{token}", data={"new_password": NEW}).status_code == 410
        assert client_for().get(f"/profile/email/{token}").status_code == 410

    def test_the_link_leads_to_the_portals_own_address_whatever_host_was_asked(
        self, school, client_for, mailed
    ):
        client_for().post(
            "/password/forgot", data={"email": school.anna.email}, headers={"Host": "localhost"}
        )
        client_for().post(
            "/password/forgot",
            data={"email": school.anna.email},
            headers={"Host": "127.0.0.1", "X-Forwarded-Host": "evil.example"},
        )
        for mail in mailed():
            assert all(link.startswith("http://127.0.0.1:8000/") for link in mail.links)
            assert "evil" not in mail.message.as_string()


class TestChanged:
    def change(self, client, current, new=NEW):
        return client.post("/profile/password", data={"current_password": current, "new_password": new})

    def test_it_ends_all_other_sessions(self, school, client_for, rows, mailed):
        phone, tablet = client_for(), client_for()
        for client in (phone, tablet):
            log_in(client, school.anna)
        assert location(self.change(phone, school.password)) == "/profile"
        assert phone.get("/profile").status_code == 200
        assert tablet.get("/profile").status_code == 303
        assert [session.ended_at for session in rows(LoginSession)] == [None, clock.now()]
        assert [mail.subject for mail in mailed()] == ["Uw wachtwoord is gewijzigd"]
        assert log_in(client_for(), school.anna, password=NEW).status_code == 303

    def test_the_password_of_now_is_asked(self, school, client_for, rows):
        answer = self.change(client_for(school.anna), "not-mine-at-all")
        assert answer.status_code == 422
        assert "niet uw wachtwoord van nu" in on_screen(answer)
        [anna] = [user for user in rows(User) if user.id == school.anna.id]
        assert anna.password_hash.endswith("xYHrGU3vyfzE")

    def test_guessing_it_on_a_phone_left_behind_is_throttled(self, school, client_for):
        phone = client_for(school.anna)
        codes = [self.change(phone, f"guess-number-{n}").status_code for n in range(7)]
        assert codes == [422] * 5 + [429] * 2

    def test_a_weak_one_is_refused(self, school, client_for):
        answer = self.change(client_for(school.anna), school.password, "Anna2026")
        assert answer.status_code == 422
        assert "snel geraden" in on_screen(answer)

    def test_it_is_for_who_is_logged_in(self, school, anonymous):
        assert location(anonymous.get("/profile/password")) == "/login?next=%2Fprofile%2Fpassword"
        assert self.change(anonymous, school.password).status_code == 303
