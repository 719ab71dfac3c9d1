"""Who sees which of a guardian's data, the class list, and hiding from the other guardian."""

from portal.blueprints.directory import details, hiding, lists, visibility
from portal.blueprints.directory.blueprint import bp

__all__ = ["bp", "details", "hiding", "lists", "visibility"]
