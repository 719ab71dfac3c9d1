"""`portal import`: what the office's technician types, on both databases."""

import os
import pty
import re
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from portal import clock
from portal.domain import invitations
from portal.domain.importers import reading
from portal.extensions import db, is_writing
from portal.models.accounts import StaffMember, User
from portal.models.audit import AuditEntry
from portal.models.roster import Group, Guardianship, Membership, Pupil
from portal.models.school import School, SchoolYear
from tests.accounts.conftest import do, mailed
from tests.domain.importers.edexml_files import SCHOOL
from tests.domain.importers.test_oneroster import ONE_ONE
from tests.material import material
from tests.processes import run_portal
from tests.roster_import.export import CANARIES, Export, export

__all__ = ["do", "mailed"]

ZERO = "0 added, 0 changed, 0 removed"


class Command:
    """Runs the command on files that it writes."""

    def __init__(self, app: Flask, folder: Path) -> None:
        self.app = app
        self.folder = folder

    def write(self, made: Export) -> list[str]:
        (self.folder / "EDEX.XML").write_bytes(made.edexml())
        (self.folder / "ouders.csv").write_bytes(made.guardians())
        return [str(self.folder / "EDEX.XML"), str(self.folder / "ouders.csv")]

    def run(self, *arguments: str, code: int = 0) -> tuple[list[str], str]:
        result = self.app.test_cli_runner().invoke(args=["import", *arguments])
        assert result.exception is None or isinstance(result.exception, SystemExit), result.exc_info
        assert result.exit_code == code, result.output
        return result.stdout.splitlines(), result.stderr

    def typed(self, *arguments: str) -> tuple[int, str]:
        """Run the command as somebody who sits at a terminal."""
        terminal, inside = pty.openpty()
        settings = {"DATABASE_URL": self.app.config["DATABASE_URL"], "INSTANCE": str(self.folder)}
        done = run_portal("import", *arguments, typed_at=Path(os.ttyname(inside)), **settings)
        os.close(terminal)
        os.close(inside)
        return done.returncode, done.stderr

    def text(self, text: str, *arguments: str, code: int = 0) -> tuple[list[str], str]:
        path = self.folder / "lijst.csv"
        path.write_text(text)
        return self.run(str(path), *arguments, code=code)


@pytest.fixture
def command(app: Flask, tmp_path: Path) -> Command:
    return Command(app, tmp_path)


def test_a_whole_school_comes_in_and_the_same_files_again_change_nothing(command, rows) -> None:
    made = export(400, 720)
    files = command.write(made)
    told, _ = command.run(*files)
    assert told == [
        "pupils: 400 added, 0 changed, 0 removed",
        "groups: 12 added, 0 changed, 0 removed",
        "teachers: 22 added, 0 changed, 0 removed",
        f"guardians: {len(made.parents)} added, 0 changed, 0 removed",
    ]
    assert len(rows(Pupil)) == 400
    assert len(rows(User)) == 22 + len(made.parents)
    assert {member.role for member in rows(StaffMember)} == {"teacher"}
    assert {year.name for year in rows(SchoolYear)} == {"2026-2027"}
    combined = next(group for group in rows(Group) if group.name == "3/4")
    assert combined.year_groups == "3,4"
    pairs = rows(Guardianship)
    assert len(pairs) == sum(len(parent.kids) for parent in made.parents)
    before = [len(rows(model)) for model in (Pupil, User, Group, Membership, Guardianship, StaffMember)]
    told, said = command.run(*files)
    assert [line.partition(": ")[2] for line in told] == [ZERO] * 4
    assert said == ""
    assert [
        len(rows(model)) for model in (Pupil, User, Group, Membership, Guardianship, StaffMember)
    ] == before


@pytest.mark.parametrize("seed", range(2, 7))
def test_a_list_kept_in_a_hurry_is_stable_too(command, seed: int) -> None:
    made = export(60, 105, seed=seed)
    made.as_kept_in_a_hurry(seed)
    files = command.write(made)
    assert command.run(*files, "--leave-out")[0][0] == "pupils: 60 added, 0 changed, 0 removed"
    assert [line.partition(": ")[2] for line in command.run(*files)[0]] == [ZERO] * 4


