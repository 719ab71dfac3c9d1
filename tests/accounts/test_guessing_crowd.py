"""Many guesses at the same moment, on a real server."""

from portal.models.accounts import LoginAttempt
from tests.race.crowding import Crowd, statuses


def test_fifty_guesses_at_once_are_still_five(live_server, school, rows):
    crowd = Crowd(live_server)
    guesses = [
        crowd.post(None, "/login", email=school.anna.email, password=f"guess number {n}") for n in range(50)
    ]
    answers = sorted(statuses(crowd.send(guesses)))
    assert answers == [422] * 5 + [429] * 45
    # Five that were looked at, each counted for the address and for the network it came from.
    assert len(rows(LoginAttempt)) == 10
