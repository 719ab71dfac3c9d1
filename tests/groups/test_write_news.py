"""The news as teachers and office write it: posted, corrected, withdrawn."""

import pytest

from portal.models.audit import AuditEntry
from portal.models.groups import GroupNews
from tests.groups.people import post_news


@pytest.fixture
def tess(client_for, school):
    return client_for(school.tess)


def correct(client, school, **fields):
    data = {"title": "Herfst", "text": "Anders."} | fields
    return client.post(f"/groups/{school.group_34}/news/{school.news}/correction", data=data)


def withdraw(client, school):
    return client.post(f"/groups/{school.group_34}/news/{school.news}/withdrawal")


class TestPosting:
    def test_parents_read_it_at_once(self, tess, client_for, school, rows):
        answer = post_news(tess, school.group_34, text="Een \n\n\n\n twee\t\n drie ")
        assert (answer.status_code, answer.location) == (303, f"/groups/{school.group_34}")
        assert "De ouders van groep 3/4 kunnen het nu lezen." in tess.get(answer.location).text
        assert "Kastanjes" in client_for(school.daan).get(f"/groups/{school.group_34}").text
        news = rows(GroupNews)[-1]
        assert (news.text, news.author_id) == ("Een\n\ntwee\ndrie", school.tess.id)
        assert rows(AuditEntry)[-1].verb == "post_news"

    @pytest.mark.parametrize(
        ("fields", "sentence"),
        [
            ({"title": ""}, "Geef het bericht een titel."),
            ({"title": "x" * 121}, "Gebruik hoogstens 120 tekens."),
            ({"text": " \n "}, "Schrijf het bericht."),
            ({"text": "x" * 4001}, "Gebruik hoogstens 4000 tekens."),
        ],
    )
    def test_what_is_wrong_is_said_and_what_was_typed_stays(self, tess, school, rows, fields, sentence):
        answer = post_news(tess, school.group_34, **{"title": "Titel", "text": "Tekst", **fields})
        assert answer.status_code == 422
        assert sentence in answer.text
        assert ("Titel" in answer.text) or "title" in fields
        assert len(rows(GroupNews)) == 1

    def test_sent_twice_it_is_there_once_and_next_day_again(self, tess, school, rows, at):
        for _twice in range(2):
            assert post_news(tess, school.group_34).status_code == 303
        assert len(rows(GroupNews)) == 2
        at("2026-11-25 09:00")
        post_news(tess, school.group_34)
        assert len(rows(GroupNews)) == 3

    @pytest.mark.parametrize(("person", "status"), [("anna", 403), ("carl", 404), ("yara", 404)])
    def test_only_the_own_teachers_and_the_office(self, client_for, school, rows, person, status):
        client = client_for(getattr(school, person))
        assert post_news(client, school.group_34).status_code == status
        assert client.get(f"/groups/{school.group_34}/news/new").status_code == status
        assert len(rows(GroupNews)) == 1


class TestCorrecting:
    def test_a_colleague_changes_it_and_it_says_so(self, client_for, school, rows):
        tim = client_for(school.tim)
        form = tim.get(f"/groups/{school.group_34}/news/{school.news}/correction").text
        assert "Wij zoeken kastanjes." in form
        assert correct(tim, school).status_code == 303
        page = client_for(school.anna).get(f"/groups/{school.group_34}").text
        assert "Anders." in page and "gewijzigd 7.55 uur" in page
        assert rows(GroupNews)[0].author_id == school.tess.id
        assert rows(AuditEntry)[-1].verb == "correct_news"

    def test_nothing_changed_says_nothing(self, tess, school, rows):
        news = rows(GroupNews)[0]
        correct(tess, school, title=news.title, text=news.text)
        assert rows(GroupNews)[0].changed_at is None

    def test_an_empty_message_is_refused_with_the_title_kept(self, tess, school, rows):
        answer = correct(tess, school, title="Winter", text="")
        assert answer.status_code == 422
        assert 'value="Winter"' in answer.text
        assert rows(GroupNews)[0].title == "Herfst"

    def test_under_the_number_of_another_group_it_does_not_exist(self, client_for, school):
        otto = client_for(school.otto)
        path = f"/groups/{school.group_6}/news/{school.news}/correction"
        assert otto.get(path).status_code == 404


class TestWithdrawing:
    def test_nobody_finds_it_any_more(self, tess, client_for, school, rows):
        answer = withdraw(tess, school)
        assert "Het bericht is ingetrokken." in tess.get(answer.location).text
        for person in (school.anna, school.tess, school.otto):
            assert "kastanjes" not in client_for(person).get(f"/groups/{school.group_34}").text
        assert withdraw(tess, school).status_code == 404
        assert correct(tess, school).status_code == 404
        assert rows(AuditEntry)[-1].verb == "withdraw_news"

    @pytest.mark.parametrize(("person", "status"), [("anna", 403), ("carl", 404), ("yara", 404)])
    def test_only_the_own_teachers_and_the_office(self, client_for, school, rows, person, status):
        client = client_for(getattr(school, person))
        assert withdraw(client, school).status_code == status
        assert correct(client, school).status_code == status
        assert rows(GroupNews)[0].withdrawn_at is None
