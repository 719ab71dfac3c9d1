"""GET /messages/new, POST /messages: a guardian's first message to the teachers of a child."""

import pytest

from portal.models.conversations import Conversation, ConversationMessage
from portal.models.roster import Teaching
from portal.models.school import School
from tests.conversations.writing import TEXT, begin, form_key, number_in, send_first


def messages(rows) -> list[str]:
    return [message.text for message in rows(ConversationMessage)]


def test_it_begins_from_the_page_of_the_group(client_for, school, rows):
    anna = client_for(school.anna)
    group = anna.get(f"/groups/{school.group_34}").text
    assert f"/messages/new?group={school.group_34}" in group
    page = anna.get(f"/messages/new?group={school.group_34}").text
    assert "Bericht aan de leerkrachten van groep 3/4" in page
    assert "Wordt gelezen door juf Tess en meester Tim. Andere ouders zien het nooit." in page
    number = begin(anna, school.bram, school.group_34)
    (conversation,) = rows(Conversation)
    assert (conversation.guardian_id, conversation.pupil_id) == (school.anna.id, school.bram.id)
    assert (conversation.group_id, conversation.with_office) == (school.group_34, False)
    page = anna.get(f"/messages/{number}").text
    assert TEXT in page and "Uw bericht is verstuurd." in page


def test_who_has_more_than_one_child_chooses_first(client_for, school):
    page = client_for(school.anna).get("/messages/new").text
    assert "Over wie schrijft u?" in page
    assert "Bram" in page and "aan de leerkrachten van groep 6" in page
    one = client_for(school.daan).get("/messages/new").text
    assert "Over Bram" in one and "<textarea" in one


def test_who_has_a_conversation_already_goes_on_in_it(client_for, school, begun, rows):
    anna = client_for(school.anna)
    answer = anna.get(f"/messages/new?group={school.group_34}")
    assert (answer.status_code, answer.location) == (303, f"/messages/{begun}#end")
    assert begin(anna, school.bram, school.group_34, "Nog iets.") == begun
    assert messages(rows) == [TEXT, "Nog iets."]


def test_each_guardian_has_their_own(client_for, school, begun, rows):
    other = begin(client_for(school.daan), school.bram, school.group_34, "Van mij.")
    assert other != begun
    assert "Van mij." not in client_for(school.anna).get(f"/messages/{begun}").text
    assert client_for(school.daan).get(f"/messages/{begun}").status_code == 404


def test_the_same_form_sent_twice_is_one_message(client_for, school, rows):
    anna, key = client_for(school.anna), form_key()
    answers = [send_first(anna, school.bram, school.group_34, key=key) for _twice in range(2)]
    assert len({number_in(answer) for answer in answers}) == 1
    assert messages(rows) == [TEXT]


def test_a_text_that_was_extended_in_the_same_form_is_a_message_too(client_for, school, rows):
    anna, key = client_for(school.anna), form_key()
    texts = (TEXT, f"{TEXT} Belt u mij?", f"{TEXT} Belt u mij?")
    answers = [send_first(anna, school.bram, school.group_34, text, key=key) for text in texts]
    assert len({number_in(answer) for answer in answers}) == 1
    assert messages(rows) == [TEXT, f"{TEXT} Belt u mij?"]


@pytest.mark.parametrize("key", ["a\0b", "k" * 5000])
def test_whatever_the_key_is_it_begins(client_for, school, rows, key):
    assert begin(client_for(school.anna), school.bram, school.group_34, key=key)
    assert messages(rows) == [TEXT]


def test_also_when_school_closed_it_in_between(client_for, school, rows):
    anna, key = client_for(school.anna), form_key()
    number = number_in(send_first(anna, school.bram, school.group_34, key=key))
    client_for(school.tess).post(f"/staff/messages/{number}/closing", data={"state": "closed"})
    assert number_in(send_first(anna, school.bram, school.group_34, key=key)) == number
    assert len(rows(Conversation)) == len(rows(ConversationMessage)) == 1


@pytest.mark.parametrize(
    ("text", "sentence"),
    [(" \n ", "Schrijf uw bericht."), ("x" * 4001, "Gebruik hoogstens 4000 tekens.")],
)
def test_what_is_wrong_is_said_and_what_was_typed_stays(client_for, school, rows, text, sentence):
    answer = send_first(client_for(school.anna), school.bram, school.group_34, text)
    assert answer.status_code == 422
    assert sentence in answer.text and text.strip() in answer.text
    assert rows(Conversation) == []


def test_about_somebody_elses_child_there_is_nothing(client_for, school, rows):
    for person, pupil, group in [
        (school.anna, school.sem, school.group_6),
        (school.anna, school.bram, school.group_6),
        (school.gert, school.noor, school.group_6),
        (school.dora, school.bram, school.group_34),
        (school.tess, school.bram, school.group_34),
        (school.otto, school.bram, school.group_34),
    ]:
        assert send_first(client_for(person), pupil, group).status_code == 404
    assert send_first(client_for(school.anna), school.bram, school.group_34, about="x").status_code == 404
    assert rows(Conversation) == []


def test_the_office_reads_along_where_school_wants_it(client_for, school, change, rows):
    first = begin(client_for(school.anna), school.bram, school.group_34)
    change(School, 1, conversations_with_office=True)
    daan = client_for(school.daan)
    assert "meester Tim en de administratie" in daan.get("/messages/new").text
    second = begin(daan, school.bram, school.group_34)
    otto = client_for(school.otto)
    assert otto.get(f"/staff/messages/{second}").status_code == 200
    assert otto.get(f"/staff/messages/{first}").status_code == 404


def test_a_group_without_a_teacher_has_nobody_to_read_it(app, client_for, school, change, rows):
    for teaching in rows(Teaching):
        change(Teaching, teaching.id, ended_on=teaching.started_on)
    anna = client_for(school.anna)
    page = anna.get(f"/messages/new?group={school.group_34}").text
    assert "Niemand op school kan dit nu lezen. Bel de school." in page
    assert "<textarea" not in page
    assert send_first(anna, school.bram, school.group_34).status_code == 422


def test_a_teacher_who_is_family_of_the_child_is_not_among_the_readers(client_for, school, change, rows):
    page = client_for(school.tess)
    page.post("/side", data={"side": "parent"})
    text = page.get(f"/messages/new?group={school.group_6}").text
    assert "Wordt gelezen door juf Yara." in text
