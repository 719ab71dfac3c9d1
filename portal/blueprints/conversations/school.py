"""The conversations with guardians as teachers have them: the list, one of them, answering, closing."""

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import access, clock
from portal.access import one_or_404, viewer
from portal.blueprints.conversations.blueprint import bp
from portal.blueprints.conversations.forms import MessageForm
from portal.blueprints.conversations.own import version_of
from portal.blueprints.refreshing import is_same
from portal.blueprints.staff.blueprint import staff_viewer
from portal.domain import conversation_choices, conversation_lists, conversation_notices, conversations
from portal.domain.conversation_choices import GuardianChoice
from portal.domain.conversation_lists import spoken
from portal.domain.conversation_people import participants
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.models.conversations import Conversation
from portal.models.roster import Pupil
from portal.words import gettext


def school_conversation(conversation_id: int) -> Conversation:
    """Return a conversation that the viewer has at school, or answer 404."""
    return one_or_404(Conversation, conversation_id, access.conversations_at_school(viewer()))


@bp.get("/staff/messages")
def show_school_messages() -> str:
    """Show the conversations that somebody has at school, what is new on top, or closed ones (`show`)."""
    person = staff_viewer()
    closed = request.args.get("show") == "closed"
    number = request.args.get("page", 1, type=int)
    return render_template(
        "conversations/school_list.html",
        page=conversation_lists.at_school(person, closed, number),
        closed=closed,
        may_begin=_may_begin(),
        waiting=conversation_lists.unread_at_school(person),
        page_url=lambda page: url_for(".show_school_messages", show="closed" if closed else None, page=page),
    )


@bp.get("/staff/messages/<int:conversation_id>")
def show_school_conversation(conversation_id: int) -> ResponseReturnValue:
    """Show a conversation at school. A refresh that says which `version` it has gets 204 without news."""
    conversation = school_conversation(conversation_id)
    if is_same(version_of(conversation)):
        return Response(status=204)
    return _page(conversation, MessageForm(formdata=None))


@bp.post("/staff/messages/<int:conversation_id>")
def create_answer(conversation_id: int) -> ResponseReturnValue:
    """Write to the guardian in a conversation."""
    conversation, form = school_conversation(conversation_id), MessageForm()
    if not form.validate() or not form.take_in():
        return _page(conversation, form), 422
    start_writing()
    conversation = school_conversation(conversation_id)
    try:
        conversations.write(
            conversation, viewer(), *form.sent, clock.now(), seen=form.seen_until, files=form.taken
        )
    except Refused as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return _page(school_conversation(conversation_id), form), 422
    db.session.commit()
    flash(gettext("Your message is sent."), "ok")
    return redirect(url_for(".show_school_conversation", conversation_id=conversation_id, _anchor="end"), 303)


@bp.post("/staff/messages/<int:conversation_id>/receipt")
def create_school_receipt(conversation_id: int) -> ResponseReturnValue:
    """Note that somebody at school has read the conversation up to a message (`until`)."""
    until = request.form.get("until", 0, type=int)
    start_writing()
    conversations.mark_read(school_conversation(conversation_id), viewer(), until, clock.now())
    db.session.commit()
    return redirect(url_for(".show_school_conversation", conversation_id=conversation_id), 303)


@bp.post("/staff/messages/<int:conversation_id>/closing")
def change_closing(conversation_id: int) -> ResponseReturnValue:
    """Close a conversation, or open it again (`state`: closed, open)."""
    state = request.form.get("state")
    if state not in ("closed", "open"):
        abort(400)
    start_writing()
    conversation = school_conversation(conversation_id)
    try:
        if state == "closed":
            conversations.close(conversation, viewer(), clock.now())
        else:
            conversations.reopen(conversation, viewer())
    except Refused as refusal:
        db.session.rollback()
        flash(str(refusal), "warn")
        return redirect(url_for(".show_school_conversation", conversation_id=conversation_id), 303)
    db.session.commit()
    if state == "closed":
        flash(gettext("The conversation is closed. You can open it again."), "ok")
        return redirect(url_for(".show_school_messages"), 303)
    flash(gettext("The conversation is open again."), "ok")
    return redirect(url_for(".show_school_conversation", conversation_id=conversation_id), 303)


