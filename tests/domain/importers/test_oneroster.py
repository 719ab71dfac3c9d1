"""OneRoster and School Data Sync: several files that point at each other."""

import io
import zipfile
from datetime import date

import pytest

from portal.domain.importers import reading
from portal.domain.importers.files import Upload
from portal.domain.importers.rows import ERROR, NOTE, ChildRef, Roster
from tests.material import material

SECRET = "Geheim-van-Bram"
MANIFEST = "propertyName,value\nmanifest.version,1.0\noneroster.version,{version}\nfile.users,{sort}\n"
CLASSES = (
    "sourcedId,status,title,grades,courseSourcedId,classType,schoolSourcedId,termSourcedIds\n"
    'c34,active,3/4,"03,04",x,homeroom,s1,t\nplus,active,Plusklas,,x,scheduled,s1,t\n'
    "old,tobedeleted,Weg,,x,homeroom,s1,t\n"
)
ENROLLMENTS = (
    "sourcedId,status,classSourcedId,schoolSourcedId,userSourcedId,role\n"
    "e1,active,plus,s1,p1,student\ne2,active,c34,s1,p1,student\ne3,active,c34,s1,t1,teacher\n"
    "e4,tobedeleted,c34,s1,p2,student\ne5,active,c34,s1,nobody,student\n"
)
DEMOGRAPHICS = "sourcedId,birthDate,sex,ethnicity\np1,2019-06-21,male,Geheim-van-Bram\n"

ONE_ONE = {
    "manifest.csv": MANIFEST.format(version="1.1", sort="bulk"),
    "users.csv": (
        "sourcedId,status,enabledUser,orgSourcedIds,role,username,givenName,familyName,email,sms,"
        "agentSourcedIds,grades,password\n"
        f"p1,active,true,s1,student,bram,Bram,van den Berg,,,g1,03,{SECRET}\n"
        "p2,tobedeleted,true,s1,student,weg,Wim,Oud,,,,,\n"
        "t1,active,true,s1,teacher,tess,Tess,Kok,tess@school.example,,,,\n"
        "d1,active,true,s1,administrator,dir,Dirk,Baas,dir@school.example,,,,\n"
        f"g1,active,true,s1,parent,anna,Anna,Bakker,anna@x.nl,06 1234 5678,,,{SECRET}\n"
        'g2,active,true,s1,guardian,daan,Daan,Berg,,,"p1,t1",,\n'
        "g3,active,true,s1,relative,oma,Oma,Berg,,,p1,,\n"
    ),
    "classes.csv": CLASSES,
    "enrollments.csv": ENROLLMENTS,
    "demographics.csv": DEMOGRAPHICS,
    "orgs.csv": "sourcedId,name,type\ns1,De Lindeboog,school\n",
    "results.csv": f"sourcedId,score\nr1,{SECRET}\n",
}
ONE_TWO = {
    **ONE_ONE,
    "manifest.csv": MANIFEST.format(version="1.2", sort="delta"),
    "users.csv": (
        "sourcedId,status,enabledUser,username,givenName,familyName,prefferedGivenName,email,agentSourcedIds\n"
        "p1,active,true,bram,Abraham,van den Berg,Bram,,g1\n"
        "t1,active,true,tess,Tess,Kok,,tess@school.example,\n"
        "g1,active,true,anna,Anna,Bakker,,anna@x.nl,\n"
    ),
    "roles.csv": (
        "sourcedId,status,userSourcedId,roleType,role,orgSourcedId\n"
        "r1,active,p1,primary,student,s1\nr2,active,t1,primary,teacher,s1\n"
        "r3,active,t1,secondary,parent,s1\nr4,active,g1,primary,guardian,s1\n"
    ),
}
SYNC = {
    "Student.csv": (
        "SIS ID,School SIS ID,First Name,Last Name,Username,Password,Grade,Birthdate\n"
        f"1,s,Bram,Berg,bram,{SECRET},3,6/21/2019\n2,s,Noor,Smit,noor,{SECRET},3,1/5/2019\n"
    ),
    "Teacher.csv": "SIS ID,School SIS ID,First Name,Last Name,Secondary Email\n9,s,Tess,Kok,t@x.nl\n",
    "Section.csv": "SIS ID,School SIS ID,Section Name\nc3,s,Groep 3\n",
    "StudentEnrollment.csv": "Section SIS ID,SIS ID\nc3,1\nc3,2\n",
    "TeacherRoster.csv": "Section SIS ID,SIS ID\nc3,9\n",
    "User.csv": "Email,First Name,Last Name,Phone,SIS ID\nanna@x.nl,Anna,Bakker,0612345678,77\n",
    "GuardianRelationship.csv": "SIS ID,Email,Role\n1,anna@x.nl,Parent\n2,anna@x.nl,Aide\n",
}


def read(files: dict[str, str]) -> Roster:
    return reading.read([Upload(name, text.encode()) for name, text in files.items()]).roster


def packed(files: dict[str, str], folder: str = "") -> Roster:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, text in files.items():
            archive.writestr(folder + name, text)
    return reading.read([Upload("rooster.zip", data.getvalue())]).roster


@pytest.mark.parametrize("version", [ONE_ONE, ONE_TWO], ids=["1.1", "1.2"])
def test_a_pupil_has_a_home_group_and_the_lessons_besides(version: dict[str, str]) -> None:
    bram = next(row for row in read(version).pupils if row.key == "p1")
    assert (bram.given_name, bram.prefix, bram.surname) == ("Bram", "van den", "Berg")
    assert (bram.group_key, bram.extra_group_keys, bram.birth_date) == ("c34", ("plus",), date(2019, 6, 21))


