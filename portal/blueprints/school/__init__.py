"""The office's pages."""

from portal.blueprints.school.blueprint import bp

__all__ = ["bp"]
