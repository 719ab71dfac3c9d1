"""The class list on /groups/<group>: the children, and of their parents what those chose to show."""

import re

import pytest

from portal import clock
from portal.models.roster import Group, Guardianship, Membership, Pupil


def children_in(page: str) -> list[str]:
    return re.findall(r"<summary><span><bdi>(.*?)</bdi>", page)


def beside(page: str, child: str) -> str:
    """Return what stands in the line of a child: first names, or 'niet gedeeld'."""
    line = re.search(rf"<summary><span><bdi>{re.escape(child)}</bdi></span>(.*?)</summary>", page, re.DOTALL)
    assert line
    return " ".join(re.sub(r"<[^>]+>", "", line[1]).split())


class TestWhatStandsThere:
    def test_nobody_is_there_who_chose_nothing(self, listed, school):
        page = listed(school.carl, school.group_6)
        assert children_in(page) == ["Lotte", "Noor", "Sem"]
        assert "3 kinderen" in page
        assert beside(page, "Noor") == "niet gedeeld"
        assert "De ouders van Noor delen hun gegevens niet." in page
        for name in ("Anna", "Bakker", "Gert", "Tess", "Jansen", "Inge", "06 5550", "@lindeboog.example"):
            assert name not in page.replace("info@lindeboog.example", "")

    def test_each_field_stands_there_when_it_is_shown_and_no_other(self, listed, scene, school):
        scene.fills_in(school.anna)
        marks = {
            "email": "mailto:anna@lindeboog.example",
            "phone": 'href="tel:+31655501234"',
            "address": "Merelplein 8, 3599 XX Lindedorp",
            "spoken": "Nederlands, Turks",
            "line": "Ik rijd graag mee.",
        }
        for field in marks:
            scene.shows(school.anna, school.group_6, field)
            page = listed(school.carl, school.group_6)
            assert beside(page, "Noor") == "Anna"
            assert "Anna Bakker" in page
            shown = list(marks)[: list(marks).index(field) + 1]
            assert [name for name, mark in marks.items() if mark in page] == shown

    def test_it_is_shown_to_the_group_that_was_chosen_only(self, listed, scene, school):
        scene.pupil("Kim", school.group_34, school.carl)
        scene.shows(school.anna, school.group_6, "email")
        assert beside(listed(school.carl, school.group_6), "Noor") == "Anna"
        assert beside(listed(school.carl, school.group_34), "Bram") == "niet gedeeld"

    def test_who_shows_an_empty_field_only_is_not_there(self, listed, scene, school):
        scene.shows(school.anna, school.group_6, "address", "spoken", "line")
        assert "Anna" not in listed(school.carl, school.group_6)

    def test_children_stand_by_first_name_the_dutch_way(self, listed, scene, school):
        for name in ("Özge", "'t Jong", "Zoë", "Ali", "Olaf"):
            scene.pupil(name, school.group_6)
        names = children_in(listed(school.carl, school.group_6))
        assert names == ["Ali", "Lotte", "Noor", "Olaf", "Özge", "Sem", "&#39;t Jong", "Zoë"]

    def test_two_of_the_same_name_get_an_initial_and_more_where_that_is_the_same_too(
        self, listed, scene, school
    ):
        scene.pupil("Sem", school.group_6, surname="Bos")
        scene.pupil("Noor", school.group_6, surname="Smit")
        scene.pupil("Noor", school.group_6, surname="Schaap")
        names = children_in(listed(school.carl, school.group_6))
        assert names == ["Lotte", "Noor Schaap", "Noor Smit", "Noor Smit", "Sem B.", "Sem P."]

    def test_parents_stand_by_first_name(self, listed, scene, school):
        scene.shows(school.inge, school.group_6, "email")
        scene.shows(school.carl, school.group_6, "email")
        assert beside(listed(school.anna, school.group_6), "Sem") == "Carl, Inge"

    def test_what_is_typed_is_never_markup(self, listed, scene, school):
        scene.fills_in(school.anna, line="<script>alert(1)</script>")
        scene.shows(school.anna, school.group_6, "line")
        page = listed(school.carl, school.group_6)
        assert "<script>alert" not in page
        assert "&lt;script&gt;alert(1)" in page

    def test_beside_the_own_child_it_says_what_one_shows_oneself(self, listed, scene, school):
        page = listed(school.anna, school.group_6)
        assert "U deelt hier nog niets." in page
        assert "De ouders van Noor" not in page

    def test_two_queries_however_many_there_are(self, client_for, many_pupils, scene, school, count_queries):
        scene.fills_in(school.anna)
        scene.shows(school.anna, school.group_6, "email", "phone", "address", "spoken", "line")
        carl = client_for(school.carl)
        counts = []
        for pupils in (20, 480):
            many_pupils(pupils)
            carl.get(f"/groups/{school.group_6}")
            with count_queries() as queries:
                page = carl.get(f"/groups/{school.group_6}").text
            counts.append(len(queries))
            assert len([sql for sql in queries if "shared_fields" in sql]) == 1
        assert page.count("Merelplein 8") == 501
        assert counts[0] == counts[1]


