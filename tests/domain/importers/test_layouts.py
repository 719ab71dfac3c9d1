"""Every layout of the schools' tables that is publicly described, on a sample that we wrote."""

import io
from datetime import date, datetime

import pytest
from openpyxl import Workbook

from portal.domain.importers import reading
from portal.domain.importers.files import Upload
from portal.domain.importers.reading import Reading
from portal.domain.importers.rows import ERROR, GuardianRow, PupilRow, Roster
from portal.domain.importers.table import TableMapping
from tests.domain.importers.edexml_files import SCHOOL


def read(text: str, encoding: str = "utf-8") -> Roster:
    found = reading.read([Upload("lijst.csv", text.encode(encoding))])
    assert found.unknown == ()
    return found.roster


def name(row: PupilRow | GuardianRow) -> tuple[str, str, str]:
    return row.given_name, row.prefix, row.surname


def one_pupil(text: str) -> PupilRow:
    roster = read(text)
    assert roster.problems == ()
    (row,) = roster.pupils
    return row


def test_one_row_per_parent_with_pupil_numbers() -> None:
    roster = read("Code;Achternaam;Email;Leerlingcodes\nouder1;de Wit;a@x.nl;201700045,201700003\n")
    (parent,) = roster.guardians
    assert (parent.key, name(parent), parent.email) == ("ouder1", ("", "de", "Wit"), "a@x.nl")
    assert [child.key for child in parent.children] == ["201700045", "201700003"]
    assert roster.pupils == ()


def test_pupils_with_class_and_year() -> None:
    row = one_pupil(
        "Roepnaam*;Tussenvoegsel;Achternaam*;Geboortedatum (dd-mm-jjjj);Klasnaam;Leerjaar\n"
        "Sem;de;Vries;21-06-2019;Beren;3\n"
    )
    assert (name(row), row.birth_date, row.year_group) == (("Sem", "de", "Vries"), date(2019, 6, 21), 3)
    assert row.group_key == "~beren"


def test_one_row_per_child_with_two_addresses() -> None:
    roster = read(
        "Roepnaam*;Tussenvoegsel;Achternaam*;Geboortedatum (dd-mm-jjjj);E-mailadres ouder/verzorger 1;"
        "E-mailadres ouder/verzorger 2\nSem;de;Vries;21-06-2019;a@x.nl;b@x.nl\nMia;;Bos;1-2-2018;;\n"
    )
    assert [row.email for row in roster.guardians] == ["a@x.nl", "b@x.nl"]
    assert not roster.leading
    assert len(roster.pupils) == 2


def test_names_with_postcode_and_address() -> None:
    roster = read("Voornaam;tussenvoegsel;Achternaam;Postcode;E-mail\nSem;de;Vries;1234AB;a@x.nl\n")
    assert roster.guardians[0].email == "a@x.nl"
    assert "1234AB" not in repr(roster)


def test_library_and_testing_lists_have_the_pupils_own_address_which_is_not_read() -> None:
    for text in (
        "deelnemersnummer*;voornaam*;voorvoegsel;achternaam*;geboortedatum;geslacht;groep;crebonummer;email;"
        "gebruikersnaam\n7;Sem;de;Vries;2019-06-21;1;5;123;sem@x.nl;sem\n",
        "Stamnummer,Klas,Roepnaam,Tussenvoegsel,Achternaam,Studie,Email,Telefoonnummer\n"
        "7,5,Sem,de,Vries,x,sem@x.nl,0612345678\n",
        "Instellingsnummer;Naam;Voornaam;Klas;Klascode;Klasnummer;Gebruikersnaam;Pointer;Stamnummer;\n"
        "123;de Vries;Sem;5;5a;3;sem;9;7;\n",
        "Stamnummer;Roepnaam;Tussenvoegsel;Achternaam;Klas;Klassenmentor 1\n7;Sem;de;Vries;5;JAN\n",
    ):
        row = one_pupil(text)
        assert (row.key, name(row), row.group_key) == ("7", ("Sem", "de", "Vries"), "~5")
        assert read(text).guardians == ()


