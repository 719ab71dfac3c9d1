"""The page of a group, and what its teachers write on it."""

from portal.blueprints.groups import news, pages, week
from portal.blueprints.groups.blueprint import bp

__all__ = ["bp", "news", "pages", "week"]
