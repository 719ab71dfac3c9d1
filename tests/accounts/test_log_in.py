"""POST /login: e-mail and password."""

import os
from datetime import datetime, timedelta

import pytest
from argon2 import PasswordHasher

from portal import clock
from portal.domain import throttle
from portal.extensions import db
from portal.models.accounts import LoginAttempt, LoginSession, User
from portal.tokens import keyed_hash
from tests.accounts.people import location, log_in, masked, on_screen

ATTACK_GUESSES = int(os.environ.get("ATTACK_GUESSES", "60"))
CHROME_ON_ANDROID = (
    "Mozilla/5.0 (Linux; Android 15) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/140.0 Mobile Safari/537.36"
)


def test_tries_of_a_clock_that_was_wrong_keep_nobody_out(anonymous, school, at):
    """A machine that starts with its clock a year ahead, and then hears what time it is."""
    at("2027-11-24 07:55")
    wrong = {"email": school.anna.email, "password": "not-the-right-one"}
    for _ in range(6):
        last = anonymous.post("/login", data=wrong)
    assert last.status_code == 429
    at("2026-11-24 07:55")
    right = {"email": school.anna.email, "password": school.password}
    assert anonymous.post("/login", data=right).status_code == 303


def test_it_brings_the_owner_in(app, school, anonymous, rows):
    answer = log_in(anonymous, school.anna)
    assert answer.status_code == 303
    assert location(answer) == "/"
    assert anonymous.get("/profile").status_code == 200
    [session] = rows(LoginSession)
    assert session.user_id == school.anna.id
    assert session.expires_at == clock.now() + timedelta(days=60)


def test_capitals_and_spaces_round_the_address_do_not_matter(school, anonymous):
    assert log_in(anonymous, school.anna, email="  ANNA@lindeboog.Example ").status_code == 303


def test_it_keeps_the_token_only_as_a_hash_and_the_device_in_two_words(school, anonymous, rows):
    log_in(anonymous, school.anna, headers={"User-Agent": CHROME_ON_ANDROID})
    with anonymous.session_transaction() as session:
        token = session["_user_id"]
    [row] = rows(LoginSession)
    assert token not in (row.token_hash, row.device)
    assert row.device == "Chrome|Android"


def test_who_does_not_stay_is_out_with_the_browser_and_after_half_a_day(school, anonymous, rows, at):
    answer = log_in(anonymous, school.anna, stay=None)
    assert all(
        "Expires" not in cookie for cookie in answer.headers.getlist("Set-Cookie") if "portal=" in cookie
    )
    assert rows(LoginSession)[0].expires_at == clock.now() + timedelta(hours=12)
    at("2026-11-24 19:54")
    assert anonymous.get("/profile").status_code == 200
    at("2026-11-24 19:56")
    assert anonymous.get("/profile").status_code == 303


def test_who_stays_is_in_for_60_days(school, anonymous, at):
    log_in(anonymous, school.anna)
    at("2027-01-22 07:00")
    assert anonymous.get("/profile").status_code == 200
    at("2027-01-24 08:00")
    assert anonymous.get("/profile").status_code == 303


@pytest.mark.parametrize(
    "email", ["anna@lindeboog.example", "nobody@lindeboog.example", "inge@lindeboog.example"]
)
def test_a_wrong_password_says_the_same_whoever_it_is(school, anonymous, email):
    answer = anonymous.post("/login", data={"email": email, "password": "not-the-password"})
    assert answer.status_code == 422
    assert "horen niet bij elkaar" in on_screen(answer)
    assert f'value="{email}"' in answer.text
    other = "else@lindeboog.example"
    unknown = anonymous.post("/login", data={"email": other, "password": "not-the-password"})
    assert masked(answer, email) == masked(unknown, other)


def test_a_disabled_account_is_closed(app, school, anonymous, change):
    change(User, school.anna.id, disabled_at=clock.now())
    assert log_in(anonymous, school.anna).status_code == 422


def test_an_account_that_is_disabled_is_out_at_once(school, anonymous, change):
    log_in(anonymous, school.anna)
    change(User, school.anna.id, disabled_at=clock.now())
    assert anonymous.get("/profile").status_code == 303


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({}, "Vul uw e-mailadres in."),
        ({"email": "anna"}, "Vul uw hele e-mailadres in"),
        ({"email": "anna@lindeboog.example"}, "Vul uw wachtwoord in."),
        ({"email": "a" * 250 + "@b.nl", "password": "x"}, "te lang"),
        ({"email": "anna@lindeboog.example", "password": "x" * 201}, "hoogstens 200 tekens"),
        ({"email": "an\r\nna@lindeboog.example", "password": "x" * 9}, "Vul uw hele e-mailadres in"),
    ],
)
def test_bad_input_is_said_in_words(school, anonymous, data, words):
    answer = anonymous.post("/login", data=data)
    assert answer.status_code == 422
    assert "<title>Fout: " in answer.text
    assert words in on_screen(answer)


