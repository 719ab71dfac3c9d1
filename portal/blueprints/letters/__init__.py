"""The pages of letters."""

from portal.blueprints.letters.blueprint import bp

__all__ = ["bp"]
