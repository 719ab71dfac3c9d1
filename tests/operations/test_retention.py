"""What the worker deletes of groups, arrangements, adults who left and the record of who did what (R18)."""

from datetime import date, timedelta

import pytest
from sqlalchemy import update

from portal import clock
from portal.extensions import db, start_writing
from portal.models.accounts import StaffMember
from portal.models.arrangements import ArrangementEntry, Barring, InformationRequest, Release
from portal.models.audit import AuditEntry
from portal.models.directory import ContactDetails, SharedField
from portal.models.groups import GroupNews, WeekItem
from portal.models.roster import Group, Guardianship, Pupil
from portal.models.school import School, SchoolYear
from portal.worker import run_jobs

ARRANGED = (Release, InformationRequest, Barring, ArrangementEntry)


@pytest.fixture
def work(app, at):
    def work_at(moment: str) -> None:
        at(moment)
        with app.app_context():
            run_jobs()

    return work_at


@pytest.fixture
def put(app):
    """Adds rows in a transaction."""

    def add(*made) -> None:
        with app.app_context():
            start_writing()
            db.session.add_all(made)
            db.session.commit()

    return add


@pytest.fixture
def change(app):
    """Changes rows behind the portal's back: `change(Pupil, Pupil.id == 1, left_on=day)`."""

    def change_some(model, condition, **values) -> None:
        with app.app_context():
            start_writing()
            db.session.execute(update(model).where(condition).values(**values))
            db.session.commit()

    return change_some


def numbers(rows, *tables) -> list[int]:
    return [len(rows(table)) for table in tables]


@pytest.mark.parametrize(("moment", "left"), [("2028-07-08 03:00", 2), ("2028-07-10 03:00", 1)])
def test_news_and_week_go_a_year_after_the_school_year(app, school, put, rows, work, at, moment, left):
    with app.app_context():
        start_writing()
        for table in (GroupNews, WeekItem):
            db.session.query(table).delete()
        later = SchoolYear(name="2027-2028", first_day=date(2027, 8, 23), last_day=date(2028, 7, 7))
        db.session.add(later)
        db.session.flush()
        group = Group(school_year_id=later.id, name="4/5", year_groups="4,5")
        db.session.add(group)
        db.session.commit()
        groups = (group.id, school.group_34)
    by = school.tess.id
    for number in groups:
        put(
            GroupNews(group_id=number, title="X", text="Y", author_id=by, posted_at=clock.now()),
            WeekItem(
                group_id=number, weekday=1, kind="gym", first_week=date(2026, 8, 24),
                made_by=by, made_at=clock.now(),
            ),
        )  # fmt: skip
    work(moment)
    assert numbers(rows, GroupNews, WeekItem) == [left, left]
    if left == 1:
        assert rows(GroupNews)[0].group_id == rows(WeekItem)[0].group_id == groups[0]


@pytest.fixture
def arranged(school, put, rows, monkeypatch):
    """Everything about the guardians of Bram and of Sem; more files than go at once."""
    monkeypatch.setattr("portal.domain.retention.FILES_AT_ONCE", 1)
    monkeypatch.setattr("portal.domain.retention.AT_ONCE", 1)
    now, otto = clock.now(), school.otto.id
    for pupil in (school.bram, school.sem):
        put(
            InformationRequest(
                pupil_id=pupil.id, asked_by=school.gert.id, asked_at=now, place=1, question="Hoe gaat het?"
            ),
            Barring(pupil_id=pupil.id, user_id=school.dora.id, reason="Z", barred_by=otto, barred_at=now),
            ArrangementEntry(pupil_id=pupil.id, what="apart", reason="Z", changed_by=otto, changed_at=now),
        )
        release = {
            "pupil_id": pupil.id,
            "user_id": school.gert.id,
            "request_id": rows(InformationRequest)[-1].id,
        }
        for title in ("Rapport", "Brief"):
            put(Release(**release, title=title, file=b"%PDF", released_by=otto, released_at=now))


