"""GET and POST /staff/messages…: what teachers have of conversations, and what they do in them."""

import pytest

from portal.models.accounts import StaffMember
from portal.models.audit import AuditEntry
from portal.models.conversations import Conversation, ConversationGuest, ConversationMessage
from portal.models.roster import Guardianship, Membership, Teaching
from portal.models.school import School
from tests.conversations.writing import (
    ANSWER,
    TEXT,
    answer,
    begin,
    form_key,
    number_in,
    read,
    send_to_guardian,
    write,
)


def close(client, number, state="closed"):
    return client.post(f"/staff/messages/{number}/closing", data={"state": state})


def let_in(client, number, person):
    return client.post(f"/staff/messages/{number}/guests", data={"user": person.id})


def let_out(client, number, person):
    return client.post(f"/staff/messages/{number}/guests/removal", data={"user": person.id})


class TestReading:
    def test_both_teachers_of_the_group_read_it_and_nobody_else(self, client_for, school, begun):
        for person in (school.tess, school.tim):
            assert TEXT in client_for(person).get(f"/staff/messages/{begun}").text
        for person in (school.yara, school.otto, school.hedy, school.bea, school.anna, school.daan):
            assert client_for(person).get(f"/staff/messages/{begun}").status_code == 404

    def test_the_list_has_what_is_new_on_top(self, client_for, school, begun, at):
        at("2026-11-24 09:00")
        begin(client_for(school.daan), school.bram, school.group_34, "Van mij.")
        tess = client_for(school.tess)
        page = tess.get("/staff/messages").text
        assert page.index("Daan Visser") < page.index("Anna Bakker")
        assert page.count("Nieuw:") == 2
        assert "2 ongelezen" in page
        other = begun + 1
        read(tess, other, at_school=True)
        page = tess.get("/staff/messages").text
        assert page.index("Anna Bakker") < page.index("Daan Visser")
        assert client_for(school.tim).get("/staff/messages").text.count("Nieuw:") == 2

    def test_a_closed_one_does_not_wait_to_be_read(self, client_for, school, begun):
        tess = client_for(school.tess)
        assert "1 ongelezen" in tess.get("/staff/messages").text
        close(tess, begun)
        for address in ("/staff/messages", "/staff/letters"):
            assert "ongelezen" not in tess.get(address).text

    def test_a_parent_has_no_list_of_school(self, client_for, school, begun):
        assert client_for(school.anna).get("/staff/messages").status_code == 404

    def test_reading_changes_nothing(self, client_for, school, begun, rows):
        tess = client_for(school.tess)
        for _twice in range(2):
            assert "Nieuw:" in tess.get(f"/staff/messages/{begun}").text

    def test_a_colleague_who_is_the_other_guardian_reads_nothing(
        self, client_for, school, begun, change, rows
    ):
        (place,) = [row for row in rows(Guardianship) if row.user_id == school.daan.id]
        change(Guardianship, place.id, user_id=school.tim.id)
        tim = client_for(school.tim)
        assert tim.get(f"/staff/messages/{begun}").status_code == 404
        assert "Anna Bakker" not in tim.get("/staff/messages").text
        assert "Wordt gelezen door u en juf Tess." in client_for(school.anna).get(f"/messages/{begun}").text

    def test_who_teaches_the_group_no_more_reads_it_no_more(self, client_for, school, begun, change, rows):
        (teaching,) = [row for row in rows(Teaching) if row.user_id == school.tim.id]
        change(Teaching, teaching.id, ended_on=teaching.started_on)
        assert client_for(school.tim).get(f"/staff/messages/{begun}").status_code == 404

    def test_a_child_in_another_group_ends_it(self, client_for, school, begun, change, rows):
        (place,) = [row for row in rows(Membership) if row.pupil_id == school.bram.id]
        change(Membership, place.id, ended_on=place.started_on)
        assert client_for(school.tess).get(f"/staff/messages/{begun}").status_code == 404
        anna = client_for(school.anna)
        page = anna.get(f"/messages/{begun}").text
        assert TEXT in page and "Dit gesprek is voorbij" in page and "leest niemand het meer" in page
        refused = write(anna, begun, "Hoort u mij?")
        assert refused.status_code == 422 and "Hoort u mij?" in refused.text

    def test_a_revoked_guardian_has_it_no_more_and_gets_nothing(
        self, client_for, school, answered, change, rows
    ):
        hers = (school.anna.id, school.bram.id)
        (place,) = [row for row in rows(Guardianship) if (row.user_id, row.pupil_id) == hers]
        change(Guardianship, place.id, revoked_at=place.created_at)
        assert client_for(school.anna).get(f"/messages/{answered}").status_code == 404
        tess = client_for(school.tess)
        page = tess.get(f"/staff/messages/{answered}").text
        assert "Deze ouder krijgt geen berichten over het kind meer." in page
        refused = answer(tess, answered, "Hoort u mij?")
        assert refused.status_code == 422 and "Hoort u mij?" in refused.text


