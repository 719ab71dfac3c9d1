"""GET /groups/<group>: who teaches, what happens in a week, the news, and who may read that."""

import re
from datetime import date, timedelta

import pytest

from portal import clock
from portal.extensions import db, start_writing
from portal.formatting import days_taught
from portal.models.accounts import StaffMember
from portal.models.groups import GroupNews, WeekItem
from portal.models.roster import Membership, Teaching
from portal.models.school import FreeDay
from tests.groups.people import MONDAY, add, close, plus_class


def item(group, weekday, kind="bring", text="fruit", first=MONDAY, last=None, by=1):
    return WeekItem(
        group_id=group, weekday=weekday, kind=kind, text=text, first_week=first, last_week=last,
        made_by=by, made_at=clock.now(),
    )  # fmt: skip


def days_of(page):
    """Return the text of each day of the week as it stands on the page."""
    week = page[page.index('id="week"') : page.index('id="news"')].split("</ol>")[0]
    days = re.split(r'<h3 class="(?:vh|meta)">', week)[1:]
    return [" ".join(re.sub(r"<[^>]+>", " ", day).split()) for day in days]


class TestWho:
    def test_parents_teachers_and_office_read_it(self, client_for, school):
        for person in ("anna", "daan", "tess", "tim", "otto", "hedy", "bea"):
            assert client_for(getattr(school, person)).get(f"/groups/{school.group_34}").status_code == 200

    @pytest.mark.parametrize("person", ["carl", "dora", "gert", "yara"])
    def test_for_anybody_else_it_does_not_exist(self, client_for, school, person):
        client = client_for(getattr(school, person))
        assert client.get(f"/groups/{school.group_34}").status_code == 404
        assert client.get(f"/groups/{school.group_34}/news").status_code == 404

    def test_without_authority_the_childs_group_does_not_exist(self, client_for, school):
        """Gert is Noor's father without authority (R21)."""
        assert client_for(school.gert).get(f"/groups/{school.group_6}").status_code == 404

    def test_a_closed_group_does_not_exist(self, app, client_for, school):
        close(app, school.group_34)
        for person in (school.anna, school.tess, school.otto):
            assert client_for(person).get(f"/groups/{school.group_34}").status_code == 404

    def test_a_teacher_reads_the_group_of_the_own_child_as_a_parent(self, client_for, school):
        page = client_for(school.tess).get(f"/groups/{school.group_6}").text
        assert "Schrijf een bericht" not in page
        assert "/week/items/new" not in page

    def test_a_child_that_left_the_group_takes_the_parents_along(self, app, client_for, school):
        with app.app_context():
            start_writing()
            db.session.query(Membership).filter_by(pupil_id=school.bram.id).update(
                {"ended_on": date(2026, 11, 20)}
            )
            db.session.commit()
        assert client_for(school.daan).get(f"/groups/{school.group_34}").status_code == 404


class TestSegment:
    def test_one_link_for_each_group_of_the_children(self, client_for, school):
        page = client_for(school.anna).get(f"/groups/{school.group_34}").text
        strip = re.search(r'<nav class="seg.*?</nav>', page, re.S)[0]
        assert re.findall(r'href="/groups/(\d+)"', strip) == [str(school.group_6), str(school.group_34)]
        assert "Noor</bdi>, groep 6" in strip
        assert re.search(rf'href="/groups/{school.group_34}" aria-current="true"', strip)

    def test_children_who_share_a_group_are_one_link(self, app, client_for, school, many_pupils):
        many_pupils(2)
        page = client_for(school.anna).get(f"/groups/{school.group_34}").text
        strip = re.search(r'<nav class="seg.*?</nav>', page, re.S)[0]
        assert strip.count("<a ") == 2
        assert "Noor, Kind 0 en Kind 1</bdi>, groep 6" in strip

    def test_a_plus_class_is_a_link_too(self, app, client_for, school):
        plus = plus_class(app, school, school.sem)
        page = client_for(school.carl).get(f"/groups/{school.group_6}").text
        assert f'href="/groups/{plus}"' in page
        assert client_for(school.carl).get(f"/groups/{plus}").status_code == 200

    def test_who_has_one_group_sees_no_strip(self, client_for, school):
        assert 'class="seg' not in client_for(school.daan).get(f"/groups/{school.group_34}").text


class TestTeachers:
    def test_they_stand_in_the_order_of_the_week_with_their_days(self, app, client_for, school):
        with app.app_context():
            start_writing()
            for person, days in ((school.tess, 0b11000), (school.tim, 0b00111)):
                db.session.query(Teaching).filter_by(user_id=person.id).update({"weekdays": days})
            db.session.query(StaffMember).filter_by(user_id=school.tim.id).update(
                {"work_email": "tim.kok@school.example", "reach": "Na 15.00 uur bij het hek."}
            )
            db.session.commit()
        page = client_for(school.anna).get(f"/groups/{school.group_34}").text
        assert page.index("Meester Tim") < page.index("Juf Tess")
        assert "maandag tot en met woensdag" in page
        assert "donderdag en vrijdag" in page
        assert 'href="mailto:tim.kok@school.example"' in page
        assert "E-mail meester Tim" in page
        assert "Na 15.00 uur bij het hek." in page
        assert "tess@lindeboog.example" not in page, "the address one logs in with is nobody's business"

    @pytest.mark.parametrize(
        ("weekdays", "words"),
        [
            (0b11111, "maandag tot en met vrijdag"),
            (0b00001, "maandag"),
            (0b10011, "maandag, dinsdag en vrijdag"),
            (0b10101, "maandag, woensdag en vrijdag"),
            (0b10111, "maandag tot en met woensdag en vrijdag"),
        ],
    )
    def test_days_in_a_row_are_one_piece(self, app, weekdays, words):
        with app.test_request_context():
            assert days_taught(weekdays) == words


