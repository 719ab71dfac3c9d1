"""Meeting rounds: for families, for teachers and for the office."""

from portal.blueprints.meetings import (
    booking,
    evening,
    feeds,
    hall,
    overview,
    plans,
    proposal,
    publishing,
    round_tables,
    rounds,
    schedule,
    shaping,
    sheets,
    talks,
    views,
    waiting,
    wishes,
)
from portal.blueprints.meetings.blueprint import bp

__all__ = [
    "booking",
    "bp",
    "evening",
    "feeds",
    "hall",
    "overview",
    "plans",
    "proposal",
    "publishing",
    "round_tables",
    "rounds",
    "schedule",
    "shaping",
    "sheets",
    "talks",
    "views",
    "waiting",
    "wishes",
]
