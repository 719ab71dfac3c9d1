"""The pages of private conversations."""

from portal.blueprints.conversations import guests, own, school, starting
from portal.blueprints.conversations.blueprint import bp

__all__ = ["bp", "guests", "own", "school", "starting"]
