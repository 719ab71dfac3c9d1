"""The times that a teacher offers by phone: what is too tight says so, and why as far as it may be told."""

import re

import pytest

from portal.models.meetings import Booking
from tests.meetings.children import add_child

AT, TIGHT, CLEAR = "2026-12-01 15.20", "15.20", "16.20"


@pytest.fixture
def offered(client_for):
    """Returns, for a teacher and a talk, what each time says; with 'x' before it if it cannot be chosen."""

    def read(teacher, talk: int) -> dict[str, str]:
        page = client_for(teacher).get(f"/staff/meetings/talks/{talk}/booking")
        assert page.status_code == 200
        (tuesday, *_) = page.text.split("Donderdag 3 december")
        found = re.findall(r'value="\d+"([^>]*)><b>([\d.]+)</b><small>(.*?)</small>', tuesday)
        return {time: ("x " if "disabled" in state else "") + words for state, time, words in found}

    return read


def test_a_time_too_close_to_a_brothers_talk_says_so(client_for, offered, school, talks):
    talks.book(school.anna, talks.invitee(school.bram, school.anna), talks.host_34, AT)
    noor = talks.invitee(school.noor)
    times = offered(school.yara, noor)
    assert (times[TIGHT], times[CLEAR]) == ("x te dicht bij Bram", "vrij")
    page = client_for(school.yara).get(f"/staff/meetings/talks/{noor}/booking").text
    assert re.search(r"Wat het gezin heeft.*Bram.*15\.20–15\.30", page, re.DOTALL)
    assert offered(school.yara, talks.invitee(school.sem))[TIGHT] == "vrij"


def test_the_time_that_the_talk_has_can_be_chosen_again(offered, school, talks):
    noor = talks.invitee(school.noor)
    talks.book(school.anna, noor, talks.host_6, AT)
    assert offered(school.yara, noor)[TIGHT] == "nu deze tijd"


def test_a_child_that_only_one_of_the_guardians_has_is_not_named_to_the_other(offered, app, school, talks):
    fien = add_child(app, school.anna, school.group_6, "Fien", other=school.carl)
    talks.book(school.anna, talks.invitee(school.bram, school.anna), talks.host_34, AT)
    assert offered(school.yara, fien)[TIGHT] == "x ander gesprek"


def test_a_child_of_somebody_who_is_kept_from_the_teacher_is_not_named(offered, app, school, talks):
    add_child(app, school.tess, school.group_6, "Guus", other=school.carl)
    fien = add_child(app, school.anna, school.group_6, "Fien", other=school.carl)
    talks.book(school.anna, fien, talks.host_6, AT)
    bram = talks.invitee(school.bram, school.anna)
    assert offered(school.tess, bram)[TIGHT] == "x ander gesprek"
    assert offered(school.tim, bram)[TIGHT] == "x te dicht bij Fien"


def test_what_the_other_guardian_has_elsewhere_changes_nothing(offered, app, school, talks, rows):
    joep = add_child(app, school.daan, school.group_6, "Joep")
    bram = talks.invitee(school.bram, school.anna)
    before = offered(school.tim, bram)
    talks.book(school.daan, joep, talks.host_6, AT)
    assert len(rows(Booking)) == 1
    assert offered(school.tim, bram) == before
    assert offered(school.tim, talks.invitee(school.bram, school.daan))[TIGHT] == "x te dicht bij Joep"


def test_more_talks_of_the_family_cost_no_more_queries(
    client_for, count_queries, offered, app, school, talks
):
    noor = talks.invitee(school.noor)
    others = [add_child(app, school.anna, school.group_34, name) for name in ("Fien", "Guus", "Joep")]
    counts = []
    for talk, moment in zip(others, (AT, "2026-12-01 15.40", "2026-12-01 16.30"), strict=True):
        talks.book(school.anna, talk, talks.host_34, moment)
        with count_queries() as queries:
            offered(school.yara, noor)
        counts.append(len(queries))
    assert counts[1] == counts[2]
