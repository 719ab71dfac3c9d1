"""The pages of letters."""

from portal.blueprints.letters import delivery, lists, reading, school_letter, sending, writing
from portal.blueprints.letters.blueprint import bp

__all__ = ["bp", "delivery", "lists", "reading", "school_letter", "sending", "writing"]
