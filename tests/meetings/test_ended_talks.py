"""A talk that ended: what was done, shared and written about it stays with who had it then (R20, R22)."""

import re

import pytest

from portal import clock
from portal.access import Viewer, ended_talks_of, meeting_history_of, talk_reports_read_by
from portal.domain import arrangements, hiding, roster_guardians
from portal.extensions import db
from portal.models.accounts import User
from portal.models.meeting_talks import MeetingEvent, TalkNote, TalkReport
from portal.models.meetings import Invitee, MeetingRound, Slot
from portal.models.roster import Guardianship, Pupil
from tests.meetings.hands import do_now

__all__ = ["do_now"]

AT = "2026-12-01 15.20"


@pytest.fixture
def otto(client_for, school):
    return client_for(school.otto)


@pytest.fixture
def move(otto, school):
    """Lets a child of groep 6 change to groep 3/4."""

    def to_34(child) -> None:
        answer = otto.post(f"/school/pupils/{child.id}/groups", data={"home": school.group_34, "extra": []})
        assert answer.status_code == 303

    return to_34


@pytest.fixture
def remove_table(otto, talks):
    """Takes the table of groep 6 out of the round, having looked at what becomes of the talks."""

    def remove() -> None:
        address = f"/school/meetings/{talks.round}/tables/{talks.host_6}/removal"
        page = otto.post(address).text
        sent = {
            name: re.search(f'name="{name}" value="([^"]*)"', page)[1] for name in ("accepted", "revision")
        }
        assert otto.post(address, data=sent).status_code == 303

    return remove


@pytest.fixture
def written(client_for, school, talks):
    """Carl's talk about Sem with juf Yara, about which she wrote notes and shared a report."""
    invitee = talks.invitee(school.sem)
    talks.book(school.carl, invitee, talks.host_6, AT)
    answer = client_for(school.yara).post(
        f"/staff/meetings/talks/{invitee}/notes", data={"before": "Leest graag.", "after": ""}
    )
    assert answer.status_code == 303
    return invitee, talks.report(school.yara, invitee, "Sem leest goed.")


def reads(app, person, scope, model) -> list[int]:
    """Return what of a model somebody has by a scope, by number."""
    with app.app_context():
        return [row.id for row in db.session.query(model).filter(scope(Viewer(id=person.id)))]


def guardianship(person, child) -> Guardianship:
    found = db.session.query(Guardianship).filter_by(user_id=person.id, pupil_id=child.id, revoked_at=None)
    return found.one()


def office(school) -> Viewer:
    return Viewer(id=school.otto.id, role="office")


def test_the_family_reads_that_it_is_off_and_what_it_did(client_for, school, talks, written, move):
    move(school.sem)
    carl = client_for(school.carl)
    page = carl.get(f"/meetings/{talks.round}").text
    assert "Sem: het gesprek met juf Yara gaat niet door" in page
    assert "dinsdag 1 december" in page and "15.20" in page
    history = carl.get(f"/meetings/{talks.round}/history").text
    assert (
        "geboekt voor di 1 dec, 15.20" in history
        and "het gesprek is vervallen, was di 1 dec, 15.20" in history
    )


def test_it_is_so_too_when_no_other_table_of_the_round_invites_the_child(
    client_for, otto, school, talks, written
):
    otto.post(f"/school/pupils/{school.sem.id}/groups", data={"home": "0", "extra": []})
    carl = client_for(school.carl)
    page = carl.get(f"/meetings/{talks.round}").text
    assert "U hebt in deze ronde geen gesprek meer." in page and "gaat niet door" in page
    assert "Kies " not in page and 'name="slot"' not in page
    assert "geboekt voor" in carl.get(f"/meetings/{talks.round}/history").text
    assert f'href="/meetings/{talks.round}"' in carl.get("/meetings").text
    assert carl.get(f"/meetings/{talks.round}/proposal").status_code == 303
    assert carl.get(f"/meetings/{talks.round}/talks.ics").status_code == 200


def test_a_round_by_wishes_is_shown_without_anything_to_say(client_for, otto, school, talks, written):
    talks.change(MeetingRound, talks.round, kind="wishes")
    otto.post(f"/school/pupils/{school.sem.id}/groups", data={"home": "0", "extra": []})
    page = client_for(school.carl).get(f"/meetings/{talks.round}").text
    assert "gaat niet door" in page and 'name="wish-' not in page


