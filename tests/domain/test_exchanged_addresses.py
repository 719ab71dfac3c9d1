"""Addresses that go from one parent to the other in a list: the people stay who they are. No database."""

import pytest

from portal.domain.roster_questions import Answers
from portal.domain.roster_snapshot import GuardianshipNow
from tests.domain.test_roster_matching import adult, guards, plan, pupil

LIST = "Leerlingnummer;Voornaam ouder;Achternaam ouder;E-mail ouder;Relatie ouder;Gezag ouder\n"
SEM = (pupil(1, "1", "Sem", "Bos"),)
PARENTS = (adult(7, "Anna", "Vos", "a@x.nl"), adult(8, "Daan", "Bos", "d@x.nl"))
PAIRS = (GuardianshipNow(11, 1, 7, "moeder", True), GuardianshipNow(12, 1, 8, "vader", False))
FAMILY = {"pupils": SEM, "adults": PARENTS, "guardianships": PAIRS}
MOTHER, FATHER = "1;Anna;Vos;d@x.nl;moeder;ja\n", "1;Daan;Bos;a@x.nl;vader;nee\n"


def changes(made) -> dict[str, tuple[str, str, bool]]:
    return {step.id: (step.old, step.new, step.on) for step in made.changes}


@pytest.mark.parametrize("rows", [MOTHER + FATHER, FATHER + MOTHER])
def test_parents_who_exchanged_addresses_keep_their_own_authority(rows: str) -> None:
    made = plan(LIST + rows, **FAMILY)
    assert changes(made) == {
        "guardian-7-email": ("a@x.nl", "d@x.nl", True),
        "guardian-8-email": ("d@x.nl", "a@x.nl", True),
    }
    assert (made.choices, made.links, made.ending, made.refusals) == ([], [], [], [])
    assert {step.id: step.needs for step in made.changes} == {
        "guardian-7-email": "guardian-8-email",
        "guardian-8-email": "guardian-7-email",
    }


@pytest.mark.parametrize("order", [1, -1])
def test_an_address_that_goes_to_the_other_parent_makes_no_third_guardian(order: int) -> None:
    rows = [MOTHER, "1;Daan;Bos;new@x.nl;vader;nee\n"][::order]
    made = plan(LIST + "".join(rows), **FAMILY)
    assert changes(made) == {
        "guardian-7-email": ("a@x.nl", "d@x.nl", True),
        "guardian-8-email": ("d@x.nl", "new@x.nl", True),
    }
    assert (made.links, made.refusals, made.adults) == ([], [], [])


def test_an_address_that_its_owner_keeps_is_not_given_away() -> None:
    for father in ("1;Daan;Bos;;vader;nee\n", "1;Daan;Bos;d@x.nl;vader;nee\n", ""):
        made = plan(LIST + MOTHER + father, **FAMILY)
        assert (made.changes, made.links, made.choices) == ([], [], [])


def test_an_address_is_free_only_as_far_as_its_owner_lets_it_go_unasked() -> None:
    """What the father changed in the portal stays, so the mother's new address waits for his (box off)."""
    own = (PARENTS[0], adult(8, "Daan", "Bos", "d@x.nl", own_email=True))
    made = plan(LIST + MOTHER + FATHER, **{**FAMILY, "adults": own})
    assert {step.id: step.on for step in made.changes} == {
        "guardian-7-email": False,
        "guardian-8-email": False,
    }


def test_of_two_who_want_an_address_one_gets_it() -> None:
    more = pupil(2, "2", "Noor", "Vos")
    others = (*PARENTS, adult(9, "Ria", "Vos", "r@x.nl"))
    made = plan(
        LIST + MOTHER + "1;Daan;Bos;new@x.nl;;\n2;Ria;Vos;d@x.nl;;\n",
        pupils=(*SEM, more),
        adults=others,
        guardianships=(*PAIRS, *guards(2, 9)),
    )
    assert [step.ident for step in made.changes if step.new == "d@x.nl"] == [7]


def test_the_owner_of_an_address_is_not_taken_for_the_other_parent() -> None:
    """The row could be two of the parents and bears another address: it is asked, and begins with nobody."""
    there = (PARENTS[0], adult(8, "Daan", "Bos", "d@x.nl"), adult(9, "Arie", "Vos", None))
    pairs = (*guards(1, 7, 8), GuardianshipNow(13, 2, 9, "", True))
    made = plan(
        LIST + "1;A.;Vos;d@x.nl;;\n1;Anna;Vos;a@x.nl;;\n",
        pupils=(*SEM, pupil(2, "2", "Noor", "Vos")),
        adults=there,
        guardianships=pairs,
    )
    (choice,) = made.choices
    assert (choice.first, choice.answer) == ("Daan Bos", "")


def test_a_parent_with_another_name_and_the_old_address_is_still_the_same_at_first() -> None:
    made = plan(LIST + "1;Ineke;Dam;d@x.nl;;\n1;Anna;Vos;a@x.nl;;\n", **FAMILY)
    assert [(one.first, one.answer) for one in made.choices] == [("Daan Bos", "one")]
    two = plan(LIST + "1;Ineke;Dam;d@x.nl;;\n", Answers(choices={"choice-0": "two"}), **FAMILY)
    assert [link.blocked for link in two.links] == [True]


NAMELESS = (PARENTS[0], adult(8, "", "", "d@x.nl"))
"""The school once read in a list of addresses: of one parent it knows nothing else."""


@pytest.mark.parametrize("rows", [MOTHER + FATHER, FATHER + MOTHER])
def test_who_is_known_by_address_only_does_not_become_the_other_parent(rows: str) -> None:
    made = plan(LIST + rows, **{**FAMILY, "adults": NAMELESS})
    assert [step.id for step in made.changes if step.of == "link" or step.field == "name"] == []
    assert [(one.first, one.second, one.answer) for one in made.choices] == [("Anna Vos", "Daan Bos", "")]


def test_an_address_without_a_name_gets_the_name_that_the_list_has_for_it() -> None:
    made = plan(LIST + "1;Anna;Vos;a@x.nl;;\n1;Daan;Bos;d@x.nl;;\n", **{**FAMILY, "adults": NAMELESS})
    assert changes(made) == {"guardian-8-name": ("d@x.nl", "Daan Bos", True)}
