"""The pages that only a link from a mail, a mistake or a limit brings up: valid and usable by everybody."""

import pytest

from portal import clock
from portal.domain import invitations
from portal.extensions import db
from portal.models.accounts import User
from tests.accounts.people import log_in, path_of
from tests.crawler import Answer

pytestmark = pytest.mark.parametrize("engine", ["sqlite"])


@pytest.fixture
def states(school, client_for, do, change, mailed) -> list[Answer]:
    """One answer for every state that following links does not reach."""
    found: list[Answer] = []
    visitor = client_for()

    def keep(name: str, answer, client=None) -> None:
        if answer.status_code == 303:
            answer = (client or visitor).get(answer.location)
        found.append(Answer(name, answer.request.path, answer.status_code, answer.text))

    def link_of(user_id: int) -> str:
        user = db.session.get_one(User, user_id)
        return path_of(invitations.invitation_link(invitations.valid_invitation(user, None, clock.now())))

    invited = do(lambda: link_of(school.inge.id))
    keep("invitation", visitor.get(invited))
    keep("invitation, weak", visitor.post(invited, data={"new_password": "password1", "language": "nl"}))
    change(User, school.inge.id, email=None)
    keep("invitation without address", visitor.get(invited))
    keep("invitation without address, empty", visitor.post(invited, data={}))
    change(User, school.inge.id, email=school.inge.email)
    do(lambda: invitations.renew_invitation(db.session.get_one(User, school.inge.id), None, clock.now()))
    keep("invitation replaced", visitor.get(invited))
    invited = do(lambda: link_of(school.inge.id))
    invitee = client_for()
    keep("accepted", invitee.post(invited, data={"new_password": "drie-tulpen", "language": "nl"}), invitee)
    keep("invitation used", visitor.get(invited))
    keep("invitation unknown", visitor.get("/invitation/nothing"))
    mailed()
    keep("mail sent", visitor.post("/login/mail", data={"email": school.anna.email}))
    keep("mail link", visitor.get(path_of(mailed()[0].links[0])))
    keep("mail link gone", visitor.get("/login/link/nothing"))
    keep("wrong code", visitor.post("/login/code", data={"email": school.anna.email, "code": "000000"}))
    for _ in range(5):
        throttled = visitor.post("/login/code", data={"email": school.anna.email, "code": "000000"})
    keep("too many codes", throttled)
    keep("password mail sent", visitor.post("/password/forgot", data={"email": school.anna.email}))
    reset = path_of(mailed()[0].links[0])
    keep("reset", visitor.get(reset))
    keep("reset, weak", visitor.post(reset, data={"new_password": "kort"}))
    keep("reset gone", visitor.get("/password/reset/nothing"))
    for _ in range(6):
        throttled = log_in(visitor, school.carl, password="not-the-password")
    keep("too many passwords", throttled)
    anna = client_for(school.anna)
    data = {"email": "anna@thuis.example", "current_password": school.password}
    keep("new address asked", anna.post("/profile/email", data=data), anna)
    confirm = path_of(mailed()[0].links[0])
    keep("confirm address", visitor.get(confirm))
    keep("confirm address, logged in", anna.get(confirm))
    keep("confirm gone", visitor.get("/profile/email/nothing"))
    log_in(client_for(), school.anna)
    keep("several devices", anna.get("/profile"))
    keep("wrong password now", anna.post("/profile/password", data={"current_password": "x"}))
    keep("no number", anna.post("/profile/contact", data={"phone": "x"}))
    return found


def test_they_are_valid_html(states, nu_check):
    errors = [c for c in nu_check((page.name, page.html) for page in states) if c.kind != "info"]
    assert not errors, "\n".join(map(str, errors))


@pytest.mark.browser
def test_they_are_accessible_and_fit(states, faults_of):
    wrong = faults_of(states)
    assert not wrong, "\n".join(wrong)


def test_each_has_one_heading_and_a_title_of_its_own(states):
    for answer in states:
        assert answer.html.count("<h1") == 1, answer.name
        assert ("<title>Fout: " in answer.html) == (answer.status in (422, 429)), answer.name
