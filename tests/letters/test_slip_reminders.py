"""POST /staff/letters/<id>/answers/reminders, and the one that goes by itself: to who has not answered."""

import threading

import pytest

from portal import clock, postman
from portal.domain import slip_reminders
from portal.domain.slips import Slip
from portal.extensions import db, start_writing
from portal.models.outbox import OutgoingMessage
from portal.models.roster import Guardianship, Membership, Pupil
from portal.models.slips import ReplySlip
from tests.cast import Child
from tests.letters.slips import MAY_COME, MUSEUM, THURSDAY, Asked, put_slip, send_with_slip


@pytest.fixture
def letter(app, school, at):
    at("2026-11-19 15:30")
    return send_with_slip(app, school)


def job(app) -> bool:
    with app.app_context():
        start_writing()
        more = slip_reminders.send_due(clock.now())
        db.session.commit()
    return more


def waiting(rows) -> list[int]:
    return sorted(one.user_id for one in rows(OutgoingMessage) if one.kind == "slip_reminder")


def remind(client, letter: int):
    return client.post(f"/staff/letters/{letter}/answers/reminders")


def test_it_goes_by_itself_two_days_before_at_the_end_of_the_afternoon_and_once(
    app, school, letter, rows, at, mailed
):
    mailed()
    for moment, count in (
        ("2026-11-23 17:00", 0), ("2026-11-24 15:50", 0), ("2026-11-24 16:05", 2), ("2026-11-25 09:00", 2),
    ):  # fmt: skip
        at(moment)
        while job(app):
            pass
        assert len(waiting(rows)) == count, moment


def test_who_is_still_to_get_the_mail_about_the_letter_itself_gets_no_second_one(app, letter, rows, at):
    at("2026-11-24 16:05")
    while job(app):
        pass
    assert waiting(rows) == []


def test_a_worker_that_was_away_sends_it_outside_the_quiet_hours(app, school, letter, rows, at, mailed):
    mailed()
    at("2026-11-25 23:00")
    assert job(app) is False and waiting(rows) == []
    at("2026-11-26 08:00")
    assert job(app) is True and len(waiting(rows)) == 2


def test_not_about_a_letter_of_today_nor_after_the_last_day(app, school, rows, at):
    at("2026-11-25 15:30")
    send_with_slip(app, school)
    for moment in ("2026-11-25 16:30", "2026-11-26 12:00", "2026-11-27 12:00"):
        at(moment)
        assert job(app) is False
    assert waiting(rows) == []


def test_only_who_has_not_answered(app, client_for, school, letter, rows, at, mailed):
    mailed()
    client_for(school.anna).post(
        f"/letters/{letter}/reply", data=Asked(app, letter).form(school.bram, "Ja", "Nee")
    )
    at("2026-11-24 16:05")
    job(app)
    assert waiting(rows) == [school.daan.id]


def test_another_last_day_is_another_reminder(app, school, letter, rows, at, mailed):
    mailed()
    at("2026-11-24 16:05")
    job(app)
    put_slip(app, school, letter, Slip("child", "one", THURSDAY.replace(month=12, day=3), MUSEUM))
    assert rows(ReplySlip)[0].reminded_at is None
    at("2026-12-01 16:05")
    job(app)
    assert len(waiting(rows)) == 4


def test_nobody_is_reminded_to_whom_the_letter_is_still_to_be_mailed(
    client_for, school, letter, rows, mailed
):
    tess, page = client_for(school.tess), f"/staff/letters/{letter}/answers"
    assert "Herinner" not in tess.get(page).text
    remind(tess, letter)
    assert waiting(rows) == []
    mailed()
    assert "Herinner 2 ouders" in tess.get(page).text


def test_the_author_reminds_and_once_a_day(app, client_for, school, letter, rows, at, mailed):
    mailed()
    tess = client_for(school.tess)
    at("2026-11-20 10:00")
    assert "Herinner 2 ouders" in tess.get(f"/staff/letters/{letter}/answers").text
    answer = remind(tess, letter)
    assert (answer.status_code, answer.location) == (303, f"/staff/letters/{letter}/answers")
    assert waiting(rows) == [school.anna.id, school.daan.id]
    page = tess.get(f"/staff/letters/{letter}/answers").text
    assert "2 ouders krijgen een herinnering." in page and "Herinner 2 ouders" not in page
    remind(tess, letter)
    assert len(waiting(rows)) == 2
    at("2026-11-30 10:00")
    remind(tess, letter)
    assert len(waiting(rows)) == 2


def test_only_who_handles_the_letter_reminds(client_for, school, letter, rows):
    for person, status in ((school.tim, 403), (school.yara, 404), (school.anna, 404)):
        assert remind(client_for(person), letter).status_code == status
    assert waiting(rows) == []


def test_the_mail_says_until_when_and_goes_to_nobody_who_answered_meanwhile(
    app, client_for, school, rows, at, smtp, mailed
):
    at("2026-11-19 15:30")
    number = send_with_slip(app, school, (MAY_COME,))
    mailed()
    at("2026-11-24 16:05")
    job(app)
    answer = Asked(app, number).form(school.bram, "Ja")
    client_for(school.anna).post(f"/letters/{number}/reply", data=answer)
    with app.app_context():
        postman.deliver_due(threading.Event())
    mails = [mail for mail in smtp.messages if mail.subject.startswith("Herinnering")]
    assert [mail.recipients for mail in mails] == [[school.daan.email]]
    assert "U hebt nog niet geantwoord op deze brief." in mails[0].text
    assert "School vraagt uw antwoord uiterlijk donderdag 26 november." in mails[0].text
    assert "Bram" not in mails[0].text


def test_for_whom_the_other_parent_of_ones_own_child_answered_is_counted_all_the_same(
    app, client_for, school, rows, at, mailed
):
    """Tess has Lotte with Anna; Anna and Carl, who do things together, have Guus: one answer is enough."""
    at("2026-11-19 15:30")
    with app.app_context():
        start_writing()
        db.session.add(
            Guardianship(pupil_id=school.lotte.id, user_id=school.anna.id, seat=2, created_at=clock.now())
        )
        guus = Pupil(
            given_name="Guus", surname="Bakker", sort_key="bakker guus", year_group=3, created_at=clock.now()
        )
        db.session.add(guus)
        db.session.flush()
        db.session.add(
            Membership(pupil_id=guus.id, group_id=school.group_34, home=True, started_on=clock.today())
        )
        for seat, adult in enumerate((school.anna, school.carl), 1):
            db.session.add(
                Guardianship(pupil_id=guus.id, user_id=adult.id, seat=seat, created_at=clock.now())
            )
        child = Child(guus.id, "Guus", "Bakker")
        db.session.commit()
    letter = send_with_slip(app, school, (MAY_COME,))
    mailed()
    at("2026-11-20 09:00")
    tess, page = client_for(school.tess), f"/staff/letters/{letter}/answers"
    assert "Herinner 2 ouders" in tess.get(page).text
    form = Asked(app, letter).form(child, "Ja")
    assert client_for(school.anna).post(f"/letters/{letter}/reply", data=form).status_code == 303
    assert "Herinner 2 ouders" in tess.get(page).text
    remind(tess, letter)
    assert waiting(rows) == [school.daan.id, school.carl.id]
    assert [mail.recipients for mail in mailed()] == [[school.daan.email]]
