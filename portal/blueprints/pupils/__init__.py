"""The pages of one pupil, for guardians and for school, and the list that a teacher takes along."""

from portal.blueprints.pupils import care, contacts, page, requests, trips
from portal.blueprints.pupils.blueprint import bp

__all__ = ["bp", "care", "contacts", "page", "requests", "trips"]
