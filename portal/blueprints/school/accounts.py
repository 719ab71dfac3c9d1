"""Who has no login yet, and what the office does about it in one click."""

from collections import Counter
from typing import Any

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import access, clock, names
from portal.access import one_or_404, viewer
from portal.blueprints.school.blueprint import bp
from portal.blueprints.school.forms import CorrectedEmailForm
from portal.blueprints.school.loading import managed_adult
from portal.blueprints.school.sheets import sheet_of
from portal.domain import accounts, invitations, roster_group_lists
from portal.domain.accounts import AccountState
from portal.domain.bounce_reasons import why_bounced
from portal.domain.invitation_letters import InvitationLetter, letters_of, prepare_letter, prepare_letters
from portal.domain.roster_guardians import full_name
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.formatting import group_label
from portal.models.roster import Group
from portal.paging import page_of
from portal.words import gettext, ngettext

PER_PAGE = 50
STATES = ("bounced", "unconfirmed", "no_email", "not_invited", "expired", "invited", "activated")
"""In the order in which they need the office."""


@bp.get("/accounts")
def show_accounts() -> ResponseReturnValue:
    """Show who is not in yet, in the order in which they need attention."""
    group = _asked_group()
    states = accounts.account_states(viewer(), clock.now(), group)
    counts = Counter(state.state for state in states)
    shown = request.args.get("show", "")
    found = sorted(
        (one for one in states if (one.state == shown if shown in STATES else not one.is_in)),
        key=lambda one: STATES.index(one.state),
    )
    page, pages = page_of(request.args.get("page", 1, type=int), len(found), PER_PAGE)
    return render_template(
        "school/accounts.html",
        accounts=found[(page - 1) * PER_PAGE : page * PER_PAGE],
        total=len(found),
        counts=counts,
        outside=sum(not one.is_in for one in states),
        to_invite=any(one.activated_at is None for one in states),
        everybody=len(states),
        states=STATES,
        shown=shown if shown in STATES else "",
        group=group,
        groups=roster_group_lists.open_groups(viewer()),
        page=page,
        pages=pages,
        here=_filters(page),
        url_with=_url_with,
        url_for_page=lambda number: _url_with(page=number),
        why_bounced=why_bounced,
        full=names.full,
        called=names.of_institution,
        moment=clock.now(),
        manages=_manages,
    )


def _url_with(**changes: Any) -> str:
    return url_for(".show_accounts", **{**_filters(), **changes})


def _asked_group() -> Group | None:
    number = request.args.get("group", type=int) or request.form.get("group", type=int)
    return one_or_404(Group, number, access.groups_of_school(viewer())) if number else None


def _filters(page: int | None = None) -> dict[str, Any]:
    chosen = {
        "show": request.args.get("show") or None,
        "group": request.args.get("group", type=int),
        "page": page if page and page > 1 else request.args.get("page", type=int) if page is None else None,
    }
    return {key: value for key, value in chosen.items() if value}


def _manages(account: AccountState) -> bool:
    return viewer().is_leading or not account.role


@bp.post("/accounts/<int:user_id>/invitation")
def send_invitation(user_id: int) -> ResponseReturnValue:
    """Send the invitation, again when it was sent before; a link that expired is replaced."""
    start_writing()
    person = managed_adult(user_id)
    name = full_name(person)
    try:
        if not person.email:
            raise Refused(gettext("%(name)s has no e-mail address. Print the letter.", name=name))
        invitations.invite(person, viewer(), clock.now())
    except Refused as refusal:
        db.session.rollback()
        flash(refusal.sentence, "bad")
        return redirect(_back(), 303)
    db.session.commit()
    flash(gettext("The invitation for %(name)s is on its way.", name=name), "ok")
    return redirect(_back(), 303)


def _back() -> str:
    if request.args.get("from") == "staff":
        return url_for(".show_member", user_id=(request.view_args or {})["user_id"])
    if request.args.get("from") == "person":
        return url_for(".show_guardian", user_id=(request.view_args or {})["user_id"])
    return url_for(".show_accounts", **_filters())


