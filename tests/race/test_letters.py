"""Fifty times the same new letter at the same moment."""

import pytest

from portal.models.letters import Letter, LetterAudience
from tests.race.crowding import CLIENTS, Crowd, statuses


@pytest.fixture
def crowd(live_server) -> Crowd:
    return Crowd(live_server)


@pytest.mark.parametrize("do", ["save", "send"])
def test_one_form_sent_by_all_is_one_letter(crowd, school, rows, do):
    words = {
        "title": "Museum",
        "sender": "juf Tess",
        "text": "Wij gaan.",
        "mail_shows": "hint",
        "when": "now",
    }
    words |= {"part": f"group:{school.group_34}", "key": "k" * 32, "do": do}
    posts = [crowd.post(school.tess, "/staff/letters/new", **words) for _ in range(CLIENTS)]
    answers = crowd.send(posts)
    assert set(statuses(answers)) == {303}
    assert len({answer.location for answer in answers}) == 1
    (letter,) = rows(Letter)
    assert letter.revision == 1 and (letter.send_at is not None) == (do == "send")
    assert len(rows(LetterAudience)) == 1
