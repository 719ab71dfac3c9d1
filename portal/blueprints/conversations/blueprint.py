"""Private conversations: a guardian's with the teachers of a child, and the same as school has them."""

from flask import Blueprint

from portal.blueprints.uploads import allow_files
from portal.domain.attachment_words import LARGEST_FILE
from portal.domain.file_kinds import ACCEPTED
from portal.domain.incoming_files import MOST_BYTES_OF_MESSAGE, MOST_FILES_OF_MESSAGE

bp = Blueprint("conversations", __name__)
allow_files(
    bp,
    MOST_FILES_OF_MESSAGE * LARGEST_FILE,
    "conversations.create_conversation",
    "conversations.create_message",
    "conversations.create_school_conversation",
    "conversations.create_answer",
)


@bp.context_processor
def what_files_are_taken() -> dict[str, object]:
    """Return what the form for a message says of the files that may go with it."""
    return {
        "accepted": ACCEPTED,
        "limits": {"number": MOST_FILES_OF_MESSAGE, "each": LARGEST_FILE, "all": MOST_BYTES_OF_MESSAGE},
    }
