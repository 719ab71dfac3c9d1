"""Mail goes to the right server, encrypted where asked, and a difficult server costs nothing but time."""

import ssl
import time
from collections.abc import Iterator
from pathlib import Path

import pytest
from aiosmtpd.smtp import AuthResult
from flask import Flask
from flask_mail import BadHeaderError, Mail, Message

from portal.mailer import MailDelayed, MailRefused, mail_server
from tests.mail_server import REFUSALS, SENDER, SmtpServer

CERTIFICATES = Path(__file__).parent / "certificates"
ANNA = "anna@lindeboog.example"


def tls(name: str) -> ssl.SSLContext:
    context = ssl.create_default_context(ssl.Purpose.CLIENT_AUTH)
    context.load_cert_chain(CERTIFICATES / f"{name}.pem")
    return context


class EncryptedServer(SmtpServer):
    """A mail server with a certificate, that remembers who tried to log in."""

    def __init__(self, certificate: str, **settings) -> None:
        self.logins: list[str] = []
        super().__init__(
            tls_context=tls(certificate), authenticator=self.note_login, auth_required=False, **settings
        )

    def note_login(self, _server, _session, _envelope, _mechanism, data) -> AuthResult:
        self.logins.append(data.login.decode())
        return AuthResult(success=data.password == b"geheim")


@pytest.fixture
def self_signed() -> Iterator[EncryptedServer]:
    server = EncryptedServer("localhost")
    yield server
    server.stop()


@pytest.fixture
def of_another() -> Iterator[EncryptedServer]:
    server = EncryptedServer("elsewhere")
    yield server
    server.stop()


def sender(server: SmtpServer, **settings) -> Flask:
    """An app that can do nothing but send mail."""
    app = Flask("sender")
    app.config.update(
        BASE_URL="https://ouders.lindeboog.example",
        MAIL_SERVER="localhost",
        MAIL_PORT=server.port,
        MAIL_TIMEOUT=1,
        MAIL_DEFAULT_SENDER=SENDER,
        **settings,
    )
    Mail(app)
    return app


def send(app: Flask, *recipients: str) -> None:
    with app.app_context(), mail_server() as server:
        for recipient in recipients or (ANNA,):
            server.deliver(a_mail(recipient))


def a_mail(recipient: str = ANNA) -> Message:
    return Message("Ziek gemeld", recipients=[recipient], body="Bram is ziek gemeld.", html="<p>Bram</p>")


def test_a_mail_arrives_as_text_and_html(smtp):
    send(sender(smtp))
    (mail,) = smtp.messages
    assert (mail.sender, mail.recipients, mail.subject) == (SENDER, [ANNA], "Ziek gemeld")
    assert mail.text.strip() == "Bram is ziek gemeld."
    assert mail.html.strip() == "<p>Bram</p>"


def test_several_mails_go_over_one_connection(smtp):
    send(sender(smtp), ANNA, "carl@lindeboog.example")
    assert [mail.recipients for mail in smtp.messages] == [[ANNA], ["carl@lindeboog.example"]]


class TestEncryption:
    LOGIN = {"MAIL_USE_TLS": True, "MAIL_USERNAME": "school", "MAIL_PASSWORD": "geheim"}

    def test_a_server_with_a_certificate_of_nobody_gets_neither_password_nor_mail(self, self_signed):
        """Flask-Mail by itself hands both over."""
        with pytest.raises(MailDelayed, match="SSLCertVerificationError"):
            send(sender(self_signed, **self.LOGIN))
        assert (self_signed.logins, self_signed.messages) == ([], [])

    def test_a_server_with_the_certificate_of_another_gets_neither(self, of_another):
        trusted = str(CERTIFICATES / "elsewhere.pem")
        with pytest.raises(MailDelayed, match="SSLCertVerificationError"):
            send(sender(of_another, MAIL_CA_FILE=trusted, **self.LOGIN))
        assert (of_another.logins, of_another.messages) == ([], [])

    def test_a_server_whose_certificate_the_school_trusts_gets_both(self, self_signed):
        send(sender(self_signed, MAIL_CA_FILE=str(CERTIFICATES / "localhost.pem"), **self.LOGIN))
        assert self_signed.logins == ["school"]
        assert len(self_signed.messages) == 1

    def test_a_server_without_encryption_gets_neither(self, smtp):
        with pytest.raises(MailDelayed, match="SMTPNotSupportedError"):
            send(sender(smtp, **self.LOGIN))
        assert smtp.messages == []

    def test_a_server_elsewhere_gets_no_password_without_encryption(self):
        """Its address is none of this machine's own, by what it says of itself."""
        server = EncryptedServer("localhost", auth_require_tls=False)
        try:
            app = sender(server, **(self.LOGIN | {"MAIL_USE_TLS": False}))
            app.config["MAIL_SERVER"] = "0.0.0.0"  # noqa: S104
            with pytest.raises(MailDelayed, match="Unencrypted"):
                send(app)
            assert (server.logins, server.messages) == ([], [])
        finally:
            server.stop()

    @pytest.mark.parametrize(("trusted", "arrives"), [(True, 1), (False, 0)])
    def test_encryption_from_the_first_byte_is_checked_too(self, trusted, arrives):
        server = SmtpServer(ssl_context=tls("localhost"))
        try:
            settings = {"MAIL_CA_FILE": str(CERTIFICATES / "localhost.pem")} if trusted else {}
            try:
                send(sender(server, MAIL_USE_SSL=True, **settings))
            except MailDelayed as delayed:
                assert delayed.reason == "SSLCertVerificationError"
            assert len(server.messages) == arrives
        finally:
            server.stop()

    def test_a_wrong_password_is_a_delay(self, self_signed):
        trusted = str(CERTIFICATES / "localhost.pem")
        with pytest.raises(MailDelayed):
            send(sender(self_signed, MAIL_CA_FILE=trusted, **(self.LOGIN | {"MAIL_PASSWORD": "anders"})))
        assert self_signed.messages == []


