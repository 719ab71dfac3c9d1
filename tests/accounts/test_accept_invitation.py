"""GET and POST /invitation/<token>, /invitation/resend: the way in for who was invited."""

import re

import pytest

from portal import clock
from portal.access import Viewer
from portal.domain import accounts, invitations
from portal.extensions import db
from portal.models.accounts import Invitation, LoginSession, User
from portal.models.outbox import OutgoingMessage
from portal.models.roster import Guardianship
from tests.accounts.people import location, log_in, on_screen, path_of

GOOD = {"new_password": "drie-gele-tulpen", "language": "nl", "stay": "y"}


@pytest.fixture
def invited(school, do):
    """Inge's link."""
    return do(lambda: path_of(_link(school.inge.id)))


def _link(user_id):
    return invitations.invitation_link(
        invitations.invite(db.session.get_one(User, user_id), None, clock.now())
    )


def user(rows, person):
    return next(user for user in rows(User) if user.id == person.id)


def test_the_link_shows_which_child_it_is_about(school, anonymous, invited):
    page = on_screen(anonymous.get(invited))
    assert "Welkom Inge" in page
    assert "Sem Peters" in page
    assert "inge@lindeboog.example" in page
    for other in ("Bram", "Noor", "Lotte", "Carl"):
        assert other not in page


def test_opening_it_changes_nothing(school, anonymous, invited, rows):
    for _ in range(3):
        assert anonymous.get(invited).status_code == 200
    assert rows(Invitation)[0].used_at is None
    assert user(rows, school.inge).activated_at is None


def test_a_password_is_all_it_takes(school, anonymous, invited, rows, client_for):
    assert location(anonymous.post(invited, data=GOOD | {"language": "en"})) == "/"
    assert "Your account is ready." in on_screen(anonymous.get("/"))
    inge = user(rows, school.inge)
    assert inge.activated_at == clock.now()
    assert inge.language == "en"
    assert inge.password_hash.startswith("$argon2id$v=19$m=19456,t=2,p=1$")
    assert rows(Invitation)[0].used_at == clock.now()
    assert anonymous.get("/profile").status_code == 200
    assert log_in(client_for(), school.inge, password="drie-gele-tulpen").status_code == 303


def test_it_is_read_and_kept_in_the_language_that_school_set(
    school, anonymous, client_for, invited, rows, change
):
    change(User, school.inge.id, language="en")
    page = anonymous.get(invited).text
    assert '<html lang="en"' in page
    assert re.search(r'<input[^>]*name="language"[^>]*value="en"[^>]*checked', page)
    chosen_here = client_for()
    chosen_here.post("/language", data={"language": "nl"})
    assert '<html lang="nl"' in chosen_here.get(invited).text
    wrong = anonymous.post(invited, data={"new_password": "kort", "language": "en"})
    assert "at least 8" in on_screen(wrong)
    anonymous.post(invited, data={**GOOD, "language": "en"})
    assert user(rows, school.inge).language == "en"
    assert '<html lang="en"' in client_for().get(invited).text


def test_it_works_once(school, anonymous, client_for, invited, rows):
    anonymous.post(invited, data=GOOD)
    second = client_for()
    again = second.post(invited, data=GOOD | {"new_password": "van-iemand-anders"})
    assert again.status_code == 410
    assert "U kunt al inloggen" in on_screen(again)
    assert second.get(invited).status_code == 410
    assert len(rows(LoginSession)) == 1
    assert log_in(client_for(), school.inge, password="drie-gele-tulpen").status_code == 303


def test_it_is_valid_for_60_days(school, anonymous, invited, at):
    at("2027-01-23 07:50")
    assert anonymous.get(invited).status_code == 200
    at("2027-01-23 07:56")
    late = anonymous.post(invited, data=GOOD)
    assert late.status_code == 410
    assert "Deze link is te oud" in on_screen(late)


def test_an_old_link_sends_a_new_one_without_typing(school, anonymous, invited, at, mailed):
    mailed()
    at("2027-01-25 08:00")
    token = invited.rsplit("/", 1)[1]
    assert location(anonymous.post("/invitation/resend", data={"token": token})) == "/login/code"
    [mail] = mailed()
    assert mail.recipients == ["inge@lindeboog.example"]
    assert path_of(mail.links[0]) != invited
    assert anonymous.get(path_of(mail.links[0])).status_code == 200
    assert "Er is een nieuwere link" in on_screen(anonymous.get(invited))


def test_a_renewed_link_replaces_the_old_one(school, anonymous, invited, do, rows):
    new = do(
        lambda: path_of(
            invitations.invitation_link(
                invitations.renew_invitation(db.session.get_one(User, school.inge.id), None, clock.now())
            )
        )
    )
    old = anonymous.post(invited, data=GOOD)
    assert old.status_code == 410
    assert "Er is een nieuwere link" in on_screen(old)
    assert anonymous.post(new, data=GOOD).status_code == 303


