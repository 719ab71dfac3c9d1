"""`portal demo`: a believable school, the same every time, and only in an empty database."""

from collections import Counter
from datetime import date
from random import Random

import pytest

from portal import clock, names
from portal.domain.demo.filling import PASSWORD
from portal.domain.demo.plan import plan_school
from portal.domain.passwords import matches
from portal.models.absence import Absence, AbsenceNote, AttendanceMark
from portal.models.accounts import Invitation, StaffMember, User
from portal.models.albums import Album, Photo, PhotoFile
from portal.models.outbox import OutgoingMessage
from portal.models.roster import Group, Guardianship, Membership, Pupil, Teaching
from portal.models.school import School
from tests.databases import ENGINES


def by_email(rows) -> dict[str, User]:
    return {user.email: user for user in rows(User) if user.email}


def test_the_same_number_and_seed_give_the_same_school():
    first, second, other = (plan_school(30, Random(seed)) for seed in (1, 1, 2))
    assert first == second
    assert first != other


def test_it_has_the_names_that_people_really_have():
    children = plan_school(120, Random(1)).children
    adults = {guard.adult.name.full for child in children for guard in child.guards}
    assert "İsmail Yılmaz" in adults
    assert "Виктория Димитрова" in adults
    assert "Suharto" in adults
    assert max(len(child.name.full) for child in children) == 60
    assert sum(bool(child.name.prefix) for child in children) > 10


def test_no_phone_number_can_be_somebodys():
    phones = [adult.phone for adult in plan_school(300, Random(3)).adults]
    assert all(phone.startswith(("06 00", "030 000 ")) for phone in phones)
    assert max(Counter(phones).values()) == 1


@pytest.mark.parametrize("families", [120, 500, 5000])
def test_groups_stay_as_full_as_a_teacher_can_bear(families):
    plan = plan_school(families, Random(1))
    sizes = Counter(child.group for child in plan.children)
    assert max(sizes.values()) <= 38
    assert len({group.name for group in plan.groups}) == len(plan.groups)


def test_siblings_have_names_of_their_own():
    children = plan_school(500, Random(1)).children
    assert max(Counter((c.name.full, id(c.guards[0].adult)) for c in children).values()) == 1


def test_it_is_the_school_of_the_contract(demo, rows):
    done = demo("--families", "16", "--years", "1")
    assert done.exit_code == 0, done.output
    assert "ouder1@lindeboog.example" in done.output
    assert PASSWORD in done.output
    assert [school.is_demo for school in rows(School)] == [True]
    assert [group.name for group in rows(Group)] == ["1/2", "3/4", "5", "6", "7", "8"]
    people = by_email(rows)
    guards = [row for row in rows(Guardianship)]
    groups = {row.pupil_id: row.group_id for row in rows(Membership)}
    own = [row.pupil_id for row in guards if row.user_id == people["ouder1@lindeboog.example"].id]
    assert len({groups[pupil] for pupil in own}) == 2
    apart = [people[f"ouder{number}@lindeboog.example"].id for number in (2, 3)]
    shared = [row for row in guards if row.user_id in apart]
    assert len({row.pupil_id for row in shared}) == 1
    assert all(row.hidden_at for row in shared)
    roles = {row.user_id: row.role for row in rows(StaffMember)}
    for name, role in {"leerkracht1": "teacher", "administratie": "office", "directie": "head"}.items():
        assert roles[people[f"{name}@lindeboog.example"].id] == role
    assert roles[people["beheer@lindeboog.example"].id] == "admin"
    assert any(row.user_id in roles for row in guards)
    assert any(not row.has_authority for row in guards)
    assert max(Counter(row.group_id for row in rows(Teaching)).values()) == 2


def test_both_databases_get_as_much_of_everything(tested_apps, made_by):
    for years in ("1", "3"):
        (_, one), (_, other) = (
            made_by(tested_apps(engine, "portal"), "--families", "16", "--years", years) for engine in ENGINES
        )
        assert {name: len(rows) for name, rows in one.items()} == {
            name: len(rows) for name, rows in other.items()
        }


def test_every_login_of_the_demo_has_the_one_password(demo, rows):
    demo("--families", "16", "--years", "1")
    logins = [user for user in rows(User) if user.activated_at]
    assert all(user.email for user in logins)
    assert matches(logins[0].password_hash, PASSWORD)
    assert len({user.password_hash for user in logins}) == 1


