"""/profile/visibility: which parents see what; each choice is kept at once."""

import re

import pytest

from portal import clock
from portal.models.audit import AuditEntry
from portal.models.directory import SharedField
from portal.models.roster import Membership


@pytest.fixture
def anna(client_for, school):
    return client_for(school.anna)


def choose(client, field, audience, **more):
    return client.post("/profile/visibility", data={"field": field, "audience": audience, **more})


def shown(rows, person):
    return {(row.field, row.group_id) for row in rows(SharedField) if row.user_id == person.id}


def pressed(page: str) -> set[str]:
    """Return the ends that are on, by their id: 'phone-group', 'phone-6-nobody'."""
    return set(re.findall(r'id="([a-z0-9-]+)" name="audience" value="\w+" aria-pressed="true"', page))


def preview(page: str) -> str:
    """Return what the page says that other parents see."""
    part = page[page.index('id="t-preview"') : page.index('id="hiding"')]
    return " ".join(re.sub(r"<[^>]+>", " ", part).split())


class TestChoose:
    def test_nobody_sees_anything_by_default(self, anna, school, rows):
        page = anna.get("/profile").text
        assert shown(rows, school.anna) == set()
        assert {"email-nobody", "phone-nobody"} <= pressed(page)
        assert not any(end.endswith("-group") for end in pressed(page))
        assert "Ouders van de groep zien uw naam en uw gegevens niet." in preview(page)

    def test_one_tap_shows_a_field_to_the_parents_of_all_groups(self, anna, school, rows):
        answer = choose(anna, "phone", "group")
        assert (answer.status_code, answer.location) == (303, "/profile?saved=phone#see-phone")
        assert shown(rows, school.anna) == {("phone", school.group_34), ("phone", school.group_6)}
        page = anna.get(answer.location).text
        assert "Bewaard. Ouders van de groep zien uw mobiel." in page
        assert "phone-group" in pressed(page)
        assert "email-nobody" in pressed(page)

    def test_one_tap_shows_it_to_nobody_any_more(self, anna, school, rows, client_for):
        choose(anna, "phone", "group")
        answer = choose(anna, "phone", "nobody")
        assert shown(rows, school.anna) == set()
        assert "Bewaard. Geen ouder van de groep ziet uw mobiel." in anna.get(answer.location).text
        assert "06 5550" not in client_for(school.carl).get(f"/groups/{school.group_6}").text

    def test_a_choice_may_be_for_one_group_alone(self, anna, school, rows):
        choose(anna, "email", "group", group=school.group_6)
        assert shown(rows, school.anna) == {("email", school.group_6)}
        page = anna.get("/profile").text
        assert {f"email-{school.group_6}-group", f"email-{school.group_34}-nobody"} <= pressed(page)
        assert not {"email-group", "email-nobody"} & pressed(page)
        assert "Nu alleen voor ouders van groep 6." in page

    def test_twice_is_once_and_each_change_is_in_the_record(self, anna, school, rows):
        for audience in ("group", "group", "nobody", "nobody"):
            choose(anna, "email", audience, group=school.group_6)
        assert [entry.verb for entry in rows(AuditEntry)] == ["showed_email", "stopped_showing_email"]
        assert {(e.actor_id, e.subject, e.subject_id) for e in rows(AuditEntry)} == {
            (school.anna.id, "group", school.group_6)
        }

    def test_what_is_empty_cannot_be_shown(self, anna, school, rows):
        answer = choose(anna, "address", "group")
        assert answer.status_code == 422
        assert "Vul dit eerst in." in answer.text
        assert shown(rows, school.anna) == set()
        page = anna.get("/profile").text
        assert "nog niet ingevuld" in page
        assert 'id="address-group"' not in page

    @pytest.mark.parametrize(
        "data",
        [
            {},
            {"field": "email"},
            {"audience": "group"},
            {"field": "password_hash", "audience": "group"},
            {"field": "email", "audience": "world"},
            {"field": "email", "audience": "group", "group": "x"},
        ],
    )
    def test_what_cannot_be_chosen_is_refused(self, anna, school, rows, data):
        answer = anna.post("/profile/visibility", data=data)
        assert answer.status_code == 422
        assert "Kies wie wat ziet." in answer.text
        assert shown(rows, school.anna) == set()

    @pytest.mark.parametrize("group", [0, -1, 999, 2**40])
    def test_another_group_does_not_exist(self, anna, group, school, rows):
        assert choose(anna, "email", "group", group=group).status_code == 404
        assert shown(rows, school.anna) == set()

    def test_the_group_of_a_child_without_authority_does_not_exist(self, client_for, school, rows):
        gert = client_for(school.gert)
        assert choose(gert, "email", "group", group=school.group_6).status_code == 404
        choose(gert, "email", "group")
        assert rows(SharedField) == []
        page = gert.get("/profile").text
        assert "Wie ziet wat?" not in page and "Zo zien ouders van de groep u" not in page

    def test_somebody_elses_choices_stay_as_they_are(self, client_for, scene, school, rows):
        scene.shows(school.carl, school.group_6, "email")
        choose(client_for(school.anna), "email", "nobody")
        assert shown(rows, school.carl) == {("email", school.group_6)}

    def test_it_needs_a_form_of_ours(self, client_for, school, rows):
        client = client_for(school.anna, sends_token=False)
        assert choose(client, "email", "group").status_code == 400
        assert rows(SharedField) == []

    def test_a_page_of_its_own_returns_to_itself(self, anna):
        assert anna.get("/profile/visibility").status_code == 200
        answer = choose(anna, "email", "group", alone="yes")
        assert answer.location == "/profile/visibility?saved=email#see-email"

    def test_few_queries_however_many_children(self, anna, many_pupils, count_queries):
        with count_queries() as few:
            anna.get("/profile/visibility")
        many_pupils(200)
        with count_queries() as many:
            anna.get("/profile/visibility")
        assert len(few) == len(many) <= 6