class TestDifficultServers:
    def test_an_address_that_does_not_exist_is_refused_for_good(self, smtp):
        smtp.refused = {ANNA}
        with pytest.raises(MailRefused) as refused:
            send(sender(smtp))
        assert refused.value.code == 550

    @pytest.mark.parametrize(
        ("answer", "reason"),
        [
            ("550 5.7.1 Relaying denied", "550 5.7.1"),
            ("550 5.4.5 Daily user sending limit exceeded", "550 5.4.5"),
            ("550 5.3.4 Message too big for system", "550 5.3.4"),
            ("554 5.7.1 Client host rejected", "554 5.7.1"),
            ("554 Transaction failed", "554 to us"),
            ("530 Authentication required", "530 to us"),
            ("535 Bad credentials", "535 to us"),
            ("550 relay not permitted", "550 to us"),
            ("530 5.5.1 Authentication Required", "530 5.5.1"),
            ("538 5.7.11 Encryption required", "538 5.7.11"),
            ("550 5.1.8 Bad address of the sender's system", "550 5.1.8"),
            ("553 5.1.7 Bad address of the sender", "553 5.1.7"),
            ("550 5.0.0 Relaying denied", "550 5.0.0"),
            ("550 Sender address rejected: not owned by user", "550 to us"),
            ("504 <school>: Helo command rejected", "504 to us"),
        ],
    )
    def test_what_is_wrong_with_our_own_server_is_a_delay(self, smtp, monkeypatch, answer, reason):
        monkeypatch.setitem(REFUSALS, "refuse", answer)
        smtp.mode = "refuse"
        with pytest.raises(MailDelayed) as delayed:
            send(sender(smtp))
        assert delayed.value.reason == reason

    @pytest.mark.parametrize(
        ("answer", "status"),
        [
            ("550 5.1.1 No such user", "5.1.1"),
            ("550 5.2.1 Mailbox disabled", "5.2.1"),
            ("554 5.1.2 Bad domain", "5.1.2"),
            ("550 No", "550"),
        ],
    )
    def test_what_is_wrong_with_an_address_is_refused(self, smtp, monkeypatch, answer, status):
        monkeypatch.setitem(REFUSALS, "refuse", answer)
        smtp.mode = "refuse"
        with pytest.raises(MailRefused) as refused:
            send(sender(smtp))
        assert refused.value.status == status

    @pytest.mark.parametrize(
        ("answer", "is_certain"),
        [
            ("550 5.1.1 User unknown in relay recipient table", True),
            ("550 5.1.10 Recipient not found", True),
            ("550 5.2.2 Mailbox full", True),
            ("550 No", False),
            ("550 5.0.0 No", False),
            ("550 5.1.0 No", False),
            ("550 5.4.1 Access denied", False),
            ("552 5.6.0 No", False),
        ],
    )
    def test_only_what_names_the_address_is_certain_to_be_about_it(
        self, smtp, monkeypatch, answer, is_certain
    ):
        monkeypatch.setitem(REFUSALS, "refuse", answer)
        smtp.mode = "refuse"
        with pytest.raises(MailRefused) as refused:
            send(sender(smtp))
        assert refused.value.is_certain is is_certain

    @pytest.mark.parametrize(("answer", "reason"), [("553 Not you", "553 to us"), ("450 Not you now", "450")])
    def test_a_sender_that_is_refused_is_a_delay(self, smtp, monkeypatch, answer, reason):
        async def refuse(*_facts: object) -> str:
            return answer

        monkeypatch.setattr(smtp, "handle_MAIL", refuse, raising=False)
        smtp.stop()
        smtp.start()
        with pytest.raises(MailDelayed) as delayed:
            send(sender(smtp))
        assert delayed.value.reason == reason

    def test_after_a_refused_address_the_next_mail_still_goes(self, smtp):
        smtp.refused = {ANNA}
        app = sender(smtp)
        with app.app_context(), mail_server() as server:
            with pytest.raises(MailRefused):
                server.deliver(a_mail())
            server.deliver(a_mail("carl@lindeboog.example"))
        assert len(smtp.messages) == 1

    def test_a_server_that_asks_for_patience_gets_it(self, smtp):
        smtp.mode = "temporary"
        with pytest.raises(MailDelayed, match="451"):
            send(sender(smtp))

    def test_a_server_that_is_not_there_is_a_delay(self, smtp):
        smtp.mode = "down"
        with pytest.raises(MailDelayed, match="ConnectionRefusedError"):
            send(sender(smtp))

    @pytest.mark.parametrize("mode", ["hang", "hang_after_data"])
    def test_a_server_that_never_answers_is_not_waited_for(self, smtp, mode):
        smtp.mode = mode
        began = time.monotonic()
        with pytest.raises(MailDelayed):
            send(sender(smtp))
        assert time.monotonic() - began < 3

    def test_a_reason_names_nobody(self, smtp):
        for mode in ("refuse", "temporary", "down"):
            smtp.mode = mode
            with pytest.raises((MailDelayed, MailRefused)) as failed:
                send(sender(smtp))
            assert "anna" not in str(failed.value)

    def test_a_line_break_in_a_subject_becomes_no_second_header(self, smtp):
        app = sender(smtp)
        with (
            app.app_context(),
            mail_server() as server,
            pytest.raises(BadHeaderError),
        ):
            server.deliver(Message("Hallo\nBcc: all@lindeboog.example", recipients=[ANNA], body="x"))
        assert smtp.messages == []
