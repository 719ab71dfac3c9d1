"""The pages of letters."""

from portal.blueprints.letters import (
    attachments,
    delivery,
    digest,
    lists,
    reading,
    reply,
    school_letter,
    sending,
    slip,
    writing,
)
from portal.blueprints.letters.blueprint import bp

__all__ = [
    "attachments",
    "bp",
    "delivery",
    "digest",
    "lists",
    "reading",
    "reply",
    "school_letter",
    "sending",
    "slip",
    "writing",
]
