"""Many times the same first message, or as many different ones, at the same moment."""

import pytest

from portal.models.conversations import Conversation, ConversationMessage
from tests.conversations.writing import begin
from tests.race.crowding import CLIENTS, Crowd, statuses


@pytest.fixture
def crowd(live_server) -> Crowd:
    return Crowd(live_server)


def first_messages(crowd, school, key_of, text="Bericht {}") -> list:
    about = f"{school.bram.id}-{school.group_34}"
    return crowd.send(
        [
            crowd.post(school.anna, "/messages", about=about, text=text.format(number), key=key_of(number))
            for number in range(CLIENTS)
        ]
    )


def test_one_form_sent_by_all_is_one_message(crowd, school, rows):
    assert set(statuses(first_messages(crowd, school, lambda _number: "k" * 32, "Bericht"))) == {303}
    assert len(rows(Conversation)) == len(rows(ConversationMessage)) == 1


def test_all_first_messages_come_into_one_conversation_one_after_the_other(crowd, school, rows):
    assert set(statuses(first_messages(crowd, school, lambda number: f"{number:032}"))) == {303}
    (conversation,) = rows(Conversation)
    moments = [message.at for message in rows(ConversationMessage)]
    assert len(moments) == CLIENTS and moments == sorted(set(moments))
    assert conversation.last_at == moments[-1]


def test_what_is_closed_meanwhile_loses_no_message_that_was_promised(crowd, client_for, school, rows):
    number = begin(client_for(school.anna), school.bram, school.group_34)
    posts = [
        crowd.post(school.tess, f"/staff/messages/{number}/closing", state="closed")
        if place == CLIENTS // 2
        else crowd.post(school.anna, f"/messages/{number}", text=f"Bericht {place}", key=f"{place:032}")
        for place in range(CLIENTS)
    ]
    found = list(statuses(crowd.send(posts)))
    assert set(found) <= {303, 422}
    written = len(rows(ConversationMessage)) - 1
    assert sum(status == 303 for status in found) - 1 == written
    assert rows(Conversation)[0].closed_at is not None