def _page(conversation: Conversation, form: MessageForm) -> str:
    person = viewer()
    thread = conversation_lists.thread_of(person, conversation, access.conversations_at_school(person))
    form.seen.data = str(thread.last)
    people = participants(conversation)
    over = conversations.why_over(conversation, for_school=True)
    return render_template(
        "conversations/school.html",
        conversation=conversation,
        version=version_of(conversation),
        about=conversation_lists.about(conversation),
        readers=spoken([one.called for one in people], conversation.with_office),
        guests=[one for one in people if one.guest],
        over=over,
        thread=thread,
        form=form,
        longest=conversations.TEXT_LENGTH,
        notice=None
        if over
        else conversation_notices.notice_to_guardian(conversation.guardian_id, clock.now()),
    )


# --- a first message --------------------------------------------------------------------------------------


def _may_begin() -> bool:
    """Whether the viewer writes to guardians: teachers do, the office where it reads along."""
    return not viewer().is_office or conversations.office_reads_along()


@bp.get("/staff/messages/new")
def show_new_school_message() -> ResponseReturnValue:
    """Show whom the viewer can write to (`q` searches), or the form for one guardian of one pupil.

    Where there is such a conversation already it goes on in it, if the viewer reads that one.
    """
    staff_viewer()
    if not _may_begin():
        abort(404)
    if "guardian" in request.args:
        choice, plan = _asked()
        try:
            there = conversations.open_for(plan, viewer())
        except Refused as refusal:
            flash(str(refusal), "warn")
            return redirect(url_for(".show_school_messages"), 303)
        if there is not None:
            return redirect(
                url_for(".show_school_conversation", conversation_id=there.id, _anchor="end"), 303
            )
        return _new_page(MessageForm(formdata=None), choice, plan)
    search = request.args.get("q", "").strip()[:80]
    found = conversation_choices.guardians_to_write(viewer(), search)
    return render_template("conversations/choose.html", found=found, search=search)


@bp.post("/staff/messages")
def create_school_conversation() -> ResponseReturnValue:
    """Send the first message to a guardian."""
    staff_viewer()
    if not _may_begin():
        abort(404)
    choice, plan = _asked()
    form = MessageForm()
    if not form.validate() or not form.take_in():
        return _new_page(form, choice, plan), 422
    start_writing()
    _choice, plan = _asked()
    try:
        conversation = conversations.begin(plan, viewer(), *form.sent, clock.now(), form.taken)
    except Refused as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return _new_page(form, *_asked()), 422
    number = conversation.id
    db.session.commit()
    flash(gettext("Your message is sent."), "ok")
    return redirect(url_for(".show_school_conversation", conversation_id=number, _anchor="end"), 303)


def _asked() -> tuple[GuardianChoice, Conversation]:
    """Return to whom a first message is, and the conversation that it would begin, or answer 404."""
    pupil_id, guardian_id = (request.values.get(name, 0, type=int) for name in ("pupil", "guardian"))
    choice = conversation_choices.guardian_to_write(viewer(), pupil_id, guardian_id) or abort(404)
    group = conversation_choices.group_for(viewer(), pupil_id) or abort(404)
    pupil = one_or_404(Pupil, pupil_id, access.pupils_written_about_by(viewer()))
    return choice, conversations.planned(pupil, guardian_id, group)


def _new_page(form: MessageForm, choice: GuardianChoice, plan: Conversation) -> str:
    return render_template(
        "conversations/school_new.html",
        form=form,
        choice=choice,
        readers=spoken([one.called for one in participants(plan)], plan.with_office),
        longest=conversations.TEXT_LENGTH,
        notice=conversation_notices.notice_to_guardian(choice.guardian_id, clock.now()),
    )