def test_a_link_that_never_was_is_404_and_says_what_to_do(school, anonymous):
    answer = anonymous.get("/invitation/no-such-token")
    assert answer.status_code == 404
    assert "Stuur de e-mail opnieuw" in on_screen(answer)


def test_a_link_of_who_is_no_guardian_any_more_tells_nothing(school, anonymous, invited, change, rows):
    seat = next(row for row in rows(Guardianship) if row.user_id == school.inge.id)
    change(Guardianship, seat.id, revoked_at=clock.now())
    for answer in (anonymous.get(invited), anonymous.post(invited, data=GOOD)):
        assert answer.status_code == 404
        assert "Inge" not in answer.text
        assert "Sem" not in answer.text
    assert user(rows, school.inge).activated_at is None


def test_the_token_is_nowhere_in_the_database(school, invited, rows):
    stored = str([vars(row) for row in [*rows(Invitation), *rows(OutgoingMessage)]])
    assert invited.rsplit("/", 1)[1] not in stored
    assert len(invited.rsplit("/", 1)[1]) >= 43


class TestPassword:
    @pytest.mark.parametrize(
        ("password", "words"),
        [
            ("", "Kies een wachtwoord."),
            ("kort-1!", "minstens 8 tekens"),
            ("password1", "Veel mensen gebruiken"),
            ("Welkom2026!", "Veel mensen gebruiken"),
            ("aaaaaaaaaaaa", "Veel mensen gebruiken"),
            ("inge@lindeboog.example", "snel geraden"),
            ("IngeDekker12", "snel geraden"),
            ("De Lindeboog", "snel geraden"),
            ("x" * 201, "hoogstens 200"),
        ],
    )
    def test_one_that_is_guessed_soon_is_refused_in_words(
        self, school, anonymous, invited, password, words, rows
    ):
        answer = anonymous.post(invited, data=GOOD | {"new_password": password})
        assert answer.status_code == 422
        assert words in on_screen(answer)
        assert rows(Invitation)[0].used_at is None

    @pytest.mark.parametrize(
        "password",
        [
            "drie gele tulpen",
            "ΑΒΓδεζηθ",
            "пароль-для-школы",
            "12 34 56 78 90 1",
            "p\u00e4ssw\u00f6rt!",
            "🐟🐠🐡🦈🐙🦑🦐🦞",
        ],
    )
    def test_there_are_no_rules_on_kinds_of_characters(
        self, school, anonymous, invited, password, client_for
    ):
        assert anonymous.post(invited, data=GOOD | {"new_password": password}).status_code == 303
        assert log_in(client_for(), school.inge, password=password).status_code == 303

    def test_the_same_letters_from_another_keyboard_are_the_same(
        self, school, anonymous, invited, client_for
    ):
        anonymous.post(invited, data=GOOD | {"new_password": "caf\u00e9-en-thee"})
        assert log_in(client_for(), school.inge, password="cafe\u0301-en-thee").status_code == 303


def test_who_has_an_address_cannot_put_another_one(school, anonymous, invited, rows):
    anonymous.post(invited, data=GOOD | {"email": "eve@evil.example"})
    assert user(rows, school.inge).email == "inge@lindeboog.example"


