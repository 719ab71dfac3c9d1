"""The ways through a pupil's pages in a real browser: phone and desktop, with script and without."""

import re

import pytest
from playwright.sync_api import expect

from portal import clock
from portal.extensions import db, start_writing
from portal.models.pupils import CareNote, CareReading, ChangeRequest, EmergencyContact
from portal.models.roster import Pupil
from tests.browser.test_journeys import choose, on_every_screen


@pytest.fixture
def sesame(app, school):
    """Noor may eat no sesame."""
    with app.app_context():
        start_writing()
        db.session.add(
            CareNote(
                pupil_id=school.noor.id,
                kind="allergy",
                what="sesam",
                what_to_do="Bel ons.",
                source="guardian",
                written_by=school.anna.id,
                written_at=clock.now(),
            )
        )
        db.session.commit()


@on_every_screen
def test_a_mother_says_what_is_not_right_and_reads_the_answer(open_page, school, rows):
    page = open_page(school.anna)
    page.get_by_role("link", name="Noor", exact=True).click()
    page.get_by_role("link", name="Klopt niet?").click()
    choose(page, "Achternaam")
    page.fill("input[name=wanted]", "Smit-Bakker")
    page.get_by_role("button", name="Stuur naar school").click()
    expect(page.locator("#flash")).to_contain_text("School kijkt ernaar")
    office = open_page(school.otto, "/school/pupils")
    office.get_by_role("link", name=re.compile("Verzoeken")).click()
    office.get_by_role("button", name=re.compile("Neem over")).click()
    expect(office.locator("#flash")).to_contain_text("Het is overgenomen")
    page.reload()
    expect(page.locator("main")).to_contain_text("overgenomen")
    assert [one.surname for one in rows(Pupil) if one.id == school.noor.id] == ["Smit-Bakker"]
    assert [one.accepted for one in rows(ChangeRequest)] == [True]


@on_every_screen
def test_a_mother_adds_two_contacts_and_changes_their_order(open_page, school, rows):
    page = open_page(school.anna, f"/pupils/{school.noor.id}/contacts")
    for name in ("Oma Riet", "Opa Piet"):
        page.fill("input[name=name]", name)
        page.fill("input[name=phone]", "06 5550 4321")
        page.get_by_role("button", name="Voeg toe").click()
        expect(page.locator("#flash")).to_contain_text(name)
    page.get_by_role("button", name="Bel Opa Piet eerder").click()
    expect(page.locator("ol.rows li").first).to_contain_text("Opa Piet")
    assert {one.name: one.position for one in rows(EmergencyContact)} == {"Oma Riet": 2, "Opa Piet": 1}


@on_every_screen
def test_a_teacher_opens_care_information_and_the_mother_sees_it(open_page, school, sesame, rows):
    teacher = open_page(school.yara, f"/pupils/{school.noor.id}")
    expect(teacher.locator("main")).not_to_contain_text("sesam")
    teacher.get_by_role("button", name="Bekijk zorginformatie").click()
    expect(teacher.locator("main")).to_contain_text("sesam")
    assert len(rows(CareReading)) == 1
    mother = open_page(school.anna, f"/pupils/{school.noor.id}")
    mother.get_by_role("link", name="Allergie, medicijn, wat te doen").click()
    expect(mother.locator("section", has_text="Wie keek op school")).to_contain_text("Juf Yara")


@on_every_screen
def test_a_teacher_takes_a_list_along(open_page, school, sesame, rows):
    page = open_page(school.yara, "/staff/today")
    page.get_by_role("link", name="Lijst om mee te nemen").click()
    page.locator("summary", has_text="Wie gaat mee?").click()
    page.get_by_label("Sem Peters").uncheck()
    page.get_by_role("button", name="Toon deze leerlingen").click()
    expect(page.locator("table")).not_to_contain_text("Sem Peters")
    page.get_by_role("button", name="Bekijk zorginformatie").click()
    expect(page.locator("table")).to_contain_text("Allergie: sesam")
    expect(page.locator("table")).not_to_contain_text("Sem Peters")
    page.emulate_media(media="print")
    expect(page.get_by_text("Niet bewaren")).to_be_visible()
    expect(page.get_by_text("Wie gaat mee?").first).to_be_hidden()
    assert [one.pupil_id for one in rows(CareReading)] == [school.noor.id]