@pytest.mark.parametrize(
    ("left", "years", "moment", "gone"),
    [
        (None, 5, "2046-11-24 03:00", False),
        ("2026-11-20 12:00", 5, "2031-11-20 03:00", False),
        ("2026-11-20 12:00", 5, "2031-11-21 03:00", True),
        ("2026-11-20 12:00", 2, "2028-11-20 03:00", False),
        ("2026-11-20 12:00", 2, "2028-11-21 03:00", True),
        ("2026-11-20 12:00", 9, "2031-11-21 03:00", True),
    ],
)
def test_arrangements_go_as_late_as_absence(school, arranged, change, rows, work, left, years, moment, gone):
    before = {table: numbers(rows, table)[0] for table in ARRANGED}
    change(School, School.id == 1, absence_years=years)
    if left:
        change(Pupil, Pupil.id == school.bram.id, archived_at=clock.at_local(left))
    work(moment)
    for table, number in before.items():
        of_bram = [row for row in rows(table) if row.pupil_id == school.bram.id]
        per_pupil = 2 if table is Release else 1
        assert len(of_bram) == (0 if gone else per_pupil)
        assert len(rows(table)) == number - (per_pupil if gone else 0)


def test_no_contact_that_holds_stays_while_that_person_is_at_school(
    school, arranged, put, change, rows, work
):
    now = clock.now()
    change(Pupil, Pupil.id == school.bram.id, archived_at=now)
    change(Barring, Barring.pupil_id == school.bram.id, user_id=school.carl.id)
    put(
        Barring(
            pupil_id=school.bram.id, user_id=school.carl.id, reason="Y", barred_at=now, lifted_at=now
        )
    )  # fmt: skip
    work("2032-11-24 03:00")
    assert [one.reason for one in rows(Barring) if one.pupil_id == school.bram.id] == ["Z"]
    change(Guardianship, Guardianship.user_id == school.carl.id, revoked_at=clock.now())
    work("2032-11-26 03:00")
    assert [one for one in rows(Barring) if one.pupil_id == school.bram.id] == []


@pytest.fixture
def shown(school, put):
    """Carl, Anna and Tim show their address and have details."""
    for person in (school.carl, school.anna, school.tim):
        put(
            ContactDetails(user_id=person.id, street="Lindelaan 1"),
            SharedField(
                user_id=person.id, group_id=school.group_34, field="address", shown_at=clock.now()
            ),
        )  # fmt: skip


@pytest.mark.parametrize("how", ["revoked", "archived", "left school"])
def test_what_somebody_showed_goes_at_once_and_the_details_after_30_days(
    school, shown, put, change, rows, work, how
):
    left = clock.now() - timedelta(minutes=1)
    gone = school.tim if how == "left school" else school.carl
    if how == "revoked":
        change(Guardianship, Guardianship.user_id == gone.id, revoked_at=left)
    elif how == "archived":
        for row in rows(Guardianship):
            if row.user_id == gone.id:
                change(Pupil, Pupil.id == row.pupil_id, archived_at=left)
    else:
        change(StaffMember, StaffMember.user_id == gone.id, left_at=left)
    work("2026-11-24 12:00")
    assert gone.id not in {row.user_id for row in rows(SharedField)}
    assert len(rows(SharedField)) == 2
    assert len(rows(ContactDetails)) == 3
    work("2026-12-23 12:00")
    assert len(rows(ContactDetails)) == 3
    work("2026-12-25 12:00")
    assert gone.id not in {row.user_id for row in rows(ContactDetails)}
    assert (len(rows(ContactDetails)), len(rows(SharedField))) == (2, 2)


def test_the_record_of_who_did_what_goes_after_a_year(school, put, rows, work, monkeypatch):
    monkeypatch.setattr("portal.domain.retention.AT_ONCE", 2)
    early, late = clock.at_local("2026-11-20 12:00"), clock.at_local("2026-11-22 12:00")
    put(*(AuditEntry(at=early, verb="early") for _ in range(5)), AuditEntry(at=late, verb="late"))
    work("2027-11-20 03:00")
    assert [entry.verb for entry in rows(AuditEntry)].count("early") == 5
    work("2027-11-21 13:00")
    kept = [entry.verb for entry in rows(AuditEntry)]
    assert (kept.count("early"), kept.count("late")) == (0, 1)
