"""The ops pages."""

from portal.blueprints.ops.views import bp

__all__ = ["bp"]
