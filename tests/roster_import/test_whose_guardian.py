"""Whose guardian a row of an import makes somebody: of nobody but the child that is meant."""

import re

from portal.models.accounts import User
from portal.models.roster import Membership, Pupil
from tests.roster_import.conftest import guardians, pupils


def link_boxes(page: str) -> list[str]:
    return re.findall(r'name="on" value="(link-[^"]+)"', page)


def test_a_row_that_is_refused_gives_the_child_of_its_number_no_guardians(
    office, numbered, rows, school, guardians_of
) -> None:
    name, data = pupils()
    wrong = data.replace(b"104;Lotte;Jansen;14-03-2017", b"104;Quirine;Zwart;02-02-2018")
    for row in ("104;Quirine Zwart;Ine Zwart;ine@x.nl;;moeder;ja", "104;;Ine Zwart;ine@x.nl;;moeder;ja"):
        url = office.preview((name, wrong), guardians(row))
        page = office.page(url)
        assert "hoort hier bij een ander kind" in page
        assert "Ine Zwart" in page and link_boxes(page) == []
        assert office.accept(url).status_code == 303
        assert guardians_of(school.lotte) == {school.tess.id}


def test_a_right_row_counts_beside_one_that_is_refused(office, numbered, rows, school, guardians_of) -> None:
    name, data = pupils(extra="104;Quirine;Zwart;02-02-2018;6")
    url = office.preview((name, data), guardians("104;Lotte Jansen;Ko Jansen;ko@x.nl;;vader;ja"))
    assert len(link_boxes(office.page(url))) == 1
    assert office.accept(url).status_code == 303
    assert len(guardians_of(school.lotte)) == 2


def test_a_number_of_nobody_beside_a_known_name_is_asked_about(
    office, numbered, rows, school, guardians_of
) -> None:
    url = office.preview(guardians("999;Lotte Jansen;Ine Jansen;ine@x.nl;;tante;ja"))
    page = office.page(url)
    assert "staat niet in" in page and f'<option value="p{school.lotte.id}"' in page
    assert office.accept(url).status_code == 303
    assert guardians_of(school.lotte) == {school.tess.id}
    head = "Leerlingnummer;Naam leerling;Geboortedatum;Naam ouder;E-mail ouder"
    exact = ("ouders.csv", f"{head}\n999;Lotte Jansen;14-03-2017;Ine Jansen;ine@x.nl".encode())
    assert office.accept(office.preview(exact)).status_code == 303
    assert len(guardians_of(school.lotte)) == 2


def test_a_number_that_changes_in_the_file_is_still_the_childs(
    office, numbered, rows, school, guardians_of
) -> None:
    name, data = pupils()
    renumbered = data.replace(b"104;Lotte", b"204;Lotte")
    url = office.preview((name, renumbered), guardians("104;Lotte Jansen;Ko Jansen;ko@x.nl;;vader;ja"))
    assert office.accept(url).status_code == 303
    assert len(guardians_of(school.lotte)) == 2


def test_who_is_named_in_a_row_that_is_refused_has_not_left(office, numbered, rows, school) -> None:
    """Lotte's row bears Sem's number; his own is missing, so that nobody knows who is who."""
    name, data = pupils("Sem")
    swapped = data.replace(b"104;Lotte;Jansen;14-03-2017", b"103;Lotte;Jansen;15-04-2018")
    page = office.page(office.preview((name, swapped)))
    assert "hoort hier bij een ander kind" in page
    assert 'value="left-' not in page


def test_a_child_that_is_not_taken_back_gets_no_group_and_no_guardian(
    office, numbered, rows, school, guardians_of
) -> None:
    office.accept(office.preview(pupils("Lotte")), leaving="1")
    url = office.preview(pupils(), guardians("104;Lotte Jansen;Ko Jansen;ko@x.nl;;vader;ja"))
    sent = office.form(office.page(url))
    sent["on"] = [one for one in sent["on"] if not one.startswith("back-")]
    assert any(one.startswith("link-") for one in sent["on"])
    assert office.client.post(f"{url}/acceptance", data=sent).status_code == 303
    assert next(one for one in rows(Pupil) if one.id == school.lotte.id).archived_at
    assert guardians_of(school.lotte) == {school.tess.id}
    assert "ko@x.nl" not in [user.email for user in rows(User)]
    places = [one for one in rows(Membership) if one.pupil_id == school.lotte.id and one.ended_on is None]
    assert places == []


def test_a_child_whose_number_is_given_to_another_one_keeps_its_place_under_a_new_number(
    office, numbered, rows, school, guardians_of
) -> None:
    name, data = pupils()
    given = data.replace(b"104;Lotte;Jansen", b"104;Quirine;Zwart;02-02-2018;6\n205;Lotte;Jansen")
    by_number = ("104;;Ine Zwart;ine@x.nl;;moeder;ja", "205;Lotte Jansen;Ko Jansen;ko@x.nl;;vader;ja")
    url = office.preview((name, given), guardians(*by_number))
    page = office.page(url)
    assert "hoort hier bij een ander kind" in page
    assert 'value="new-' not in page and 'value="left-' not in page
    assert len(link_boxes(page)) == 1
    assert office.accept(url).status_code == 303
    assert [(one.id, one.key) for one in rows(Pupil) if one.given_name == "Lotte"] == [
        (school.lotte.id, "205")
    ]
    users = {user.email: user.id for user in rows(User)}
    assert guardians_of(school.lotte) == {school.tess.id, users["ko@x.nl"]}
    assert "ine@x.nl" not in users
    # Read in once more, the other child comes in under the number that is free now.
    page = office.page(office.preview((name, given)))
    assert "hoort hier bij een ander kind" not in page
    assert page.count('name="on" value="new-') == 1 and "Quirine Zwart" in page


def test_a_contested_child_without_a_number_in_the_file_lends_its_old_one_to_nobody(
    office, numbered, rows, school, guardians_of
) -> None:
    name, data = pupils(extra="104;Quirine;Zwart;02-02-2018;6")
    bare = data.replace(b"104;Lotte;Jansen", b";Lotte;Jansen")
    url = office.preview((name, bare), guardians("104;;Ine Zwart;ine@x.nl;;moeder;ja"))
    page = office.page(url)
    assert 'value="new-' not in page and link_boxes(page) == []
    assert office.accept(url).status_code == 303
    assert [one.id for one in rows(Pupil) if one.given_name == "Lotte"] == [school.lotte.id]
    assert guardians_of(school.lotte) == {school.tess.id}


def test_a_name_alone_makes_nobody_the_child_whose_number_another_one_bears(
    office, numbered, rows, school
) -> None:
    name, data = pupils()
    given = data.replace(b"104;Lotte;Jansen;14-03-2017", b"104;Quirine;Zwart;02-02-2018;6\n205;Lotte;Jansen;")
    page = office.page(office.preview((name, given)))
    assert f'value="pupil-{school.lotte.id}-key"' not in page