def test_a_structure_file_gives_groups_and_staff() -> None:
    roster = read("Vestiging;06XZ;naam;06XZ;\nStamgroep;06XZ;groep 3/4;;\nMedewerker;23YT;de Wit;JAN;1234\n")
    assert [(group.name, group.year_groups) for group in roster.groups] == [("groep 3/4", {3, 4})]
    assert [(row.key, row.prefix, row.surname) for row in roster.teachers] == [("JAN", "de", "Wit")]


def test_a_name_written_surname_first() -> None:
    roster = read("Stamnummer;Naam;Klas\n12;Aartsen, Dae;3\n13;Berg, Sanne van der;4\n")
    assert [name(row) for row in roster.pupils] == [("Dae", "", "Aartsen"), ("Sanne", "van der", "Berg")]
    roster = read("Voornaam;Achternaam;Groep\nSanne;Berg, van der;5\n")
    assert name(roster.pupils[0]) == ("Sanne", "van der", "Berg")


def test_a_prefix_inside_the_surname() -> None:
    assert name(one_pupil("Voornaam;Achternaam;Groep\nSem;de Vries;5\n")) == ("Sem", "de", "Vries")
    assert name(one_pupil("Voornaam;Tussenvoegsel;Achternaam;Groep\nSem;de;de Vries;5\n")) == (
        "Sem",
        "de",
        "Vries",
    )


def test_neutral_guardian_columns_with_relations() -> None:
    roster = read(
        "Leerlingnummer;Naam;Voornaam;LPV1 naam;LPV1 voornaam;LPV1 e-mail;LPV1 relatie;LPV2 naam;"
        "LPV2 voornaam;LPV2 e-mail;LPV2 relatie\n"
        "77;Peeters;An;Maes;Els;els@x.be;moeder;Peeters;Jan;jan@x.be;vader\n"
    )
    assert [(name(row), row.children[0].relation) for row in roster.guardians] == [
        (("Els", "", "Maes"), "moeder"),
        (("Jan", "", "Peeters"), "vader"),
    ]
    assert name(roster.pupils[0]) == ("An", "", "Peeters")


def test_mother_and_father_columns_and_two_rows_of_headings() -> None:
    roster = read(
        "Leerling;Groep;E-mail moeder;E-mail vader;06 moeder\nSem de Vries;5;m@x.nl;v@x.nl;612345678\n"
    )
    assert [(row.email, row.children[0].relation, row.phone_e164) for row in roster.guardians] == [
        ("m@x.nl", "mother", "+31612345678"),
        ("v@x.nl", "father", ""),
    ]
    roster = read(
        "Leerling;;;Ouder 1;;;Ouder 2;;\nNummer;Voornaam;Achternaam;Voornaam;Achternaam;E-mail;Voornaam;"
        "Achternaam;E-mail\n7;Sem;de Vries;Anna;Vos;a@x.nl;Bo;de Vries;b@x.nl\n"
    )
    assert [name(row) for row in roster.guardians] == [("Anna", "", "Vos"), ("Bo", "de", "Vries")]
    assert roster.pupils[0].key == "7"


def test_one_row_per_child_and_guardian_makes_one_person() -> None:
    roster = read(
        "Leerlingnummer;Naam leerling;Voornaam;Achternaam;E-mail;Telefoon;Relatie;Gezag\n"
        "7;Sem de Vries;Anna;Vos;a@x.nl;0612345678;moeder;ja\n"
        "7;Sem de Vries;Bo;de Vries;b@x.nl;;vader;nee\n"
        "8;Mia de Vries;Anna;Vos;A@x.nl;0612345678;moeder;ja\n"
    )
    anna, bo = roster.guardians
    assert [child.key for child in anna.children] == ["7", "8"]
    assert (anna.children[0].authority, bo.children[0].authority) == (True, False)


def test_english_headings_and_guardian_relationship_list() -> None:
    roster = read(
        "Pupil number,First name,Last name,Date of birth,Class,Parent 1 email,Parent 2 email\n"
        "7,Sem,de Vries,21/06/2019,5,a@x.nl,b@x.nl\n"
    )
    assert len(roster.guardians) == 2
    roster = read("SIS ID,Email,Role\n77,els@x.be,Parent\n")
    assert [child.key for child in roster.guardians[0].children] == ["77"]


