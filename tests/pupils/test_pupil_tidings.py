"""The page of a pupil: the talks about the child, and the newest letters."""

import gzip
import re

import pytest

from portal import clock
from portal.domain.letter_audience import GROUP, GUARDIAN, PUPIL, SCHOOL, Part
from portal.models.arrangements import Barring
from portal.models.meetings import Invitee
from portal.models.roster import Guardianship, Pupil
from tests.letters.sending import send

ENOUGH = 12_000


def part(client, child, name: str) -> str:
    """Return a section of the page of a child, in one line."""
    page = client.get(f"/pupils/{child.id}").text
    found = re.search(rf'<section class="section" aria-labelledby="s-{name}">.*?</section>', page, re.S)
    return " ".join(found[0].split()) if found else ""


def talks_on(client, child) -> str:
    return part(client, child, "talks")


def letters_on(client, child) -> str:
    return part(client, child, "letters")


class TestTalks:
    def test_a_guardian_finds_the_own_talk_and_not_that_of_the_other_one(self, client_for, school, talks):
        anna, daan = client_for(school.anna), client_for(school.daan)
        before = talks_on(daan, school.bram)
        assert "kies een tijd" in before
        mine = talks.invitee(school.bram, school.anna)
        talks.book(school.anna, mine, talks.host_34, "2026-12-01 15.20")
        said = talks_on(anna, school.bram)
        assert "Gesprek bij juf Tess en meester Tim: di 1 dec, 15.20 uur" in said
        assert f'href="/meetings/{talks.round}"' in said
        assert talks_on(daan, school.bram) == before

    def test_a_teacher_finds_those_at_the_own_table(self, client_for, school, talks):
        mine = talks.invitee(school.bram, school.anna)
        talks.book(school.anna, mine, talks.host_34, "2026-12-01 15.20")
        said = talks_on(client_for(school.tess), school.bram)
        assert "di 1 dec om 15.20 uur · <bdi>Anna Bakker</bdi>" in said
        assert "Nog geen tijd · <bdi>Daan Visser</bdi>" in said
        assert f'href="/staff/meetings/talks/{mine}"' in said
        assert client_for(school.tess).get(f"/staff/meetings/talks/{mine}").status_code == 200
        talks.seat(school.tim, talks.host_6)
        assert "Er is nu geen gesprek over Bram." in talks_on(client_for(school.tim), school.bram)

    def test_of_who_comes_apart_it_says_who_does_not_come(self, client_for, school, talks):
        for child, guardian in ((school.bram, school.daan), (school.noor, None)):
            talks.change(Invitee, talks.invitee(child, guardian), declined_at=clock.now())
        assert "Komt niet · <bdi>Daan Visser</bdi>" in talks_on(client_for(school.tess), school.bram)
        assert "De ouders komen niet</p>" in talks_on(client_for(school.yara), school.noor)

    def test_where_there_is_none_the_page_says_so(self, client_for, school):
        for person in (school.anna, school.tess, school.otto):
            assert "Er is nu geen gesprek over Bram." in talks_on(client_for(person), school.bram)

    def test_school_finds_none_of_a_family_that_is_kept_from_it(self, client_for, school, talks, put):
        """Otto and Anna have Lotte together: what Anna has about Bram and Noor is not for him (R22)."""
        now = clock.now()
        put(Guardianship(pupil_id=school.lotte.id, user_id=school.anna.id, seat=2, created_at=now))
        assert "Daan" in talks_on(client_for(school.hedy), school.bram)
        tess = client_for(school.tess)
        assert talks_on(tess, school.bram) == talks_on(client_for(school.tess), school.bram)
        assert "Er is nu geen gesprek" in talks_on(tess, school.bram)


