"""Who gets the files with letters and with messages: who reads what they belong to."""

from datetime import date

from sqlalchemy import ColumnElement, and_, exists, or_
from sqlalchemy.orm import aliased

from portal.access.arrangements import releases_visible_to
from portal.access.conversations import conversations_at_school, conversations_of
from portal.access.letters import attachments_of_letters, is_given_to_parents
from portal.access.viewers import Viewer
from portal.models.arrangements import Release
from portal.models.conversations import Conversation, ConversationMessage
from portal.models.letters import Attachment

_message = aliased(ConversationMessage)


def attachments_visible_to(viewer: Viewer, today: date | ColumnElement[date]) -> ColumnElement[bool]:
    """The files of the letters and the conversations that the viewer reads, as a guardian or at school."""
    released = exists().where(Release.letter_id == Attachment.letter_id, releases_visible_to(viewer))
    of_message = exists().where(
        _message.id == Attachment.message_id,
        Conversation.id == _message.conversation_id,
        or_(conversations_of(viewer), conversations_at_school(viewer)),
    )
    return or_(
        attachments_of_letters(viewer, today),
        and_(is_given_to_parents(), released.correlate_except(Release)),
        of_message.correlate_except(_message, Conversation),
    )
