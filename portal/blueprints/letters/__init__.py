"""The pages of letters."""

from portal.blueprints.letters import (
    answers,
    attachments,
    delivery,
    digest,
    own_lists,
    reading,
    reply,
    school_letter,
    sending,
    slip,
    writing,
)
from portal.blueprints.letters.blueprint import bp

__all__ = [
    "answers",
    "attachments",
    "bp",
    "delivery",
    "digest",
    "own_lists",
    "reading",
    "reply",
    "school_letter",
    "sending",
    "slip",
    "writing",
]
