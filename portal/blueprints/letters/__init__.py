"""The pages of letters."""

from portal.blueprints.letters import lists, reading, school_letter, sending, writing
from portal.blueprints.letters.blueprint import bp

__all__ = ["bp", "lists", "reading", "school_letter", "sending", "writing"]