class TestAnswering:
    def test_the_guardian_reads_it_from_whom_it_is(self, client_for, school, begun, rows):
        reply = answer(client_for(school.tess), begun)
        assert (reply.status_code, reply.location) == (303, f"/staff/messages/{begun}#end")
        page = client_for(school.anna).get(f"/messages/{begun}").text
        assert ANSWER in page and "Juf Tess" in page
        assert rows(ConversationMessage)[-1].from_school
        tim = client_for(school.tim).get(f"/staff/messages/{begun}").text
        assert ANSWER in tim and "Juf Tess" in tim

    def test_sent_twice_it_is_there_once(self, client_for, school, begun, rows):
        tess, key = client_for(school.tess), form_key()
        for _twice in range(2):
            assert answer(tess, begun, key=key).status_code == 303
        assert len(rows(ConversationMessage)) == 2

    def test_what_was_on_the_page_is_read_with_it(self, client_for, school, begun):
        tess = client_for(school.tess)
        answer(tess, begun, seen=1)
        assert "Nieuw:" not in tess.get("/staff/messages").text
        assert "Nieuw:" in client_for(school.tim).get("/staff/messages").text

    @pytest.mark.parametrize("text", ["", "x" * 4001])
    def test_what_is_wrong_keeps_what_was_typed(self, client_for, school, begun, text, rows):
        refused = answer(client_for(school.tess), begun, text)
        assert refused.status_code == 422 and text in refused.text
        assert len(rows(ConversationMessage)) == 1

    def test_markup_is_only_text(self, client_for, school, begun):
        answer(client_for(school.tess), begun, "<b>Let op</b> https://kwaad.example [x](javascript:1)")
        page = client_for(school.anna).get(f"/messages/{begun}").text
        assert "&lt;b&gt;Let op&lt;/b&gt; https://kwaad.example [x](javascript:1)" in page
        assert "<b>Let op</b>" not in page and 'href="https://kwaad' not in page


class TestBeginning:
    def test_a_teacher_chooses_one_of_the_own_parents(self, client_for, school, rows):
        tess = client_for(school.tess)
        page = tess.get("/staff/messages/new").text
        assert "Anna Bakker" in page and "Daan Visser" in page
        assert "Carl Peters" not in page and "Dora Mulder" not in page
        form = tess.get(f"/staff/messages/new?pupil={school.bram.id}&guardian={school.anna.id}").text
        assert "Bericht aan Anna Bakker" in form and "juf Tess en meester Tim" in form
        number = number_in(send_to_guardian(tess, school.bram, school.anna))
        assert "Mag ik u bellen?" in client_for(school.anna).get(f"/messages/{number}").text
        assert client_for(school.daan).get("/messages").text.count("Bram") == 0

    def test_where_there_is_a_conversation_it_goes_on(self, client_for, school, begun):
        tess = client_for(school.tess)
        reply = tess.get(f"/staff/messages/new?pupil={school.bram.id}&guardian={school.anna.id}")
        assert reply.location == f"/staff/messages/{begun}#end"
        assert number_in(send_to_guardian(tess, school.bram, school.anna)) == begun

    def test_not_to_who_receives_no_letters_nor_beside_the_own_child(self, client_for, school, rows):
        for person, pupil, guardian in [
            (school.yara, school.noor, school.gert),
            (school.yara, school.bram, school.anna),
            (school.tess, school.bram, school.dora),
            (school.tess, school.lotte, school.tess),
            (school.otto, school.bram, school.anna),
            (school.anna, school.bram, school.daan),
        ]:
            assert send_to_guardian(client_for(person), pupil, guardian).status_code == 404
        assert rows(Conversation) == []

    def test_the_office_writes_where_it_reads_along(self, client_for, school, change):
        otto = client_for(school.otto)
        assert otto.get("/staff/messages/new").status_code == 404
        assert "Schrijf een ouder" not in otto.get("/staff/messages").text
        change(School, 1, conversations_with_office=True)
        assert "Anna Bakker" in otto.get("/staff/messages/new?q=bram").text
        number = number_in(send_to_guardian(otto, school.bram, school.anna))
        assert client_for(school.hedy).get(f"/staff/messages/{number}").status_code == 200

    def test_the_office_does_not_write_into_what_it_does_not_read(
        self, client_for, school, begun, change, rows
    ):
        change(School, 1, conversations_with_office=True)
        otto, sentence = client_for(school.otto), "De leerkrachten schrijven al met deze ouder."
        reply = otto.get(f"/staff/messages/new?pupil={school.bram.id}&guardian={school.anna.id}")
        assert (reply.status_code, reply.location) == (303, "/staff/messages")
        assert sentence in otto.get("/staff/messages").text
        refused = send_to_guardian(otto, school.bram, school.anna)
        assert refused.status_code == 422
        assert sentence in refused.text and "Mag ik u bellen?" in refused.text
        assert len(rows(ConversationMessage)) == 1
        assert let_in(client_for(school.tess), begun, school.otto).status_code == 303
        assert number_in(send_to_guardian(otto, school.bram, school.anna)) == begun


