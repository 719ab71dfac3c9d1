"""The school's own choices: its name and times, its kinds of absence, its school years and free days."""

from dataclasses import dataclass, fields
from datetime import date, datetime, time

from sqlalchemy import func, select
from sqlalchemy.exc import IntegrityError

from portal import clock
from portal.access import Viewer
from portal.domain import audit
from portal.domain.school import forget_school_facts
from portal.errors import Refused
from portal.extensions import db
from portal.models.school import AbsenceKind, School, SchoolYear
from portal.words import gettext as _

MAX_NOTE_DAYS = 14
"""A note on an absence is kept no longer than this (R15)."""

ICONS = (
    "thermometer", "stethoscope", "clock-alert", "ellipsis", "sun", "calendar-off", "heart-pulse", "users",
    "book-open", "hourglass", "ban", "triangle-alert", "map-pin", "circle-question-mark",
)  # fmt: skip
"""The pictures that a school may choose from for a kind of absence."""


@dataclass(frozen=True, slots=True)
class DefaultKind:
    """A kind of absence that every new school begins with (R12)."""

    code: str
    label_nl: str
    label_en: str
    icon: str
    parent_selectable: bool = False
    whole_day: bool = True
    authorised: bool = True
    needs_decision: bool = False


DEFAULT_KINDS = (
    DefaultKind("sick", "Ziek", "Ill", "thermometer", parent_selectable=True),
    DefaultKind(
        "doctor", "Naar arts of tandarts", "Doctor or dentist", "stethoscope",
        parent_selectable=True, whole_day=False,
    ),
    DefaultKind("late", "Komt later", "Comes later", "clock-alert", parent_selectable=True, whole_day=False),
    DefaultKind("other", "Andere reden", "Other reason", "ellipsis", parent_selectable=True),
    DefaultKind("leave-holiday", "Vakantieverlof", "Holiday leave", "sun", needs_decision=True),
    DefaultKind(
        "leave-weighty", "Verlof gewichtige omstandigheden", "Leave for weighty reasons", "calendar-off",
        needs_decision=True,
    ),
    DefaultKind("religious", "Religieuze verplichting", "Religious duty", "book-open"),
    DefaultKind("five-year-hours", "Uren voor 5-jarigen", "Hours for 5-year-olds", "hourglass"),
    DefaultKind("suspension", "Schorsing", "Suspension", "ban"),
    DefaultKind("unauthorised", "Ongeoorloofd", "Unauthorised", "triangle-alert", authorised=False),
    DefaultKind("luxury", "Luxe verzuim", "Holiday without leave", "map-pin", authorised=False),
    DefaultKind("unknown", "Nog onbekend", "Not known yet", "circle-question-mark", authorised=False),
)  # fmt: skip


def school_row() -> School:
    """Return the school itself. Raises Refused before it was set up."""
    school = db.session.get(School, 1)
    if school is None:
        raise Refused(_("This school has not been set up yet. Run `portal setup` on the server."))
    return school


def set_up_school(
    name: str,
    now: datetime,
    *,
    short_name: str = "",
    phone: str = "",
    email: str = "",
    region: str = "midden",
    hue: int = 232,
    is_demo: bool = False,
) -> School:
    """Open the portal for a school: its settings, the kinds of absence to begin with, and this school year.

    The holidays are a step of their own (`free_days.load_holidays`). Raises Refused when there is a
    school already.
    """
    school = School(
        id=1, name=name, short_name=short_name, phone=phone, email=email, region=region, hue=hue,
        is_demo=is_demo, created_at=now,
    )  # fmt: skip
    db.session.add(school)
    try:
        db.session.flush()
    except IntegrityError:
        raise Refused(_("This school has been set up already.")) from None
    for position, kind in enumerate(DEFAULT_KINDS):
        db.session.add(_kind_row(kind, position))
    db.session.add(school_year_around(clock.to_local(now).date()))
    audit.record(None, "set_up_school", "school", 1)
    db.session.flush()
    forget_school_facts()
    return school


def name_school(name: str, region: str) -> None:
    """Give the school that an import began its name and its region."""
    school = school_row()
    school.name, school.region = name, region
    audit.record(None, "set_up_school", "school", 1)
    db.session.flush()
    forget_school_facts()


