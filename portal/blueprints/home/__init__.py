"""The home pages."""

from portal.blueprints.home.views import bp

__all__ = ["bp"]
