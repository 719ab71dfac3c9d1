"""What an import would do: rows and a roster in, a plan out; no database."""

from datetime import date

import pytest

from portal.domain.importers import reading
from portal.domain.importers.files import Upload
from portal.domain.importers.rows import dump, load
from portal.domain.roster_likeness import alike
from portal.domain.roster_matching import make_plan
from portal.domain.roster_plan import Plan
from portal.domain.roster_questions import Answers
from portal.domain.roster_snapshot import AdultNow, GroupNow, GuardianshipNow, PupilNow, Snapshot

TODAY = date(2026, 11, 24)
BORN = date(2019, 1, 1)
PUPILS = "Leerlingnummer;Roepnaam;Achternaam;Geboortedatum\n"
PARENTS = "Leerlingnummer;Naam leerling;Naam ouder;E-mail ouder;Telefoon ouder\n"


def pupil(
    number: int, key: str | None, given: str, surname: str, born: date | None = BORN, **more
) -> PupilNow:
    return PupilNow(number, key, given, "", surname, born, None, **{"archived": False, **more})


def adult(number: int, given: str, surname: str, email: str | None = None, **more) -> AdultNow:
    empty = {"guardian_key": None, "initials": "", "prefix": "", "phone": "", "phone_e164": ""}
    flags = {"own_email": False, "own_phone": False}
    return AdultNow(id=number, given_name=given, surname=surname, email=email, **{**empty, **flags, **more})


def guards(pupil_id: int, *user_ids: int) -> tuple[GuardianshipNow, ...]:
    return tuple(
        GuardianshipNow(pupil_id * 10 + seat, pupil_id, user_id, "", True)
        for seat, user_id in enumerate(user_ids, 1)
    )


def plan(text: str, answers: Answers | None = None, year: str = "2026-2027", **roster) -> Plan:
    rows = reading.read([Upload("lijst.csv", text.encode())]).roster
    return make_plan(Snapshot(school_year=year, **roster), rows, TODAY, answers)


SEM = (pupil(1, "1", "Sem", "Bos"),)
ANNA = (adult(7, "Anna", "Vos", "a@x.nl"),)


def test_a_number_that_is_now_another_childs_changes_nothing() -> None:
    made = plan(PUPILS + "1;Zed;Quark;2-2-2018\n", pupils=SEM)
    assert (made.changes, made.new_pupils, made.leaving) == ([], [], [])
    assert len(made.problems) == 1


def test_a_new_number_with_the_same_name_and_birth_date_is_the_same_child() -> None:
    made = plan(PUPILS + "9;Sem;Bos;1-1-2019\n", pupils=SEM)
    assert [(change.field, change.old, change.new) for change in made.changes] == [("key", "1", "9")]


def test_a_new_number_and_a_name_alone_is_another_child() -> None:
    made = plan(PUPILS + "9;Sem;Bos;\n", pupils=SEM)
    assert len(made.new_pupils) == 1
    assert [step.pupil_id for step in made.leaving] == [1]


def test_zeros_that_a_spreadsheet_ate_are_no_change() -> None:
    made = plan(PUPILS + "1;Sem;Bos;1-1-2019\n", pupils=(pupil(1, "0001", "Sem", "Bos"),))
    assert (made.changes, made.new_pupils, made.same) == ([], [], 1)


def test_two_children_of_one_name_are_never_mixed_up() -> None:
    there = (pupil(1, None, "Sem", "Bos", None), pupil(2, None, "Sem", "Bos", None))
    made = plan("Roepnaam;Achternaam;Klas\nSem;Bos;5\nSem;Bos;6\n", pupils=there)
    assert len(made.new_pupils) == 2
    groups = (
        GroupNow(1, "2026-2027", None, "5", "5", False, False),
        GroupNow(2, "2026-2027", None, "6", "6", False, False),
    )
    there = (pupil(1, None, "Sem", "Bos", None, home=2), pupil(2, None, "Sem", "Bos", None, home=1))
    made = plan("Roepnaam;Achternaam;Klas\nSem;Bos;5\nSem;Bos;6\n", pupils=there, groups=groups)
    assert (made.new_pupils, made.moves) == ([], [])


def test_a_row_whose_number_and_name_are_of_two_children_matches_nobody() -> None:
    there = (*SEM, pupil(2, "2", "Yara", "Quist"))
    made = plan(PARENTS + "1;Yara Quist;Anna Vos;a@x.nl;\n", pupils=there)
    assert (made.links, len(made.unmatched)) == ([], 1)


