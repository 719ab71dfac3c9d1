"""POST /login/mail, GET and POST /login/code and /login/link/<token>: in with a mail."""

import re

import pytest

from portal.models.accounts import Invitation, LoginSession, MailKey, User
from portal.models.outbox import OutgoingMessage
from tests.accounts.people import location, log_in, masked, on_screen, path_of


def ask(client, person_or_address):
    address = getattr(person_or_address, "email", person_or_address)
    return client.post("/login/mail", data={"email": address, "stay": "y"})


def code_in(mail) -> str:
    return re.search(r"(?m)^ +(\d{6})\s*$", mail.text)[1]


def type_code(client, address, code):
    return client.post("/login/code", data={"email": address, "code": code, "stay": "y"})


class TestMail:
    def test_it_comes_with_a_button_and_a_code(self, school, anonymous, mailed):
        assert location(ask(anonymous, school.anna)) == "/login/code"
        page = anonymous.get("/login/code")
        assert "anna@lindeboog.example" in on_screen(page)
        [mail] = mailed()
        assert mail.recipients == ["anna@lindeboog.example"]
        assert mail.subject == f"Uw code om in te loggen: {code_in(mail)}"
        assert mail.links[0].startswith("http://127.0.0.1:8000/login/link/")
        assert code_in(mail) in mail.html
        assert mail.links[0] in mail.html

    @pytest.mark.parametrize("path", ["/login/mail", "/password/forgot"])
    def test_its_link_is_read_in_the_language_of_its_owner(self, school, client_for, mailed, change, path):
        change(User, school.anna.id, language="en")
        client_for().post(path, data={"email": school.anna.email})
        link = path_of(mailed()[0].links[0])
        assert '<html lang="en"' in client_for().get(link).text
        chosen_here = client_for()
        chosen_here.post("/language", data={"language": "nl"})
        assert '<html lang="nl"' in chosen_here.get(link).text

    def test_its_link_logs_in(self, school, client_for, mailed):
        ask(client_for(), school.anna)
        link = path_of(mailed()[0].links[0])
        other_device = client_for()
        assert "Log in" in on_screen(other_device.get(link))
        assert location(other_device.post(link, data={"stay": "y"})) == "/"
        assert other_device.get("/profile").status_code == 200

    def test_opening_the_link_changes_nothing_as_mail_scanners_do(self, school, anonymous, mailed, rows):
        ask(anonymous, school.anna)
        link = path_of(mailed()[0].links[0])
        for _ in range(3):
            assert anonymous.get(link).status_code == 200
            anonymous.head(link)
        assert rows(MailKey)[0].used_at is None
        assert rows(LoginSession) == []
        assert anonymous.post(link).status_code == 303

    def test_its_link_works_once(self, school, client_for, mailed, rows):
        ask(client_for(), school.anna)
        link = path_of(mailed()[0].links[0])
        assert client_for().post(link).status_code == 303
        again = client_for()
        assert again.post(link).status_code == 410
        assert again.get(link).status_code == 410
        assert "Deze link werkt niet meer" in on_screen(again.get(link))
        assert len(rows(LoginSession)) == 1

    def test_its_code_logs_in_and_works_once(self, school, client_for, mailed):
        ask(client_for(), school.anna)
        code = code_in(mailed()[0])
        assert location(type_code(client_for(), school.anna.email, f"{code[:3]} {code[3:]}")) == "/"
        assert type_code(client_for(), school.anna.email, code).status_code == 422

    def test_link_and_code_are_one(self, school, client_for, mailed):
        ask(client_for(), school.anna)
        [mail] = mailed()
        type_code(client_for(), school.anna.email, code_in(mail))
        assert client_for().post(path_of(mail.links[0])).status_code == 410

    def test_it_is_valid_for_ten_minutes(self, school, client_for, mailed, at):
        ask(client_for(), school.anna)
        [mail] = mailed()
        at("2026-11-24 08:04")
        assert client_for().get(path_of(mail.links[0])).status_code == 200
        at("2026-11-24 08:06")
        assert client_for().post(path_of(mail.links[0])).status_code == 410
        assert type_code(client_for(), school.anna.email, code_in(mail)).status_code == 422

    def test_the_code_of_somebody_else_does_not_work(self, school, client_for, mailed):
        ask(client_for(), school.anna)
        code = code_in(mailed()[0])
        assert type_code(client_for(), school.carl.email, code).status_code == 422

    def test_it_goes_on_to_the_page_one_was_going_to(self, school, anonymous, mailed):
        answer = anonymous.post("/login/mail?next=/absence", data={"email": school.anna.email})
        assert location(answer) == "/login/code?next=/absence"
        code = code_in(mailed()[0])
        answer = anonymous.post("/login/code?next=/absence", data={"email": school.anna.email, "code": code})
        assert location(answer) == "/absence"

    def test_who_was_only_invited_gets_the_invitation(self, school, anonymous, mailed, rows):
        ask(anonymous, school.inge)
        [mail] = mailed()
        assert mail.subject == "U bent toegevoegd als ouder op het ouderportaal."
        assert "/invitation/" in mail.links[0]
        assert len(rows(Invitation)) == 1
        assert rows(MailKey) == []

    def test_no_secret_is_in_the_database(self, school, anonymous, mailed, rows):
        ask(anonymous, school.anna)
        [mail] = mailed()
        stored = str([vars(row) for row in [*rows(MailKey), *rows(OutgoingMessage)]])
        assert path_of(mail.links[0]).rsplit("/", 1)[1] not in stored
        assert code_in(mail) not in stored

    def test_english_readers_read_english(self, school, anonymous, mailed, change):
        change(User, school.anna.id, language="en")
        ask(anonymous, school.anna)
        [mail] = mailed()
        assert mail.subject.startswith("Your code to log in")
        assert 'lang="en"' in mail.html