class TestClosing:
    def test_nobody_writes_any_more_and_the_parent_can_begin_anew(self, client_for, school, begun, rows):
        tess, anna = client_for(school.tess), client_for(school.anna)
        assert close(tess, begun).location == "/staff/messages"
        assert rows(AuditEntry)[-1].verb == "close_conversation"
        assert "Dit gesprek is gesloten." in anna.get(f"/messages/{begun}").text
        refused = write(anna, begun, "Hoort u mij?")
        assert refused.status_code == 422 and "Hoort u mij?" in refused.text
        assert answer(tess, begun).status_code == 422
        assert "Anna Bakker" not in tess.get("/staff/messages").text
        assert "Anna Bakker" in tess.get("/staff/messages?show=closed").text
        assert begin(anna, school.bram, school.group_34) != begun

    def test_it_opens_again_unless_another_one_was_begun(self, client_for, school, begun, rows):
        tess, anna = client_for(school.tess), client_for(school.anna)
        close(tess, begun)
        close(tess, begun, "open")
        assert write(anna, begun).status_code == 303
        close(tess, begun)
        begin(anna, school.bram, school.group_34)
        close(tess, begun, "open")
        assert "Intussen is hierover een nieuw gesprek begonnen" in tess.get(f"/staff/messages/{begun}").text
        assert rows(Conversation)[0].closed_at is not None
        assert [entry.verb for entry in rows(AuditEntry)].count("reopen_conversation") == 1

    def test_something_else_is_refused(self, client_for, school, begun):
        assert close(client_for(school.tess), begun, "shredded").status_code == 400


class TestGuests:
    def test_a_substitute_comes_in_and_goes_out(self, client_for, school, begun, rows):
        tess, yara = client_for(school.tess), client_for(school.yara)
        assert "Yara Demir" in tess.get(f"/staff/messages/{begun}/guests").text
        assert let_in(tess, begun, school.yara).status_code == 303
        assert rows(AuditEntry)[-1].verb == "let_into_conversation"
        assert TEXT in yara.get(f"/staff/messages/{begun}").text
        assert answer(yara, begun).status_code == 303
        assert "juf Tess, meester Tim en juf Yara" in client_for(school.anna).get(f"/messages/{begun}").text
        assert let_out(tess, begun, school.yara).status_code == 303
        assert rows(AuditEntry)[-1].verb == "let_out_of_conversation"
        assert yara.get(f"/staff/messages/{begun}").status_code == 404

    def test_who_works_here_only_and_nobody_twice(self, client_for, school, begun, rows):
        tess = client_for(school.tess)
        for person in (school.daan, school.carl, school.tess, school.tim):
            assert let_in(tess, begun, person).status_code == 422
        assert tess.post(f"/staff/messages/{begun}/guests", data={"user": "x"}).status_code == 422
        assert rows(ConversationGuest) == []

    def test_family_of_the_child_never_comes_in(self, client_for, school, begun, change, rows):
        (place,) = [row for row in rows(Guardianship) if row.user_id == school.daan.id]
        change(Guardianship, place.id, user_id=school.yara.id)
        tess = client_for(school.tess)
        assert "Yara Demir" not in tess.get(f"/staff/messages/{begun}/guests").text
        assert let_in(tess, begun, school.yara).status_code == 422

    def test_who_leaves_the_school_is_out_also_after_coming_back(self, client_for, school, begun, rows):
        let_in(client_for(school.tess), begun, school.yara)
        bea = client_for(school.bea)
        bea.send_back(f"/school/staff/{school.yara.id}/leaving", {})
        assert rows(ConversationGuest) == []
        assert [row.left_at is None for row in rows(StaffMember) if row.user_id == school.yara.id] == [False]