def _kind_row(kind: DefaultKind, position: int) -> AbsenceKind:
    return AbsenceKind(
        code=kind.code,
        label_nl=kind.label_nl,
        label_en=kind.label_en,
        icon=kind.icon,
        position=position,
        authorised=kind.authorised,
        parent_selectable=kind.parent_selectable,
        whole_day=kind.whole_day,
        needs_decision=kind.needs_decision,
    )


def school_year_around(day: date) -> SchoolYear:
    """Return the (new, unsaved) school year by law that a day falls in: 1 August to 31 July."""
    begins = day.year if day.month >= 8 else day.year - 1
    return SchoolYear(
        name=f"{begins}-{begins + 1}", first_day=date(begins, 8, 1), last_day=date(begins + 1, 7, 31)
    )


@dataclass(frozen=True, slots=True)
class Settings:
    """What the school fills in about itself."""

    name: str
    short_name: str
    phone: str
    email: str
    starts_at: time
    report_before: time
    phone_from: time
    late_sentence: str
    note_days: int
    region: str
    hue: int
    lists_for_parents: bool
    quiet_from: time
    quiet_until: time
    second_eyes: bool
    urgent_by: str
    conversations_with_office: bool


def change_settings(settings: Settings, actor: Viewer) -> None:
    """Change what the school says of itself on every page."""
    school = school_row()
    for field in fields(settings):
        setattr(school, field.name, getattr(settings, field.name))
    school.note_days = min(max(settings.note_days, 1), MAX_NOTE_DAYS)
    audit.record(actor, "change_settings", "school", school.id)
    db.session.flush()
    forget_school_facts()


@dataclass(frozen=True, slots=True)
class KindWords:
    """What the school fills in about a kind of absence."""

    label_nl: str
    label_en: str
    icon: str
    whole_day: bool
    parent_selectable: bool
    authorised: bool
    las_code: str


def absence_kinds() -> list[AbsenceKind]:
    """Return the kinds of absence in the school's order."""
    return list(db.session.scalars(select(AbsenceKind).order_by(AbsenceKind.position, AbsenceKind.id)))


def add_kind(code: str, words: KindWords, actor: Viewer) -> AbsenceKind:
    """Add a reason for absence at the end of the list. Raises Refused when the code is taken."""
    last = db.session.scalar(select(func.max(AbsenceKind.position)))
    kind = AbsenceKind(code=code, position=0 if last is None else last + 1)
    _fill(kind, words)
    db.session.add(kind)
    try:
        db.session.flush()
    except IntegrityError:
        raise Refused(_("There is a reason with this code. Choose another."), "code") from None
    audit.record(actor, "add_kind", "absence_kind", kind.id)
    return kind


def edit_kind(kind: AbsenceKind, words: KindWords, actor: Viewer) -> None:
    """Change a reason for absence; its code stays, since reports point to it."""
    if kind.parent_selectable and not words.parent_selectable:
        _refuse_nothing_to_choose(kind)
    _fill(kind, words)
    audit.record(actor, "edit_kind", "absence_kind", kind.id)


def _fill(kind: AbsenceKind, words: KindWords) -> None:
    for field in fields(words):
        setattr(kind, field.name, getattr(words, field.name))


def _refuse_nothing_to_choose(kind: AbsenceKind) -> None:
    others = db.session.scalar(
        select(func.count())
        .select_from(AbsenceKind)
        .where(AbsenceKind.parent_selectable, AbsenceKind.id != kind.id)
    )
    if not others:
        raise Refused(_("Parents need at least one reason to choose from."), "parent_selectable")


def move_kind(kind: AbsenceKind, up: bool, actor: Viewer) -> None:
    """Move a reason one place up or down; at the end of the list it stays."""
    kinds = absence_kinds()
    here = kinds.index(kind)
    there = here - 1 if up else here + 1
    if 0 <= there < len(kinds):
        kinds[here], kinds[there] = kinds[there], kinds[here]
        for position, each in enumerate(kinds):
            each.position = position
        audit.record(actor, "move_kind", "absence_kind", kind.id)


def remove_kind(kind: AbsenceKind, actor: Viewer) -> None:
    """Take a reason away that no report uses. Raises Refused for one that is in use."""
    if kind.parent_selectable:
        _refuse_nothing_to_choose(kind)
    audit.record(actor, "remove_kind", "absence_kind", kind.id)
    db.session.delete(kind)
    try:
        db.session.flush()
    except IntegrityError:
        raise Refused(
            _("Reports of absence use this reason. Take away that parents can choose it instead.")
        ) from None