def test_an_old_password_hash_is_replaced(app, school, anonymous, change, rows):
    change(User, school.anna.id, password_hash=hash_with_other_settings(school.password))
    assert log_in(anonymous, school.anna).status_code == 303
    [kept] = [user.password_hash for user in rows(User) if user.id == school.anna.id]
    assert kept.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert log_in(anonymous, school.anna).status_code == 303


def hash_with_other_settings(password):
    return PasswordHasher(time_cost=1, memory_cost=8192, parallelism=1).hash(password)


class TestSession:
    def test_a_session_from_before_is_not_taken_over(self, school, anonymous):
        with anonymous.session_transaction() as session:
            session["planted"] = "by somebody else"
            session["_user_id"] = "chosen-by-an-attacker"
        log_in(anonymous, school.anna)
        with anonymous.session_transaction() as session:
            assert "planted" not in session
            assert session["_user_id"] != "chosen-by-an-attacker"

    def test_every_login_has_a_token_of_its_own(self, school, client_for, rows):
        tokens = set()
        for _ in range(3):
            client = client_for()
            log_in(client, school.anna)
            with client.session_transaction() as session:
                tokens.add(session["_user_id"])
        assert len(tokens) == len(rows(LoginSession)) == 3

    def test_an_old_cookie_opens_nothing_after_logging_out(self, school, anonymous, client_for):
        log_in(anonymous, school.anna)
        with anonymous.session_transaction() as session:
            old = dict(session)
        assert anonymous.post("/logout").status_code == 303
        thief = client_for()
        with thief.session_transaction() as session:
            session.update(old)
        assert thief.get("/profile").status_code == 303
        assert anonymous.get("/profile").status_code == 303

    def test_opening_the_logout_page_changes_nothing(self, school, client_for, rows):
        anna = client_for(school.anna)
        assert anna.get("/logout").status_code == 200
        assert rows(LoginSession)[0].ended_at is None
        assert anna.get("/profile").status_code == 200


class TestNext:
    @pytest.mark.parametrize("page", ["/absence", "/absence/report?pupil=3", "/profile"])
    def test_it_goes_where_one_was_going(self, school, anonymous, page):
        assert location(log_in(anonymous, school.anna, next=page)) == page

    @pytest.mark.parametrize(
        "page",
        [
            "https://evil.example/",
            "//evil.example",
            "/\\evil.example",
            "\\\\evil.example",
            "/\t/evil.example",
            "/\n/evil.example",
            "http:evil.example",
            "javascript:alert(1)",
            "evil.example",
            " //evil.example",
            "/ok\\..\\evil",
            "",
            "/logout",
            "/login",
            "\x00/absence",
        ],
    )
    def test_it_never_goes_to_another_place(self, school, anonymous, page):
        assert location(log_in(anonymous, school.anna, next=page)) == "/"

    def test_who_is_in_already_goes_on(self, school, client_for):
        assert location(client_for(school.anna).get("/login?next=/absence")) == "/absence"