class TestWhoIsAParentOfTheGroup:
    def test_not_without_authority(self, listed, scene, school, client_for):
        scene.shows(school.gert, school.group_6, "email")
        assert "Gert" not in listed(school.carl, school.group_6)
        assert client_for(school.gert).get(f"/groups/{school.group_6}").status_code == 404

    def test_not_any_more_after_the_guardianship_ended(self, listed, scene, school):
        scene.shows(school.anna, school.group_6, "email")
        scene.change(Guardianship, Guardianship.pupil_id == school.noor.id, revoked_at=clock.now())
        assert "Anna" not in listed(school.carl, school.group_6)

    def test_not_any_more_after_the_child_went_to_another_group(self, listed, scene, school):
        scene.shows(school.anna, school.group_6, "email")
        scene.change(Membership, Membership.pupil_id == school.noor.id, ended_on=scene.day)
        page = listed(school.carl, school.group_6)
        assert children_in(page) == ["Lotte", "Sem"]
        assert "Anna" not in page

    def test_not_any_more_after_the_child_left_school(self, listed, scene, school):
        scene.shows(school.anna, school.group_6, "email")
        scene.change(Pupil, Pupil.id == school.noor.id, archived_at=clock.now())
        page = listed(school.carl, school.group_6)
        assert children_in(page) == ["Lotte", "Sem"]
        assert "Anna" not in page

    def test_an_old_group_shows_nothing(self, client_for, scene, school):
        scene.shows(school.anna, school.group_6, "email")
        scene.change(Group, Group.id == school.group_6, closed_at=clock.now())
        assert client_for(school.carl).get(f"/groups/{school.group_6}").status_code == 404
        assert "Zo zien ouders van de groep u" in client_for(school.anna).get("/profile").text
        assert "Klassenlijst, bij Noor" not in client_for(school.anna).get("/profile").text


class TestSchool:
    @pytest.mark.parametrize("reader", ["yara", "otto", "hedy", "bea"])
    def test_school_reads_what_parents_see_of_each_other(self, listed, scene, school, reader):
        scene.shows(school.anna, school.group_6, "email")
        page = listed(getattr(school, reader), school.group_6)
        assert beside(page, "Noor") == "Anna"
        assert "06 5550" not in page
        assert beside(page, "Sem") == "niet gedeeld"

    def test_it_reads_where_the_numbers_for_school_are_not_to_ask_the_teacher(self, listed, school):
        said = "Delen niets met andere ouders."
        teacher, parent = listed(school.yara, school.group_6), listed(school.carl, school.group_6)
        assert f"{said} Nummers voor school staan op de pagina van Noor." in teacher
        assert "briefje" not in teacher
        assert "briefje" in parent and said not in parent

    def test_each_child_has_a_way_to_its_page_for_who_may_open_it(self, listed, school):
        def pages(person):
            return set(re.findall(r'href="/pupils/(\d+)"', listed(person, school.group_6)))

        assert pages(school.yara) == {str(child.id) for child in (school.noor, school.sem, school.lotte)}
        assert pages(school.carl) == {str(school.sem.id)}

    def test_who_hides_from_the_other_parent_does_not_hide_from_school(self, listed, scene, school):
        scene.shows(school.anna, school.group_34, "email")
        assert beside(listed(school.tim, school.group_34), "Bram") == "Anna"