class TestInviting:
    def test_one_mail_whatever_the_number_of_children(self, school, do, change, mailed, rows):
        change(User, school.anna.id, activated_at=None, password_hash=None)
        assert do(lambda: invitations.invite_all(None, clock.now())) == 2
        mails = mailed()
        assert sorted(mail.recipients[0] for mail in mails) == [
            "anna@lindeboog.example",
            "inge@lindeboog.example",
        ]
        for mail in mails:
            assert mail.subject == "U bent toegevoegd als ouder op het ouderportaal."
            assert mail.message["Subject"] == mail.subject
            for name in ("Bram", "Noor", "Sem"):
                assert name not in mail.text + mail.html

    def test_english_readers_get_the_same_subject(self, school, do, change, mailed):
        change(User, school.inge.id, language="en")
        do(lambda: invitations.invite_all(None, clock.now()))
        [mail] = mailed()
        assert mail.subject == "U bent toegevoegd als ouder op het ouderportaal."
        assert "Choose a password" in mail.text

    def test_inviting_everybody_twice_invites_nobody_twice(self, school, do, mailed, rows):
        assert do(lambda: invitations.invite_all(None, clock.now())) == 1
        assert do(lambda: invitations.invite_all(None, clock.now())) == 0
        assert len(mailed()) == len(rows(Invitation)) == 1

    def test_clicking_send_again_twice_sends_once_and_the_same_link(self, school, do, mailed, invited):
        for _ in range(3):
            do(lambda: _link(school.inge.id))
        [mail] = mailed()
        assert path_of(mail.links[0]) == invited
        do(lambda: _link(school.inge.id))
        [again] = mailed()
        assert path_of(again.links[0]) == invited
        assert again.message["Message-ID"] != mail.message["Message-ID"]

    def test_who_works_here_is_not_called_a_parent(self, school, do, change, mailed):
        change(User, school.yara.id, activated_at=None, password_hash=None)
        do(lambda: _link(school.yara.id))
        [mail] = mailed()
        assert mail.subject == "U kunt inloggen op het ouderportaal van De Lindeboog"

    def test_a_guardian_with_a_login_is_told_of_a_second_child(self, school, do, mailed, rows):
        def add():
            seat = Guardianship(
                pupil_id=school.lotte.id, user_id=school.carl.id, seat=2, created_at=clock.now()
            )
            db.session.add(seat)
            db.session.flush()
            invitations.tell_of_new_child(db.session.get_one(User, school.carl.id), seat, clock.now())
            invitations.tell_of_new_child(db.session.get_one(User, school.carl.id), seat, clock.now())

        do(add)
        [mail] = mailed()
        assert mail.recipients == ["carl@lindeboog.example"]
        assert "Lotte" not in mail.text + mail.html
        assert rows(Invitation) == []

    def test_who_lost_the_child_before_the_mail_left_is_told_nothing(self, school, do, change, mailed, rows):
        do(lambda: invitations.invite_all(None, clock.now()))
        seat = next(row for row in rows(Guardianship) if row.user_id == school.inge.id)
        change(Guardianship, seat.id, revoked_at=clock.now())
        assert mailed() == []
        assert rows(OutgoingMessage) == []


class TestStates:
    def states(self, app):
        office = Viewer(id=0, role="office")
        with app.app_context():
            return {state.given_name: state for state in accounts.account_states(office, clock.now())}

    def test_the_office_sees_how_far_everybody_is(self, app, school, do, smtp, mailed, at):
        assert self.states(app)["Inge"].state == "not_invited"
        assert self.states(app)["Anna"].state == "activated"
        assert "Dora" not in self.states(app)
        do(lambda: invitations.invite_all(None, clock.now()))
        assert (self.states(app)["Inge"].state, self.states(app)["Inge"].mail) == ("invited", "waiting")
        mailed()
        at("2026-12-01 09:00")
        inge = self.states(app)["Inge"]
        assert (inge.state, inge.mail, inge.days_waiting(clock.now())) == ("invited", "sent", 7)
        at("2027-02-01 09:00")
        assert self.states(app)["Inge"].state == "expired"
        assert [(c.given_name, c.group) for c in self.states(app)["Anna"].children] == [
            ("Bram", "3/4"),
            ("Noor", "6"),
        ]

    def test_a_refused_mail_shows_until_the_address_is_corrected(
        self, app, school, do, smtp, mailed, invited
    ):
        smtp.refused.add("inge@lindeboog.example")
        mailed()
        inge = self.states(app)["Inge"]
        assert (inge.state, inge.failure) == ("bounced", "550")

        def correct():
            inge = db.session.get_one(User, school.inge.id)
            accounts.correct_email(inge, "inge.dekker@lindeboog.example", None, clock.now())

        do(correct)
        assert (self.states(app)["Inge"].state, self.states(app)["Inge"].mail) == ("invited", "waiting")
        [mail] = mailed()
        assert mail.recipients == ["inge.dekker@lindeboog.example"]
        assert path_of(mail.links[0]) != invited

    def test_the_number_of_queries_does_not_grow_with_the_school(self, app, school, count_queries):
        with app.app_context(), count_queries() as queries:
            accounts.account_states(Viewer(school.otto.id, role="office"), clock.now())
        assert len(queries) <= 2


def test_who_scans_the_letter_again_is_simply_in(school, anonymous, client_for, invited):
    anonymous.post(invited, data=GOOD)
    assert location(anonymous.get(invited)) == "/"
    assert client_for(school.carl).get(invited).status_code == 410


def test_another_secret_key_makes_another_link(app, school, do, invited, mailed, anonymous, monkeypatch):
    monkeypatch.setitem(app.config, "SECRET_KEY", "of-a-restored-installation")
    monkeypatch.setattr(app, "secret_key", "of-a-restored-installation", raising=False)
    [mail] = mailed()
    assert path_of(mail.links[0]) != invited
    assert anonymous.get(path_of(mail.links[0])).status_code == 200
    assert do(lambda: path_of(_link(school.inge.id))) == path_of(mail.links[0])