def test_an_initial_is_the_same_person_as_the_first_name() -> None:
    made = plan(PARENTS + "1;Sem Bos;A. Vos;a@x.nl;\n", pupils=SEM, adults=ANNA, guardianships=guards(1, 7))
    assert [change.field for change in made.changes] == ["initials"]
    assert made.links == []


def test_a_new_address_of_a_known_guardian_is_a_change_not_a_third_person() -> None:
    made = plan(PARENTS + "1;Sem Bos;Anna Vos;n@x.nl;\n", pupils=SEM, adults=ANNA, guardianships=guards(1, 7))
    assert [(change.old, change.new) for change in made.changes] == [("a@x.nl", "n@x.nl")]
    assert (made.links, made.ending) == ([], [])


def test_an_own_address_stays_even_where_the_table_has_no_names() -> None:
    own = (adult(7, "Anna", "Vos", "eigen@x.nl", own_email=True),)
    text = "Leerlingnummer;Roepnaam;Achternaam;E-mail ouder 1\n1;Sem;Bos;oud@x.nl\n"
    made = plan(text, pupils=SEM, adults=own, guardianships=guards(1, 7))
    assert [(change.conflict, change.on) for change in made.changes] == [(True, False)]
    assert (made.links, made.adults) == ([], [])


KIN = (pupil(1, "1", "Sem", "Bos"), pupil(2, "2", "Noor", "Bos"))
FATHER_OF_TWO = (
    "Leerlingnummer;Voornaam ouder;Achternaam ouder;E-mail ouder;Relatie ouder;Gezag ouder\n",
    "1;Rob;Smit;rob@x.nl;vader;ja\n",
    "2;Rob;Smit;rob@x.nl;stiefvader;nee\n",
)


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_authority_and_relation_are_those_of_each_child(order: tuple[int, int]) -> None:
    """A stepfather of one child is no father of it because he is one of another (R21)."""
    text = "".join((FATHER_OF_TWO[0], *(FATHER_OF_TWO[line] for line in order)))
    made = plan(text, pupils=KIN)
    assert {link.name: (link.relation, link.has_authority) for link in made.links} == {
        "Sem Bos": ("vader", True),
        "Noor Bos": ("stiefvader", False),
    }


@pytest.mark.parametrize("order", [(1, 2), (2, 1)])
def test_what_the_file_says_of_one_child_changes_nothing_of_another(order: tuple[int, int]) -> None:
    text = "".join((FATHER_OF_TWO[0], *(FATHER_OF_TWO[line] for line in order)))
    pairs = (GuardianshipNow(10, 1, 8, "vader", True), GuardianshipNow(20, 2, 8, "stiefvader", False))
    made = plan(text, pupils=KIN, adults=(adult(8, "Rob", "Smit", "rob@x.nl"),), guardianships=pairs)
    assert made.changes == []


def test_of_two_rows_about_one_child_the_one_without_authority_counts() -> None:
    text = FATHER_OF_TWO[0] + "1;Rob;Smit;rob@x.nl;vader;ja\n1;Rob;Smit;rob@x.nl;;nee\n"
    made = plan(text, pupils=KIN)
    assert [(link.relation, link.has_authority) for link in made.links] == [("vader", False)]


def test_a_preview_that_was_kept_keeps_what_a_guardian_is_to_each_child() -> None:
    rows = reading.read([Upload("lijst.csv", "".join(FATHER_OF_TWO).encode())]).roster
    assert load(dump(rows)).guardians == rows.guardians


BY_NAME = (
    "Leerlingnummer;Voornaam ouder;Achternaam ouder;E-mail ouder\n1;Rob;Smit;\n2;Rob;Smit;\n",
    "Leerlingnummer;Voornaam ouder;Achternaam ouder;E-mail ouder\n2;Rob;Smit;\n",
)
FATHER_OF_SEM = {"adults": (adult(8, "Rob", "Smit"),), "guardianships": guards(1, 8)}


