"""GET and POST /messages/<id>, its receipt, and the list: what a guardian has of the own conversations."""

import pytest

from portal import clock
from portal.models.conversations import ConversationMessage, ConversationReader
from portal.models.roster import Membership, Teaching
from tests.conversations.writing import ANSWER, TEXT, answer, begin, form_key, read, write
from tests.privacy.test_non_interference import told


def own_pages(client, number) -> list[str]:
    return [told(client.get(address)) for address in ("/", "/letters", "/messages", f"/messages/{number}")]


class TestList:
    def test_it_says_with_whom_and_about_whom(self, client_for, school, answered):
        page = client_for(school.anna).get("/messages").text
        assert "Leerkrachten van groep 3/4" in page and "over Bram" in page
        assert ANSWER in page and page.count("Nieuw:") == 1

    def test_unread_is_said_in_the_menu_on_every_page(self, client_for, school, answered):
        anna = client_for(school.anna)
        assert "1 ongelezen" in anna.get("/absence").text
        read(anna, answered)
        assert "ongelezen" not in anna.get("/absence").text

    def test_it_is_for_who_decides_for_a_child(self, client_for, school):
        assert client_for(school.gert).get("/messages").status_code == 404
        assert "Nog geen berichten" in client_for(school.carl).get("/messages").text

    def test_the_number_of_queries_stays_the_same(self, client_for, school, answered, count_queries):
        anna, tess = client_for(school.anna), client_for(school.tess)
        begin(client_for(school.daan), school.bram, school.group_34)

        def counts():
            found = []
            for start, client in (("", anna), ("/staff", tess)):
                for end in ("", f"/{answered}", "/new"):
                    with count_queries() as queries:
                        assert client.get(f"{start}/messages{end}").status_code == 200
                    found.append(len(queries))
            return found

        counts()
        before = counts()
        for number in range(3):
            answer(tess, answered, f"Bericht {number}")
            write(anna, answered, f"Antwoord {number}")
        begin(anna, school.noor, school.group_6)
        assert counts() == before


class TestReceipt:
    def test_it_is_noted_up_to_what_was_shown(self, client_for, school, answered, rows):
        anna = client_for(school.anna)
        shown = str(rows(ConversationMessage)[-1].id)
        answer(client_for(school.tess), answered, "Nog iets van mij.")
        anna.post(f"/messages/{answered}/receipt", data={"until": shown})
        page = anna.get(f"/messages/{answered}").text
        assert page.count("Nieuw:") == 1
        read(anna, answered)
        assert "Nieuw:" not in anna.get(f"/messages/{answered}").text

    def test_only_a_post_notes_it_and_it_never_goes_back(self, client_for, school, answered, rows):
        anna = client_for(school.anna)
        for _twice in range(2):
            anna.get(f"/messages/{answered}")
        assert rows(ConversationReader) == []
        read(anna, answered)
        (before,) = rows(ConversationReader)
        anna.post(f"/messages/{answered}/receipt", data={"until": "1"})
        assert [row.read_at for row in rows(ConversationReader)] == [before.read_at]

    @pytest.mark.parametrize("until", ["", "x", "0", "-1", "99999", "99999999999999"])
    def test_a_message_that_is_not_there_notes_nothing(self, client_for, school, answered, rows, until):
        reply = client_for(school.anna).post(f"/messages/{answered}/receipt", data={"until": until})
        assert reply.status_code == 303
        assert rows(ConversationReader) == []

    def test_for_the_own_conversation_only(self, client_for, school, answered, rows):
        for person in (school.daan, school.carl, school.gert, school.dora, school.tess, school.otto):
            reply = client_for(person).post(f"/messages/{answered}/receipt", data={"until": "2"})
            assert reply.status_code == 404
        assert rows(ConversationReader) == []