@bp.get("/accounts/<int:user_id>/email")
def show_address(user_id: int) -> ResponseReturnValue:
    """Show the form for another address."""
    person = managed_adult(user_id)
    return _address_page(user_id, CorrectedEmailForm(obj=person))


@bp.post("/accounts/<int:user_id>/email")
def correct_address(user_id: int) -> ResponseReturnValue:
    """Set the right address; who has no login yet gets a new invitation there."""
    form = CorrectedEmailForm()
    if not form.validate():
        return _address_page(user_id, form), 422
    start_writing()
    person = managed_adult(user_id)
    try:
        accounts.correct_email(person, form.address, viewer(), clock.now())
    except Refused as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return _address_page(user_id, form), 422
    name, active = full_name(person), person.activated_at is not None
    db.session.commit()
    if active:
        flash(gettext("The address of %(name)s is saved.", name=name), "ok")
    else:
        flash(
            gettext("The address is saved, and a new invitation for %(name)s is on its way.", name=name), "ok"
        )
    return redirect(_back(), 303)


def _address_page(user_id: int, form: CorrectedEmailForm) -> str:
    person = managed_adult(user_id)
    return render_template(
        "school/address.html", form=form, person=person, name=full_name(person), here=_filters(), back=_back()
    )


@bp.get("/invitations")
def show_invitations() -> ResponseReturnValue:
    """Show per group who has not been invited yet, and ask whom to invite."""
    waiting = [state for state in accounts.account_states(viewer(), clock.now()) if _never_invited(state)]
    per_group = Counter(name for state in waiting for name in {child.group for child in state.children})
    return render_template(
        "school/invitations.html",
        total=len(waiting),
        without_email=sum(1 for state in waiting if not state.email),
        per_group=per_group,
        groups=roster_group_lists.open_groups(viewer()),
    )


def _never_invited(state: AccountState) -> bool:
    return state.activated_at is None and state.invited_at is None


@bp.post("/invitations")
def invite_everybody() -> ResponseReturnValue:
    """Invite who has not been invited, of one group or of the whole school."""
    start_writing()
    group = _asked_group()
    count = invitations.invite_all(viewer(), clock.now(), group)
    db.session.commit()
    flash(
        ngettext("%(num)s invitation is on its way.", "%(num)s invitations are on their way.", count),
        "ok" if count else "warn",
    )
    return redirect(url_for(".show_accounts", group=group.id if group else None), 303)


@bp.post("/accounts/<int:user_id>/letter")
def create_letter(user_id: int) -> ResponseReturnValue:
    """Make a link to print when there is none, and go to the letter."""
    start_writing()
    person = managed_adult(user_id)
    try:
        prepare_letter(person, viewer(), clock.now())
    except Refused as refusal:
        db.session.rollback()
        flash(refusal.sentence, "bad")
        return redirect(_back(), 303)
    db.session.commit()
    return redirect(url_for(".show_letter", user_id=user_id), 303)


@bp.get("/accounts/<int:user_id>/letter")
def show_letter(user_id: int) -> ResponseReturnValue:
    """Show the letter of one adult, ready to print."""
    person = managed_adult(user_id)
    letters = letters_of(viewer(), clock.now(), user=person)
    if not letters:
        abort(404)
    return _letters_page(letters, full_name(person))


@bp.post("/invitations/letters")
def create_letters() -> ResponseReturnValue:
    """Make the links of a group's letters, and go to them."""
    start_writing()
    group = _asked_group() or abort(404)
    prepare_letters(group, viewer(), clock.now())
    group_id = group.id
    db.session.commit()
    return redirect(url_for(".show_letters", group=group_id), 303)


@bp.get("/invitations/letters")
def show_letters() -> ResponseReturnValue:
    """Show the letters of a group, ready to print in one go."""
    group = _asked_group() or abort(404)
    return _letters_page(letters_of(viewer(), clock.now(), group), group_label(group.name))


def _letters_page(letters: list[InvitationLetter], title: str) -> str:
    sheets = [sheet_of(letter, clock.today()) for letter in letters]
    return render_template("school/invitation_letters.html", sheets=sheets, title=title)
