"""`portal bounces`, where the school has no address for it: a mail came back, and the office sees it."""

import pytest

from portal import clock
from portal.access import Viewer
from portal.domain import accounts, invitations
from portal.extensions import db
from portal.models.accounts import User
from portal.models.outbox import OutgoingMessage


def report(message_id: str, action: str = "failed", status: str = "5.1.1", whole: bool = True) -> bytes:
    """Return what a mail server sends about a mail that it could not deliver."""
    original = f"From: portaal@lindeboog.example\nTo: inge@lindeboog.example\nMessage-ID: {message_id}\n"
    kind = "message/rfc822" if whole else "text/rfc822-headers"
    return f"""From: MAILER-DAEMON@mx.example
To: portaal@lindeboog.example
Subject: Undelivered Mail Returned to Sender
MIME-Version: 1.0
Content-Type: multipart/report; report-type=delivery-status; boundary="x"

--x
Content-Type: text/plain

This is the mail system. I could not deliver your message.
--x
Content-Type: message/delivery-status

Reporting-MTA: dns; mx.example
Arrival-Date: Tue, 24 Nov 2026 07:55:00 +0100

Final-Recipient: rfc822; inge@lindeboog.example
Action: {action}
Status: {status}
Diagnostic-Code: smtp; 550 5.1.1 no such user

--x
Content-Type: {kind}

{original}
Hello
--x--
""".encode()


@pytest.fixture
def sent(school, do, mailed):
    """The Message-ID of Inge's invitation, which the mail server took."""
    do(lambda: invitations.invite(db.session.get_one(User, school.inge.id), None, clock.now()))
    [mail] = mailed()
    return mail.message["Message-ID"]


@pytest.mark.parametrize("whole", [True, False])
def test_the_office_sees_which_address_it_was(app, school, sent, rows, whole):
    result = app.test_cli_runner().invoke(args=["bounces"], input=report(sent, whole=whole))
    assert result.exit_code == 0
    [message] = rows(OutgoingMessage)
    assert (message.failed_at, message.failure) == (clock.now(), "5.1.1")
    with app.app_context():
        office = Viewer(id=school.otto.id, role="office")
        states = accounts.account_states(office, clock.now())
        inge = next(one for one in states if one.user_id == school.inge.id)
        assert (inge.state, inge.failure) == ("bounced", "5.1.1")


@pytest.mark.parametrize(
    "input_", [b"", b"hello", report("<nobody@knows>"), report("<x@y>", action="delayed")]
)
def test_what_is_no_bounce_of_ours_changes_nothing(app, school, sent, rows, input_):
    assert app.test_cli_runner().invoke(args=["bounces"], input=input_).exit_code == 0
    assert rows(OutgoingMessage)[0].failed_at is None


def test_a_delay_is_no_bounce(sent, app, rows):
    app.test_cli_runner().invoke(args=["bounces"], input=report(sent, action="delayed", status="4.4.1"))
    assert rows(OutgoingMessage)[0].failed_at is None


class TestInvite:
    def test_the_command_invites_guardians(self, app, school, mailed, change):
        change(User, school.yara.id, activated_at=None)
        result = app.test_cli_runner().invoke(args=["invite"])
        assert (result.exit_code, result.output) == (0, "1 ouder uitgenodigd.\n")
        assert [mail.recipients for mail in mailed()] == [[school.inge.email]]
        assert app.test_cli_runner().invoke(args=["invite"]).output == "0 ouders uitgenodigd.\n"

    @pytest.mark.parametrize(("group", "invited"), [("3/4", 0), ("Groep 3/4", 0), ("6", 1), ("groep 6", 1)])
    def test_the_guardians_of_one_group(self, app, school, group, invited):
        result = app.test_cli_runner().invoke(args=["invite", "--group", group])
        assert result.output.startswith(f"{invited} ouder")

    def test_a_group_that_is_none_is_said(self, app, school, rows):
        result = app.test_cli_runner().invoke(args=["invite", "--group", "9"])
        assert result.exit_code == 2
        assert "Er is geen groep die 9 heet." in result.output
        assert rows(OutgoingMessage) == []
