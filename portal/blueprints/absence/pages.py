"""What the report form and its correction need around them."""

from collections.abc import Sequence
from datetime import date
from functools import cached_property

from flask import render_template, request

from portal import clock
from portal.access import viewer
from portal.blueprints.absence.forms import DATES, ONE_DAY, TWO_DAYS, Days, ReportForm
from portal.domain import absence_lists
from portal.domain.absence import AHEAD, Report, check_days, check_times, could_become
from portal.domain.absence_lists import AbsenceFacts, Kind
from portal.domain.children import Child, children_of
from portal.domain.school import school_facts
from portal.domain.school_days import SchoolDays, school_days
from portal.errors import Refused
from portal.extensions import read_afresh
from portal.formatting import clock_time, group_label, near_date
from portal.words import gettext


def is_late(day: date) -> bool:
    """Whether a report for this day comes too late to be sure that the teacher sees it in time."""
    now = clock.local_now()
    return day == now.date() and now.time() >= school_facts().report_before


class ReportPage:
    """The sick report of a guardian: the children, the reasons and the school's calendar, read once."""

    template = "absence/report.html"

    def __init__(self) -> None:
        self.today = clock.today()
        self.children = self._read_children()
        self.kinds = self._read_kinds()
        self.days = school_days(self.today, self.today + AHEAD)
        self.base = self.days.first_school_day(self.today)

    @cached_property
    def running(self) -> list[AbsenceFacts]:
        """What is known of the reader's own children."""
        return absence_lists.running_absences(viewer(), self.today)

    def _read_children(self) -> list[Child]:
        return [child for child in children_of(viewer()) if child.decides]

    def _read_kinds(self) -> list[Kind]:
        return absence_lists.kinds(for_guardians=True)

    def blank_form(self) -> ReportForm:
        """Return the form with what can be known filled in: one child, today, the first reason."""
        form = ReportForm(formdata=None)
        self.offer(form)
        form.pupil.data = self._preselected(request.args.get("pupil", type=int))
        form.kind.data = self.kinds[0].code if self.kinds else None
        form.days.data = ONE_DAY
        form.first_day.data = self.base
        return form

    def _preselected(self, asked: int | None) -> list[int]:
        if len(self.children) == 1:
            return [self.children[0].id]
        return [child.id for child in self.children if child.id == asked]

    def offer(self, form: ReportForm) -> None:
        """Fill in what can be chosen."""
        form.offer([(child.id, child.called) for child in self.children], self.kinds, self.days, self.base)

    def kind_of(self, form: ReportForm) -> Kind:
        """Return the chosen reason, of a valid form."""
        return next(kind for kind in self.kinds if kind.code == form.kind.data)

    def report_of(self, form: ReportForm) -> Report:
        """Return what a valid form says. Raises Refused, at its field, for impossible days or times."""
        chosen: Days = form.chosen_days(self.base, self.days)
        check_days(chosen.first, chosen.last, self.days, self.earliest, school_facts().starts_at)
        kind = self.kind_of(form)
        from_time, until_time = form.times_for(kind)
        check_times(from_time, until_time)
        return Report(
            kind_id=kind.id,
            whole_day=kind.whole_day,
            first_day=chosen.first,
            last_day=chosen.last,
            from_time=from_time,
            until_time=until_time,
            note=form.note.data or "",
        )

    @property
    def earliest(self) -> date:
        """The first day that may be chosen."""
        return self.today

    @property
    def day_words(self) -> dict[str, str]:
        """The words for the days in the button that says what it will do."""
        first, following = near_date(self.base), near_date(self.days.next_school_day(self.base))
        return {ONE_DAY: first, TWO_DAYS: gettext("%(first)s and %(next)s", first=first, next=following)}

    @property
    def icons(self) -> dict[str, str]:
        """The picture of each reason, by its code."""
        return {kind.code: kind.icon for kind in self.kinds}

    @property
    def shows(self) -> dict[str, str]:
        """Which times the page asks for with a reason, by its code: the end of a visit, or both."""
        visits = (kind.code for kind in self.kinds if not kind.whole_day)
        return {code: "until" if code == "late" else "times until" for code in visits}

    @property
    def groups(self) -> dict[str, str]:
        """The group of each child and what is known about today, by its number."""
        return {str(child.id): self.known(child) for child in self.children}

    @property
    def names(self) -> dict[str, str]:
        """What each child is called, by its number."""
        return {str(child.id): child.called for child in self.children}

    def reassurance(self, late: bool) -> str:
        """Return the line under the button: that school will know."""
        if late:
            return gettext(
                "Your report also arrives after %(time)s.", time=clock_time(school_facts().report_before)
            )
        return gettext("The teacher sees your report at once.")

    def known(self, child: Child) -> str:
        """Return the group, and what school already knows about today."""
        running = next((a for a in self.running if a.pupil_id == child.id and a.holds_on(self.base)), None)
        group = group_label(child.group)
        return f"{group} · {running.kind.lower()}" if running and group else group

    def known_otherwise(self, form: ReportForm, report: Report) -> list[AbsenceFacts]:
        """Return the reader's own reports that this visit differs from and could take the place of."""
        chosen, kind = set(form.chosen_pupils()), self.kind_of(form)
        return [
            facts
            for facts in self.running
            if facts.pupil_id in chosen
            and could_become(facts, report, viewer(), self.today)
            and (kind.code, *form.times_for(kind)) != (facts.code, facts.from_time, facts.until_time)
        ]

    def refused(self, form: ReportForm, refusal: Refused) -> str:
        """Return the page with the sentence of a school rule; nothing of the report is kept."""
        read_afresh()
        form.refuse(refusal)
        return self.render(form)

    def render(self, form: ReportForm, known: Sequence[AbsenceFacts] = ()) -> str:
        """Return the page; `known` are reports for the same days, to be changed with one tap."""
        return render_template(
            self.template,
            page=self,
            form=form,
            known=known,
            is_late=is_late(self.base),
            days_chosen=DATES,
        )


class CorrectionPage(ReportPage):
    """The same form, filled in with a report that is to be changed."""

    template = "absence/correction.html"

    def __init__(self, facts: AbsenceFacts) -> None:
        super().__init__()
        self.facts = facts
        self.children = [child for child in self.children if child.id == facts.pupil_id]

    @property
    def earliest(self) -> date:
        """The first day that may be chosen: what has begun may keep its beginning."""
        return min(self.today, self.facts.first_day)

    def filled_form(self) -> ReportForm:
        """Return the form as the report stands."""
        form = ReportForm(formdata=None)
        self.offer(form)
        facts = self.facts
        form.pupil.data = [facts.pupil_id]
        form.kind.data = facts.code
        form.days.data = ONE_DAY if facts.first_day == facts.last_day == self.base else DATES
        form.first_day.data, form.last_day.data = facts.first_day, facts.last_day
        form.until_better.data = facts.last_day is None
        form.from_time.data, form.until_time.data = facts.from_time, facts.until_time
        form.note.data = facts.note
        return form


def days_to_return(days: SchoolDays, today: date) -> list[date]:
    """Return the days from which a child can be said to be back: today when there is school, and the next."""
    first = days.first_school_day(today)
    return [first, days.next_school_day(first)] if first == today else [first]