def test_titles_blank_rows_repeated_headings_and_trailing_columns() -> None:
    roster = read(
        "Ouderlijst De Lindeboog;;;\nStand 1 november;;;\n\n"
        "Leerlingnummer;Roepnaam;Achternaam;E-mail ouder 1;\n"
        "7;Sem;de Vries;a@x.nl;;;\n;;;;\n"
        "Leerlingnummer;Roepnaam;Achternaam;E-mail ouder 1;\n8;Mia;Bos;b@x.nl;\n"
    )
    assert [row.key for row in roster.pupils] == ["7", "8"]
    assert roster.problems == ()


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize(
    "encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "cp1252", "latin-1", "mac-roman", "cp850"]
)
def test_every_separator_and_encoding(separator: str, encoding: str) -> None:
    lines = ["Roepnaam|Achternaam|Groep|Geboortedatum", "Zoë|Müller|5|1-2-2018", "Renée|de Kœnig|6|3-4-2017"]
    text = "\n".join(line.replace("|", separator) for line in lines).replace("œ", "oe")
    assert [name(row) for row in read(text, encoding).pupils] == [
        ("Zoë", "", "Müller"),
        ("Renée", "de", "Koenig"),
    ]


def test_a_cell_over_several_lines_keeps_the_line_numbers_right() -> None:
    roster = read(
        'sep=;\nRoepnaam;Achternaam;Opmerking;E-mail ouder 1\nSem;Bos;"een\ntwee";a@x.nl\nMia;Bos;"";fout@\n'
    )
    assert [row.at.line for row in roster.pupils] == [3, 5]
    assert [(problem.at.line, problem.gravity) for problem in roster.problems] == [(5, ERROR)]
    assert "twee" not in repr(roster)
    assert "fout@" not in roster.problems[0].english()
    assert "E-mail ouder 1" in roster.problems[0].english()


@pytest.mark.parametrize(
    "written",
    ["21-06-2019", "21/6/2019", "21.06.2019", "2019-06-21", "20190621", "21062019", "21-6-19", "21 juni 2019",
     "43637", "43637.0", "2019-06-21T00:00:00"],
)  # fmt: skip
def test_every_way_to_write_a_date(written: str) -> None:
    row = one_pupil(f"Roepnaam;Achternaam;Geboortedatum\nSem;Bos;{written}\n")
    assert row.birth_date == date(2019, 6, 21)


def test_a_column_that_only_fits_month_first_is_read_so() -> None:
    roster = read("Roepnaam;Achternaam;Geboortedatum\nSem;Bos;6/21/2019\nMia;Bos;2/3/2018\n")
    assert [row.birth_date for row in roster.pupils] == [date(2019, 6, 21), date(2018, 2, 3)]


def workbook(*rows: list[object], title: list[object] | None = None) -> bytes:
    book = Workbook()
    for row in [*([title] if title else []), *rows]:
        book.active.append(row)
    book.create_sheet("Toelichting").append(["Deze lijst is van de administratie"])
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def test_a_workbook_with_real_dates_numbers_and_what_excel_spoils() -> None:
    data = workbook(
        [
            "Leerlingnummer",
            "Roepnaam",
            "Achternaam",
            "Geboortedatum",
            "Groep",
            "Telefoon ouder 1",
            "Naam ouder 1",
        ],
        [101, "Sem", "de Vries", datetime(2019, 6, 21), 5, 612345678, "Anna Vos"],
        [102.0, "Mia", "Bos", 43637, "Groep 6", 31612345678, "=CONCAT(A1,B1)"],
        title=["Leerlingen"],
    )
    roster = reading.read([Upload("lijst.dat", data)]).roster
    assert [(row.key, row.birth_date) for row in roster.pupils] == [
        ("101", date(2019, 6, 21)),
        ("102", date(2019, 6, 21)),
    ]
    assert [row.phone for row in roster.guardians] == ["0612345678", "+31612345678"]
    assert [row.phone_e164 for row in roster.guardians] == ["+31612345678"] * 2
    formula = [problem for problem in roster.problems if "formula" in problem.english()]
    assert [(problem.at.file, problem.at.line) for problem in formula] == [("lijst.dat (Sheet)", 4)]


