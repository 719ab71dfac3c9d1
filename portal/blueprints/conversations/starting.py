"""A guardian begins a conversation: to the teachers of a child, or in answer to a letter."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import access, clock
from portal.access import one_or_404, viewer
from portal.blueprints.conversations.blueprint import bp
from portal.blueprints.conversations.forms import MessageForm
from portal.blueprints.conversations.own import late
from portal.domain import conversation_notices, conversations
from portal.domain.conversation_choices import Choice, choices_of
from portal.domain.conversation_lists import spoken
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.models.conversations import Conversation
from portal.models.letters import Letter
from portal.words import gettext


@bp.get("/messages/new")
def show_new_message() -> ResponseReturnValue:
    """Show the form for a first message: to the teachers of a `group`, or in answer to a `letter`.

    `about` says about which child in which group; who has more than one to write about chooses first. Who
    has such a conversation already goes on in it.
    """
    letter, choices = _asked()
    if len(choices) > 1:
        return render_template("conversations/children.html", letter=letter, choices=choices)
    there = conversations.open_one(_plan(choices[0], letter))
    if there is not None:
        return redirect(url_for(".show_conversation", conversation_id=there.id, _anchor="end"), 303)
    return _page(MessageForm(formdata=None), letter, choices[0])


@bp.post("/messages")
def create_conversation() -> ResponseReturnValue:
    """Send the first message (`about`, `letter`)."""
    letter, choice = _chosen()
    form = MessageForm()
    if not form.validate() or not form.take_in():
        return _page(form, letter, choice), 422
    start_writing()
    letter, choice = _chosen()
    plan = _plan(choice, letter)
    try:
        conversation = conversations.begin(plan, viewer(), *form.sent, clock.now(), form.taken)
    except Refused as refusal:
        db.session.rollback()
        form.refuse(refusal)
        letter, choice = _chosen()
        return _page(form, letter, choice), 422
    number = conversation.id
    db.session.commit()
    flash(gettext("Your message is sent."), "ok")
    return redirect(url_for(".show_conversation", conversation_id=number, _anchor="end"), 303)


def _asked() -> tuple[Letter | None, list[Choice]]:
    """Return the letter that is answered, and about whom the viewer can write; 404 when about nobody."""
    number, group_id = request.values.get("letter", 0, type=int), request.values.get("group", 0, type=int)
    letter = None
    if number:
        letter = one_or_404(Letter, number, access.letters_received_by(viewer(), clock.today()))
        if not conversations.may_answer(letter, clock.now()):
            abort(404)
    about = request.values.get("about", "")
    choices = [
        one
        for one in choices_of(viewer(), letter)
        if group_id in (0, one.group.id) and about in ("", one.value)
    ]
    return letter, choices or abort(404)


def _chosen() -> tuple[Letter | None, Choice]:
    letter, choices = _asked()
    return letter, choices[0] if len(choices) == 1 else abort(404)


def _plan(choice: Choice, letter: Letter | None) -> Conversation:
    return conversations.planned(choice.pupil, viewer().id, choice.group, letter)


def _page(form: MessageForm, letter: Letter | None, choice: Choice) -> str:
    plan = _plan(choice, letter)
    notices = conversation_notices.notices_at_school(plan, clock.now())
    return render_template(
        "conversations/new.html",
        form=form,
        letter=letter,
        choice=choice,
        readers=spoken([one.name for one in notices], plan.with_office),
        late=late(notices),
        longest=conversations.TEXT_LENGTH,
    )