def test_a_dry_run_tells_the_same_and_changes_nothing(command, rows) -> None:
    files = command.write(export(40, 70))
    told, _ = command.run(*files, "--dry-run")
    assert told[0] == "pupils: 40 added, 0 changed, 0 removed"
    assert rows(Pupil) == rows(User) == rows(School) == []
    assert command.run(*files)[0] == told


def test_a_next_export_changes_moves_and_archives(command, rows) -> None:
    made = export(100, 180)
    command.run(*command.write(made))
    gone, moved, renamed = made.kids[0], made.kids[10], made.kids[20]
    made.kids.remove(gone)
    made.change_kid(moved.key, group="8", year=8)
    made.change_kid(renamed.key, given="Nieuw")
    told, _ = command.run(*command.write(made))
    assert told[0] == "pupils: 0 added, 2 changed, 1 removed"
    pupils = {pupil.key: pupil for pupil in rows(Pupil)}
    assert pupils[gone.key].archived_at is not None
    assert pupils[renamed.key].given_name == "Nieuw"
    assert [entry.verb for entry in rows(AuditEntry)].count("archive_pupil") == 1
    made.kids.append(gone)
    told, _ = command.run(*command.write(made))
    assert told[0] == "pupils: 1 added, 0 changed, 0 removed"
    assert len(rows(Pupil)) == 100


def test_a_list_without_most_of_the_school_lets_nobody_leave_unasked(command, rows) -> None:
    made = export(40, 70)
    command.run(*command.write(made))
    made.kids[3:] = []
    files = command.write(made)
    code, said = command.typed(*files)
    assert code == 2
    assert "--leaving 37" in said
    assert not any(pupil.archived_at for pupil in rows(Pupil))
    command.run(*files, "--leaving", "36", code=2)
    assert not any(pupil.archived_at for pupil in rows(Pupil))
    told, said = command.run(*files, "--dry-run")
    assert told[0] == "pupils: 0 added, 0 changed, 37 removed"
    assert "--leaving 37" in said
    told, said = command.run(*files, "--leaving", "37")
    assert told[0] == "pupils: 0 added, 0 changed, 37 removed"
    assert sum(pupil.archived_at is not None for pupil in rows(Pupil)) == 37


def test_a_script_is_told_how_many_left(command, rows) -> None:
    made = export(40, 70)
    command.run(*command.write(made))
    made.kids[3:] = []
    told, said = command.run(*command.write(made))
    assert told[0] == "pupils: 0 added, 0 changed, 37 removed"
    assert "37 van de 40 kinderen" in said or "37 of the 40 children" in said


def test_a_next_school_year_has_new_groups_and_closes_the_old(command, rows) -> None:
    made = export(60, 100)
    command.run(*command.write(made))
    made.year = "2027-2028"
    told, _ = command.run(*command.write(made))
    assert told[0] == "pupils: 0 added, 60 changed, 0 removed"
    assert told[1] == "groups: 12 added, 0 changed, 12 removed"
    current = [row for row in rows(Membership) if row.ended_on is None and row.home]
    assert len(current) == 60
    assert command.run(*command.write(made))[0][0] == f"pupils: {ZERO}"


@pytest.mark.parametrize("name", ["EDEXML.Voorbeeld.2.1.xml", "EDEXML.Voorbeeld.2.1-Vla.xml"])
def test_the_official_samples_come_in_twice(command, rows, name: str) -> None:
    path = str(material("edexml", name))
    told, _ = command.run(path)
    assert told[0] == "pupils: 2 added, 0 changed, 0 removed"
    assert told[2] == "teachers: 3 added, 0 changed, 0 removed"
    assert sorted(pupil.given_name for pupil in rows(Pupil)) == ["Ismaël", "Wimpie"]
    assert [line.partition(": ")[2] for line in command.run(path)[0]] == [ZERO] * 4


def test_our_own_sample_comes_in_twice(command, tmp_path: Path) -> None:
    path = tmp_path / "EDEX.XML"
    path.write_text(SCHOOL)
    assert command.run(str(path))[0] == [
        "pupils: 4 added, 0 changed, 0 removed",
        "groups: 3 added, 0 changed, 0 removed",
        "teachers: 2 added, 0 changed, 0 removed",
        "guardians: 0 added, 0 changed, 0 removed",
    ]
    assert [line.partition(": ")[2] for line in command.run(str(path))[0]] == [ZERO] * 4


