"""Which booked talks end when a child changes group or leaves, as the office reads it before and after."""

import re

import pytest

from portal.extensions import db, start_writing
from portal.models.accounts import StaffMember
from portal.models.meetings import Booking, Invitee, MeetingHost, RoundGroup, RoundPupil
from tests.meetings.making import talks

__all__ = ["talks"]

LINE = "di 1 dec, 15.20"


@pytest.fixture
def otto(client_for, school):
    return client_for(school.otto)


@pytest.fixture
def booked(school, talks) -> int:
    return talks.book(school.carl, talks.invitee(school.sem), talks.host_6, "2026-12-01 15.20")


def section(page: str) -> str:
    """Return the text of the part with the booked talks, '' without one."""
    found = re.search(r'id="coming_talks".*?</section>', page, re.DOTALL)
    return " ".join(re.sub(r"<[^>]*>", " ", found[0]).split()) if found else ""


def flashes(page: str) -> str:
    return " ".join(re.sub(r"<[^>]*>", " ", re.search(r'id="flash".*?<h1', page, re.DOTALL)[0]).split())


def test_the_groups_page_says_which_talks_lapse_and_when(otto, school, booked):
    shown = section(otto.get(f"/school/pupils/{school.sem.id}/groups").text)
    assert LINE in shown and "juf Yara" in shown and "Carl Peters en Inge Dekker" in shown
    assert "Vervalt als Sem niet meer in groep 6 zit." in shown
    assert section(otto.get(f"/school/pupils/{school.noor.id}/groups").text) == ""


def test_a_table_of_several_groups_names_them_all(app, otto, school, talks, booked):
    with app.app_context():
        start_writing()
        db.session.query(RoundGroup).filter_by(group_id=school.group_34).one().host_id = talks.host_6
        db.session.commit()
    shown = section(otto.get(f"/school/pupils/{school.sem.id}/groups").text)
    assert "Vervalt als Sem niet meer in groep 3/4 of groep 6 zit." in shown


def test_a_child_invited_by_itself_keeps_its_talk_in_any_group(app, otto, rows, school, talks, booked):
    with app.app_context():
        start_writing()
        db.session.query(RoundGroup).filter_by(group_id=school.group_6).one().everyone = False
        db.session.add(RoundPupil(host_id=talks.host_6, pupil_id=school.sem.id, round_id=talks.round))
        db.session.commit()
    shown = section(otto.get(f"/school/pupils/{school.sem.id}/groups").text)
    assert "Vervalt als Sem in geen groep meer zit." in shown
    answer = otto.post(f"/school/pupils/{school.sem.id}/groups", data={"home": school.group_34})
    assert "vervallen" not in flashes(otto.get(answer.location).text)
    assert rows(Booking)[0].cancelled_at is None


def test_the_answer_names_what_ended(otto, rows, school, booked):
    answer = otto.post(f"/school/pupils/{school.sem.id}/groups", data={"home": school.group_34})
    told = flashes(otto.get(answer.location).text)
    assert "Eén geboekt gesprek is vervallen: di 1 dec, 15.20" in told
    assert "bij juf Yara (Carl Peters en Inge Dekker)" in told
    assert rows(Booking)[0].cancelled_at


def test_without_a_booked_talk_the_answer_says_nothing_of_talks(otto, school, talks):
    answer = otto.post(f"/school/pupils/{school.sem.id}/groups", data={"home": school.group_34})
    assert "vervallen" not in flashes(otto.get(answer.location).text)


def test_each_guardians_own_talk_is_named_with_whom_it_is(otto, school, talks):
    talks.book(school.anna, talks.invitee(school.bram, school.anna), talks.host_34, "2026-12-01 15.20")
    shown = section(otto.get(f"/school/pupils/{school.bram.id}/groups").text)
    assert "Anna Bakker" in shown and "Daan" not in shown
    answer = otto.post(f"/school/pupils/{school.bram.id}/groups", data={"home": school.group_6})
    told = flashes(otto.get(answer.location).text)
    assert "(Anna Bakker)" in told and "Daan" not in told


def test_a_child_that_leaves_is_told_alike(otto, school, booked):
    page = otto.get(f"/school/pupils/{school.sem.id}/leaving").text
    assert LINE in section(page) and "Vervalt als Sem de school verlaat." in section(page)
    answer = otto.post(f"/school/pupils/{school.sem.id}/leaving", data={"left_on": "2026-11-24"})
    assert "Eén geboekt gesprek is vervallen: di 1 dec, 15.20" in flashes(otto.get(answer.location).text)


def test_a_talk_that_has_been_is_not_among_them(otto, school, booked, at):
    at("2026-12-01 15:20")
    assert section(otto.get(f"/school/pupils/{school.sem.id}/groups").text) == ""


def test_who_is_a_guardian_too_reads_nothing_of_the_own_child(client_for, app, school, talks, booked):
    """About the own child one is a guardian, also at school (R22)."""
    with app.app_context():
        start_writing()
        db.session.add(StaffMember(user_id=school.carl.id, role="office"))
        db.session.commit()
    assert section(client_for(school.carl).get(f"/school/pupils/{school.sem.id}/groups").text) == ""


def test_it_takes_as_many_queries_for_more_talks(app, otto, school, talks, booked, count_queries):
    address = f"/school/pupils/{school.sem.id}/groups"
    otto.get(address)
    with count_queries() as few:
        otto.get(address)
    with app.app_context():
        start_writing()
        talk = db.session.query(Invitee).filter_by(pupil_id=school.sem.id).one()
        one = db.session.query(Booking).one()
        for number in range(5):
            host = MeetingHost(round_id=talks.round)
            db.session.add(host)
            db.session.flush()
            more = Invitee(
                round_id=talks.round, pupil_id=talk.pupil_id, host_id=host.id, created_at=talk.created_at
            )
            db.session.add(more)
            db.session.flush()
            times = {"starts_at": one.starts_at, "ends_at": one.ends_at, "booked_at": one.booked_at}
            given = {"host_id": host.id, "source": "office", "uid": str(number)}
            db.session.add(Booking(invitee_id=more.id, **times, **given))
        db.session.commit()
    with count_queries() as many:
        page = otto.get(address).text
    assert section(page).count(LINE) == 6
    assert len(few) == len(many)
