"""Whatever comes in: rows or problems, never an exception, never long (SAFETY 6)."""

import csv
import io
import os
import random
import time
from datetime import date

from hypothesis import given, settings
from hypothesis import strategies as st

from portal.domain.importers import reading
from portal.domain.importers.files import Upload
from portal.domain.importers.rows import Roster, dump, load
from tests.domain.importers.edexml_files import SCHOOL, UWLR
from tests.domain.importers.test_layouts import workbook

WHOLE = "PROVE_ALL" in os.environ
TABLE = (
    "Leerlingnummer;Roepnaam;Tussenvoegsel;Achternaam;Geboortedatum;Groep;Naam ouder 1;E-mail ouder 1;"
    "Telefoon ouder 1\n00012;Sem;de;Vries;21-6-2019;3/4;Anna de Vries;a@x.nl;612345678\n"
    '"13";Zoë;;"B""os";;5;;;\n'
)
SEEDS = [
    SCHOOL.encode(),
    UWLR.encode(),
    TABLE.encode(),
    TABLE.encode("utf-16"),
    TABLE.encode("cp1252"),
    workbook(["Leerlingnummer", "Roepnaam", "Achternaam"], [1, "Sem", "Bos"]),
]


def read(data: bytes) -> Roster:
    start = time.process_time()
    roster = reading.read([Upload("bestand", data)]).roster
    assert time.process_time() - start < 2
    for problem in roster.problems:
        assert problem.english()
    assert load(dump(roster)) == roster
    return roster


def mutated(random_: random.Random, data: bytes) -> bytes:
    changed = bytearray(data)
    for _ in range(random_.randint(1, 8)):
        at = random_.randrange(len(changed))
        kind = random_.randrange(5)
        if kind == 0:
            changed[at] = random_.randrange(256)
        elif kind == 1:
            del changed[at : at + random_.randint(1, 40)]
        elif kind == 2:
            changed[at:at] = random_.choice(
                [
                    b"<",
                    b">",
                    b"&",
                    b'"',
                    b";",
                    b"\n",
                    b"\x00",
                    b"<!DOCTYPE a>",
                    b"&#0;",
                    b"\xff\xfe",
                    b"PK\x03\x04",
                ]
            )
        elif kind == 3:
            changed[at:at] = changed[at : at + random_.randint(1, 200)]
        else:
            changed = changed[: max(at, 1)]
        if not changed:
            changed = bytearray(b"x")
    return bytes(changed)


def test_damaged_files_never_break_the_reader() -> None:
    random_ = random.Random(20261123)
    for number in range(3000 if WHOLE else 1000):
        read(mutated(random_, SEEDS[number % len(SEEDS)]))


@settings(deadline=None, max_examples=200 if WHOLE else 80)
@given(st.binary(max_size=400))
def test_any_bytes_give_rows_or_problems(data: bytes) -> None:
    read(data)


@settings(deadline=None, max_examples=200 if WHOLE else 80)
@given(st.lists(st.lists(st.text(max_size=20), max_size=8), max_size=8))
def test_any_table_gives_rows_or_problems(rows: list[list[str]]) -> None:
    out = io.StringIO()
    csv.writer(out, delimiter=";").writerows([["Leerlingnummer", "Roepnaam", "Achternaam", "Groep"], *rows])
    read(out.getvalue().encode("utf-8", "replace"))


letters = st.text(st.characters(whitelist_categories=("Lu", "Ll")), min_size=1, max_size=15)
pupils = st.lists(
    st.tuples(letters, letters, st.dates(date(2010, 1, 1), date(2022, 12, 31)), st.integers(1, 8)),
    min_size=1,
    max_size=12,
)


@settings(deadline=None, max_examples=100 if WHOLE else 50)
@given(pupils, st.sampled_from([";", ",", "\t", "|"]), st.sampled_from(["utf-8", "utf-8-sig", "utf-16"]))
def test_what_is_written_is_what_is_read(
    people: list[tuple[str, str, date, int]], separator: str, encoding: str
) -> None:
    out = io.StringIO()
    writer = csv.writer(out, delimiter=separator)
    writer.writerow(["Leerlingnummer", "Roepnaam", "Achternaam", "Geboortedatum", "Groep"])
    for number, (given_name, surname, born, year) in enumerate(people):
        writer.writerow([f"0{number}", given_name, f"van {surname}", f"{born:%d-%m-%Y}", f"Groep {year}"])
    roster = read(out.getvalue().encode(encoding))
    assert [(row.key, row.prefix, row.birth_date, row.year_group) for row in roster.pupils] == [
        (f"0{number}", "van", born, year) for number, (_, _, born, year) in enumerate(people)
    ]