@pytest.mark.parametrize(
    ("text", "roster", "who"), [(BY_NAME[0], {}, "na0"), (BY_NAME[1], FATHER_OF_SEM, "u8")]
)
def test_one_name_in_one_family_is_asked_about_and_two_people_until_it_is_said(text, roster, who) -> None:
    made = plan(text, pupils=KIN, **roster)
    ((ident, answer, others),) = [(one.id, one.answer, one.others) for one in made.choices]
    assert (answer, others) == ("two", ("Sem Bos",))
    assert made.links[-1].user != who
    made = plan(text, Answers(choices={ident: "one"}), pupils=KIN, **roster)
    assert made.links[-1].user == who
    assert len(made.adults) == len({link.user for link in made.links if link.user.startswith("n")})


def test_two_parents_of_one_name_are_not_asked_about_for_one_child() -> None:
    text = "Leerlingnummer;Naam ouder;Telefoon ouder\n1;J. Smit;\n1;J. Smit;\n2;J. Smit;\n"
    assert [one.others for one in plan(text, pupils=KIN).choices] == [("Sem Bos",)]


def test_one_name_in_two_families_is_two_people() -> None:
    other = (pupil(1, "1", "Sem", "Bos"), pupil(2, "2", "Noor", "Vos"))
    made = plan(BY_NAME[0], pupils=other)
    assert (made.choices, len(made.adults)) == ([], 2)


def test_what_the_office_said_of_one_name_is_not_asked_again() -> None:
    pairs = guards(1, 8) + guards(2, 8)
    made = plan(BY_NAME[0], pupils=KIN, adults=(adult(8, "Rob", "Smit"),), guardianships=pairs)
    assert (made.choices, made.links, made.ending) == ([], [], [])


def test_an_address_of_somebody_else_is_asked_about() -> None:
    text = PARENTS + "1;Sem Bos;Rob Kok;a@x.nl;\n"
    made = plan(text, pupils=SEM, adults=ANNA)
    (choice,) = made.choices
    assert (choice.first, choice.second, choice.answer, made.links) == ("Anna Vos", "Rob Kok", "", [])
    one = plan(text, Answers(choices={choice.id: "one"}), pupils=SEM, adults=ANNA)
    assert [link.user for link in one.links] == ["u7"]
    two = plan(text, Answers(choices={choice.id: "two"}), pupils=SEM, adults=ANNA)
    assert [(person.row.surname, person.email) for person in two.adults] == [("Kok", None)]


def test_a_made_up_answer_is_no_answer() -> None:
    text = PARENTS + "1;Sem Bos;Rob Kok;a@x.nl;\n"
    made = plan(text, Answers(choices={"choice-0": "three"}), pupils=SEM, adults=ANNA)
    assert (made.links, made.choices[0].answer) == ([], "")


def test_a_table_of_guardians_never_lets_a_child_leave_or_arrive() -> None:
    made = plan(PARENTS + "1;Sem Bos;Anna Vos;a@x.nl;\n", pupils=(*SEM, pupil(2, "2", "Mia", "Kok")))
    assert (made.new_pupils, made.leaving, made.changes) == ([], [], [])


def test_more_than_five_in_a_hundred_leaving_asks_for_the_number() -> None:
    there = tuple(pupil(number, str(number), f"Kind{number}", "Bos") for number in range(1, 101))
    lines = [f"{number};Kind{number};Bos;1-1-2019" for number in range(1, 101)]
    five = plan(PUPILS + "\n".join(lines[5:]), pupils=there)
    assert (five.leaves(five.defaults()), five.asks_number(five.defaults())) == (5, False)
    six = plan(PUPILS + "\n".join(lines[6:]), pupils=there)
    assert (six.leaves(six.defaults()), six.asks_number(six.defaults())) == (6, True)


@pytest.mark.parametrize(
    ("one", "other", "same"),
    [
        (("Anna", "Vos"), ("Anna", "Vos"), True),
        (("Anna", "Vos"), ("anná", "VOS"), True),
        (("Anna", "Vos"), ("", "Vos"), True),
        (("Anna", "Vos"), ("Bo", "Vos"), False),
        (("Anna", "Vos"), ("Anna", "Bos-Vos"), True),
        (("Anna", "Vos"), ("Anna", "Kok"), False),
        (("Jan-Pieter", "Vos"), ("Jan", "Vos"), True),
    ],
)
def test_when_two_names_can_be_one_person(one, other, same: bool) -> None:
    assert alike(adult(1, *one), adult(2, *other)) is same
    assert alike(adult(2, *other), adult(1, *one)) is same
