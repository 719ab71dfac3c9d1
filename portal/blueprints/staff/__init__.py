"""The staff pages."""

from portal.blueprints.staff.views import bp

__all__ = ["bp"]