def test_what_was_said_without_a_time_stays_in_the_history(client_for, school, talks, move):
    carl = client_for(school.carl)
    carl.post(f"/meetings/talks/{talks.invitee(school.sem)}/need", data={"needed": "no"})
    move(school.sem)
    assert "gaat niet door" not in carl.get(f"/meetings/{talks.round}").text
    assert "geen gesprek nodig" in carl.get(f"/meetings/{talks.round}/history").text


def test_a_child_that_comes_back_to_the_table_chooses_anew(client_for, otto, school, talks, written, move):
    move(school.sem)
    otto.post(f"/school/pupils/{school.sem.id}/groups", data={"home": school.group_6, "extra": []})
    carl = client_for(school.carl)
    assert "gaat niet door" not in carl.get(f"/meetings/{talks.round}").text
    assert "geboekt voor di 1 dec, 15.20" in carl.get(f"/meetings/{talks.round}/history").text


def test_a_shared_report_stays_readable_for_the_guardian(client_for, school, written, move):
    _, report = written
    move(school.sem)
    carl = client_for(school.carl)
    assert "Sem leest goed." in carl.get(f"/meetings/reports/{report}").text
    assert f"/meetings/reports/{report}" in carl.get("/meetings").text
    assert client_for(school.anna).get(f"/meetings/reports/{report}").status_code == 404


def test_the_teacher_keeps_reading_what_she_wrote(client_for, school, talks, written, move):
    invitee, _ = written
    move(school.sem)
    yara = client_for(school.yara)
    page = yara.get(f"/staff/meetings/talks/{invitee}").text
    assert "Leest graag." in page and "Sem leest goed." in page and "<textarea" not in page
    assert f"/staff/meetings/talks/{invitee}" in yara.get(f"/staff/meetings/tables/{talks.host_6}").text
    assert f"/staff/meetings/talks/{invitee}" in yara.get("/staff/meetings?all=1").text
    for person in (school.tess, school.otto):
        assert client_for(person).get(f"/staff/meetings/talks/{invitee}").status_code == 404


def test_she_changes_nothing_of_it_any_more(client_for, rows, school, written, move):
    invitee, _ = written
    move(school.sem)
    yara = client_for(school.yara)
    address = f"/staff/meetings/talks/{invitee}"
    assert yara.post(f"{address}/notes", data={"before": "Anders.", "after": ""}).status_code == 404
    assert yara.post(f"{address}/report", data={"text": "Anders.", "for": "hide"}).status_code == 404
    assert rows(TalkNote)[0].before == "Leest graag." and rows(TalkReport)[0].shared_at


def test_she_reads_it_too_when_her_table_is_gone(client_for, school, talks, written, remove_table):
    invitee, _ = written
    remove_table()
    yara = client_for(school.yara)
    assert "Leest graag." in yara.get(f"/staff/meetings/talks/{invitee}").text
    assert f"/staff/meetings/talks/{invitee}" in yara.get("/staff/meetings").text


def test_who_writes_nothing_about_a_talk_reads_nothing_of_it(client_for, school, talks, move):
    invitee = talks.invitee(school.sem)
    move(school.sem)
    assert client_for(school.yara).get(f"/staff/meetings/talks/{invitee}").status_code == 404


# --- who had it --------------------------------------------------------------------------------------------


def test_both_guardians_keep_what_they_had_together(app, school, talks, written, move):
    _, report = written
    move(school.sem)
    for person in (school.carl, school.inge):
        assert reads(app, person, talk_reports_read_by, TalkReport) == [report]
        assert len(reads(app, person, meeting_history_of, MeetingEvent)) >= 2


def test_what_happens_between_guardians_later_changes_nothing_of_it(app, school, written, move, do_now):
    """It would tell that the other one hides now (R22)."""
    invitee, report = written
    move(school.sem)
    before = reads(app, school.carl, meeting_history_of, MeetingEvent)
    do_now(
        lambda: hiding.choose_hiding(
            [guardianship(school.inge, school.sem)], True, Viewer(id=school.inge.id), clock.now()
        )
    )
    assert reads(app, school.carl, ended_talks_of, Invitee) == [invitee]
    assert reads(app, school.carl, talk_reports_read_by, TalkReport) == [report]
    assert set(before) <= set(reads(app, school.carl, meeting_history_of, MeetingEvent))