class TestUnknownAddress:
    @pytest.mark.parametrize("path", ["/login/mail", "/password/forgot", "/invitation/resend"])
    def test_nobody_can_tell_whether_an_address_is_known(self, school, client_for, path, rows):
        answers = []
        for address in ("anna@lindeboog.example", "nobody@lindeboog.example"):
            client = client_for()
            sent = client.post(path, data={"email": address})
            page = client.get(location(sent))
            answers.append((masked(sent, address), masked(page, address)))
        assert answers[0] == answers[1]
        known, unknown = rows(OutgoingMessage)
        hidden = ("_sa_instance_state", "id", "address", "message_id")
        assert {k: v for k, v in vars(known).items() if k not in hidden} == {
            k: v for k, v in vars(unknown).items() if k not in hidden
        }

    def test_nothing_is_sent_and_the_address_is_forgotten(self, school, anonymous, mailed, rows):
        ask(anonymous, "nobody@lindeboog.example")
        assert mailed() == []
        assert rows(OutgoingMessage) == []

    def test_a_guardian_who_is_none_any_more_gets_no_mail(self, school, anonymous, mailed, rows):
        ask(anonymous, school.dora)
        assert mailed() == []
        assert rows(OutgoingMessage) == []

    def test_what_is_typed_cannot_add_a_header_or_a_recipient(self, school, anonymous, mailed):
        for address in (
            "anna@lindeboog.example\r\nBcc: eve@evil.example",
            "anna@lindeboog.example,eve@evil.example",
            "anna@lindeboog.example%0aBcc:eve@evil.example",
            '"anna"@lindeboog.example',
        ):
            ask(anonymous, address)
        assert mailed() == []


class TestThrottle:
    def test_an_address_gets_five_mails_an_hour_and_the_answer_stays_the_same(
        self, school, anonymous, mailed, at
    ):
        answers = [ask(anonymous, school.anna) for _ in range(8)]
        assert {(answer.status_code, location(answer)) for answer in answers} == {(303, "/login/code")}
        assert len(mailed()) == 5
        at("2026-11-24 08:56")
        ask(anonymous, school.anna)
        assert len(mailed()) == 1

    def test_five_codes_are_looked_at(self, school, anonymous, client_for, mailed):
        ask(anonymous, school.anna)
        code = code_in(mailed()[0])
        wrong = [f"{(int(code) + n) % 10**6:06d}" for n in range(1, 8)]
        attacker = client_for()
        answers = [type_code(attacker, school.anna.email, guess) for guess in wrong]
        assert [answer.status_code for answer in answers] == [422] * 5 + [429] * 2
        assert type_code(attacker, school.anna.email, code).status_code == 429

    def test_who_guesses_codes_locks_out_neither_the_link_nor_the_owners_device(
        self, school, client_for, mailed
    ):
        owner, attacker = client_for(), client_for()
        log_in(owner, school.anna)
        owner.post("/logout")
        ask(owner, school.anna)
        [mail] = mailed()
        for _ in range(7):
            type_code(attacker, school.anna.email, "000000")
        assert type_code(owner, school.anna.email, code_in(mail)).status_code == 303
        ask(owner, school.anna)
        assert client_for().post(path_of(mailed()[0].links[0])).status_code == 303

    def test_guessing_codes_for_days_comes_to_nothing(self, school, anonymous, at):
        looked_at = 0
        for hour in range(8, 13):
            at(f"2026-11-24 {hour:02d}:00")
            for _ in range(6):
                looked_at += type_code(anonymous, school.anna.email, "123456").status_code == 422
        assert looked_at == 20
        answer = type_code(anonymous, school.anna.email, "123456")
        assert "Gebruik de knop in de e-mail, of probeer het morgen opnieuw." in on_screen(answer)


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("", "Vul de code uit de e-mail in."),
        ("12345", "zes cijfers"),
        ("abcdef", "zes cijfers"),
        ("１２３４５６", "zes"),
    ],
)
def test_a_code_that_is_none_is_said(school, anonymous, code, words):
    answer = type_code(anonymous, school.anna.email, code)
    assert answer.status_code == 422
    assert words in on_screen(answer)


def test_a_made_up_link_is_gone(school, anonymous):
    assert anonymous.get("/login/link/not-a-token").status_code == 410
    assert anonymous.post("/login/link/not-a-token").status_code == 410


def test_who_taps_the_link_again_is_simply_in(school, anonymous, client_for, mailed):
    ask(anonymous, school.anna)
    link = path_of(mailed()[0].links[0])
    anonymous.post(link)
    assert location(anonymous.get(link)) == "/"
    assert location(anonymous.post(link)) == "/"
    assert location(anonymous.get("/login/code")) == "/"