def test_pupils_may_come_from_a_table_alone(command, rows) -> None:
    text = "Roepnaam;Tussenvoegsel;Achternaam;Geboortedatum;Klas;Naam ouder 1;E-mail ouder 1\n"
    text += "Sem;de;Vries;21-06-2019;3/4;Anna Vos;a@x.nl\nMia;;Bos;1-2-2018;3/4;Bo Bos;b@x.nl\n"
    told, _ = command.text(text)
    assert told[0] == "pupils: 2 added, 0 changed, 0 removed"
    assert told[3] == "guardians: 2 added, 0 changed, 0 removed"
    assert [line.partition(": ")[2] for line in command.text(text)[0]] == [ZERO] * 4
    assert {pupil.year_group for pupil in rows(Pupil)} == {None}


def test_what_may_not_be_read_reaches_neither_database_nor_output(command, app, rows, caplog) -> None:
    made = export(60, 100)
    made.bsn = True
    files = command.write(made)
    told, said = command.run(*files)
    everything = "\n".join(told) + said + caplog.text
    for model in (Pupil, User, Group, Guardianship, AuditEntry, School):
        everything += repr([vars(row) for row in rows(model)])
    for canary in CANARIES:
        assert canary not in everything


def test_nothing_is_half_imported_when_a_row_is_wrong(command, rows) -> None:
    text = "Leerlingnummer;Roepnaam;Achternaam;Groep;E-mail ouder 1\n1;Sem;Bos;5;a@x.nl\n2;Mia;Bos;5;fout\n"
    told, said = command.text(text, code=2)
    assert told == []
    assert re.search(r"^lijst\.csv:3: .*E-mail ouder 1", said, re.MULTILINE)
    assert "fout" not in said
    assert rows(Pupil) == rows(User) == rows(School) == []
    told, said = command.text(text, "--leave-out")
    assert told[0] == "pupils: 2 added, 0 changed, 0 removed"
    assert told[3] == "guardians: 1 added, 0 changed, 0 removed"


def test_a_third_guardian_is_refused_with_the_names_of_the_two(command, rows) -> None:
    text = "Leerlingnummer;Naam leerling;Groep;Naam ouder 1;E-mail ouder 1\n"
    for name in ("Anna Vos", "Bo Bos", "Cas Kok"):
        text += f"1;Sem Bos;5;{name};{name[0]}@x.nl\n"
    _, said = command.text(text, code=2)
    assert "lijst.csv:4: " in said
    assert "Anna Vos" in said and "Bo Bos" in said
    told, _ = command.text(text, "--leave-out")
    assert told[3] == "guardians: 2 added, 0 changed, 0 removed"
    assert len(rows(Guardianship)) == 2


def test_files_are_read_before_others_have_to_wait(command, monkeypatch) -> None:
    writing = []
    read = reading.read
    monkeypatch.setattr(reading, "read", lambda *given: writing.append(is_writing()) or read(*given))
    command.text("Leerlingnummer;Roepnaam;Achternaam;Groep\n1;Sem;Bos;5\n")
    assert writing == [False]


def test_a_guardian_of_nobody_is_named_by_line(command, rows) -> None:
    pupils = "Leerlingnummer;Roepnaam;Achternaam;Groep\n1;Sem;Bos;5\n2;Mia;Kok;5\n"
    command.text(pupils)
    _, said = command.text(
        "Code;Achternaam;Email;Leerlingcodes\no1;Bos;a@x.nl;1\no9;Niet;n@x.nl;999\n", code=2
    )
    assert "lijst.csv:3: " in said
    assert rows(User) == []


def test_an_unknown_table_is_sent_to_the_page(command) -> None:
    _, said = command.text("Wie;Thuis\nSem Bos;a@x.nl\nMia Bos;b@x.nl\n", code=2)
    assert "/school/import" in said
    assert said.count("lijst.csv") == 1


def test_two_people_with_one_address_become_two(command, rows) -> None:
    text = (
        "Leerlingnummer;Roepnaam;Achternaam;Groep;Naam ouder 1;E-mail ouder 1;Naam ouder 2;E-mail ouder 2\n"
    )
    text += "1;Sem;Bos;5;Anna Vos;samen@x.nl;Bo Bos;samen@x.nl\n"
    told, _ = command.text(text)
    assert told[3] == "guardians: 2 added, 0 changed, 0 removed"
    assert sorted(str(user.email) for user in rows(User)) == ["None", "samen@x.nl"]
    assert [line.partition(": ")[2] for line in command.text(text)[0]] == [ZERO] * 4


