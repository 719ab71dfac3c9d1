"""Who works here and is a guardian stays a guardian beside the own child (R22).

Olga is administrator and mother of Pim; Ruud is the other guardian of Pim, a teacher here, and father of Kees
with Wilma. Everything of Ruud holds a mark, which Olga meets on no page, whatever she follows or types.
"""

import re

import pytest

from portal import clock
from portal.access import Viewer
from portal.domain.invitations import invite_all
from portal.extensions import db, start_writing
from portal.models.accounts import Invitation, User
from portal.models.roster import Guardianship
from portal.names import sort_key
from tests.arrangements.conftest import MARK, make_family
from tests.crawler import answers_to_forms, pages

LISTS = (
    "/staff/today?group=all",
    "/school/pupils",
    "/school/pupils?q=dam",
    "/school/accounts",
    "/school/accounts?show=bounced",
    "/school/accounts?show=activated",
    "/school/accounts?show=not_invited",
    "/school/invitations",
    "/school/staff",
    "/school/staff?left=1",
    "/school/information",
)


def marks(text: str) -> list[str]:
    return re.findall(rf".{{0,60}}{MARK}.{{0,60}}", text, re.IGNORECASE)


def test_the_marks_are_there_for_a_colleague(client_for, school, family):
    bea = client_for(school.bea)
    for path in (
        f"/school/pupils/{family.pim}",
        f"/school/pupils/{family.pim}/arrangement",
        "/school/accounts?show=activated",
        "/school/staff",
        "/school/information",
        f"/school/guardians/{family.ruud.id}",
    ):
        assert marks(bea.get(path).text), path


@pytest.mark.parametrize("engine", ["sqlite"])
def test_she_meets_no_mark_wherever_she_goes(client_for, family):
    reached = list(pages("olga", client_for(family.olga)))
    answers = [*reached, *answers_to_forms("olga", lambda: client_for(family.olga), reached)]
    assert len(reached) > 40
    # Who works here is no secret at school: where colleagues are chosen from stand their names alone.
    found = {(one.name, one.address): marks(one.html) for one in answers}
    where = {key: words for key, words in found.items() if words}
    assert {key for key in where if not key[1].endswith(("/teachers", "/care-readers"))} == set(), where
    options = [word for words in where.values() for word in words]
    assert all(f"Ruud{MARK} {MARK}Prins</option>" in word for word in options)


def test_what_is_his_or_of_the_arrangement_does_not_exist_for_her(client_for, family):
    olga = client_for(family.olga)
    theirs = [
        f"/school/guardians/{family.ruud.id}",
        f"/school/guardians/{family.ruud.id}/details",
        f"/school/accounts/{family.ruud.id}/email",
        f"/school/accounts/{family.ruud.id}/letter",
        f"/school/staff/{family.ruud.id}",
        f"/school/staff/{family.ruud.id}/leaving",
        f"/school/information/{family.request}",
        f"/school/releases/{family.release}/withdrawal",
        f"/school/barrings/{family.barring}/lifting",
    ]
    theirs += [
        f"/school/guardianships/{number}{part}"
        for number in (family.olgas, family.ruuds)
        for part in ("", "/revocation", "/authority", "/hiding")
    ]
    theirs += [
        f"/school/pupils/{pupil}/{part}"
        for pupil in (family.pim, family.kees)
        for part in ("arrangement", "arrangement/apart", "barrings/new", "releases/new", "guardians/new")
    ]
    assert {path: olga.get(path).status_code for path in theirs} == dict.fromkeys(theirs, 404)
    posts = [
        *theirs,
        f"/school/accounts/{family.ruud.id}/invitation",
        f"/school/staff/{family.ruud.id}/return",
        f"/school/releases/{family.release}/file",
    ]
    valid = {
        "reason": "r", "apart": "yes", "authority": "no", "step": "hide", "surname": "x", "language": "nl",
        "who": "other", "decision": "refuse", "answer": "x", "email": "x@y.nl", "title": "t", "text": "t",
        "to": family.ruud.id, "role": "teacher",
    }  # fmt: skip
    answers = {path: olga.post(path, data=valid).status_code for path in posts}
    assert {path: code for path, code in answers.items() if code not in (404, 405)} == {}


