"""GET /: what the child's group tells about today and tomorrow, and its newest news."""

from datetime import date, timedelta

import pytest

from portal import clock
from portal.extensions import db, start_writing
from portal.models.groups import GroupNews
from portal.models.roster import Guardianship
from portal.models.school import FreeDay
from tests.groups.people import MONDAY, add, close, new_item, plus_class, post_news
from tests.groups.test_show_group import item


@pytest.fixture
def daan(client_for, school):
    return client_for(school.daan)


def test_today_and_tomorrow_each_on_a_line(app, daan, school):
    add(
        app,
        item(school.group_34, 2, "gym", "buiten"),
        item(school.group_34, 2, "bring", "fruit"),
        item(school.group_34, 3, "library", ""),
        item(school.group_34, 4, "bring", "een doos"),
        item(school.group_6, 2, "bring", "iets van een ander"),
    )
    page = daan.get("/").text
    assert "<b>Vandaag</b>: gym (buiten), meenemen: fruit" in page
    assert "<b>Morgen</b>: bibliotheek" in page
    assert "een doos" not in page and "iets van een ander" not in page


def test_on_sunday_tomorrow_is_of_the_next_week(app, daan, school, at):
    add(
        app,
        item(school.group_34, 1, text="een peer", first=MONDAY + timedelta(weeks=1)),
        item(school.group_34, 1, text="een appel", last=MONDAY),
    )
    at("2026-11-29 10:00")
    page = daan.get("/").text
    assert "<b>Morgen</b>: meenemen: een peer" in page
    assert "een appel" not in page


def test_on_a_free_day_nothing_happens(app, daan, school):
    add(app, item(school.group_34, 2), item(school.group_34, 3, text="een doos"))
    today = date(2026, 11, 24)
    add(app, FreeDay(kind="study", name="Studiedag", first_day=today, last_day=today))
    page = daan.get("/").text
    assert "fruit" not in page
    assert "een doos" in page


def test_a_plus_class_counts_and_a_closed_group_does_not(app, client_for, school):
    plus = plus_class(app, school, school.sem)
    add(app, item(plus, 2, text="een schrift"))
    carl = client_for(school.carl)
    assert "meenemen: een schrift" in carl.get("/").text
    close(app, plus)
    assert "een schrift" not in carl.get("/").text


def test_the_newest_message_of_the_last_days_leads_to_the_group(app, daan, client_for, school, at):
    for hours, title in ((80, "Te oud"), (30, "Ouder"), (3, "Nieuwer")):
        add(app, GroupNews(
            group_id=school.group_34, title=title, text="Hallo.", author_id=school.tim.id,
            posted_at=clock.now() - timedelta(hours=hours),
        ))  # fmt: skip
    page = daan.get("/").text
    assert "Nieuws van groep 3/4: <bdi>Nieuwer</bdi>" in page
    assert f'href="/groups/{school.group_34}#news-' in page
    assert "Ouder<" not in page and "Te oud" not in page
    at("2026-11-27 10:00")
    assert "Nieuwer" not in daan.get("/").text


def test_without_authority_nothing_is_told(client_for, school):
    """Gert is Noor's father without authority (R21); Anna, her mother, is told."""
    yara = client_for(school.yara)
    new_item(yara, school.group_6, kind="bring", text="een doos")
    post_news(yara, school.group_6, title="Zwemmen")
    for person, told in ((school.anna, True), (school.gert, False)):
        page = client_for(person).get("/").text
        assert ("een doos" in page) is told
        assert ("Zwemmen" in page) is told


def test_of_a_child_without_authority_nothing_is_told_through_a_classmate_of_ones_own(
    app, client_for, school
):
    """Carl decides for Sem; were he Noor's guardian without authority, her card would tell nothing."""
    add(app, item(school.group_6, 2))
    with app.app_context():
        start_writing()
        gert = db.session.query(Guardianship).filter_by(user_id=school.gert.id).one()
        gert.user_id = school.carl.id
        db.session.commit()
    assert client_for(school.carl).get("/").text.count("meenemen: fruit") == 1
