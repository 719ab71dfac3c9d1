"""School hides a guardian from the other one, locks that, and unlocks it (R22)."""

import pytest

from portal import clock
from portal.domain.arrangements import steps_about_hiding
from portal.extensions import db
from portal.models.arrangements import ArrangementEntry
from portal.models.roster import Guardianship


def post(client, one, step, reason="Beschikking."):
    return client.post(f"/school/guardianships/{one.id}/hiding", data={"step": step, "reason": reason})


def state(one):
    return one.hidden_at is not None, one.hiding_locked_at is not None


def test_it_hides_locks_unlocks_and_shows_again(office, school, place, rows):
    for step, hidden, locked in (
        ("hide", True, False),
        ("lock", True, True),
        ("unlock", True, False),
        ("show", False, False),
    ):
        answer = post(office, place(school.carl, school.sem), step)
        assert (answer.status_code, answer.location) == (303, f"/school/pupils/{school.sem.id}/arrangement")
        assert state(place(school.carl, school.sem)) == (hidden, locked)
    assert [one.what for one in rows(ArrangementEntry)] == ["hidden", "locked", "unlocked", "shown"]


@pytest.mark.parametrize(
    ("hidden", "locked", "offered"),
    [(False, False, ("hide", "lock")), (True, False, ("lock",)), (True, True, ("unlock",))],
)
def test_school_never_shows_what_a_guardian_hid(office, school, place, change, app, hidden, locked, offered):
    one = place(school.carl, school.sem)
    now = clock.now()
    change(Guardianship, one.id, hidden_at=now if hidden else None, hiding_locked_at=now if locked else None)
    with app.app_context():
        assert steps_about_hiding(db.session.get_one(Guardianship, one.id)) == offered
    for step in {"hide", "lock", "unlock", "show"} - set(offered):
        assert post(office, one, step).status_code == 422
    assert state(place(school.carl, school.sem)) == (hidden, locked)


def test_the_screen_tells_who_hid(office, school, place, at):
    at("2026-11-24 09:00")

    def screen():
        return office.get(f"/school/pupils/{school.sem.id}/arrangement").text

    post(office, place(school.carl, school.sem), "hide")
    assert "Door school verborgen voor de andere ouder sinds" in screen()
    post(office, place(school.carl, school.sem), "lock")
    assert "Door school verborgen voor de andere ouder, en vastgezet sinds" in screen()
    post(office, place(school.anna, school.bram), "lock")
    page = office.get(f"/school/pupils/{school.bram.id}/arrangement").text
    assert "Verbergt zich voor de andere ouder, en school zette dat vast op" in page


def test_when_the_guardian_was_first_school_hears_it(office, school, place, change):
    """The office looks at the form of who is visible; meanwhile the guardian hides by themselves."""
    one = place(school.carl, school.sem)
    change(Guardianship, one.id, hidden_at=clock.now())
    answer = post(office, one, "hide")
    assert answer.status_code == 422
    assert "Een collega heeft dit zojuist gewijzigd" in answer.text


def test_it_needs_a_reason(office, school, place, rows):
    assert post(office, place(school.carl, school.sem), "lock", " ").status_code == 422
    assert state(place(school.carl, school.sem)) == (False, False)
    assert rows(ArrangementEntry) == []
