"""The office's form for a round of talks: groups, days, and when parents choose."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, datetime, time
from typing import Any

from wtforms import (
    BooleanField,
    Field,
    FieldList,
    FormField,
    IntegerField,
    RadioField,
    SelectField,
    ValidationError,
)
from wtforms import Form as Part
from wtforms.validators import InputRequired, NumberRange, Optional

from portal import clock
from portal.blueprints.meetings.time_fields import HourField, PauseField, moment_field
from portal.domain.meeting_round_lists import GroupChoice
from portal.domain.meeting_setup import LONGEST, SHORTEST, Setup, Stretch, Table, with_groups
from portal.formatting import group_label
from portal.forms import Boxes, DayField, Form, options, text_field
from portal.words import gettext, lazy_gettext, ngettext

GAPS = (0, 5, 10, 15, 20, 30)
MOST_DAYS = 40
MINUTES = lazy_gettext("Choose a number of minutes from 5 to 120.")
HOURS = lazy_gettext("Choose a number of hours from 1 to 72.")


class CountField(IntegerField):
    """A whole number between two others, with our own words for what is none."""

    def __init__(self, label: str, least: int, most: int, wrong: str, **options: Any) -> None:
        validators = [*options.pop("validators", [InputRequired(wrong)]), NumberRange(least, most, wrong)]
        super().__init__(label, validators=validators, **options)
        self.wrong = wrong

    def process_formdata(self, valuelist: list[Any]) -> None:
        """Read what was typed."""
        try:
            super().process_formdata(valuelist)
        except ValueError:
            raise ValueError(str(self.wrong)) from None


class StretchForm(Part):
    """A stretch of a day with talks. A row of which nothing is filled in does not count."""

    day = DayField(lazy_gettext("Day"), validators=[Optional()])
    starts_at = HourField(lazy_gettext("From"))
    ends_at = HourField(lazy_gettext("Until"))
    pause = PauseField(lazy_gettext("Break"))

    @property
    def is_empty(self) -> bool:
        """Whether nothing was filled in."""
        return not (self.day.data or self.starts_at.data or self.ends_at.data or self.errors)

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        """Ask for what is missing once something is there."""
        said = super().validate(extra_validators)
        if self.is_empty:
            return said
        for field, missing in (
            (self.day, gettext("Fill in the day.")),
            (self.starts_at, gettext("Fill in the time.")),
            (self.ends_at, gettext("Fill in the time.")),
        ):
            if not (field.data or field.errors):
                field.errors = [missing]
        return not self.errors

    @property
    def stretch(self) -> Stretch | None:
        """The row as what is kept, None while it is not complete."""
        if not (self.day.data and self.starts_at.data and self.ends_at.data):
            return None
        pause = self.pause.data or (None, None)
        return Stretch(self.day.data, self.starts_at.data, self.ends_at.data, *pause)


class DaysForm(Form):
    """A form with stretches of days that come and go, also without script."""

    days = FieldList(FormField(StretchForm), label=lazy_gettext("Days and times"), max_entries=MOST_DAYS)

    @property
    def stretches(self) -> tuple[Stretch, ...]:
        """The rows that are complete, in order of time."""
        return tuple(sorted(one for row in self.days if (one := row.form.stretch)))

    def show(self, days: Iterable[Stretch]) -> None:
        """Fill the rows with what is kept."""
        while self.days.entries:
            self.days.pop_entry()
        for one in days:
            pause = (one.break_from, one.break_until) if one.break_from else None
            self.days.append_entry(
                {"day": one.day, "starts_at": one.starts_at, "ends_at": one.ends_at, "pause": pause}
            )

    def change_rows(self, do: str) -> bool:
        """Add a row ('add_day') or take one away ('remove_day:2'); say whether that was asked."""
        rows = [row.form for row in self.days]
        if do == "add_day":
            last = rows[-1] if rows else None
            same = {"starts_at": last.starts_at.data, "ends_at": last.ends_at.data} if last else {}
            self.days.append_entry(same)
            return True
        name, _colon, number = do.partition(":")
        if name != "remove_day":
            return False
        kept = [row for place, row in enumerate(rows) if str(place) != number]
        while self.days.entries:
            self.days.pop_entry()
        for row in kept:
            self.days.append_entry(row.data)
        return True


class RoundForm(DaysForm):
    """A round of talks."""

    name = text_field(lazy_gettext("Name"), 80, lazy_gettext("Fill in a name."))
    talk_minutes = CountField(lazy_gettext("Minutes per talk"), SHORTEST, LONGEST, MINUTES, default=10)
    groups = Boxes(lazy_gettext("Groups"), coerce=int)
    opens_at = moment_field(lazy_gettext("Open from"), required=True)
    closes_at = moment_field(lazy_gettext("Until"), required=True)
    early = BooleanField(lazy_gettext("Families with several children choose earlier"))
    early_from = moment_field(lazy_gettext("They choose from"))
    shape_from = moment_field(lazy_gettext("Teachers shape their times from"))
    filled_by = moment_field(lazy_gettext("The office fills the rest until"))
    gap_minutes = SelectField(lazy_gettext("Time between brothers and sisters"), coerce=int)
    building_gap_minutes = SelectField(lazy_gettext("Between two buildings"), coerce=int)
    kind = RadioField(lazy_gettext("How do families get a time?"), default="booking")
    way = RadioField(lazy_gettext("Where are the talks?"), default="place")
    twins_together = BooleanField(lazy_gettext("Parents of twins in one group may have one talk about both"))
    hold_hours = CountField(
        lazy_gettext("Hours that a place is kept for who waits"), 1, 72, HOURS, default=12
    )
    hall_names = RadioField(lazy_gettext("On the screen in the hall"), default="initials")

    def offer(self, groups: Sequence[GroupChoice]) -> None:
        """Offer what can be chosen: the groups, and everything else in words."""
        self.groups.choices = options((group.id, group_label(group.name)) for group in groups)
        for field in (self.gap_minutes, self.building_gap_minutes):
            known = sorted({*GAPS, field.data} if isinstance(field.data, int) else GAPS)
            field.choices = options((minutes, gap_words(minutes)) for minutes in known)
        self.kind.choices = options(
            [
                ("booking", gettext("They choose one")),
                ("wishes", gettext("They say what suits, school plans")),
            ]
        )
        self.way.choices = options(
            [
                ("place", gettext("At school")),
                ("video", gettext("By video")),
                ("choice", gettext("The parent chooses")),
            ]
        )
        self.hall_names.choices = options(
            [("initials", gettext("First letters")), ("first_names", gettext("First names"))]
        )

    def show_setup(self, setup: Setup) -> None:
        """Fill the form with what is kept."""
        for name in (
            "name", "talk_minutes", "gap_minutes", "building_gap_minutes", "kind", "way", "twins_together",
            "hold_hours", "hall_names",
        ):  # fmt: skip
            self[name].data = getattr(setup, name)
        for name in ("opens_at", "closes_at", "early_from", "shape_from", "filled_by"):
            moment = getattr(setup, name)
            self[name].data = clock.to_local(moment).replace(tzinfo=None) if moment else None
        self.early.data = setup.early_from is not None
        self.groups.data = [group for table in setup.tables for group in table.groups]
        self.show(setup.days)

    def setup(self, tables: tuple[Table, ...], groups: Sequence[GroupChoice]) -> Setup:
        """Return the form as a set-up; what is not filled in yet is as it usually is.

        `tables`: those that the round has, which keep their teachers, rooms and days.
        """
        teachers = {group.id: group.teachers for group in groups}
        now = clock.now()
        return Setup(
            name=self.name.data or "",
            opens_at=self.opens_at.moment or now,
            closes_at=self.closes_at.moment or now,
            early_from=self.early_from.moment if self.early.data else None,
            shape_from=self.shape_from.moment,
            filled_by=self.filled_by.moment,
            days=self.stretches,
            tables=with_groups(tables, self.groups.data or [], teachers),
            talk_minutes=self._minutes,
            gap_minutes=self.gap_minutes.data if self.gap_minutes.data is not None else 10,
            building_gap_minutes=self._building_gap,
            kind=self.kind.data or "booking",
            way=self.way.data or "place",
            twins_together=bool(self.twins_together.data),
            hold_hours=self.hold_hours.data or 12,
            hall_names=self.hall_names.data or "initials",
        )

    @property
    def _minutes(self) -> int:
        typed = self.talk_minutes.data
        return typed if isinstance(typed, int) and SHORTEST <= typed <= LONGEST else 10

    @property
    def _building_gap(self) -> int:
        chosen = self.building_gap_minutes.data
        return chosen if isinstance(chosen, int) else 20

    def validate_early_from(self, field: Field) -> None:
        """Ask from when, where families with several children come first."""
        if self.early.data and not field.data:
            raise ValidationError(gettext("Choose a day and a time."))


def gap_words(minutes: int) -> str:
    """Return 'at least 10 minutes'."""
    if not minutes:
        return gettext("none needed")
    return ngettext("at least %(num)s minute", "at least %(num)s minutes", minutes)


def usual_days(today: date) -> tuple[date, datetime, datetime]:
    """Return for a new round the day of the talks and when parents choose: in about four weeks."""
    days_until_tuesday = (1 - today.weekday()) % 7
    talks = date.fromordinal(today.toordinal() + days_until_tuesday + 21)
    opens = datetime.combine(date.fromordinal(talks.toordinal() - 13), time(16), clock.SCHOOL_ZONE)
    closes = datetime.combine(date.fromordinal(talks.toordinal() - 4), time(17), clock.SCHOOL_ZONE)
    return talks, opens, closes
