"""The tables of a round: who sits there, where, when and for whom; also one for single pupils."""

from dataclasses import dataclass, replace

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import SelectField
from wtforms.validators import NumberRange

from portal import clock
from portal.access import viewer
from portal.blueprints.meetings.blueprint import bp
from portal.blueprints.meetings.changes import keep_or_preview
from portal.blueprints.meetings.loading import kept_round
from portal.blueprints.meetings.table_forms import TableForm, lengths_sent, lengths_shown, lengths_wanted
from portal.domain import meeting_capacity, meeting_round_lists
from portal.domain.meeting_phases import phase_of
from portal.domain.meeting_round_lists import GroupChoice, PupilChoice, StaffChoice
from portal.domain.meeting_setup import Setup, Table, check, setup_by_host
from portal.domain.meeting_slots import places_on
from portal.errors import Refused
from portal.forms import Form, options
from portal.models.meetings import MeetingRound
from portal.words import gettext, lazy_gettext


@dataclass(frozen=True, slots=True)
class TablePage:
    """What the page of a table is made from; `group` is one whose pupils can be invited one by one too."""

    round_: MeetingRound
    setup: Setup
    host_id: int
    place: int
    groups: list[GroupChoice]
    staff: list[StaffChoice]
    pupils: list[PupilChoice]
    group: int

    @property
    def table(self) -> Table:
        """The table as it is kept."""
        return self.setup.tables[self.place]

    def offer(self, form: TableForm) -> TableForm:
        """Let a form offer what this table can be."""
        own = [group for group in self.groups if group.id in self.table.groups]
        form.offer(own, self.staff, self.table.teachers, self.pupils)
        return form


class NewTableForm(Form):
    """Who has talks with single pupils."""

    teacher = SelectField(
        lazy_gettext("Who has the talks?"),
        coerce=int,
        validators=[NumberRange(1, message=lazy_gettext("Choose who has the talks."))],
    )
    pupil = SelectField(
        lazy_gettext("First pupil"),
        coerce=int,
        validators=[NumberRange(1, message=lazy_gettext("Choose who is invited."))],
    )


@bp.get("/school/meetings/<int:round_id>/tables/<int:host_id>")
def show_round_table(round_id: int, host_id: int) -> str:
    """Show one table of a round in a form."""
    page = _page(round_id, host_id)
    form = page.offer(TableForm(formdata=None))
    form.show_table(page.table, page.pupils)
    return _form_page(form, page, page.table.lengths)


@bp.post("/school/meetings/<int:round_id>/tables/<int:host_id>")
def update_round_table(round_id: int, host_id: int) -> ResponseReturnValue:
    """Change a table; once parents see the round, show first what becomes of each talk."""
    page = _page(round_id, host_id)
    form = page.offer(TableForm())
    lengths, wrong = lengths_sent(page.pupils)
    do = request.form.get("do", "")
    if form.change_rows(do):
        form.own_days.data = True
        return _form_page(form, page, lengths)
    if not form.validate() or wrong:
        return _form_page(form, page, lengths, wrong), 422
    unseen = meeting_round_lists.unseen_pupils(viewer(), page.table)
    wanted = lengths_wanted(lengths, page.pupils, page.table.lengths)
    table = form.table(page.table, page.pupils, unseen, wanted)
    setup = replace(page.setup, tables=_with(page.setup.tables, page.place, table))

    def show_again(refusal: Refused, status: int) -> ResponseReturnValue:
        form.refuse(refusal)
        return _form_page(form, _page(round_id, host_id), lengths), status

    try:
        check(setup)
    except Refused as refusal:
        return show_again(refusal, 422)
    return keep_or_preview(round_id, setup, show_again)


@bp.get("/school/meetings/<int:round_id>/tables/new")
def show_new_round_table(round_id: int) -> str:
    """Show the form for a table for single pupils."""
    return _new_page(_new_form(kept_round(round_id)), kept_round(round_id))


