"""The office's rounds: the list, and setting one up."""

from dataclasses import dataclass
from typing import Any

from flask import abort, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import viewer
from portal.blueprints.meetings.blueprint import bp
from portal.blueprints.meetings.changes import keep_or_preview, saved
from portal.blueprints.meetings.loading import kept_round
from portal.blueprints.meetings.round_forms import RoundForm, usual_days
from portal.domain import meeting_capacity, meeting_round_lists, meeting_rounds, meeting_shortage
from portal.domain.meeting_phases import phase_of
from portal.domain.meeting_round_lists import GroupChoice
from portal.domain.meeting_setup import Setup, Stretch, check, setup_by_host
from portal.domain.meeting_slots import places_on
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.models.meetings import MeetingRound


@dataclass(frozen=True, slots=True)
class Page:
    """What the page of a set-up is made from; all but `groups` is empty for a round to come."""

    round_: MeetingRound | None
    setup: Setup | None
    hosts: list[int]
    groups: list[GroupChoice]


def require_office() -> None:
    """Answer 404 to everybody who does not keep the rounds."""
    if not viewer().is_office:
        abort(404)


@bp.get("/school/meetings")
def show_rounds() -> str:
    """Show the rounds, with where each is and how many talks have a time."""
    require_office()
    lines = meeting_round_lists.round_lines(viewer())
    now = clock.now()
    phases = {line.round_.id: phase_of(line.round_, now) for line in lines}
    running = [one.round_.id for one in lines if one.runs(now)]
    short = meeting_shortage.short_tables(running, now)
    return render_template("meetings/rounds.html", lines=lines, phases=phases, short=short)


@bp.get("/school/meetings/new")
def show_new_round() -> str:
    """Show the form for a round, filled in as it usually is."""
    require_office()
    page = _page(None)
    form = RoundForm(formdata=None)
    talks, opens, closes = usual_days(clock.today())
    form.groups.data = [group.id for group in page.groups if group.teachers]
    form.opens_at.data, form.closes_at.data = opens.replace(tzinfo=None), closes.replace(tzinfo=None)
    form.gap_minutes.data, form.building_gap_minutes.data = 10, 20
    form.show([Stretch(talks, *meeting_rounds.USUAL_HOURS)])
    return _form_page(form, page)


@bp.post("/school/meetings/new")
def create_round() -> ResponseReturnValue:
    """Keep a new round as a concept; `do` 'look' goes on to see it as a parent."""
    require_office()
    page = _page(None)
    form, setup = _read(page)
    if setup is None:
        return _form_page(form, page), _status()
    start_writing()
    try:
        round_ = meeting_rounds.create_round(setup, viewer(), clock.now())
    except Refused as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return _form_page(form, page), 422
    db.session.commit()
    return saved(round_)


@bp.get("/school/meetings/<int:round_id>")
def show_round(round_id: int) -> str:
    """Show a round as it is set up, with 'Past het?' beside it."""
    page = _page(kept_round(round_id))
    form = RoundForm(formdata=None)
    if page.setup:
        form.show_setup(page.setup)
    return _form_page(form, page)


@bp.post("/school/meetings/<int:round_id>")
def update_round(round_id: int) -> ResponseReturnValue:
    """Change a round; once parents see it, show first what becomes of each talk."""
    page = _page(kept_round(round_id))
    form, setup = _read(page)
    if setup is None:
        return _form_page(form, page), _status()

    def show_again(refusal: Refused, status: int) -> ResponseReturnValue:
        form.refuse(refusal)
        return _form_page(form, _page(kept_round(round_id))), status

    return keep_or_preview(round_id, setup, show_again)


@bp.post("/school/meetings/fit")
def show_fit() -> str:
    """Show whether the times that are being typed are enough; `round` is the round, once it is kept."""
    require_office()
    number = request.args.get("round", type=int)
    page = _page(kept_round(number) if number else None)
    form = RoundForm()
    form.offer(page.groups)
    return render_template("meetings/_fit.html", **_fit(form, page), oob=True)


def _page(round_: MeetingRound | None) -> Page:
    setup, hosts = setup_by_host(round_) if round_ else (None, [])
    also = [group for table in setup.tables for group in table.groups] if setup else []
    return Page(round_, setup, hosts, meeting_round_lists.group_choices(viewer(), also))


def _read(page: Page) -> tuple[RoundForm, Setup | None]:
    """Return the form as it was sent, and the set-up when it can be held; `do` may ask for another row."""
    form = RoundForm()
    form.offer(page.groups)
    if form.change_rows(request.form.get("do", "")) or not form.validate():
        return form, None
    setup = _setup(form, page)
    try:
        check(setup)
    except Refused as refusal:
        form.refuse(refusal)
        return form, None
    return form, setup


def _setup(form: RoundForm, page: Page) -> Setup:
    return form.setup(page.setup.tables if page.setup else (), page.groups)


def _status() -> int:
    """A press that only asks for another row of the form is no mistake."""
    return 200 if request.form.get("do", "").startswith(("add_day", "remove_day")) else 422


def _form_page(form: RoundForm, page: Page) -> str:
    form.offer(page.groups)
    return render_template(
        "meetings/round.html",
        form=form,
        withdrawn=page.round_ is not None and page.round_.withdrawn_at is not None,
        phase=phase_of(page.round_, clock.now()) if page.round_ else None,
        fit_url=url_for(".show_fit", round=page.round_.id) if page.round_ else url_for(".show_fit"),
        **_fit(form, page),
    )


def _fit(form: RoundForm, page: Page) -> dict[str, Any]:
    """Return whether the times are enough, and how many there are on each stretch."""
    setup = _setup(form, page)
    same = page.setup is not None and len(setup.tables) == len(page.hosts)
    running = bool(page.round_ and page.round_.published_at and not page.round_.withdrawn_at)
    return {
        "fits": meeting_capacity.fit_of(viewer(), setup, page.hosts if same else ()),
        "now_free": meeting_capacity.fit_now(page.setup, page.hosts, clock.now())
        if running and page.setup
        else [],
        "counts": [
            len(places_on([one], setup.talk_minutes)) if (one := row.form.stretch) else 0 for row in form.days
        ],
        "round": page.round_,
    }