def test_she_cannot_end_her_own_place_to_read_about_him(client_for, family, rows):
    olga = client_for(family.olga)
    assert (
        olga.post(
            f"/school/guardianships/{family.olgas}/revocation", data={"reason": "Op verzoek."}
        ).status_code
        == 404
    )
    assert all(one.revoked_at is None for one in rows(Guardianship) if one.id == family.olgas)


def test_typing_his_address_tells_nothing_of_him(client_for, family, school):
    olga = client_for(family.olga)
    address = f"ruud.{MARK.lower()}@lindeboog.example"
    form = {"given_name": "A", "surname": "B", "language": "nl", "email": address, "role": "teacher"}
    for path in (f"/school/pupils/{school.lotte.id}/guardians/new", "/school/staff/new"):
        answer = olga.post(path, data=form)
        assert answer.status_code == 422
        assert "Dit adres kunt u hier niet gebruiken." in answer.text
        assert marks(answer.text.replace(address, "")) == []


def test_every_list_is_the_same_whoever_he_is(app, tested_app, client_for, school):
    """Hidden or not, in or not, bounced or not, staff or not, with authority or not: no byte differs."""
    seen = []
    for state in (
        {"hidden": True, "login": True, "marked": True},
        {"hidden": False, "login": False, "marked": False},
    ):
        tested_app.to_school()
        with app.app_context():
            start_writing()
            made = make_family(school, **state)
            db.session.commit()
        olga = client_for(made.olga)
        paths = (*LISTS, f"/school/pupils/{made.pim}", f"/school/pupils/{made.kees}", "/", "/profile")
        without_token = {
            path: re.sub(r'name="csrf_token" value="[^"]+"', "", olga.get(path).text) for path in paths
        }
        seen.append(without_token)
    first, second = seen
    assert [path for path in first if first[path] != second[path]] == []


def test_inviting_everybody_leaves_him_to_a_colleague(app, school, family, rows):
    with app.app_context():
        start_writing()
        ruud = db.session.get_one(User, family.ruud.id)
        ruud.activated_at = None
        db.session.flush()
        invite_all(Viewer(id=family.olga.id, role="admin"), clock.now())
        db.session.commit()
    assert family.ruud.id not in {one.user_id for one in rows(Invitation)}
    with app.app_context():
        start_writing()
        invite_all(Viewer(id=school.otto.id, role="office"), clock.now())
        db.session.commit()
    assert family.ruud.id in {one.user_id for one in rows(Invitation)}


def test_who_teaches_is_no_secret_and_is_not_lost(client_for, family, school):
    """He works here: her form for the teachers of a group still offers him, or saving it would drop him."""
    page = client_for(family.olga).get(f"/school/groups/{school.group_6}/teachers").text
    assert f'value="{family.ruud.id}"' in page


@pytest.mark.parametrize("person", ["otto", "bea"])
def test_nobody_else_misses_anybody(client_for, school, family, person):
    page = client_for(getattr(school, person)).get(f"/school/pupils/{family.pim}").text
    assert "Olga Dam" in page and marks(page) and "Afspraken: wie mag wat weten" in page


def test_she_does_not_read_with_whom_the_other_guardian_may_have_no_contact(
    client_for, school, family, change
):
    """Nor why: only a colleague without that family is told."""
    path = f"/school/pupils/{school.lotte.id}"
    barring = {"who": "other", "given_name": "Ruud", "surname": "Prins", "reason": f"{MARK} reden"}
    name = {"given_name": f"Ruud{MARK}", "surname": f"{MARK}Prins"}
    barred = {**barring, **name, "email": f"ruud.{MARK.lower()}@lindeboog.example"}
    assert client_for(school.bea).post(f"{path}/barrings/new", data=barred).status_code == 303
    change(User, family.ruud.id, sort_key=sort_key(f"Ruud{MARK}", "", f"{MARK}Prins"))
    form = {**name, "language": "nl"}
    told = client_for(school.bea).post(f"{path}/guardians/new", data=form)
    assert told.status_code == 422 and f"{MARK} reden" in told.text
    answer = client_for(family.olga).post(f"{path}/guardians/new", data=form)
    assert answer.status_code == 422
    assert "Dit kan hier niet. Vraag een collega om dit te doen." in answer.text
    assert "reden" not in answer.text and "geen contact" not in answer.text
