"""School hides a guardian from the other one, locks that, and unlocks it (R22)."""

import re
from html import unescape

import pytest

from portal import clock
from portal.domain.arrangements import steps_about_hiding
from portal.extensions import db, start_writing
from portal.models.arrangements import ArrangementEntry
from portal.models.roster import Guardianship, Pupil
from tests.meetings.children import add_child


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


# --- what the office reads --------------------------------------------------------------------------------


@pytest.fixture
def said(office, place):
    """Takes a step about a guardian, and returns what stands above the page after it."""

    def take(person, pupil, step):
        page = office.get(post(office, place(person, pupil), step).location).text
        return unescape(re.search(r'id="flash".*?<p[^>]*>(.*?)</p>', page, re.S)[1])

    return take


NOBODY = "Hierover krijgt niemand bericht."


def test_it_reads_what_each_step_means(said, school):
    assert [said(school.carl, school.sem, step) for step in ("hide", "lock", "unlock", "show")] == [
        f"Carl Peters is vanaf nu verborgen voor de andere ouder. {NOBODY}",
        "Carl Peters is vanaf nu verborgen voor de andere ouder, en alleen school kan dat beëindigen. "
        + NOBODY,
        f"Carl Peters blijft verborgen tot Carl Peters of school dat beëindigt. {NOBODY}",
        f"Carl Peters is niet meer verborgen voor de andere ouder. {NOBODY}",
    ]


def test_of_who_hid_by_themselves_school_does_not_end_it(said, school, at):
    at("2026-11-24 09:00")
    said(school.anna, school.bram, "lock")
    assert said(school.anna, school.bram, "unlock").startswith(
        "Anna Bakker blijft verborgen tot Anna Bakker dat"
    )


def test_it_reads_that_there_is_no_other_guardian(said, school):
    assert "Dit kind heeft nu geen andere ouder: het geldt voor wie dat was of wordt." in said(
        school.tess, school.lotte, "hide"
    )


def test_it_reads_that_another_child_still_hides(said, school, place, app):
    with app.app_context():
        start_writing()
        for seat, person in enumerate((school.carl, school.inge), 1):
            hidden_at = clock.now() if person is school.carl else None
            values = {"user_id": person.id, "pupil_id": school.lotte.id, "created_at": clock.now()}
            taken = db.session.query(Guardianship).filter_by(pupil_id=school.lotte.id, seat=seat)
            taken.update({"revoked_at": clock.now()})
            db.session.add(Guardianship(seat=seat, hidden_at=hidden_at, **values))
        db.session.commit()
    said(school.carl, school.sem, "hide")
    sentence = said(school.carl, school.sem, "show")
    assert "Door een ander kind ziet de andere ouder nog steeds niets van Carl Peters." in sentence


def test_it_reads_who_gets_a_mail_because_a_talk_of_both_becomes_that_of_one(
    said, school, talks, book_talk, mailed, at
):
    at("2026-11-24 07:55")
    mailed()
    book_talk(school.carl, school.sem, talks.host_6, "2026-12-01 15.20")
    at("2026-11-24 08:00")
    assert len(mailed()) == 2
    mail = "Er gaat een mail over veranderde gesprekken naar Inge Dekker. Daarin staat niet waarom."
    assert said(school.carl, school.sem, "hide").endswith(f"{NOBODY} {mail}")
    at("2026-11-24 08:05")
    (sent,) = mailed()
    assert sent.recipients == [school.inge.email] and "Carl" not in sent.text
    assert said(school.carl, school.sem, "lock").endswith(NOBODY)


@pytest.mark.parametrize("former", ["inge", "carl"])
def test_it_reads_who_gets_a_mail_about_another_child_that_they_share(
    app, said, office, school, talks, book_talk, mailed, at, change, rows, place, former
):
    """One of them was a guardian of Fien, and hiding there parts and joins the talks about Sem."""
    at("2026-11-24 07:50")
    add_child(app, school.carl, school.group_34, "Fien", other=school.inge)
    fien = next(one for one in rows(Pupil) if one.given_name == "Fien")
    hidden, left = place(school.carl, fien), place(getattr(school, former), fien)
    if former == "carl":
        post(office, hidden, "hide")
    change(Guardianship, left.id, revoked_at=clock.now())
    mailed()
    book_talk(school.carl, school.sem, talks.host_6, "2026-12-01 15.20")
    at("2026-11-24 08:00")
    mailed()
    page = office.get(post(office, hidden, "show" if former == "carl" else "hide").location).text
    assert "Er gaat een mail over veranderde gesprekken naar Inge Dekker." in page
    at("2026-11-24 08:05")
    assert [mail.recipients for mail in mailed()] == [[school.inge.email]]


class TestOfAFormerGuardian:
    """Hiding goes on when the access ends (R22): school sees it, and ends what it began."""

    def act(self, office, number, step):
        data = {"step": step, "reason": "Vervallen."}
        return office.post(f"/school/guardianships/{number}/hiding", data=data)

    def end(self, office, number):
        office.post(f"/school/guardianships/{number}/revocation", data={"reason": "Op verzoek."})

    def test_school_unlocks_and_ends_what_it_began(self, office, school, place, rows):
        number = place(school.carl, school.sem).id
        self.act(office, number, "lock")
        self.end(office, number)
        page = f"/school/pupils/{school.sem.id}/arrangement"
        assert "Nog verborgen voor de andere ouder, en vastgezet" in office.get(page).text
        assert "Maak het los" in office.get(page).text
        assert 'value="unlock"' in office.get(f"/school/guardianships/{number}/hiding").text
        assert self.act(office, number, "hide").status_code == 422
        for step in ("unlock", "unlock", "show", "show"):
            assert self.act(office, number, step).status_code == 303, step
        former = next(one for one in rows(Guardianship) if one.id == number)
        assert (former.hidden_at, former.hiding_locked_at) == (None, None)
        assert "Nog verborgen" not in office.get(page).text
        assert office.get(f"/school/guardianships/{number}/hiding").status_code == 404

    def test_what_one_hid_by_oneself_is_told_and_stays(self, office, school, place, rows):
        number = place(school.daan, school.bram).id
        self.end(office, number)
        page = office.get(f"/school/pupils/{school.bram.id}/arrangement").text
        assert "Verbergt zich nog voor de andere ouder, sinds" in page
        assert f"/guardianships/{number}/hiding" not in page
        assert office.get(f"/school/guardianships/{number}/hiding").status_code == 404
        assert self.act(office, number, "show").status_code == 303
        assert next(one for one in rows(Guardianship) if one.id == number).hidden_at


@pytest.mark.parametrize(("before", "step"), [("hide", "show"), ("lock", "unlock")])
def test_when_a_colleague_was_first_with_who_left_the_arrangement_says_so(
    office, school, place, change, client_for, at, before, step
):
    """Whom school hid is shown; who hid by themselves, and was locked by school, hides still."""
    at("2026-11-24 09:00")
    one = place(school.carl, school.sem) if step == "show" else place(school.daan, school.bram)
    post(office, one, before)
    change(Guardianship, one.id, revoked_at=clock.now())
    assert post(client_for(school.hedy), one, step, "Op verzoek van de rechter.").status_code == 303
    answer = post(office, one, step, "Niet meer nodig.")
    assert (answer.status_code, answer.location) == (303, f"/school/pupils/{one.pupil_id}/arrangement")
    assert 'class="notice warn' in office.get(answer.location).text