def ask(text: str) -> Reading:
    return reading.read([Upload("lijst.csv", text.encode())])


def test_an_unknown_layout_is_asked_about_and_remembered() -> None:
    text = "Wie;Erbij;Thuis\nSem de Vries;x;a@x.nl\nMia Bos;y;b@x.nl\n"
    (unknown,) = ask(text).unknown
    assert unknown.sample()[0] == ("Wie", ["Sem de Vries", "Mia Bos"])
    answer = TableMapping(("pupil.name", "ignore", "guardian1.email"))
    known = {unknown.fingerprint: TableMapping.loads(answer.dumps())}
    again = reading.read([Upload("ander.csv", text.replace(";", ",").encode())], known)
    assert again.unknown == ()
    assert [row.email for row in again.roster.guardians] == ["a@x.nl", "b@x.nl"]
    assert "Wie" not in [row.given_name for row in again.roster.pupils]


def test_a_table_without_headings_is_asked_about() -> None:
    (unknown,) = ask("101;Sem;de Vries;a@x.nl\n102;Mia;Bos;b@x.nl\n").unknown
    mapping = TableMapping(
        ("pupil.key", "pupil.given", "pupil.surname", "guardian1.email"), has_headings=False
    )
    roster = reading.read(
        [Upload("lijst.csv", b"101;Sem;de Vries;a@x.nl\n102;Mia;Bos;b@x.nl\n")],
        {unknown.fingerprint: mapping},
    ).roster
    assert [row.key for row in roster.pupils] == ["101", "102"]


def test_a_known_table_with_addresses_under_an_unknown_heading_is_asked_about() -> None:
    assert ask("Roepnaam;Achternaam;Groep;Postvak\nSem;Bos;5;a@x.nl\n").unknown


def test_bsn_is_neither_read_nor_shown() -> None:
    numbers = ["111222333", "123456782", "100000009", "999999990", "000000012", "010464554"]
    lines = "".join(f"{number};Sem;Bos{number[-2:]}\n" for number in numbers)
    refused = ask("Leerlingnummer;Roepnaam;Achternaam\n" + lines).roster
    assert refused.refused and refused.pupils == ()
    named = ask("BSN;Roepnaam;Achternaam\n" + lines).roster
    assert len(named.pupils) == 6
    asked = ask("Iets;Wie;Thuis\n" + "".join(f"{number};Sem;a@x.nl\n" for number in numbers)).unknown[0]
    for number in numbers:
        assert number not in repr(named) + repr(refused) + repr(asked.sample())


def test_edexml_leads_and_the_table_adds_the_guardians() -> None:
    table = "Leerlingnummer;Roepnaam;Achternaam;Groep;E-mail ouder 1\n101;Bram;Fout;9;a@x.nl\n"
    roster = reading.read([Upload("o.csv", table.encode()), Upload("EDEX.XML", SCHOOL.encode())]).roster
    assert len(roster.pupils) == 6
    assert [row.surname for row in roster.pupils if row.key == "101"] == ["Berg"]
    assert [row.email for row in roster.guardians] == ["a@x.nl"]
    assert roster.complete == {"pupils", "groups", "teachers"}


STAFF_ONLY = "sourcedId,status,givenName,familyName,role,email\nu1,active,Tess,Kok,teacher,t@x.nl\n"
NAMELESS = "SIS ID,School SIS ID,First Name,Last Name\n1,2,Tess,Kok\n"


@pytest.mark.parametrize("text", [STAFF_ONLY, NAMELESS])
def test_an_exchange_format_without_pupils_is_refused_and_makes_no_teacher_one(text: str) -> None:
    roster = ask(text).roster
    assert roster.refused and roster.pupils == ()


def test_a_list_of_staff_is_asked_about() -> None:
    assert ask("Voornaam;Achternaam;Functie;E-mail\nTess;Kok;leerkracht;t@x.nl\n").unknown
