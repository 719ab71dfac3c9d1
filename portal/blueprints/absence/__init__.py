"""The absence pages."""

from portal.blueprints.absence.views import bp

__all__ = ["bp"]
