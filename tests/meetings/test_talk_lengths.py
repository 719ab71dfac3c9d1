"""A talk's own length: of one guardian's talk only, and never changed by who did not mean to."""

import re

import pytest

from portal.models.meetings import Booking, Invitee, Slot
from portal.models.outbox import OutgoingMessage
from tests.meetings.hands import book_talk
from tests.meetings.office import AS_IT_IS, round_form

__all__ = ["book_talk"]

AT = "2026-12-01 15.20"


@pytest.fixture
def otto(client_for, school):
    return client_for(school.otto)


@pytest.fixture
def tess(client_for, school):
    return client_for(school.tess)


@pytest.fixture
def yara(client_for, school):
    return client_for(school.yara)


def minutes(rows) -> dict[int, int | None]:
    return {one.id: one.minutes for one in rows(Invitee) if one.ended_at is None}


def sent_again(page: str, **values) -> dict:
    """Return what a form on a page sends when nobody touches it, `values` aside."""
    form = next(one for one in re.findall(r"<form.*?</form>", page, re.S) if next(iter(values)) in one)
    data: dict = {}
    for tag in re.findall(r"<(?:input|button)[^>]*>", form):
        kind, name = (re.search(rf'{part}="([^"]*)"', tag) for part in ("type", "name"))
        if name is None or (kind and kind[1] in ("checkbox", "radio") and " checked" not in tag):
            continue
        value = re.search(r'value="([^"]*)"', tag)
        data.setdefault(name[1], []).append(value[1] if value else "")
    return data | values


# --- separated parents ------------------------------------------------------------------------------------


@pytest.fixture
def apart(school, talks, book_talk) -> tuple[int, int]:
    """Anna's and Daan's talks about Bram; hers is to have double time."""
    book_talk(school.daan, school.bram, talks.host_34, AT)
    book_talk(school.anna, school.bram, talks.host_34, "2026-12-01 16.30")
    return talks.invitee(school.bram, school.anna), talks.invitee(school.bram, school.daan)


def test_double_time_of_one_guardian_leaves_the_other_alone_when_the_round_changes(
    rows, school, talks, apart, tess, otto
):
    annas, daans = apart
    tess.post(f"/staff/meetings/talks/{annas}/wish", data={"double": "y"})
    before = {one.invitee_id: (one.starts_at, one.ends_at, one.sequence) for one in rows(Booking)}
    mails = len(rows(OutgoingMessage))
    form = round_form(school, **AS_IT_IS, name="Rapporten")
    answer = otto.post(f"/school/meetings/{talks.round}", data=form)
    assert answer.status_code == 303, answer.text
    assert {one.invitee_id: (one.starts_at, one.ends_at, one.sequence) for one in rows(Booking)} == before
    assert (minutes(rows)[annas], minutes(rows)[daans]) == (20, None)
    assert len(rows(OutgoingMessage)) == mails


def test_the_office_gives_both_talks_about_a_pupil_another_length(rows, school, talks, apart, tess, otto):
    annas, daans = apart
    tess.post(f"/staff/meetings/talks/{annas}/wish", data={"double": "y"})
    address = f"/school/meetings/{talks.round}/tables/{talks.host_34}"
    data = sent_again(otto.get(address).text, **{f"minutes-{school.bram.id}": "30", "substitute": "0"})
    answer = otto.post(address, data=data)
    accepted = {
        name: re.search(f'name="{name}" value="([^"]*)"', answer.text)[1] for name in ("accepted", "revision")
    }
    assert otto.post(address, data=data | accepted).status_code == 303
    assert (minutes(rows)[annas], minutes(rows)[daans]) == (30, 30)
    assert {(one.ends_at - one.starts_at).seconds for one in rows(Booking)} == {30 * 60}


def takes(page: str) -> tuple[int, int]:
    """Return how many talks there are at the table of groep 3/4, and how many places they take."""
    line = re.search(r"3/4.*?</li>", re.search(r'id="fit".*?</section>', page, re.S)[0], re.S)[0]
    over = int(re.search(r"</svg>(-?\d+) over", line)[1])
    return int(re.search(r"(\d+) gesprekken", line)[1]), over


def test_whether_it_fits_counts_the_double_time_of_one_guardian_for_that_talk_only(
    client_for, school, talks, apart, tess, otto
):
    annas, daans = apart
    address = f"/school/meetings/{talks.round}"
    number, over = takes(otto.get(address).text)
    for talk, less in [(annas, 1), (daans, 2)]:
        tess.post(f"/staff/meetings/talks/{talk}/wish", data={"double": "y"})
        assert takes(otto.get(address).text) == (number, over - less)
    typed = otto.post(f"/school/meetings/fit?round={talks.round}", data=round_form(school, **AS_IT_IS))
    assert takes(typed.text) == (number, over - 2)


# --- forms that were open ---------------------------------------------------------------------------------


def test_who_ticks_only_the_wish_leaves_the_length_of_school(rows, school, talks, book_talk, yara):
    sem = talks.invitee(school.sem)
    talks.change(Invitee, sem, minutes=30)
    book_talk(school.carl, school.sem, talks.host_6, AT)
    page = yara.get(f"/staff/meetings/talks/{sem}").text
    assert "School gaf dit gesprek 30 minuten." in page
    data = sent_again(page, wish="wanted")
    assert yara.post(f"/staff/meetings/talks/{sem}/wish", data=data).status_code == 303
    assert minutes(rows)[sem] == 30
    assert len([slot for slot in rows(Slot) if slot.booking_id]) == 3
    yara.post(f"/staff/meetings/talks/{sem}/wish", data=data | {"double": "y"})
    assert minutes(rows)[sem] == 20


def test_double_time_is_ticked_and_taken_back(rows, school, talks, yara):
    sem = talks.invitee(school.sem)
    for box, length in [({"double": "y"}, 20), ({}, 20), ({"double": ""}, None)]:
        data = sent_again(yara.get(f"/staff/meetings/talks/{sem}").text, wish="", **box)
        yara.post(f"/staff/meetings/talks/{sem}/wish", data=data)
        assert minutes(rows)[sem] == length


def test_a_room_that_the_office_types_leaves_double_time_that_came_meanwhile(rows, school, talks, yara, otto):
    sem = talks.invitee(school.sem)
    address = f"/school/meetings/{talks.round}/tables/{talks.host_6}"
    page = otto.get(address).text
    yara.post(f"/staff/meetings/talks/{sem}/wish", data={"double": "y"})
    answer = otto.post(address, data=sent_again(page, room="7", substitute="0"))
    assert answer.status_code == 303, answer.text
    assert minutes(rows)[sem] == 20


def test_a_length_that_the_office_clears_is_the_usual_one_again(rows, school, talks, otto):
    sem = talks.invitee(school.sem)
    talks.change(Invitee, sem, minutes=30)
    address = f"/school/meetings/{talks.round}/tables/{talks.host_6}"
    data = sent_again(otto.get(address).text, **{f"minutes-{school.sem.id}": "", "substitute": "0"})
    assert otto.post(address, data=data).status_code == 303
    assert minutes(rows)[sem] is None
