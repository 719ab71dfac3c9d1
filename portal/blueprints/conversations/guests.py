"""Who was let into a conversation beside the teachers of the group: a substitute."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectField

from portal import clock
from portal.access import viewer
from portal.blueprints.conversations.blueprint import bp
from portal.blueprints.conversations.school import school_conversation
from portal.domain import conversation_lists, conversations
from portal.domain.conversation_people import participants, who_may_come_in
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.forms import Form, options
from portal.models.conversations import Conversation
from portal.words import gettext, lazy_gettext


class GuestForm(Form):
    """A colleague who is let in."""

    user = SelectField(
        lazy_gettext("Let a colleague in"),
        coerce=lambda value: int(value) if str(value).isdecimal() else 0,
        validate_choice=False,
    )


@bp.get("/staff/messages/<int:conversation_id>/guests")
def show_guests(conversation_id: int) -> str:
    """Show who reads a conversation at school, with a form to let a colleague in."""
    return _page(school_conversation(conversation_id), GuestForm(formdata=None))


@bp.post("/staff/messages/<int:conversation_id>/guests")
def create_guest(conversation_id: int) -> ResponseReturnValue:
    """Let a colleague in (`user`), who reads everything that is in it."""
    form = GuestForm()
    start_writing()
    conversation = school_conversation(conversation_id)
    try:
        name = conversations.let_in(conversation, form.user.data or 0, viewer(), clock.now())
    except Refused as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return _page(school_conversation(conversation_id), form), 422
    db.session.commit()
    flash(gettext("%(name)s reads along now. The parent sees the name.", name=name), "ok")
    return redirect(url_for(".show_guests", conversation_id=conversation_id), 303)


@bp.post("/staff/messages/<int:conversation_id>/guests/removal")
def remove_guest(conversation_id: int) -> ResponseReturnValue:
    """Let a colleague who was let in (`user`) out again; who lets oneself out is back in the list."""
    user_id = request.form.get("user", 0, type=int)
    start_writing()
    conversations.let_out(school_conversation(conversation_id), user_id, viewer())
    db.session.commit()
    if user_id == viewer().id:
        flash(gettext("You do not read this conversation any more."), "ok")
        return redirect(url_for(".show_school_messages"), 303)
    flash(gettext("Your colleague does not read this conversation any more."), "ok")
    return redirect(url_for(".show_guests", conversation_id=conversation_id), 303)


def _page(conversation: Conversation, form: GuestForm) -> str:
    present = participants(conversation)
    form.user.choices = options([(0, gettext("Choose a colleague")), *who_may_come_in(conversation)])
    return render_template(
        "conversations/guests.html",
        conversation=conversation,
        about=conversation_lists.about(conversation),
        form=form,
        readers=present,
    )