def test_exchanged_addresses_exchange_nothing_else(command, rows) -> None:
    head = "Leerlingnummer;Roepnaam;Achternaam;Groep;Naam ouder 1;E-mail ouder 1;Gezag ouder 1;"
    head += "Naam ouder 2;E-mail ouder 2;Gezag ouder 2\n"
    command.text(head + "1;Sem;Bos;5;Anna Vos;a@x.nl;ja;Daan Bos;d@x.nl;nee\n")
    exchanged = head + "1;Sem;Bos;5;Anna Vos;d@x.nl;ja;Daan Bos;a@x.nl;nee\n"
    assert command.text(exchanged)[0][3] == "guardians: 0 added, 2 changed, 0 removed"
    people = {user.id: (user.given_name, user.email) for user in rows(User)}
    assert {people[one.user_id]: one.has_authority for one in rows(Guardianship)} == {
        ("Anna", "d@x.nl"): True,
        ("Daan", "a@x.nl"): False,
    }
    assert [line.partition(": ")[2] for line in command.text(exchanged)[0]] == [ZERO] * 4


def test_a_teacher_who_is_a_parent_is_one_person(command, rows, tmp_path: Path) -> None:
    made = export(30, 40)
    files = command.write(made)
    parents = (tmp_path / "ouders.csv").read_text("utf-8-sig")
    (tmp_path / "ouders.csv").write_text(
        parents.replace("ouder1@thuis.example", "leerkracht3@school.example")
    )
    command.run(*files)
    assert [user.email for user in rows(User)].count("leerkracht3@school.example") == 1
    assert [line.partition(": ")[2] for line in command.run(*files)[0]] == [ZERO] * 4


def test_a_folder_of_oneroster_comes_in_and_again_changes_nothing(command, rows) -> None:
    folder = command.folder / "oneroster"
    folder.mkdir()
    for name, text in ONE_ONE.items():
        (folder / name).write_text(text)
    told, _ = command.run(str(folder))
    assert told == [
        "pupils: 1 added, 0 changed, 0 removed",
        "groups: 2 added, 0 changed, 0 removed",
        "teachers: 1 added, 0 changed, 0 removed",
        "guardians: 2 added, 0 changed, 0 removed",
    ]
    told, _ = command.run(str(folder))
    assert told == [f"{kind}: {ZERO}" for kind in ("pupils", "groups", "teachers", "guardians")]
    assert len(rows(Guardianship)) == 2


def test_who_shares_an_address_takes_nobodys_authority(command, rows) -> None:
    head = "Leerlingnummer;Roepnaam;Achternaam;Groep;Naam ouder;E-mail ouder;Relatie;Gezag\n"
    command.text(head + "1;Sem;Bos;5;Daan Bos;d@x.nl;vader;ja\n")
    told, said = command.text(head + "1;Sem;Bos;5;Ineke Dam;d@x.nl;stiefmoeder;nee\n")
    assert told[3] == f"guardians: {ZERO}"
    assert "lijst.csv:2: " in said or "lijst.csv, " in said
    assert [(one.has_authority, one.relation) for one in rows(Guardianship)] == [(True, "vader")]
    assert [user.given_name for user in rows(User)] == ["Daan"]


def test_one_parent_with_two_addresses_stays_one_person(command, rows) -> None:
    head = "Leerlingnummer;Roepnaam;Achternaam;Groep;Naam ouder;E-mail ouder\n"
    command.text(head + "1;Sem;Bos;5;Jan Bos;oud@x.nl\n2;Mia;Bos;6;Jan Bos;oud@x.nl\n")
    two = head + "1;Sem;Bos;5;Jan Bos;een@x.nl\n2;Mia;Bos;6;Jan Bos;twee@x.nl\n"
    assert command.text(two)[0][3] == "guardians: 0 added, 1 changed, 0 removed"
    assert [line.partition(": ")[2] for line in command.text(two)[0]] == [ZERO] * 4
    assert [user.email for user in rows(User)] == ["een@x.nl"]
    other = two.replace("een@x.nl", "drie@x.nl")
    assert command.text(other)[0][3] == "guardians: 0 added, 1 changed, 0 removed"
    assert [line.partition(": ")[2] for line in command.text(other)[0]] == [ZERO] * 4


