"""The pages of a guardian without authority: questions to school, and what was released (R21)."""

from portal.blueprints.releases.views import bp

__all__ = ["bp"]
