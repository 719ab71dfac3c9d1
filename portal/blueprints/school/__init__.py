"""The office's pages."""

from portal.blueprints.school import (
    accounts,
    arrangements,
    calendar,
    care_readers,
    groups,
    guardians,
    imports,
    pupils,
    releases,
    requests,
    settings,
    staff,
    unreachable,
)
from portal.blueprints.school.blueprint import bp

__all__ = [
    "accounts",
    "arrangements",
    "bp",
    "calendar",
    "care_readers",
    "groups",
    "guardians",
    "imports",
    "pupils",
    "releases",
    "requests",
    "settings",
    "staff",
    "unreachable",
]
