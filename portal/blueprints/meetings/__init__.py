"""Meeting rounds: for families, for teachers and for the office."""

from portal.blueprints.meetings import schedule, shaping, talks
from portal.blueprints.meetings.blueprint import bp

__all__ = ["bp", "schedule", "shaping", "talks"]
