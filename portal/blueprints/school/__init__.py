"""The school pages."""

from portal.blueprints.school.views import bp

__all__ = ["bp"]