class TestLetters:
    def test_a_guardian_finds_the_newest_about_this_child(self, app, client_for, school, at):
        for number, child in enumerate((school.noor, *[school.bram] * 4)):
            at(f"2026-11-23 15:3{number}")
            send(app, school.tess, [Part(PUPIL, child.id)], "teacher", title=f"Brief {number}")
        said = letters_on(client_for(school.anna), school.bram)
        assert re.findall(r"Brief \d", said) == ["Brief 4", "Brief 3", "Brief 2"]
        assert re.findall(r"Brief \d", letters_on(client_for(school.anna), school.noor)) == ["Brief 0"]
        assert 'class="unread"' in said and 'href="/letters"' in said

    def test_a_letter_to_one_guardian_is_not_the_other_ones(self, app, client_for, school):
        send(app, school.tess, [Part(GUARDIAN, school.bram.id, school.anna.id)], "teacher", title="Apart")
        assert "Apart" in letters_on(client_for(school.anna), school.bram)
        assert "nog geen brief over Bram" in letters_on(client_for(school.daan), school.bram)
        assert "Apart" in letters_on(client_for(school.tess), school.bram)

    def test_school_finds_what_it_reads_as_school(self, app, client_for, school):
        letter = send(app, school.tess, [Part(GROUP, school.group_34)], "teacher", title="Museum")
        send(app, school.otto, [Part(SCHOOL)], title="Kerst")
        for person, found in (
            (school.tess, ["Kerst", "Museum"]),
            (school.tim, ["Kerst", "Museum"]),
            (school.otto, ["Kerst", "Museum"]),
        ):
            said = letters_on(client_for(person), school.bram)
            assert re.findall("Museum|Kerst", said) == found
        assert f'href="/staff/letters/{letter}"' in letters_on(client_for(school.tim), school.bram)

    def test_school_finds_none_to_who_is_kept_from_it(self, app, client_for, school, put):
        """Tim and Anna have a child together; a letter about Bram that she alone received is not for him."""
        now = clock.now()
        child = put(Pupil(given_name="Fenna", surname="Kok", sort_key="kok  fenna", created_at=now))
        for seat, person in ((1, school.anna), (2, school.tim)):
            put(Guardianship(pupil_id=child, user_id=person.id, seat=seat, created_at=now))
        group = [Part(GROUP, school.group_34), Part(GUARDIAN, school.bram.id, school.daan.id, excluded=True)]
        send(app, school.tess, group, "teacher", title="Alleen Anna")
        assert "Alleen Anna" in letters_on(client_for(school.tess), school.bram)
        assert "nog geen brief over Bram" in letters_on(client_for(school.tim), school.bram)


@pytest.mark.parametrize("person", ["gert", "dora", "carl"])
def test_who_does_not_decide_for_the_child_finds_no_page(client_for, school, talks, person):
    assert client_for(getattr(school, person)).get(f"/pupils/{school.noor.id}").status_code == 404


def test_who_may_have_no_contact_finds_neither(client_for, school, talks, put):
    put(Barring(pupil_id=school.bram.id, user_id=school.tess.id, reason="?", barred_at=clock.now()))
    assert client_for(school.tess).get(f"/pupils/{school.bram.id}").status_code == 404


@pytest.mark.parametrize("person", ["anna", "tess", "otto"])
def test_it_asks_the_database_as_often_for_much_and_stays_light(
    app, client_for, school, talks, count_queries, give_contact, person, at
):
    client, path = client_for(getattr(school, person)), f"/pupils/{school.bram.id}"
    client.get(path)
    with count_queries() as few:
        client.get(path)
    for number in range(6):
        send(
            app, school.tess, [Part(GROUP, school.group_34)], "teacher", title=f"Een brief over iets {number}"
        )
        give_contact(school.bram, school.anna, f"Contact {number}", position=number + 1)
    talks.book(school.anna, talks.invitee(school.bram, school.anna), talks.host_34, "2026-12-01 15.20")
    with count_queries() as many:
        page = client.get(path)
    assert "Een brief over iets 5" in page.text and "15.20" in page.text
    assert len(few) == len(many) <= 10
    assert len(gzip.compress(page.data)) <= ENOUGH
