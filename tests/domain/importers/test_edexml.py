from datetime import date

import pytest

from portal.domain.importers import edexml
from portal.domain.importers.rows import REFUSED, Roster, dump, load
from tests.domain.importers.edexml_files import CANARY_BSN, CANARY_ORIGIN, NOTHING, PARTIAL, SCHOOL, UWLR
from tests.material import material


def read(text: str | bytes) -> Roster:
    return edexml.read("EDEX.XML", text.encode() if isinstance(text, str) else text)


@pytest.fixture(scope="module")
def school() -> Roster:
    return read(SCHOOL)


def pupil(roster: Roster, given: str):  # noqa: ANN201
    return next(row for row in roster.pupils if row.given_name == given)


def test_it_reads_the_header(school: Roster) -> None:
    assert (school.school_year, school.reference_date) == ("2026-2027", date(2026, 11, 20))
    assert school.complete == {"pupils", "groups", "teachers"}
    assert school.leading
    assert school.problems == ()


def test_a_combination_group_gets_the_year_groups_of_its_pupils(school: Roster) -> None:
    groups = {group.key: group for group in school.groups}
    assert groups["g34"].year_groups == {3, 4}
    assert groups["plus"].composite
    assert groups["plus"].year_groups == frozenset()


def test_a_pupil_has_an_own_year_group_home_group_and_extra_groups(school: Roster) -> None:
    bram = pupil(school, "Bram")
    assert (bram.key, bram.prefix, bram.surname) == ("101", "van den", "Berg")
    assert (bram.year_group, bram.group_key, bram.extra_group_keys) == (3, "g34", ("plus",))
    assert bram.birth_date == date(2019, 6, 21)
    assert bram.at.line == 12


def test_a_first_name_or_a_composite_group_alone_is_enough(school: Roster) -> None:
    assert pupil(school, "Noor").surname == ""
    alone = pupil(school, "Alleen")
    assert (alone.group_key, alone.extra_group_keys) == (None, ("plus",))


def test_a_dummy_key_is_never_a_key_but_still_joins_within_the_file(school: Roster) -> None:
    ilker = pupil(school, "İlker")
    assert ilker.key is None
    assert ilker.group_key == "#6"
    assert next(group for group in school.groups if group.key == "#6").lasting_key is None


def test_who_left_before_the_reference_date_or_is_history_has_left(school: Roster) -> None:
    wim = pupil(school, "Wim")
    assert (wim.has_left, wim.left_on) == (True, date(2026, 10, 1))
    assert next(row for row in school.pupils if row.surname == "Oud").has_left
    assert not pupil(school, "Bram").has_left


def test_a_group_has_two_teachers_and_their_roles_are_not_read(school: Roster) -> None:
    assert [row.group_keys for row in school.teachers] == [("g34", "plus"), ("g34",)]
    assert school.teachers[0].email == "tess@school.example"
    assert "DIR" not in repr(school)


def test_nothing_outside_the_allow_list_is_kept(school: Roster) -> None:
    for canary in (CANARY_BSN, CANARY_ORIGIN, "example.org/x", "Nep"):
        assert canary not in repr(school)


def test_the_rows_survive_being_kept(school: Roster) -> None:
    assert load(dump(school)) == school


def test_a_uwlr_answer_holds_the_same_in_any_order_and_any_later_year() -> None:
    roster = read(UWLR)
    assert roster.school_year == "2031-2032"
    assert [(row.given_name, row.surname, row.group_key) for row in roster.pupils] == [("Mia", "Smit", "a")]
    assert roster.problems == ()


def test_a_partial_answer_never_says_that_anybody_has_left() -> None:
    roster = read(PARTIAL)
    assert len(roster.pupils) == 1
    assert roster.complete == frozenset()
    assert roster.problems == ()


def test_an_answer_without_changes_is_refused_in_words() -> None:
    assert [problem.gravity for problem in read(NOTHING).problems] == [REFUSED]


@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "iso-8859-1", "iso-8859-15", "windows-1252", "utf-16"]
)
def test_every_encoding_gives_the_same_names(encoding: str) -> None:
    declared = "UTF-8" if encoding == "utf-8-sig" else encoding
    text = SCHOOL.replace("UTF-8", declared).replace("İlker", "Zoë").replace("Noor", "Renée")
    roster = read(text.encode(encoding))
    assert {"Zoë", "Renée"} <= {row.given_name for row in roster.pupils}
    assert pupil(roster, "Zoë").surname == "Ørsted"


def test_western_text_under_a_utf8_heading_is_read_and_said() -> None:
    roster = read(SCHOOL.replace("İlker", "Zoë").encode("cp1252"))
    assert pupil(roster, "Zoë").surname == "Ørsted"
    assert len(roster.problems) == 1


@pytest.mark.parametrize("code", ["B", "D", "S", "V", "C", "N", "11", "16", "x"])
def test_a_year_group_outside_primary_school_is_none(code: str) -> None:
    roster = read(SCHOOL.replace("<jaargroep>5</jaargroep>", f"<jaargroep>{code}</jaargroep>"))
    assert pupil(roster, "Alleen").year_group is None


def test_faults_are_named_by_file_and_line_without_anybodys_data() -> None:
    broken = SCHOOL.replace('key="102"', 'key="101"').replace("2019-06-21", "2019-21-06")
    problems = read(broken).problems
    assert [(problem.at.file, problem.at.line) for problem in problems] == [
        ("EDEX.XML", 12),
        ("EDEX.XML", 21),
    ]
    text = " ".join(problem.english() for problem in problems)
    assert "line 21" in text
    for secret in ("Bram", "Noor", "Berg", "2019-21", "101"):
        assert secret not in text


def test_a_file_cut_short_is_refused_as_a_whole() -> None:
    roster = read(SCHOOL[:1500])
    assert roster.refused
    assert roster.pupils == ()
    assert "line" in roster.problems[0].english()


@pytest.mark.parametrize("name", ["EDEXML.Voorbeeld.2.1.xml", "EDEXML.Voorbeeld.2.1-Vla.xml"])
def test_the_official_samples_are_read_whole(name: str) -> None:
    roster = edexml.read(name, material("edexml", name).read_bytes())
    assert roster.problems == ()
    assert [row.given_name for row in roster.pupils] == ["Wimpie", "Ismaël", "Gradje"]
    assert [row.has_left for row in roster.pupils] == [False, False, True]
    assert (len(roster.groups), len(roster.teachers)) == ((8, 3) if "Vla" not in name else (7, 3))
    for number in ("133456785", "13345678512", "2731"):
        assert number not in repr(roster)
