"""The accounts pages."""

from portal.blueprints.accounts.views import bp

__all__ = ["bp"]