class TestWeek:
    def test_each_day_says_what_happens_and_today_is_marked(self, app, client_for, school):
        add(app, item(school.group_34, 3), item(school.group_34, 2, "other", "De fotograaf komt."))
        page = client_for(school.anna).get(f"/groups/{school.group_34}").text
        monday, tuesday, wednesday, _, friday = days_of(page)
        assert "Niets bijzonders" in monday
        assert tuesday.startswith("Vandaag , dinsdag 24 november") and "De fotograaf komt." in tuesday
        assert "Meenemen : fruit" in wednesday
        assert "Gym" in friday
        assert sum(day.startswith("Vandaag") for day in days_of(page)) == 1

    def test_what_is_of_other_weeks_is_not_there(self, app, client_for, school):
        week = timedelta(weeks=1)
        add(
            app,
            item(school.group_34, 3, text="een appel", last=MONDAY),
            item(school.group_34, 3, text="een peer", first=MONDAY + week),
        )
        daan = client_for(school.daan)
        this, following = (
            daan.get(f"/groups/{school.group_34}?week={day}").text for day in ("2026-11-23", "2026-12-03")
        )
        assert ("een appel" in this, "een peer" in this) == (True, False)
        assert ("een appel" in following, "een peer" in following) == (False, True)
        assert "Volgende week" in following

    def test_a_free_day_says_so_in_place_of_what_would_happen(self, app, client_for, school):
        friday = date(2026, 11, 27)
        add(app, FreeDay(kind="study", name="Studiedag", first_day=friday, last_day=friday))
        for person in (school.anna, school.tess):
            page = client_for(person).get(f"/groups/{school.group_34}").text
            assert "Studiedag" in days_of(page)[4]
            assert "Gym" not in days_of(page)[4]
            assert "new?day=2026-11-27" not in page

    def test_a_week_of_holiday_is_one_line(self, client_for, school):
        for person in (school.anna, school.tess):
            page = client_for(person).get(f"/groups/{school.group_34}?week=2026-12-21").text
            assert "Kerstvakantie" in page
            assert "Alle kinderen zijn vrij tot en met zondag 3 januari" in page
            assert days_of(page) == []

    def test_in_the_weekend_the_next_week_comes_first(self, client_for, school, at):
        at("2026-11-28 10:00")
        page = client_for(school.anna).get(f"/groups/{school.group_34}").text
        assert "Volgende week" in page and "maandag 30 november" in page

    @pytest.mark.parametrize("asked", ["nonsense", "2026-13-01", "1999-01-04", "9999-12-31", ""])
    def test_a_week_that_is_none_is_this_week(self, client_for, school, asked):
        page = client_for(school.anna).get(f"/groups/{school.group_34}?week={asked}")
        assert page.status_code == 200
        assert "Deze week" in page.text

    def test_a_week_that_is_over_is_not_written_any_more(self, client_for, school):
        page = client_for(school.tess).get(f"/groups/{school.group_34}?week=2026-11-16").text
        assert "Vorige week" in page and "Gym" in page
        assert "/week/items" not in page


class TestNews:
    def test_paragraphs_and_links_and_nothing_else_that_is_html(self, app, client_for, school):
        text = (
            'Eerste <script>alert("x")</script>\nregel\n\nTweede https://a.example/"onmouseover="x '
            "javascript:alert(1) www.school.example"
        )
        add(app, GroupNews(
            group_id=school.group_34, title="<b>Titel</b>", text=text,
            author_id=school.tim.id, posted_at=clock.now(),
        ))  # fmt: skip
        page = client_for(school.anna).get(f"/groups/{school.group_34}").text
        news = page[page.index('id="news"') :]
        assert "<script" not in news and "<b>Titel" not in news
        assert "&lt;script&gt;" in news and "&lt;b&gt;Titel" in news
        assert '<a href="https://www.school.example" rel="noopener noreferrer">' in news
        assert "javascript:alert(1)" in news and 'href="javascript' not in news
        assert '"onmouseover' not in news and "&#34;onmouseover" in news
        assert news.count('<p class="pre">') == 4, "two paragraphs here, two in autumn"
        assert "Meester Tim" in news

    def test_five_newest_first_and_a_page_for_the_rest(self, app, client_for, school):
        add(app, *(
            GroupNews(
                group_id=school.group_34, title=f"Bericht {n:02}", text="Hallo.",
                author_id=school.tim.id, posted_at=clock.now() - timedelta(days=n),
            )
            for n in range(1, 24)
        ))  # fmt: skip
        anna = client_for(school.anna)
        page = anna.get(f"/groups/{school.group_34}").text
        assert re.findall(r"Bericht \d\d", page) == [f"Bericht {n:02}" for n in range(1, 6)]
        assert "Ouder nieuws" in page
        second = anna.get(f"/groups/{school.group_34}/news?page=2").text
        titles = list(dict.fromkeys(re.findall(r"Bericht \d\d", second)))
        assert titles == [f"Bericht {n:02}" for n in range(11, 21)]
        assert "Herfst" in anna.get(f"/groups/{school.group_34}/news?page=99").text

    def test_the_news_of_another_group_is_not_there(self, client_for, school):
        assert "Herfst" not in client_for(school.anna).get(f"/groups/{school.group_6}").text


@pytest.mark.parametrize("person", ["anna", "yara", "otto"])
def test_it_takes_the_same_few_queries_for_any_number_of_pupils(
    client_for, school, count_queries, many_pupils, person
):
    client = client_for(getattr(school, person))
    counts = []
    for more in (20, 280):
        many_pupils(more)
        with count_queries() as queries:
            assert client.get(f"/groups/{school.group_6}").status_code == 200
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 12
