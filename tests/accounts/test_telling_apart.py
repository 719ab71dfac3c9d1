"""Nobody finds out by the clock whether an address is known."""

import time
from statistics import median

import pytest

PAIRS = 40


def spent(client, path, data) -> float:
    start = time.perf_counter()
    client.post(path, data=data)
    return time.perf_counter() - start


def chance_to_tell(known: list[float], unknown: list[float]) -> float:
    """Return how often a known address takes longer: 0.5 is a guess, 0 and 1 are certain (AUC)."""
    wins = sum((a > b) + (a == b) / 2 for a in known for b in unknown)
    return wins / (len(known) * len(unknown))


@pytest.mark.parametrize("path", ["/login", "/login/mail", "/login/code", "/password/forgot"])
def test_a_known_and_an_unknown_address_take_the_same_time(school, anonymous, at, path):
    known, unknown = [], []
    for number in range(PAIRS):
        # Every pair in a minute of its own, so that no limit comes in between.
        at(f"2026-11-{24 + number // 20} {6 + number % 20 // 2:02d}:{number % 2 * 30:02d}")
        data = {"password": "not-the-password", "code": "123456"}
        pair = [(known, school.anna.email), (unknown, f"nobody{number}@lindeboog.example")]
        for times, email in pair if number % 2 else reversed(pair):
            times.append(spent(anonymous, path, data | {"email": email}))
    assert 0.25 < chance_to_tell(known, unknown) < 0.75, (median(known), median(unknown))