def test_not_everybody_is_in_yet_and_no_mail_waits(demo, rows):
    demo("--families", "16", "--years", "1")
    waiting = {user.id for user in rows(User) if not user.activated_at}
    invited = {invitation.user_id for invitation in rows(Invitation)}
    assert invited < waiting
    mails = rows(OutgoingMessage)
    assert all(mail.sent_at for mail in mails)
    assert any(mail.failed_at for mail in mails)
    assert any(invitation.printed_at for invitation in rows(Invitation))


def test_absences_of_today_are_in_every_state(demo, rows):
    demo("--families", "60", "--years", "1")
    absences = [row for row in rows(Absence) if row.last_day is None or row.last_day >= date(2026, 11, 23)]
    assert any(row.withdrawn_at for row in absences)
    assert any(row.seen_at for row in absences)
    assert any(not row.seen_at for row in absences)
    assert any(row.last_day is None for row in absences)
    assert any(row.first_day > date(2026, 11, 24) for row in absences)
    assert any(row.from_time for row in absences)
    assert {row.source for row in absences} == {"guardian", "school"}
    assert rows(AbsenceNote)
    marks = [row for row in rows(AttendanceMark) if row.day == date(2026, 11, 24)]
    assert {row.state for row in marks} == {"present", "late"}
    assert 0 < len(marks) < len(rows(Pupil)) * 0.7


def test_nothing_happened_in_the_future(demo, rows):
    demo("--families", "60", "--years", "1")
    now = clock.now()
    assert all(row.reported_at <= now and (row.seen_at or now) <= now for row in rows(Absence))
    assert all(row.marked_at <= now for row in rows(AttendanceMark))


def test_parents_see_albums_and_a_teacher_has_one_that_is_not_shown_yet(demo, rows):
    demo("--families", "16", "--years", "1")
    assert {bool(album.shown_at) for album in rows(Album)} == {True, False}
    photos = rows(Photo)
    assert 20 < len(photos) < 40
    assert all(photo.ready_at for photo in photos)
    assert {file.size for file in rows(PhotoFile)} == {"picture", "thumbnail"}
    people = by_email(rows)
    own = {row.pupil_id for row in rows(Guardianship) if row.user_id == people["ouder1@lindeboog.example"].id}
    groups = {row.group_id for row in rows(Membership) if row.pupil_id in own}
    assert {album.group_id for album in rows(Album)} == groups


def test_on_a_saturday_the_absences_are_monday_s(demo, rows):
    demo("--families", "12", "--years", "2", moment="2026-11-28 11:00")
    days = {row.first_day for row in rows(Absence)}
    assert date(2026, 11, 30) in days
    assert all(day.weekday() < 5 for day in days)
    assert date(2026, 11, 28) not in {row.day for row in rows(AttendanceMark)}


def test_earlier_years_have_groups_pupils_who_left_and_their_absences(demo, rows):
    done = demo("--families", "16", "--years", "3")
    assert done.exit_code == 0, done.output
    assert len({row.school_year_id for row in rows(Group)}) == 3
    assert any(row.archived_at for row in rows(Pupil))
    assert min(row.first_day for row in rows(Absence)) < date(2025, 7, 1)
    seen = Counter((row.pupil_id, row.day) for row in rows(AttendanceMark))
    assert max(seen.values()) == 1


def test_it_refuses_a_database_with_pupils_in_words(app, school, rows):
    pupils = [names.full(row.given_name, row.prefix, row.surname) for row in rows(Pupil)]
    done = app.test_cli_runner().invoke(args=["demo", "--families", "12"])
    assert done.exit_code == 2
    assert "staan leerlingen" in done.output
    assert [names.full(row.given_name, row.prefix, row.surname) for row in rows(Pupil)] == pupils
    assert not by_email(rows).keys() & {"ouder1@lindeboog.example", "beheer@lindeboog.example"}


def test_with_if_empty_it_leaves_a_school_alone(app, school, rows):
    done = app.test_cli_runner().invoke(args=["demo", "--if-empty"])
    assert (done.exit_code, done.output) == (0, "")
    assert len(rows(Pupil)) == 4
