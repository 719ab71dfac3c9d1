"""Meeting rounds: for families, for teachers and for the office."""

from portal.blueprints.meetings import (
    evening,
    hall,
    plans,
    publishing,
    round_tables,
    rounds,
    schedule,
    shaping,
    talks,
)
from portal.blueprints.meetings.blueprint import bp

__all__ = [
    "bp",
    "evening",
    "hall",
    "plans",
    "publishing",
    "round_tables",
    "rounds",
    "schedule",
    "shaping",
    "talks",
]
