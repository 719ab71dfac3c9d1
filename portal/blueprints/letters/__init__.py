"""The pages of letters."""

from portal.blueprints.letters import reading
from portal.blueprints.letters.blueprint import bp

__all__ = ["bp", "reading"]