class TestThrottle:
    def test_five_guesses_a_minute_are_looked_at(self, school, anonymous, rows, at):
        answers = [guess(anonymous, school.anna) for _ in range(20)]
        assert [answer.status_code for answer in answers] == [422] * 5 + [429] * 15
        assert int(answers[-1].headers["Retry-After"]) <= 60
        assert "te vaak geprobeerd" in on_screen(answers[-1])
        assert 'value="anna@lindeboog.example"' in answers[-1].text
        assert "Wachtwoord" not in answers[-1].headers
        at("2026-11-24 07:57")
        assert log_in(anonymous, school.anna).status_code == 303

    def test_the_right_password_is_not_looked_at_either_then(self, school, anonymous):
        for _ in range(5):
            guess(anonymous, school.anna)
        assert log_in(anonymous, school.anna).status_code == 429

    def test_an_unknown_address_is_throttled_alike(self, school, anonymous):
        codes = [
            anonymous.post(
                "/login", data={"email": "who@lindeboog.example", "password": "nothing-like"}
            ).status_code
            for _ in range(7)
        ]
        assert codes == [422] * 5 + [429] * 2

    def test_the_owners_own_device_is_never_locked_out_by_somebody_else(self, school, client_for):
        owner, attacker = client_for(), client_for()
        log_in(owner, school.anna)
        owner.post("/logout")
        for _ in range(30):
            guess(attacker, school.anna)
        assert log_in(attacker, school.anna).status_code == 429
        assert log_in(owner, school.anna).status_code == 303

    def test_the_owners_device_has_its_limit_too(self, school, anonymous):
        log_in(anonymous, school.anna)
        anonymous.post("/logout")
        assert [guess(anonymous, school.anna).status_code for _ in range(7)] == [422] * 5 + [429] * 2

    def test_a_made_up_device_is_no_device(self, school, client_for):
        attacker = client_for()
        attacker.set_cookie("device", "eyJpZCI6IngiLCJmb3IiOltdfQ.forged")
        assert [guess(attacker, school.anna).status_code for _ in range(6)][-1] == 429

    def test_somebody_elses_device_is_no_device_of_hers(self, school, client_for):
        attacker = client_for()
        log_in(attacker, school.carl)
        attacker.post("/logout")
        other = client_for()
        for _ in range(5):
            guess(other, school.anna)
        assert guess(attacker, school.anna).status_code == 429

    def test_other_people_are_not_affected(self, school, client_for):
        attacker, carl = client_for(), client_for()
        for _ in range(10):
            guess(attacker, school.anna)
        assert log_in(carl, school.carl).status_code == 303

    def test_logging_in_right_costs_nothing(self, school, client_for, rows):
        for _ in range(12):
            assert log_in(client_for(), school.anna).status_code == 303
        assert rows(LoginAttempt) == []

    def test_a_network_address_has_a_wide_limit(self, school, anonymous, do):
        do(fill_network)
        codes = [
            anonymous.post("/login/mail", data={"email": f"x{number}@lindeboog.example"}).status_code
            for number in range(4)
        ]
        assert codes == [303, 303, 429, 429]

    @pytest.mark.parametrize("addresses", [1, 100])
    def test_a_long_attack_gets_five_looks_a_minute_and_hurts_nobody(self, school, client_for, at, addresses):
        """Ten guesses a second; ATTACK_GUESSES=10000 goes on for longer."""
        owner, attacker = client_for(), client_for()
        log_in(owner, school.anna)
        owner.post("/logout")
        looked_at = []
        for number in range(ATTACK_GUESSES):
            second = number // 10
            now = at((datetime(2026, 11, 24, 9) + timedelta(seconds=second)).isoformat())
            address = {"REMOTE_ADDR": f"192.0.2.{number % addresses}"}
            data = {"email": school.anna.email, "password": f"guess number {number}"}
            if attacker.post("/login", data=data, environ_overrides=address).status_code == 422:
                looked_at.append(now)
        most = max(sum(t <= other < t + timedelta(minutes=1) for other in looked_at) for t in looked_at)
        print(f"{ATTACK_GUESSES} guesses: {len(looked_at)} looked at, at most {most} in a minute")
        assert most == 5
        assert log_in(owner, school.anna).status_code == 303
        assert log_in(client_for(), school.carl).status_code == 303
        at((datetime(2026, 11, 24, 9) + timedelta(seconds=second + 61)).isoformat())
        assert log_in(client_for(), school.anna).status_code == 303

    def test_the_table_names_nobody(self, school, anonymous, rows):
        guess(anonymous, school.anna)
        assert all(len(attempt.bucket) == 64 for attempt in rows(LoginAttempt))


def fill_network():
    """Leave two of the 600 tries that a network address has in a minute."""
    bucket = keyed_hash(throttle.NETWORK.name, "127.0.0.1")
    db.session.add_all(LoginAttempt(bucket=bucket, at=clock.now()) for _ in range(598))


def guess(client, person):
    return client.post("/login", data={"email": person.email, "password": "wrong-guess"})


def test_a_form_that_was_open_too_long_is_shown_again(school, client_for):
    forgetful = client_for(sends_token=False)
    answer = log_in(forgetful, school.anna)
    assert answer.status_code == 400
    assert "stond te lang open" in on_screen(answer)
    assert 'value="anna@lindeboog.example"' in answer.text
    assert school.password not in answer.text
    with forgetful.session_transaction() as session:
        assert "_user_id" not in session
