"""`/school/import/…/mapping`: columns are named once, and every table is read in once."""

import re

from portal.domain.importers.rows import load
from portal.models.imports import RosterImport, TableMapping
from portal.models.roster import Pupil
from tests.roster_import.conftest import Office
from tests.roster_import.test_race import at_once

NAMES = ("Mila Bos", "Otis Kok", "Ada Vos", "Ben Pol", "Cas Dam")
LIST = "Roepnaam;Achternaam;Geboortedatum;Groep\n" + "".join(
    f"{name.replace(' ', ';')};1-2-2018;6\n" for name in NAMES
)
HOMES = "Wie;Thuis\n" + "".join(f"{name};{name[0].lower()}@x.nl\n" for name in NAMES)
CHILDREN, PARENTS = ("kinderen.csv", LIST.encode()), ("thuis.csv", HOMES.encode())


def said(office: Office, url: str) -> dict[str, str]:
    names = re.findall(r'<select name="(column-[0-9a-f]+-\d+)"', office.page(url))
    return {name: ("pupil.name", "guardian1.email")[index % 2] for index, name in enumerate(names)}


def kept(rows) -> tuple[int, int]:
    [one] = rows(RosterImport)
    roster = load(one.rows)
    return len(roster.pupils), len(roster.guardians)


def test_a_table_that_was_known_is_not_read_in_twice(office, rows, school) -> None:
    url = office.preview(CHILDREN, PARENTS)
    assert url.endswith("/mapping")
    page = office.page(url)
    assert "Kies hetzelfde bestand nog een keer" in page and "thuis.csv" in page
    assert "kinderen.csv" not in page
    answer = office.upload(CHILDREN, PARENTS, to=url, **said(office, url))
    assert answer.status_code == 303
    assert kept(rows) == (5, 5)
    page = office.page(answer.location)
    sent = office.form(page)
    sent["on"] = [one for one in sent["on"] if not one.startswith("left-")]
    assert office.client.post(f"{answer.location}/acceptance", data=sent).status_code == 303
    assert [one.given_name for one in rows(Pupil)].count("Mila") == 1


def test_a_form_that_comes_twice_adds_nothing(office, rows, school) -> None:
    url = office.preview(CHILDREN, PARENTS)
    answers = said(office, url)
    first, second = (office.upload(CHILDREN, PARENTS, to=url, **answers) for _ in range(2))
    assert (first.status_code, second.status_code) == (303, 303)
    assert second.location == first.location
    assert kept(rows) == (5, 5)


def test_forms_that_come_at_once_add_their_rows_once(app, client_for, rows, school) -> None:
    people = [Office(client_for(person)) for person in (school.otto, school.hedy, school.bea)]
    url = people[0].preview(CHILDREN, PARENTS)
    answers = said(people[0], url)
    codes: list[int] = []

    def send(one: Office) -> None:
        codes.append(one.upload(CHILDREN, PARENTS, to=url, **answers).status_code)

    at_once(app, [lambda one=one: send(one) for one in people])
    assert codes == [303] * 3
    assert kept(rows) == (5, 5)
    assert len(rows(TableMapping)) == 1


def test_two_files_that_are_needed_are_both_named(office, school) -> None:
    other = ("werk.csv", b"Klant;Post\nMila Bos;m@x.nl\n")
    page = office.page(office.preview(PARENTS, other))
    assert "Kies dezelfde 2 bestanden nog een keer" in page and "thuis.csv, werk.csv" in page
