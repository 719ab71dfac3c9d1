"""The school's own lists that letters go to, as the office keeps them."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import access, clock
from portal.access import one_or_404, viewer
from portal.blueprints.letters.blueprint import bp
from portal.blueprints.letters.writing_forms import ListForm
from portal.domain import letter_choices, own_lists
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.models.letters import LetterList
from portal.words import gettext


@bp.get("/school/letters/lists")
def show_lists() -> str:
    """Show the lists, with a form for another one."""
    _require_office()
    return _lists_page(ListForm(formdata=None))


@bp.post("/school/letters/lists")
def create_list() -> ResponseReturnValue:
    """Begin a list."""
    _require_office()
    form = ListForm()
    if not form.validate():
        return _lists_page(form), 422
    start_writing()
    try:
        number = own_lists.make_list(form.name.data or "", viewer(), clock.now()).id
    except Refused as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return _lists_page(form), 422
    db.session.commit()
    return redirect(url_for(".show_list", list_id=number), 303)


@bp.get("/school/letters/lists/<int:list_id>")
def show_list(list_id: int) -> str:
    """Show who is on a list, with a search for whom to add."""
    own_list = _list(list_id)
    return _list_page(ListForm(formdata=None, name=own_list.name), own_list)


@bp.post("/school/letters/lists/<int:list_id>")
def rename_list(list_id: int) -> ResponseReturnValue:
    """Give a list another name."""
    own_list, form = _list(list_id), ListForm()
    if not form.validate():
        return _list_page(form, own_list), 422
    start_writing()
    try:
        own_lists.rename_list(_list(list_id), form.name.data or "", viewer())
    except Refused as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return _list_page(form, _list(list_id)), 422
    db.session.commit()
    flash(gettext("The name is saved."), "ok")
    return redirect(url_for(".show_list", list_id=list_id), 303)


@bp.post("/school/letters/lists/<int:list_id>/members")
def add_list_member(list_id: int) -> ResponseReturnValue:
    """Put a pupil or one guardian on a list, or take one off (`remove`)."""
    start_writing()
    own_list = _list(list_id)
    if request.form.get("remove"):
        own_lists.remove_member(own_list, request.form.get("remove", 0, type=int), viewer())
    else:
        for part in letter_choices.read_parts([request.form.get("add", "")], []):
            own_lists.add_member(own_list, part, viewer())
    db.session.commit()
    return redirect(url_for(".show_list", list_id=list_id, q=request.form.get("q", "")[:80] or None), 303)


@bp.post("/school/letters/lists/<int:list_id>/removal")
def remove_list(list_id: int) -> ResponseReturnValue:
    """Take a list away."""
    start_writing()
    own_list = _list(list_id)
    name = own_list.name
    own_lists.remove_list(own_list, viewer(), clock.now())
    db.session.commit()
    flash(gettext("The list '%(name)s' is gone.", name=name), "ok")
    return redirect(url_for(".show_lists"), 303)


def _require_office() -> None:
    if not viewer().is_office:
        abort(404)


def _list(list_id: int) -> LetterList:
    return one_or_404(LetterList, list_id, access.lists_of_school(viewer()))


def _lists_page(form: ListForm) -> str:
    return render_template("letters/own_lists.html", form=form, lists=own_lists.all_lists(viewer()))


def _list_page(form: ListForm, own_list: LetterList) -> str:
    search = request.args.get("q", "")[:80]
    return render_template(
        "letters/own_list.html",
        form=form,
        own_list=own_list,
        members=own_lists.members_of(own_list, viewer()),
        search=search,
        found=letter_choices.find(viewer(), search),
    )
