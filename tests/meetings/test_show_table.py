"""The schedule of a table, as its teachers and the office see it."""

import re

import pytest

from portal import clock
from portal.models.meetings import Booking, Invitee, MeetingRound, Slot
from tests.meetings.making import make_round


def text_of(answer) -> str:
    assert answer.status_code == 200
    return re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", answer.text))


def test_a_teacher_with_one_table_gets_it_from_the_menu(client_for, school, talks):
    answer = client_for(school.tess).get("/staff/meetings")
    assert answer.location == f"/staff/meetings/tables/{talks.host_34}"
    assert "Rapportgesprekken" in text_of(client_for(school.tess).get("/staff/meetings?all=1"))


def test_nothing_of_a_round_is_there_before_it_is_published(app, client_for, school):
    concept = make_round(app, school, published_at=None)
    assert client_for(school.tess).get(f"/staff/meetings/tables/{concept.host_34}").status_code == 404
    assert "Er zijn nu geen gesprekken" in text_of(client_for(school.tess).get("/staff/meetings"))
    assert client_for(school.otto).get(f"/staff/meetings/tables/{concept.host_34}").status_code == 200


def test_it_shows_each_place_who_booked_it_and_who_did_not_yet(client_for, school, talks):
    noor, sem = talks.invitee(school.noor), talks.invitee(school.sem)
    talks.book(school.anna, noor, talks.host_6, "2026-12-01 15.20")
    talks.change(Slot, talks.slot(talks.host_6, "2026-12-01 15.00"), state="blocked")
    talks.change(Slot, talks.slot(talks.host_6, "2026-12-01 15.10"), state="break")
    talks.change(Slot, talks.slot(talks.host_6, "2026-12-01 15.30"), reserved_for=sem)
    page = text_of(client_for(school.yara).get(f"/staff/meetings/tables/{talks.host_6}"))
    assert "15.00–15.10 Geblokkeerd" in page
    assert "15.10–15.20 Pauze" in page
    assert "15.20–15.30 Geboekt Noor Smit Anna Bakker" in page
    assert "15.30–15.40 Vrijgehouden Sem Peters" in page
    assert "15.40–15.50 Vrij" in page
    assert "di 1 dec 1 geboekt, 7 vrij" in page
    assert "do 3 dec 0 geboekt, 6 vrij" in page
    assert "1 van 3 geboekt" in page
    assert "Nog niet gekozen L Lotte Jansen" in page
    thursday = text_of(client_for(school.yara).get(f"/staff/meetings/tables/{talks.host_6}?day=2026-12-03"))
    assert "18.30–18.40 Vrij" in thursday
    assert "Noor Smit Anna Bakker" not in thursday


def test_a_double_talk_is_one_line(client_for, school, talks):
    noor = talks.invitee(school.noor)
    talks.change(Invitee, noor, minutes=20)
    talks.book(school.anna, noor, talks.host_6, "2026-12-01 15.20")
    page = text_of(client_for(school.yara).get(f"/staff/meetings/tables/{talks.host_6}"))
    assert "15.20–15.40 Geboekt Noor Smit" in page
    assert "15.30–15.40" not in page


def test_the_teacher_sees_when_the_family_has_to_go_on(client_for, school, talks):
    talks.book(school.anna, talks.invitee(school.noor), talks.host_6, "2026-12-01 15.50")
    talks.book(school.anna, talks.invitee(school.bram, school.anna), talks.host_34, "2026-12-01 16.10")
    page = text_of(client_for(school.yara).get(f"/staff/meetings/tables/{talks.host_6}"))
    assert "Noor Smit Anna Bakker 16.10 uur bij Bram" in page


def test_the_talk_of_the_other_guardian_who_comes_apart_is_no_reason_to_go_on(client_for, school, talks):
    talks.book(school.anna, talks.invitee(school.noor), talks.host_6, "2026-12-01 15.50")
    talks.book(school.daan, talks.invitee(school.bram, school.daan), talks.host_34, "2026-12-01 16.10")
    page = text_of(client_for(school.yara).get(f"/staff/meetings/tables/{talks.host_6}"))
    assert "bij Bram" not in page


def test_who_is_guardian_at_the_own_table_sees_only_that_the_place_is_taken(client_for, school, talks):
    """Tess receives the parents of groep 6 as well, where her daughter is."""
    talks.seat(school.tess, talks.host_6)
    lotte = talks.invitee(school.lotte)
    booking = talks.book(school.tess, lotte, talks.host_6, "2026-12-01 15.20")
    client = client_for(school.tess)
    page = text_of(client.get(f"/staff/meetings/tables/{talks.host_6}"))
    assert "15.20–15.30 Bezet" in page
    assert "Lotte" not in page
    assert "0 van 2 geboekt" in page
    assert client.get(f"/staff/meetings/talks/{lotte}").status_code == 404
    assert client.post(f"/staff/meetings/bookings/{booking}/cancellation").status_code == 404
    assert (
        client.post(f"/staff/meetings/bookings/{booking}/outcome", data={"outcome": "present"}).status_code
        == 404
    )
    assert "Lotte Jansen" in text_of(client_for(school.yara).get(f"/staff/meetings/tables/{talks.host_6}"))


def test_who_may_have_no_contact_with_a_pupil_has_no_talk_about_it(client_for, school, talks):
    talks.book(school.anna, talks.invitee(school.bram, school.anna), talks.host_34, "2026-12-01 15.20")
    talks.bar(school.tess, school.bram)
    page = text_of(client_for(school.tess).get(f"/staff/meetings/tables/{talks.host_34}"))
    assert "15.20–15.30 Bezet" in page
    assert "Bram" not in page


def test_subjects_are_for_who_sits_at_the_table(client_for, school, talks):
    booking = talks.book(school.carl, talks.invitee(school.sem), talks.host_6, "2026-12-01 15.20")
    talks.change(Booking, booking, subjects="Hoe gaat het met lezen?")
    path = f"/staff/meetings/talks/{talks.invitee(school.sem)}"
    assert "Hoe gaat het met lezen?" in client_for(school.yara).get(path).text
    assert "Hoe gaat het met lezen?" not in client_for(school.otto).get(path).text


def test_a_withdrawn_round_is_gone_for_teachers(client_for, school, talks):
    talks.change(MeetingRound, talks.round, withdrawn_at=clock.now())
    assert client_for(school.yara).get(f"/staff/meetings/tables/{talks.host_6}").status_code == 404


@pytest.mark.parametrize("day", ["2026-12-02", "x", "9999999-01-01", ""])
def test_a_day_without_talks_shows_the_next_one(client_for, school, talks, day):
    page = text_of(client_for(school.yara).get(f"/staff/meetings/tables/{talks.host_6}?day={day}"))
    assert "15.00–15.10" in page


@pytest.mark.parametrize("page", ["", "/evening", "/print", "/times", "/schedule.xlsx"])
def test_it_takes_the_same_few_queries_for_any_number_of_talks(
    app, client_for, school, count_queries, many_pupils, page
):
    many_pupils(25)
    made = make_round(app, school)
    client = client_for(school.yara)
    counts = []
    for number in (1, 12):
        made.book_some(school.anna, made.host_6, number)
        with count_queries() as queries:
            assert client.get(f"/staff/meetings/tables/{made.host_6}{page}").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 16
