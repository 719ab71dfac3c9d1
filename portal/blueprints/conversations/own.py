"""The conversations of a guardian: the list, one of them, and writing in it."""

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import access, clock
from portal.access import one_or_404, viewer
from portal.blueprints.conversations.blueprint import bp
from portal.blueprints.conversations.forms import MessageForm
from portal.blueprints.refreshing import is_same
from portal.domain import conversation_lists, conversation_notices, conversations
from portal.domain.conversation_choices import choices_of
from portal.domain.conversation_lists import spoken
from portal.domain.conversation_notices import Notice
from portal.domain.conversation_people import participants
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.models.conversations import Conversation
from portal.words import gettext


def own_conversation(conversation_id: int) -> Conversation:
    """Return a conversation of the viewer as a guardian, or answer 404."""
    return one_or_404(Conversation, conversation_id, access.conversations_of(viewer()))


@bp.get("/messages")
def show_messages() -> str:
    """Show a guardian the own conversations."""
    if not viewer().decides:
        abort(404)
    person = viewer()
    return render_template(
        "conversations/list.html",
        lines=conversation_lists.of_guardian(person),
        may_write=bool(choices_of(person)),
    )


@bp.get("/messages/<int:conversation_id>")
def show_conversation(conversation_id: int) -> ResponseReturnValue:
    """Show a conversation to its guardian; that it was read is noted by another request.

    A refresh that says which `version` it has gets 204 when nothing changed.
    """
    conversation = own_conversation(conversation_id)
    if is_same(version_of(conversation)):
        return Response(status=204)
    return _page(conversation, MessageForm(formdata=None))


def version_of(conversation: Conversation) -> str:
    """Return what changes with every message, and when a conversation is closed or opened."""
    return f"{conversation.last_at.timestamp():.6f}{'-' if conversation.closed_at else ''}"


@bp.post("/messages/<int:conversation_id>")
def create_message(conversation_id: int) -> ResponseReturnValue:
    """Write to the teachers in a conversation."""
    conversation, form = own_conversation(conversation_id), MessageForm()
    if not form.validate() or not form.take_in():
        return _page(conversation, form), 422
    start_writing()
    conversation = own_conversation(conversation_id)
    try:
        conversations.write(
            conversation, viewer(), *form.sent, clock.now(), seen=form.seen_until, files=form.taken
        )
    except Refused as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return _page(own_conversation(conversation_id), form), 422
    db.session.commit()
    flash(gettext("Your message is sent."), "ok")
    return redirect(url_for(".show_conversation", conversation_id=conversation_id, _anchor="end"), 303)


@bp.post("/messages/<int:conversation_id>/receipt")
def create_receipt(conversation_id: int) -> ResponseReturnValue:
    """Note that the guardian has read the conversation up to a message (`until`)."""
    until = request.form.get("until", 0, type=int)
    start_writing()
    conversations.mark_read(own_conversation(conversation_id), viewer(), until, clock.now())
    db.session.commit()
    return redirect(url_for(".show_conversation", conversation_id=conversation_id), 303)


def _page(conversation: Conversation, form: MessageForm) -> str:
    person, now = viewer(), clock.now()
    thread = conversation_lists.thread_of(person, conversation, access.conversations_of(person))
    form.seen.data = str(thread.last)
    over = conversations.why_over(conversation, for_school=False)
    called = [one.called for one in participants(conversation)]
    return render_template(
        "conversations/own.html",
        conversation=conversation,
        version=version_of(conversation),
        about=conversation_lists.about(conversation),
        readers=spoken(called, conversation.with_office),
        over=over,
        may_write=bool(over and choices_of(person)),
        thread=thread,
        form=form,
        longest=conversations.TEXT_LENGTH,
        late=[] if over else late(conversation_notices.notices_at_school(conversation, now)),
    )


def late(notices: list[Notice]) -> list[Notice]:
    """Return who is told later only, because of the hours in which they are left alone."""
    return [notice for notice in notices if notice.at and notice.waits]
