"""Nobody finds out by the clock whether an address is known.

TIMING_PAIRS=2000 measures longer and closer.
"""

import os
import time
from datetime import datetime, timedelta
from statistics import median

import pytest

PAIRS = int(os.environ.get("TIMING_PAIRS", "40"))
MARGIN = 0.25 if PAIRS < 1000 else 0.05
START = datetime(2026, 11, 24, 8)


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
        # Every pair in a time of its own, so that no limit comes in between.
        at((START + timedelta(minutes=75 * number)).isoformat())
        data = {"password": "not-the-password", "code": "123456"}
        pair = [(known, school.anna.email), (unknown, f"nobody{number}@lindeboog.example")]
        for times, email in pair if number % 2 else reversed(pair):
            times.append(spent(anonymous, path, data | {"email": email}))
    chance = chance_to_tell(known, unknown)
    print(f"{path}: AUC {chance:.3f}, median {median(known) * 1000:.1f} and {median(unknown) * 1000:.1f} ms")
    assert abs(chance - 0.5) < MARGIN
