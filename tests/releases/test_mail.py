"""A mail says that there is something to read, to who may read it, and nothing of what it is (R44)."""

import pytest

from portal.models.accounts import User
from portal.models.arrangements import InformationRequest, Release
from portal.models.roster import Guardianship

WORDS = ("Noor", "Gert", "Smit", "Rapport", "rekenen", "Goed", "Otto")


def parts(mail):
    message = mail.message
    return [message["Subject"], *(part.get_content() for part in message.walk() if not part.is_multipart())]


def test_of_an_answer(ask, office, rows, mailed):
    ask("Hoe gaat het met rekenen?")
    assert mailed() == []
    office.post("/school/information/1", data={"decision": "answer", "answer": "Goed."})
    [mail] = mailed()
    assert mail.recipients == ["gert@lindeboog.example"]
    assert "School heeft uw vraag beantwoord" in mail.message["Subject"]
    assert [word for word in WORDS for part in parts(mail) if word in part] == []


def test_of_a_refusal_the_same(ask, office, rows, mailed):
    ask()
    office.post("/school/information/1", data={"decision": "refuse", "answer": "Om het kind."})
    [mail] = mailed()
    assert all("geweigerd" not in part and "Om het kind" not in part for part in parts(mail))


def test_of_a_document(release, mailed):
    release()
    [mail] = mailed()
    assert mail.message["Subject"] == "Er staat iets voor u klaar"
    assert [word for word in WORDS for part in parts(mail) if word in part] == []


@pytest.mark.parametrize("how", ["withdrawn", "revoked", "barred", "no login"])
def test_not_when_there_is_nothing_to_read_any_more(release, office, school, rows, mailed, change, how):
    if how == "no login":
        change(User, school.gert.id, activated_at=None)
    release()
    released = rows(Release)[0]
    if how == "withdrawn":
        office.post(f"/school/releases/{released.id}/withdrawal", data={"reason": "Fout."})
    elif how == "revoked":
        one = next(one for one in rows(Guardianship) if one.user_id == school.gert.id)
        office.post(f"/school/guardianships/{one.id}/revocation", data={"reason": "Op verzoek."})
    elif how == "barred":
        data = {"who": school.gert.id, "reason": "Verbod."}
        office.post(f"/school/pupils/{school.noor.id}/barrings/new", data=data)
    assert mailed() == []


def test_who_has_another_child_gets_no_mail_about_the_one_that_ended(
    ask, office, rows, mailed, change, school
):
    """Gert stays a guardian of another child, so he is not signed out; the waiting mail goes all the same."""
    other = next(one for one in rows(Guardianship) if one.user_id == school.dora.id)
    change(Guardianship, other.id, user_id=school.gert.id, pupil_id=school.lotte.id, revoked_at=None)
    ask()
    office.post("/school/information/1", data={"decision": "answer", "answer": "Goed."})
    one = next(one for one in rows(Guardianship) if one.pupil_id == school.noor.id and one.seat == 2)
    office.post(f"/school/guardianships/{one.id}/revocation", data={"reason": "Op verzoek."})
    assert mailed() == []
    assert rows(InformationRequest)[0].answered_at
