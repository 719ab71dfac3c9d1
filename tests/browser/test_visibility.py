"""A mother hides her number from other parents, and everything from the other parent; who sees what then."""

import re

import pytest
from playwright.sync_api import Page, expect

from portal import clock
from portal.extensions import db, start_writing
from portal.models.directory import SharedField
from portal.models.roster import Guardianship, Membership, Pupil
from tests.browser.looking import scrolls_sideways, violations
from tests.browser.taps import wait_out_a_second_tap

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("engine", ["sqlite"])]
with_and_without_script = pytest.mark.parametrize("javascript", [True, False], ids=["script", "no-script"])


@pytest.fixture
def sharing(app, school):
    """Anna shows her e-mail address and number to both groups, and hides from nobody; Carl is in 3/4 too."""
    with app.app_context():
        start_writing()
        db.session.query(Guardianship).update({"hidden_at": None})
        for group in (school.group_34, school.group_6):
            for field in ("email", "phone"):
                db.session.add(
                    SharedField(user_id=school.anna.id, group_id=group, field=field, shown_at=clock.now())
                )
        kim = Pupil(given_name="Kim", surname="Peters", sort_key="peters  kim", created_at=clock.now())
        db.session.add(kim)
        db.session.flush()
        db.session.add(
            Membership(pupil_id=kim.id, group_id=school.group_34, home=True, started_on=clock.today())
        )
        db.session.add(Guardianship(pupil_id=kim.id, user_id=school.carl.id, seat=1, created_at=clock.now()))
        db.session.commit()


def class_list(page: Page, group: int, child: str) -> str:
    page.goto(f"/groups/{group}")
    fold = page.locator("#class-list details").filter(has=page.locator("summary", has_text=child))
    fold.locator("summary").click()
    return fold.inner_text()


@with_and_without_script
def test_a_number_is_hidden_from_parents_and_everything_from_the_other_parent(
    open_page, school, sharing, javascript
):
    anna, daan, carl = (open_page(person) for person in (school.anna, school.daan, school.carl))
    for reader in (daan, carl):
        assert "06 5550 1234" in class_list(reader, school.group_34, "Bram")
    anna.goto("/profile")
    expect(anna.locator("#phone-group")).to_have_attribute("aria-pressed", "true")
    anna.locator("#phone-nobody").click()
    expect(anna.locator("#phone-nobody")).to_have_attribute("aria-pressed", "true")
    expect(anna.locator("#see-phone [role=status]")).to_have_text("Bewaard")
    preview = anna.locator("#visibility .preview")
    expect(preview).to_contain_text("anna@lindeboog.example")
    expect(preview).not_to_contain_text("06 5550 1234")
    for reader in (daan, carl):
        said = class_list(reader, school.group_34, "Bram")
        assert "anna@lindeboog.example" in said and "06 5550 1234" not in said
    anna.locator("#per-child summary").click()
    switch = anna.get_by_role("button", name=re.compile("verbergen voor de andere ouder van Bram"))
    expect(switch).to_have_attribute("aria-pressed", "false")
    wait_out_a_second_tap(anna)
    switch.click()
    expect(switch).to_have_attribute("aria-pressed", "true")
    expect(anna.locator("#hide-all .preview")).to_contain_text("van Bram ziet niets van u")
    expect(anna.locator(".kept")).to_have_count(1)
    assert "Anna" in class_list(carl, school.group_34, "Bram")
    assert "Anna" not in class_list(daan, school.group_34, "Bram")
    assert "anna@" not in daan.content()


def test_with_script_nobody_loses_the_place(open_page, school, sharing):
    page = open_page(school.anna, "/profile")
    fold = page.locator("#per-phone")
    fold.locator("summary").click()
    end = page.locator(f"#phone-{school.group_6}-nobody")
    end.scroll_into_view_if_needed()
    before = (page.evaluate("scrollY"), end.bounding_box()["y"])
    end.click()
    expect(end).to_have_attribute("aria-pressed", "true")
    expect(end).to_be_focused()
    expect(fold).to_have_attribute("open", "")
    expect(page.locator("#live")).to_have_text("Bewaard. Uw mobiel: alleen ouders van groep 3/4.")
    after = (page.evaluate("scrollY"), end.bounding_box()["y"])
    # The one sentence that says for whom it is now may take its line, no more.
    assert after[0] == before[0]
    assert abs(after[1] - before[1]) <= 60
    assert page.url.endswith("/profile")


def test_a_choice_above_another_does_not_move_it(open_page, school, sharing):
    page = open_page(school.anna, "/profile")
    phone, email = page.locator("#phone-nobody"), page.locator("#email-nobody")
    email.click()
    expect(email).to_have_attribute("aria-pressed", "true")
    place = phone.bounding_box()["y"]
    wait_out_a_second_tap(page)
    phone.click()
    expect(phone).to_have_attribute("aria-pressed", "true")
    assert abs(phone.bounding_box()["y"] - place) < 1


@pytest.mark.parametrize("width", [390, 195])
def test_it_can_be_read_and_used_with_letters_twice_as_large(open_page, school, sharing, width):
    """Half as wide is what letters of 200 % leave of a phone."""
    page = open_page(school.anna, "/profile")
    page.locator("#per-email summary").click()
    assert not scrolls_sideways(page)
    assert violations(page) == []
    for end in page.locator("#visibility .seg button").all():
        if end.is_visible():
            assert end.bounding_box()["height"] >= 44