def test_a_talk_of_ones_own_stays_unknown_to_the_other_guardian(app, school, talks, otto):
    own = talks.invitee(school.bram, school.anna)
    talks.book(school.anna, own, talks.host_34, AT)
    report = talks.report(school.tess, own)
    otto.post(f"/school/pupils/{school.bram.id}/groups", data={"home": school.group_6, "extra": []})
    assert own in reads(app, school.anna, ended_talks_of, Invitee)
    assert reads(app, school.anna, talk_reports_read_by, TalkReport) == [report]
    assert own not in reads(app, school.daan, ended_talks_of, Invitee)
    assert reads(app, school.daan, talk_reports_read_by, TalkReport) == []
    daan = {event for event in reads(app, school.daan, meeting_history_of, MeetingEvent)}
    assert not daan & set(reads(app, school.anna, meeting_history_of, MeetingEvent))


def test_who_is_no_guardian_any_more_reads_nothing(app, school, written, move, do_now):
    move(school.sem)
    do_now(
        lambda: roster_guardians.revoke_guardianship(
            guardianship(school.inge, school.sem), "Op verzoek.", office(school), clock.now()
        )
    )
    assert reads(app, school.inge, talk_reports_read_by, TalkReport) == []
    assert reads(app, school.inge, meeting_history_of, MeetingEvent) == []


def test_who_lost_authority_reads_nothing(app, school, written, move, do_now):
    move(school.sem)

    def lose() -> None:
        guardianship(school.inge, school.sem).has_authority = False

    do_now(lose)
    assert reads(app, school.inge, ended_talks_of, Invitee) == []
    assert reads(app, school.inge, talk_reports_read_by, TalkReport) == []


def test_who_becomes_guardian_later_reads_nothing_of_before(app, school, written, move, do_now):
    move(school.sem)

    def instead() -> None:
        pupil, anna = db.session.get_one(Pupil, school.sem.id), db.session.get_one(User, school.anna.id)
        old = guardianship(school.inge, school.sem)
        roster_guardians.revoke_guardianship(old, "Op verzoek.", office(school), clock.now())
        roster_guardians.add_guardian(pupil, anna, "", True, office(school), clock.now())

    do_now(instead)
    assert reads(app, school.anna, talk_reports_read_by, TalkReport) == []
    assert reads(app, school.anna, ended_talks_of, Invitee) == []


def test_guardians_who_come_apart_keep_nothing_of_the_others_talk(app, school, talks, written, do_now):
    """Together no talk ends by that: it stays with who booked it, as before."""
    invitee, report = written
    do_now(
        lambda: arrangements.deal_apart(
            db.session.get_one(Pupil, school.sem.id), True, "Gescheiden.", office(school), clock.now()
        )
    )
    assert reads(app, school.carl, talk_reports_read_by, TalkReport) == [report]
    assert reads(app, school.inge, talk_reports_read_by, TalkReport) == []
    assert reads(app, school.inge, ended_talks_of, Invitee) == []


# --- a table that goes -------------------------------------------------------------------------------------


def test_the_office_reads_that_these_families_cannot_choose_again(otto, school, talks, written):
    page = otto.post(f"/school/meetings/{talks.round}/tables/{talks.host_6}/removal").text
    assert "kunnen in deze ronde niet opnieuw kiezen" in page and "Sem Peters" in page
    assert "De ouders kiezen opnieuw" not in page


def test_the_family_of_a_table_that_went_reads_what_became_of_its_talk(
    client_for, rows, school, talks, written, remove_table
):
    remove_table()
    assert not [slot for slot in rows(Slot) if slot.booking_id]
    for person in (school.carl, school.inge):
        client = client_for(person)
        page = client.get(f"/meetings/{talks.round}").text
        assert "Sem: het gesprek met juf Yara gaat niet door" in page
        assert "U hebt in deze ronde geen gesprek meer." in page
        assert "het gesprek is vervallen, was di 1 dec, 15.20" in (
            client.get(f"/meetings/{talks.round}/history").text
        )
    assert "Sem leest goed." in client_for(school.carl).get("/meetings/reports/1").text


def test_a_talk_for_which_no_time_is_left_can_be_chosen_again(client_for, otto, school, talks, written):
    """Only where there is still a table: then it is cancelled and not ended."""
    address = f"/school/meetings/{talks.round}/tables/{talks.host_6}"
    data = {
        "teachers": [school.yara.id],
        "substitute": "0",
        "room": "6",
        "pupils": [school.noor.id, school.sem.id, school.lotte.id],
        "own_days": "y",
        "days-0-day": "2026-12-01",
        "days-0-starts_at": "15.00",
        "days-0-ends_at": "15.05",
        "days-0-pause": "",
    }
    page = otto.post(address, data=data).text
    assert "De ouders kiezen opnieuw" in page and "niet opnieuw kiezen" not in page
