"""`portal demo`: private conversations, with something to read for a parent and for teachers."""

import pytest

from portal.models.accounts import User
from portal.models.outbox import OutgoingMessage


@pytest.mark.parametrize("moment", ["2026-11-24 08:40", "2026-08-25 07:00", "2027-07-20 12:00"])
def test_parents_and_teachers_have_something_to_read(demo, rows, client_for, moment):
    result = demo("--families", "12", "--years", "2", moment=moment)
    assert result.exit_code == 0, result.output
    people = {user.email.split("@")[0]: user for user in rows(User) if user.email}
    assert client_for(people["ouder1"]).get("/messages").text.count("Nieuw:") == 1
    pages = [client_for(people[f"ouder{number}"]).get("/messages").text for number in (2, 3)]
    assert ["ziek naar huis" in page for page in pages] == [True, False]
    assert ["Woensdagmiddag" in page for page in pages] == [False, True]
    teachers = [user for name, user in people.items() if name.startswith("leerkracht")]
    waiting = ["Nieuw:" in client_for(user).get("/staff/messages").text for user in teachers]
    assert waiting.count(True) >= 3
    assert not [row for row in rows(OutgoingMessage) if row.kind == "message"]
