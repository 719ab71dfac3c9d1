"""Files with messages: who gets them, and what is refused."""

from datetime import timedelta
from io import BytesIO

import pytest

from portal import clock
from portal.domain import retention
from portal.models.conversations import Conversation, ConversationMessage
from portal.models.letters import Attachment, AttachmentFile
from portal.models.school import SchoolYear
from tests.albums.pictures import jpeg
from tests.conversations.writing import answer, begin, form_key, write

PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def pdf(name="Verslag.pdf"):
    return (BytesIO(PDF + name.encode()), name)


@pytest.fixture
def key(client_for, school, begun, rows) -> str:
    """Where the file is that Anna sent with her second message."""
    assert write(client_for(school.anna), begun, "Zie de bijlage.", files=[pdf()]).status_code == 303
    (file,) = rows(Attachment)
    return f"/attachments/{file.key}"


def test_both_sides_of_the_conversation_get_it_and_nobody_else(client_for, school, begun, key):
    for person, page in ((school.anna, "/messages"), (school.tess, "/staff/messages")):
        client = client_for(person)
        text = client.get(f"{page}/{begun}").text
        assert "Verslag" in text and key in text
        assert client.get(key).data.startswith(b"%PDF")
    for person in (school.daan, school.carl, school.gert, school.dora, school.yara, school.otto):
        assert client_for(person).get(key).status_code == 404


def test_also_with_the_first_message_and_with_an_answer(client_for, school, rows):
    number = begin(client_for(school.anna), school.bram, school.group_34, files=[pdf(), pdf("Ander.pdf")])
    picture = (BytesIO(jpeg(width=40, height=30)), "tekening.jpg")
    assert answer(client_for(school.tess), number, files=[picture]).status_code == 303
    assert [file.name for file in rows(Attachment)][:2] == ["Verslag.pdf", "Ander.pdf"]
    assert len(rows(Attachment)) == 3


def test_photos_as_a_phone_makes_them_go_along_though_they_are_larger_before_they_are_made_smaller(
    client_for, school, begun, rows
):
    photos = [(BytesIO(jpeg(width=60 + n, height=40) + bytes(6_000_000)), f"{n}.jpg") for n in range(4)]
    answer = write(client_for(school.anna), begun, "Vier foto's.", files=photos)
    answer.request.environ["wsgi.input"].close()
    assert answer.status_code == 303
    assert len(rows(Attachment)) == 4


def test_what_is_too_much_keeps_what_was_typed(client_for, school, begun, rows):
    large = [(BytesIO(b"%PDF-1.4\n" + bytes([n]) * 8_000_000), f"{n}.pdf") for n in range(3)]
    page = write(client_for(school.anna), begun, "Drie boeken.", files=large)
    page.request.environ["wsgi.input"].close()
    assert page.status_code == 422 and "Drie boeken." in page.text and "20 MB" in page.text
    assert rows(Attachment) == []


def test_the_form_says_what_may_go_along(client_for, school, begun):
    page = client_for(school.anna).get(f"/messages/{begun}").text
    assert "5 bestanden van elk 15 MB" in page
    assert 'accept=".pdf' in page and 'data-largest="15000000"' in page


def test_sent_twice_the_file_is_there_once(client_for, school, begun, rows):
    anna, sent = client_for(school.anna), form_key()
    for _twice in range(2):
        assert write(anna, begun, "Zie de bijlage.", key=sent, files=[pdf()]).status_code == 303
    assert len(rows(Attachment)) == 1


def test_a_file_that_was_forgotten_goes_with_the_same_words_from_the_same_form(
    client_for, school, begun, rows
):
    anna, sent = client_for(school.anna), form_key()
    for files in ([], [pdf()], [pdf()], [pdf(), pdf("Ander.pdf")]):
        assert write(anna, begun, "Zie de bijlage.", key=sent, files=files).status_code == 303
    assert [file.name for file in rows(Attachment)] == ["Verslag.pdf", "Verslag.pdf", "Ander.pdf"]
    assert len(rows(ConversationMessage)) == 4


def test_also_with_the_first_message(client_for, school, rows):
    anna, sent = client_for(school.anna), form_key()
    numbers = {
        begin(anna, school.bram, school.group_34, key=sent, files=files) for files in ([], [pdf()], [pdf()])
    }
    assert len(numbers) == 1 and len(rows(Attachment)) == 1 and len(rows(ConversationMessage)) == 2


MANY, WRONG = [pdf(f"{place}.pdf") for place in range(6)], [(BytesIO(b"MZ\x90"), "x.exe")]


@pytest.mark.parametrize("files", [MANY, WRONG], ids=["many", "wrong"])
def test_what_cannot_be_taken_is_said_and_the_words_stay(client_for, school, begun, rows, files):
    copies = [(BytesIO(file.getvalue()), name) for file, name in files]
    refused = write(client_for(school.anna), begun, "Zie de bijlage.", files=copies)
    assert refused.status_code == 422
    assert "Zie de bijlage." in refused.text and 'id="files-error"' in refused.text
    assert rows(Attachment) == [] and len(rows(ConversationMessage)) == 1


def test_everything_goes_a_year_after_the_school_year(begun, key, rows, do, at):
    (year,) = rows(SchoolYear)
    last = year.last_day + timedelta(days=365)
    at(f"{last} 12:00")
    do(lambda: retention.delete_old_conversations(clock.now()))
    assert len(rows(Conversation)) == 1
    at(f"{last + timedelta(days=1)} 12:00")
    do(lambda: retention.delete_old_conversations(clock.now()))
    for table in (Conversation, ConversationMessage, Attachment, AttachmentFile):
        assert rows(table) == []
