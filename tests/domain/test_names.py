import pytest
from hypothesis import given
from hypothesis import strategies as st

from portal import names


@pytest.mark.parametrize(
    ("surname", "parts"),
    [
        ("van der Berg", ("van der", "Berg")),
        ("De Vries", ("de", "Vries")),
        ("El Amrani", ("El", "Amrani")),
        ("d'Hondt", ("d'", "Hondt")),
        ("d’Hondt", ("d’", "Hondt")),
        ("'s-Gravesande", ("'s-", "Gravesande")),
        ("van 't Hof", ("van 't", "Hof")),
        ("VAN DEN BERG", ("van den", "BERG")),
        ("Jansen van Dijk", ("", "Jansen van Dijk")),
        ("Le", ("", "Le")),
        ("van", ("", "van")),
        ("", ("", "")),
    ],
)
def test_a_prefix_inside_the_surname_is_split_off(surname: str, parts: tuple[str, str]) -> None:
    assert names.split_prefix(surname) == parts


@pytest.mark.parametrize(
    "name", ["Sanne van der Berg", "Berg, Sanne van der", "van der Berg, Sanne", "Berg, van der, Sanne"]
)
def test_a_whole_name_is_split_in_any_order(name: str) -> None:
    assert names.split_full(name) == ("Sanne", "van der", "Berg")


def test_a_name_may_be_one_word() -> None:
    assert names.split_full("Madonna") == ("Madonna", "", "")
    assert names.full("Madonna", "", "") == "Madonna"
    assert names.listed("Madonna", "", "") == "Madonna"
    assert names.initials("Madonna", "") == "M"


def test_names_are_shown_as_the_netherlands_writes_them() -> None:
    assert names.full("Sanne", "van der", "Berg") == "Sanne van der Berg"
    assert names.listed("Sanne", "van der", "Berg") == "Berg, Sanne van der"
    assert names.full("Els", "'s-", "Gravesande") == "Els 's-Gravesande"
    assert names.initials("Éva", "Šimić") == "ÉŠ"


def test_names_are_ordered_by_core_then_prefix_then_first_name() -> None:
    people = [
        ("Zoë", "", "Berg"),
        ("Anna", "van", "Berg"),
        ("Al", "van der", "Berg"),
        ("Bo", "van der", "Berg"),
        ("Cas", "", "Berg Jansen"),
        ("Ab", "", "Bergsma"),
        ("Dé", "'s-", "Gravesande"),
        ("İlker", "", "Işık"),
        ("Jan-Pieter", "d'", "Ørsted"),
        ("Ян", "", "Йовков"),
    ]
    assert sorted(people, key=lambda person: names.sort_key(*person)) == people


def test_comparing_forgets_latin_accents_but_no_other_script() -> None:
    assert (
        names.fold("Straße IŞIK İlker Łukasz Ørsted Ångström") == "strasse isik ilker lukasz orsted angstrom"
    )
    assert names.fold("Йод Ёлка") == "йод ёлка"


def test_cleaning_takes_out_what_nobody_can_see() -> None:
    assert names.clean(" Sanne\u202e \u200bvan\x00\tder\r\nBerg\ufeff ") == "Sanne van der Berg"
    assert names.clean("e\u0301") == "é"


@given(st.text(max_size=120))
def test_any_text_is_taken_as_a_name(text: str) -> None:
    cleaned = names.clean(text)
    assert names.clean(cleaned) == cleaned
    prefix, core = names.split_prefix(cleaned)
    assert bool(core) == bool(cleaned)
    assert len(prefix) <= names.MAX_PREFIX
    given_name, full_prefix, surname = names.split_full(cleaned)
    assert bool(given_name or surname) == bool(cleaned)
    for form in (names.full, names.listed, names.sort_key):
        assert "\x00" not in form(given_name, full_prefix, surname)
    assert len(names.sort_key(given_name, full_prefix, surname)) <= 300
    names.initials(given_name, surname)