class TestHiding:
    """Anna and Daan, parents of Bram in 3/4, hide from each other."""

    def test_who_hides_is_not_there_for_the_other_parent_but_for_everybody_else(self, listed, scene, school):
        scene.pupil("Kim", school.group_34, school.carl)
        scene.shows(school.anna, school.group_34, "email", "phone")
        assert beside(listed(school.carl, school.group_34), "Bram") == "Anna"
        page = listed(school.daan, school.group_34)
        assert "Anna" not in page and "Bakker" not in page
        assert "U deelt hier nog niets." in page

    def test_the_other_parent_reads_what_would_stand_there_if_nothing_were_shown(
        self, client_for, scene, school
    ):
        def page():
            text = client_for(school.daan).get(f"/groups/{school.group_34}").text
            return re.sub(r'name="csrf_token" value="[^"]+"', "", text)

        before = page()
        scene.fills_in(school.anna)
        scene.shows(school.anna, school.group_34, "email", "phone", "address", "spoken", "line")
        assert page() == before

    def test_without_hiding_the_other_parent_is_a_parent_like_any_other(self, listed, scene, school):
        scene.nobody_hides()
        assert "Anna" not in listed(school.daan, school.group_34)
        scene.shows(school.anna, school.group_34, "phone")
        page = listed(school.daan, school.group_34)
        assert beside(page, "Bram") == "Anna"
        assert "anna@lindeboog.example" not in page

    def test_it_holds_in_a_group_where_they_meet_through_other_children(self, listed, scene, school):
        scene.pupil("Kim", school.group_6, school.daan)
        scene.shows(school.anna, school.group_6, "email")
        scene.shows(school.daan, school.group_6, "email")
        assert beside(listed(school.carl, school.group_6), "Noor") == "Anna"
        assert beside(listed(school.daan, school.group_6), "Noor") == "niet gedeeld"
        assert beside(listed(school.anna, school.group_6), "Kim") == "niet gedeeld"

    def test_it_goes_one_way(self, listed, scene, school):
        scene.hides(school.daan, school.bram, hidden=False)
        for person in (school.anna, school.daan):
            scene.shows(person, school.group_34, "email")
        assert beside(listed(school.anna, school.group_34), "Bram") == "Anna, Daan"
        assert beside(listed(school.daan, school.group_34), "Bram") == "Daan"

    def test_a_new_partner_whom_both_children_share_changes_nothing_for_the_others(
        self, listed, scene, school
    ):
        """Nina guards a child with Anna and one with Carl; Anna hides from Nina."""
        nina = scene.adult("Nina")
        hers = scene.pupil("Kim", school.group_6, school.anna, nina)
        scene.pupil("Lou", school.group_6, school.carl, nina)
        scene.hides(school.anna, hers)
        scene.shows(school.anna, school.group_6, "email")
        assert beside(listed(nina, school.group_6), "Noor") == "niet gedeeld"
        assert beside(listed(nina, school.group_6), "Kim") == "niet gedeeld"
        assert beside(listed(school.carl, school.group_6), "Noor") == "Anna"

    def test_with_two_other_parents_it_holds_for_the_one_that_was_meant(self, listed, scene, school):
        """Anna has Bram with Daan, from whom she hides, and Kim with Carl, from whom she does not."""
        scene.pupil("Kim", school.group_34, school.anna, school.carl)
        scene.shows(school.anna, school.group_34, "email")
        assert beside(listed(school.carl, school.group_34), "Kim") == "Anna"
        page = listed(school.daan, school.group_34)
        assert beside(page, "Kim") == beside(page, "Bram") == "niet gedeeld"

    def test_a_teacher_who_is_the_other_parent_sees_a_parent_only(self, listed, scene, school):
        scene.teaches(school.daan, school.group_6)
        scene.shows(school.anna, school.group_6, "email")
        scene.shows(school.carl, school.group_6, "email")
        for hidden in (True, False):
            scene.hides(school.anna, school.bram, hidden=hidden)
            page = listed(school.daan, school.group_6)
            assert beside(page, "Sem") == "Carl"
            assert beside(page, "Noor") == "niet gedeeld"

    def test_the_office_worker_who_is_the_other_parent_sees_a_parent_only(self, listed, scene, school):
        scene.pupil("Kim", school.group_34, school.otto, school.carl)
        scene.shows(school.carl, school.group_6, "email")
        scene.shows(school.carl, school.group_34, "email")
        assert beside(listed(school.otto, school.group_6), "Sem") == "niet gedeeld"
        assert beside(listed(school.otto, school.group_34), "Kim") == "Carl"

    def test_it_still_holds_when_they_no_longer_have_a_child_together(self, listed, scene, school):
        """Both stay parents of the group through other children."""
        scene.pupil("Kim", school.group_6, school.daan)
        scene.shows(school.anna, school.group_6, "email")
        scene.change(
            Guardianship,
            Guardianship.pupil_id == school.bram.id,
            Guardianship.user_id == school.daan.id,
            revoked_at=clock.now(),
        )
        assert beside(listed(school.daan, school.group_6), "Noor") == "niet gedeeld"
        scene.hides(school.anna, school.bram, hidden=False)
        assert beside(listed(school.daan, school.group_6), "Noor") == "Anna"

    def test_it_still_holds_when_who_hid_is_no_longer_a_guardian_of_that_child(self, listed, scene, school):
        scene.pupil("Kim", school.group_6, school.daan)
        scene.shows(school.anna, school.group_6, "email")
        scene.change(
            Guardianship,
            Guardianship.pupil_id == school.bram.id,
            Guardianship.user_id == school.anna.id,
            revoked_at=clock.now(),
        )
        assert beside(listed(school.daan, school.group_6), "Noor") == "niet gedeeld"
        scene.hides(school.anna, school.bram, hidden=False)
        assert beside(listed(school.daan, school.group_6), "Noor") == "Anna"

    def test_it_still_holds_when_the_child_together_has_left_school(self, listed, scene, school):
        scene.pupil("Kim", school.group_6, school.daan)
        scene.shows(school.anna, school.group_6, "email")
        scene.change(Pupil, Pupil.id == school.bram.id, archived_at=clock.now())
        assert beside(listed(school.daan, school.group_6), "Noor") == "niet gedeeld"
