"""The photo albums of a group."""

from portal.blueprints.albums import changes, photos, uploads, views
from portal.blueprints.albums.blueprint import bp

__all__ = ["bp", "changes", "photos", "uploads", "views"]
