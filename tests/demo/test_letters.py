"""`portal demo`: letters of the last weeks, two of them new for the first parent."""

import pytest

from portal.models.accounts import User
from portal.models.letters import Letter, LetterRecipient
from portal.models.outbox import OutgoingMessage
from portal.models.slips import ReplySlip, SlipAnswer


@pytest.mark.parametrize("moment", ["2026-11-24 08:40", "2026-08-25 07:00", "2027-07-20 12:00"])
def test_the_first_parent_has_two_letters_to_read_whatever_the_season(demo, rows, client_for, moment):
    result = demo("--families", "12", "--years", "2", moment=moment)
    assert result.exit_code == 0, result.output
    parent = next(user for user in rows(User) if user.email == "ouder1@lindeboog.example")
    mine = [row for row in rows(LetterRecipient) if row.user_id == parent.id]
    assert len(mine) == len(rows(Letter)) == 7
    assert sum(row.opened_at is None for row in mine) == 2
    page = client_for(parent).get("/letters").text
    assert page.count("Nieuw:") == 2
    assert "Vorig schooljaar" in page
    assert len(rows(SlipAnswer)) >= len(rows(ReplySlip)) > 0
    assert not [row for row in rows(OutgoingMessage) if row.kind.startswith("letter")]