@bp.post("/school/meetings/<int:round_id>/tables/new")
def create_round_table(round_id: int) -> ResponseReturnValue:
    """Add a table for single pupils, such as that of the special needs coordinator."""
    round_ = kept_round(round_id)
    form = _new_form(round_, sent=True)
    if not form.validate():
        return _new_page(form, round_), 422
    setup, _hosts = setup_by_host(round_)
    added = Table((), (form.teacher.data,), pupils=(form.pupil.data,))
    wanted = replace(setup, tables=(*setup.tables, added))

    def show_again(refusal: Refused, status: int) -> ResponseReturnValue:
        form.refuse(refusal)
        return _new_page(form, kept_round(round_id)), status

    try:
        check(wanted)
    except Refused as refusal:
        return show_again(refusal, 422)
    return keep_or_preview(round_id, wanted, show_again)


@bp.post("/school/meetings/<int:round_id>/tables/<int:host_id>/removal")
def remove_round_table(round_id: int, host_id: int) -> ResponseReturnValue:
    """Take a table out of a round; once parents see it, show first what becomes of its talks."""
    page = _page(round_id, host_id)
    tables = tuple(table for place, table in enumerate(page.setup.tables) if place != page.place)

    def show_again(refusal: Refused, _status: int) -> ResponseReturnValue:
        flash(refusal.sentence, "bad")
        return redirect(url_for(".show_round_table", round_id=round_id, host_id=host_id), 303)

    wanted = replace(page.setup, tables=tables)
    try:
        check(wanted)
    except Refused as refusal:
        return show_again(refusal, 422)
    return keep_or_preview(round_id, wanted, show_again)


def _with(tables: tuple[Table, ...], place: int, table: Table) -> tuple[Table, ...]:
    return (*tables[:place], table, *tables[place + 1 :])


def _page(round_id: int, host_id: int) -> TablePage:
    round_ = kept_round(round_id)
    setup, hosts = setup_by_host(round_)
    if host_id not in hosts:
        abort(404)
    table = setup.tables[hosts.index(host_id)]
    group = request.values.get("group", 0, type=int)
    groups = meeting_round_lists.group_choices(viewer(), table.groups)
    asked = [group] if any(one.id == group for one in groups) else []
    return TablePage(
        round_,
        setup,
        host_id,
        hosts.index(host_id),
        groups,
        meeting_round_lists.staff_choices(),
        meeting_round_lists.pupil_choices(viewer(), [*table.groups, *asked], table.pupils),
        group,
    )


def _form_page(
    form: TableForm, page: TablePage, lengths: dict[int, int], wrong: set[int] | None = None
) -> str:
    fits = meeting_capacity.fit_of(viewer(), page.setup)
    return render_template(
        "meetings/table.html",
        form=page.offer(form),
        page=page,
        round=page.round_,
        fit=fits[page.place],
        lengths=lengths,
        shown=lengths_shown(page.pupils, page.table.lengths),
        counts=[
            len(places_on([one], page.setup.minutes_at(page.table))) if (one := row.form.stretch) else 0
            for row in form.days
        ],
        wrong=wrong or set(),
        phase=phase_of(page.round_, clock.now()),
    )


def _new_form(round_: MeetingRound, sent: bool = False) -> NewTableForm:
    form = NewTableForm() if sent else NewTableForm(formdata=None)
    setup, _hosts = setup_by_host(round_)
    seated = {teacher for table in setup.tables for teacher in table.teachers}
    free = [(one.id, one.called) for one in meeting_round_lists.staff_choices() if one.id not in seated]
    groups = [group.id for group in meeting_round_lists.group_choices(viewer())]
    pupils = [(one.id, one.name) for one in meeting_round_lists.pupil_choices(viewer(), groups)]
    form.teacher.choices = options([(0, gettext("Choose somebody")), *free])
    form.pupil.choices = options([(0, gettext("Choose a pupil")), *pupils])
    return form


def _new_page(form: NewTableForm, round_: MeetingRound) -> str:
    return render_template("meetings/table_new.html", form=form, round=round_)