class TestWriting:
    def test_sent_twice_it_is_there_once(self, client_for, school, begun, rows):
        anna, key = client_for(school.anna), form_key()
        for _twice in range(2):
            assert write(anna, begun, key=key).status_code == 303
        assert [message.text for message in rows(ConversationMessage)] == [TEXT, "Nog iets."]

    def test_a_text_that_was_extended_in_the_same_form_is_sent_too(self, client_for, school, begun, rows):
        anna, key = client_for(school.anna), form_key()
        for text in ("Nog iets.", "Nog iets. En dit.", "Nog iets. En dit."):
            assert write(anna, begun, text, key=key).status_code == 303
        assert [row.text for row in rows(ConversationMessage)] == [TEXT, "Nog iets.", "Nog iets. En dit."]

    @pytest.mark.parametrize("key", ["\0", "a\0b", "k" * 5000])
    def test_whatever_the_key_is_the_message_is_sent(self, client_for, school, begun, rows, key):
        reply = write(client_for(school.anna), begun, key=key)
        assert reply.status_code == 303
        assert len(rows(ConversationMessage)) == 2

    def test_what_nobody_at_school_reads_any_more_is_not_sent_and_stays(
        self, client_for, school, begun, change, rows
    ):
        anna, tess = client_for(school.anna), client_for(school.tess)
        tess.post(f"/staff/messages/{begun}/guests", data={"user": school.yara.id})
        for teaching in rows(Teaching):
            change(Teaching, teaching.id, ended_on=teaching.started_on)
        assert write(anna, begun, "Voor juf Yara.").status_code == 303
        yara = client_for(school.yara)
        yara.post(f"/staff/messages/{begun}/guests/removal", data={"user": school.yara.id})
        refused = write(anna, begun, "Hoort u mij?")
        assert refused.status_code == 422 and "Hoort u mij?" in refused.text
        assert "Niemand op school kan dit nog lezen. Bel de school." in refused.text
        assert len(rows(ConversationMessage)) == 2

    def test_a_form_without_a_key_is_sent_too(self, client_for, school, begun, rows):
        for text in ("een", "twee"):
            assert write(client_for(school.anna), begun, text, key="").status_code == 303
        assert len(rows(ConversationMessage)) == 3

    def test_what_is_too_long_stays(self, client_for, school, begun):
        refused = write(client_for(school.anna), begun, "y" * 4001)
        assert refused.status_code == 422 and "y" * 4001 in refused.text

    def test_only_in_the_own_conversation(self, client_for, school, begun, rows):
        for person in (school.daan, school.carl, school.gert, school.dora, school.tess, school.otto):
            assert write(client_for(person), begun).status_code == 404
        assert len(rows(ConversationMessage)) == 1


class TestRefresh:
    def test_without_news_it_has_no_answer(self, client_for, school, begun):
        anna = client_for(school.anna)
        page = anna.get(f"/messages/{begun}").text
        version = page.split('data-version="')[1].split('"')[0]
        asked = f"/messages/{begun}?version={version}"
        assert anna.get(asked, headers={"X-Refresh": "1"}).status_code == 204
        answer(client_for(school.tess), begun)
        again = anna.get(asked, headers={"X-Refresh": "1"})
        assert again.status_code == 200 and ANSWER in again.text


def test_the_other_guardian_gets_the_same_pages_whatever_is_written(client_for, school, begun):
    """Two worlds that differ only in what Anna and the teachers write: Daan's are the same, to the byte."""
    daan, anna, tess = (client_for(person) for person in (school.daan, school.anna, school.tess))
    own = begin(daan, school.bram, school.group_34, "Van mij.")
    read_before = [own_pages(daan, own) for _twice in range(2)][-1]
    for _twice in range(2):
        write(anna, begun, "Alleen van mij.")
        answer(tess, begun, "Alleen voor u.")
        read(anna, begun)
        tess.post(f"/staff/messages/{begun}/guests", data={"user": school.yara.id})
        assert own_pages(daan, own) == read_before
        tess.post(f"/staff/messages/{begun}/closing", data={"state": "closed"})
        assert own_pages(daan, own) == read_before
        tess.post(f"/staff/messages/{begun}/closing", data={"state": "open"})


def test_of_a_child_without_a_group_it_says_how_to_reach_school(client_for, school, begun, rows, change):
    anna = client_for(school.anna)
    for place in rows(Membership):
        if place.pupil_id in (school.bram.id, school.noor.id):
            change(Membership, place.id, ended_on=clock.today())
    page = anna.get(f"/messages/{begun}").text
    assert "/messages/new" not in page and "030 555 01 23" in page
