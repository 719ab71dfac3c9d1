"""Private conversations: a guardian's with the teachers of a child, and the same as school has them."""

from flask import Blueprint

from portal.blueprints.uploads import allow_files
from portal.domain.incoming_files import MOST_BYTES_OF_MESSAGE

bp = Blueprint("conversations", __name__)
allow_files(
    bp,
    MOST_BYTES_OF_MESSAGE,
    "conversations.create_conversation",
    "conversations.create_message",
    "conversations.create_school_conversation",
    "conversations.create_answer",
)