class TestPreview:
    def test_it_shows_what_the_class_list_shows(self, anna, scene, school, listed):
        scene.fills_in(school.anna)
        for field in ("email", "address", "line"):
            choose(anna, field, "group", group=school.group_6)
        page, seen = anna.get("/profile").text, listed(school.carl, school.group_6)
        contact = re.search(r'<div class="contact">.*?</div>', seen, re.DOTALL)
        assert contact and contact[0] in page
        assert "Niet te zien: mobiel en talen" in preview(page)

    def test_groups_that_see_the_same_stand_together(self, anna):
        choose(anna, "phone", "group")
        assert "Klassenlijst, bij Noor en Bram Anna Bakker 06 5550 1234" in preview(anna.get("/profile").text)

    def test_groups_that_see_something_else_stand_apart(self, anna, school):
        choose(anna, "phone", "group")
        choose(anna, "email", "group", group=school.group_6)
        said = preview(anna.get("/profile").text)
        assert "bij Noor Anna Bakker anna@lindeboog.example 06 5550 1234" in said
        assert "bij Bram Anna Bakker 06 5550 1234" in said


class TestNewGroup:
    """Noor goes from groep 6 to a new group 7, where nothing was chosen."""

    @pytest.fixture
    def group_7(self, scene, school):
        scene.change(Membership, Membership.pupil_id == school.noor.id, ended_on=scene.day)
        return scene.group("7", school.noor)

    def test_it_asks_kindly_and_does_nothing_by_itself(self, anna, scene, school, rows, group_7):
        scene.shows(school.anna, school.group_6, "email", "phone")
        page = anna.get("/profile").text
        assert "Noor zit nu in groep 7. Ouders daar zien nog niets van u." in page
        assert "In groep 6 deelde u: e-mail en mobiel." in page
        assert "Deel hier hetzelfde als in groep 6" in page
        assert shown(rows, school.anna) == {("email", school.group_6), ("phone", school.group_6)}

    def test_one_button_shows_the_same(self, anna, scene, school, rows, group_7):
        scene.shows(school.anna, school.group_6, "email", "phone", "address")
        answer = anna.post("/profile/visibility/copy", data={"group": group_7, "like": school.group_6})
        assert answer.status_code == 303
        assert shown(rows, school.anna) == {("email", group_7), ("phone", group_7)}
        page = anna.get(answer.location).text
        assert "Bewaard" in page
        assert "Deel hier hetzelfde" not in page

    @pytest.mark.parametrize("audience", ["group", "nobody"])
    def test_any_choice_for_the_new_group_is_the_answer(self, anna, scene, school, rows, group_7, audience):
        scene.shows(school.anna, school.group_6, "email", "phone")
        choose(anna, "phone", audience, group=group_7)
        assert shown(rows, school.anna) == ({("phone", group_7)} if audience == "group" else set())
        assert "Deel hier hetzelfde" not in anna.get("/profile").text

    def test_a_choice_for_another_group_is_not(self, anna, scene, school, rows, group_7):
        scene.shows(school.anna, school.group_6, "email")
        choose(anna, "phone", "group", group=school.group_34)
        assert "Deel hier hetzelfde" in anna.get("/profile").text

    def test_it_does_not_ask_who_showed_nothing(self, anna, group_7):
        assert "Deel hier hetzelfde" not in anna.get("/profile").text

    def test_nothing_is_copied_from_somebody_else_or_into_another_group(
        self, client_for, anna, scene, school, rows, group_7
    ):
        scene.shows(school.carl, school.group_6, "email")
        anna.post("/profile/visibility/copy", data={"group": group_7, "like": school.group_6})
        assert shown(rows, school.anna) == set()
        scene.shows(school.anna, school.group_6, "email")
        carl = client_for(school.carl)
        for group, like in ((group_7, school.group_6), (999, school.group_6), (2**40, 1)):
            answer = carl.post("/profile/visibility/copy", data={"group": group, "like": like})
            assert answer.status_code == 404
        assert anna.post("/profile/visibility/copy", data={"group": group_7}).status_code == 422
        assert shown(rows, school.carl) == {("email", school.group_6)}

    def test_the_choice_for_a_group_where_a_brother_stays_is_kept(self, anna, scene, school, rows, group_7):
        scene.pupil("Kim", school.group_6, school.anna)
        scene.shows(school.anna, school.group_6, "email")
        anna.post("/profile/visibility/copy", data={"group": group_7, "like": school.group_6})
        assert shown(rows, school.anna) == {("email", group_7), ("email", school.group_6)}


def test_it_is_said_at_what_time_it_was_chosen(anna, school, rows):
    choose(anna, "phone", "group", group=school.group_6)
    assert rows(SharedField)[0].shown_at == clock.now()
