"""The office's form for one table of a round."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

from flask import request
from wtforms import BooleanField, Field, SelectField, ValidationError
from wtforms.validators import Optional

from portal.blueprints.meetings.round_forms import MINUTES, CountField, DaysForm
from portal.domain.meeting_round_lists import GroupChoice, PupilChoice, StaffChoice
from portal.domain.meeting_setup import LONGEST, SHORTEST, Table
from portal.forms import Boxes, options, text_field
from portal.words import gettext, lazy_gettext

NOBODY = 0


class TableForm(DaysForm):
    """Who sits at a table, where it is, when it has talks and for whom."""

    teachers = Boxes(lazy_gettext("Who has the talks?"), coerce=int)
    substitute = SelectField(lazy_gettext("Somebody else too, or instead"), coerce=int, default=NOBODY)
    room = text_field(lazy_gettext("Room"), 60)
    building = text_field(lazy_gettext("Building"), 60)
    video_url = text_field(lazy_gettext("Address for talks by video"), 300)
    minutes = CountField(
        lazy_gettext("Minutes per talk"), SHORTEST, LONGEST, MINUTES, validators=[Optional()]
    )
    own_days = BooleanField(lazy_gettext("This table has days of its own"))
    pupils = Boxes(lazy_gettext("Pupils"), coerce=int)

    def offer(
        self, groups: Iterable[GroupChoice], staff: Sequence[StaffChoice], seated: Iterable[int],
        pupils: Iterable[PupilChoice],
    ) -> None:  # fmt: skip
        """Offer the teachers of the groups and who sits there, everybody else, and the pupils."""
        near = dict.fromkeys([*seated, *(teacher for group in groups for teacher in group.teachers)])
        called = {one.id: one.called for one in staff}
        self.teachers.choices = options((number, called[number]) for number in near if number in called)
        others = [(one.id, one.called) for one in staff if one.id not in near]
        self.substitute.choices = options([(NOBODY, gettext("Nobody")), *others])
        self.pupils.choices = options((one.id, one.name) for one in pupils)

    def show_table(self, table: Table, pupils: Iterable[PupilChoice]) -> None:
        """Fill the form with what is kept."""
        self.teachers.data = list(table.teachers)
        self.room.data, self.building.data = table.room, table.building
        self.video_url.data, self.minutes.data = table.video_url, table.minutes
        self.own_days.data = bool(table.days)
        whole = set(table.groups) - table.some
        everyone = [one.id for one in pupils if one.group_id in whole]
        self.pupils.data = [*everyone, *table.pupils]
        self.show(table.days)

    def table(
        self,
        before: Table,
        pupils: Iterable[PupilChoice],
        unseen: Iterable[PupilChoice],
        lengths: dict[int, int],
    ) -> Table:
        """Return the table as it is to be. `unseen`: pupils kept from who sends it; they stay as they are."""
        chosen, offered = set(self.pupils.data or []), list(pupils)
        some = {one.group_id for one in offered if one.id not in chosen}.intersection(before.groups)
        whole = set(before.groups) - some
        own = [one.id for one in offered if one.id in chosen and one.group_id not in whole]
        hidden = {one.id: one.group_id for one in unseen}
        own += [
            number
            for number, group in hidden.items()
            if number in before.pupils or (group in some and group not in before.some)
        ]
        kept = {number: minutes for number, minutes in before.lengths.items() if number in hidden}
        teachers = [*(self.teachers.data or [])]
        if self.substitute.data:
            teachers.append(self.substitute.data)
        return replace(
            before,
            teachers=tuple(dict.fromkeys(teachers)),
            room=self.room.data or "",
            building=self.building.data or "",
            video_url=self.video_url.data or "",
            minutes=self.minutes.data,
            days=self.stretches if self.own_days.data else (),
            some=frozenset(some),
            pupils=tuple(own),
            lengths=kept | lengths,
        )

    def validate_teachers(self, field: Field) -> None:
        """Ask for somebody."""
        if not field.data and not self.substitute.data:
            raise ValidationError(gettext("Choose who has the talks."))

    def validate_video_url(self, field: Field) -> None:
        """Take addresses of the web only: parents press it."""
        if field.data and not field.data.startswith(("https://", "http://")):
            raise ValidationError(gettext("Begin the address with https://."))

    def validate_pupils(self, field: Field) -> None:
        """Ask for somebody to be invited."""
        if not field.data:
            raise ValidationError(gettext("Choose who is invited."))


def lengths_sent(pupils: Iterable[PupilChoice]) -> tuple[dict[int, int], set[int]]:
    """Return the lengths of pupils' own that were sent ('minutes-12'), and the pupils with a wrong one."""
    found: dict[int, int] = {}
    wrong: set[int] = set()
    for pupil in pupils:
        typed = request.form.get(f"minutes-{pupil.id}", "").strip()
        if not typed:
            continue
        if typed.isascii() and typed.isdecimal() and len(typed) < 4 and SHORTEST <= int(typed) <= LONGEST:
            found[pupil.id] = int(typed)
        else:
            wrong.add(pupil.id)
    return found, wrong


def lengths_shown(pupils: Iterable[PupilChoice], now: Mapping[int, int]) -> dict[int, str]:
    """Return what the form showed as the lengths of pupils' own ('shown-12'), else what they are `now`."""
    return {one.id: request.form.get(f"shown-{one.id}", str(now.get(one.id, ""))) for one in pupils}


def lengths_wanted(
    sent: Mapping[int, int], pupils: Iterable[PupilChoice], now: Mapping[int, int]
) -> dict[int, int]:
    """Return the lengths to keep: what was typed, and what is there `now` where the form was left alone.

    So a length that a teacher chose while the form was open stays.
    """
    shown = {one.id: request.form.get(f"shown-{one.id}") for one in pupils}
    left_alone = {pupil_id for pupil_id, was in shown.items() if was == str(sent.get(pupil_id, ""))}
    kept = {pupil_id: minutes for pupil_id, minutes in now.items() if pupil_id in left_alone}
    return kept | {pupil_id: minutes for pupil_id, minutes in sent.items() if pupil_id not in left_alone}