def test_the_address_that_a_parent_has_stays_where_the_list_has_two(command, rows) -> None:
    head = "Leerlingnummer;Roepnaam;Achternaam;Groep;Naam ouder;E-mail ouder\n"
    command.text(head + "1;Sem;Bos;5;Jan Bos;twee@x.nl\n2;Mia;Bos;6;Jan Bos;twee@x.nl\n")
    two = head + "1;Sem;Bos;5;Jan Bos;een@x.nl\n2;Mia;Bos;6;Jan Bos;twee@x.nl\n"
    assert [line.partition(": ")[2] for line in command.text(two)[0]] == [ZERO] * 4
    assert [user.email for user in rows(User)] == ["twee@x.nl"]


LEFT = "Leerlingnummer;Roepnaam;Achternaam;Groep;Uitstroomdatum\n"
THEIR = "Leerlingnummer;Naam leerling;Naam ouder;E-mail ouder\n"


def test_guardians_of_who_had_left_stop_nothing_and_nobody(command, rows, do, mailed) -> None:
    first = command.folder / "leerlingen.csv"
    second = command.folder / "ouders.csv"
    first.write_text(LEFT + "1;Sem;Bos;5;\n2;Mia;Kok;5;\n")
    second.write_text(THEIR + "1;Sem Bos;Anna Bos;a@x.nl\n2;Mia Kok;Bo Kok;b@x.nl\n")
    command.run(str(first), str(second))
    do(lambda: [invitations.invite(user, None, clock.now()) for user in db.session.scalars(select(User))])
    mailed()
    first.write_text(LEFT + "1;Sem;Bos;5;\n2;Mia;Kok;5;1-2-2026\n3;Ada;Vos;5;1-2-2026\n")
    assert command.run(str(first), "--leaving", "1")[0][0] == "pupils: 0 added, 0 changed, 1 removed"
    parents = "1;Sem Bos;Anna Bos;a@x.nl\n2;Mia Kok;Bo Kok;b2@x.nl\n2;Mia Kok;Eva Kok;e@x.nl\n"
    second.write_text(THEIR + parents + "3;Ada Vos;Dirk Vos;d@x.nl\n")
    told, said = command.run(str(first), str(second))
    assert [line.partition(": ")[2] for line in told] == [ZERO] * 4
    assert ": 3." in said
    assert sorted(user.email for user in rows(User)) == ["a@x.nl", "b@x.nl"]
    # Also in a table of guardians alone, and where the guardian has another child who stays.
    second.write_text(THEIR + parents)
    told, said = command.run(str(second))
    assert [line.partition(": ")[2] for line in told] == [ZERO] * 4
    second.write_text(THEIR + "1;Sem Bos;Bo Kok;b@x.nl\n2;Mia Kok;Bo Kok;b@x.nl\n")
    told, said = command.run(str(second))
    assert told[3] == "guardians: 0 added, 1 changed, 0 removed"
    assert said == ""
    assert mailed() == []


def test_guardians_of_who_had_left_are_counted_for_each_file(command) -> None:
    pupils, mothers, fathers = (command.folder / name for name in ("l.csv", "moeders.csv", "vaders.csv"))
    pupils.write_text(
        LEFT + "1;Sem;Bos;5;\n2;Mia;Kok;5;1-2-2026\n3;Ada;Kok;5;1-2-2026\n4;Bo;Vos;5;1-2-2026\n"
    )
    mothers.write_text(
        THEIR + "2;Mia Kok;Eva Kok;e@x.nl\n3;Ada Kok;Eva Kok;e@x.nl\n"
        "4;Bo Vos;Ine Vos;i@x.nl\n1;Sem Bos;Ine Vos;i@x.nl\n4;Bo Vos;Isa Vos;s@x.nl\n"
    )
    fathers.write_text(THEIR + "2;Mia Kok;Jan Kok;j@x.nl\n1;Sem Bos;Daan Bos;d@x.nl\n")
    told, said = command.run(str(pupils), str(mothers), str(fathers))
    assert told[3] == "guardians: 2 added, 0 changed, 0 removed"
    counted = "aantal ouders en verzorgers van wie het kind al van school is"
    assert f"moeders.csv: {counted}: 2." in said
    assert f"vaders.csv: {counted}: 1." in said