def test_a_grade_is_the_year_group_and_a_lesson_nobodys_home() -> None:
    roster = read(ONE_ONE)
    assert {row.key: (row.year_groups, row.composite) for row in roster.groups} == {
        "c34": (frozenset({3, 4}), False),
        "plus": (frozenset(), True),
    }
    assert next(row for row in roster.pupils if row.key == "p1").year_group == 3


def test_who_is_to_be_deleted_has_left() -> None:
    assert {row.key: row.has_left for row in read(ONE_ONE).pupils} == {"p1": False, "p2": True}


def test_only_who_teaches_is_a_teacher() -> None:
    assert [(row.key, row.email, row.group_keys) for row in read(ONE_ONE).teachers] == [
        ("t1", "tess@school.example", ("c34",))
    ]


def test_a_guardian_is_found_from_either_side_and_a_relative_is_none() -> None:
    guardians = {row.key: row for row in read(ONE_ONE).guardians}
    assert set(guardians) == {"g1", "g2"}
    assert guardians["g1"].children == guardians["g2"].children == (ChildRef(key="p1"),)
    assert (guardians["g1"].email, guardians["g1"].phone_e164) == ("anna@x.nl", "+31612345678")


def test_a_teacher_who_is_a_parent_too_is_both() -> None:
    users = (
        ONE_TWO["users.csv"].replace("p1,active,true,bram", "p1,active,true,bram").replace(",,g1\n", ",,t1\n")
    )
    roster = read({**ONE_TWO, "users.csv": users})
    assert [row.key for row in roster.teachers] == [row.key for row in roster.guardians] == ["t1"]


def test_the_whole_truth_and_a_list_of_changes_are_told_apart() -> None:
    assert read(ONE_ONE).complete == {"pupils", "groups", "teachers"}
    assert read(ONE_TWO).complete == frozenset()


def test_school_data_sync_is_read_with_the_month_first() -> None:
    roster = read(SYNC)
    assert [(row.given_name, row.birth_date, row.group_key) for row in roster.pupils] == [
        ("Bram", date(2019, 6, 21), "c3"),
        ("Noor", date(2019, 1, 5), "c3"),
    ]
    assert [row.group_keys for row in roster.teachers] == [("c3",)]
    assert [(row.email, row.children) for row in roster.guardians] == [("anna@x.nl", (ChildRef(key="1"),))]


def test_pupils_in_several_classes_have_no_home_group_when_nothing_tells_which() -> None:
    more = {
        **SYNC,
        "Section.csv": SYNC["Section.csv"] + "c4,s,Rekenen\n",
        "StudentEnrollment.csv": SYNC["StudentEnrollment.csv"] + "c4,1\n",
    }
    roster = read(more)
    assert all(row.composite for row in roster.groups)
    assert [(row.group_key, row.extra_group_keys) for row in roster.pupils] == [
        (None, ("c3", "c4")),
        (None, ("c3",)),
    ]


@pytest.mark.parametrize("folder", ["", "export 2026/"])
def test_a_zip_is_read_like_its_files(folder: str) -> None:
    assert [row.key for row in packed(ONE_ONE, folder).pupils] == ["p1", "p2"]


@pytest.mark.parametrize("files", [ONE_ONE, ONE_TWO, SYNC], ids=["1.1", "1.2", "sync"])
def test_nothing_outside_the_allow_list_is_kept(files: dict[str, str]) -> None:
    assert SECRET not in repr(read(files))


def test_what_points_at_nobody_is_named_by_file_and_line() -> None:
    told = [(problem.at.file, problem.at.line, problem.gravity) for problem in read(ONE_ONE).problems]
    assert ("enrollments.csv", 6, NOTE) in told


def test_a_row_that_cannot_be_somebody_is_left_out_and_named() -> None:
    users = ONE_ONE["users.csv"] + ",active,true,s1,student,x,Zonder,Sleutel\np9,active,true,s1,student\n"
    roster = read({**ONE_ONE, "users.csv": users})
    assert [row.key for row in roster.pupils] == ["p1", "p2"]
    assert [problem.at.line for problem in roster.problems if problem.gravity == ERROR] == [9, 10]


@pytest.mark.parametrize("missing", ["users.csv", "Student.csv"])
def test_files_without_pupils_are_refused_in_words(missing: str) -> None:
    files = {
        name: text for name, text in (ONE_ONE | SYNC).items() if name not in ("users.csv", "Student.csv")
    }
    roster = read(files)
    assert roster.refused and roster.pupils == ()
    assert "all of them" in roster.problems[-1].english()


def test_rows_shorter_and_longer_than_the_headings_are_no_fault() -> None:
    users = "sourcedId,role,givenName,familyName,,\np1,student,Bram\np2,student,Noor,Smit,x,y,z\n"
    assert [row.given_name for row in read({"users.csv": users}).pupils] == ["Bram", "Noor"]


@pytest.mark.parametrize(
    ("folder", "pupils", "teachers", "guardians"),
    [
        ("SDS v2.1", 4, 2, 2),
        ("SDS v2", 22, 5, 0),
        ("SDS Format/25 Users", 22, 2, 0),
        ("SDS Format/Min Required Attributes", 22, 2, 0),
        ("UK Format/100 Users", 86, 12, 0),
    ],
)
def test_the_published_samples_are_read(folder: str, pupils: int, teachers: int, guardians: int) -> None:
    paths = sorted((material("oneroster") / "ms-sds" / folder).glob("*.csv"))
    roster = reading.read([Upload(path.name, path.read_bytes()) for path in paths]).roster
    assert not roster.refused
    assert (len(roster.pupils), len(roster.teachers), len(roster.guardians)) == (pupils, teachers, guardians)
    assert "P@ss" not in repr(roster)
