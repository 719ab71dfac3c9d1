"""How the people of the tests write to each other, as the forms send it."""

import re
from secrets import token_hex

from werkzeug.test import TestResponse

TEXT = "Bram slaapt slecht. Merkt u er iets van?"
ANSWER = "Ja, hij is wat stil. Zullen wij bellen?"


def form_key() -> str:
    return token_hex(16)


def number_in(reply: TestResponse) -> int:
    """Return the number of the conversation to which an answer leads."""
    found = re.search(r"/messages/(\d+)", reply.location or "")
    assert reply.status_code == 303 and found, reply.text
    return int(found[1])


def send_first(client, pupil, group_id: int, text=TEXT, **fields) -> TestResponse:
    data = {"about": f"{pupil.id}-{group_id}", "text": text, "key": form_key()} | fields
    return client.post("/messages", data=data)


def begin(client, pupil, group_id: int, text=TEXT, **fields) -> int:
    """Write the first message to the teachers of a child, and return the number of the conversation."""
    return number_in(send_first(client, pupil, group_id, text, **fields))


def write(client, number: int, text="Nog iets.", **fields) -> TestResponse:
    """Write to the teachers in a conversation."""
    return client.post(f"/messages/{number}", data={"text": text, "key": form_key()} | fields)


def answer(client, number: int, text=ANSWER, **fields) -> TestResponse:
    """Write to the guardian in a conversation."""
    return client.post(f"/staff/messages/{number}", data={"text": text, "key": form_key()} | fields)


def send_to_guardian(client, pupil, guardian, text="Mag ik u bellen?", **fields) -> TestResponse:
    data = {"pupil": pupil.id, "guardian": guardian.id, "text": text, "key": form_key()} | fields
    return client.post("/staff/messages", data=data)


def until(client, address: str) -> str:
    """Return the number of the last message that the form on a page says is read."""
    return re.findall(r'name="until" value="(\d+)"', client.get(address).text)[-1]


def read(client, number: int, at_school=False) -> TestResponse:
    """Let somebody read a conversation, as the page tells the portal when it is on the screen."""
    address = f"/staff/messages/{number}" if at_school else f"/messages/{number}"
    return client.post(f"{address}/receipt", data={"until": until(client, address)})
