"""The preview of an import as the page shows it: sections, boxes, words."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date

from werkzeug.datastructures import MultiDict

from portal.domain.roster_import import Acceptance
from portal.domain.roster_plan import (
    AddPupil,
    AddTeacher,
    Answers,
    Change,
    EndLink,
    LeavePupil,
    LeaveTeacher,
    Link,
    Placement,
    Plan,
    ReturnPupil,
    Step,
    Teach,
)
from portal.formatting import full_date, group_label
from portal.words import gettext, lazy_gettext, ngettext

SHOWN_WITH_BOX = 40
"""Longer sections have one box for the rest, which is a page of its own: a first import is a whole school."""

FIELD_WORDS = {
    "name": lazy_gettext("Name"),
    "key": lazy_gettext("Number"),
    "birth_date": lazy_gettext("Date of birth"),
    "year_group": lazy_gettext("Year group"),
    "email": lazy_gettext("E-mail"),
    "phone": lazy_gettext("Phone"),
    "initials": lazy_gettext("Initials"),
    "relation": lazy_gettext("Relation"),
    "authority": lazy_gettext("Authority"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One row with its box."""

    id: str
    name: str
    group: str
    on: bool
    about: str = ""
    what: str = ""
    old: str = ""
    new: str = ""
    warn: bool = False


@dataclass(frozen=True, slots=True)
class Section:
    """Rows of one kind. `rest`: how many have no box of their own on the page."""

    id: str
    heading: str
    rows: tuple[Row, ...]
    chip: tuple[str, str, str] = ("", "", "")
    intro: str = ""
    rest_on: bool = True

    @property
    def shown(self) -> tuple[Row, ...]:
        """The rows with a box of their own."""
        return self.rows[:SHOWN_WITH_BOX]

    @property
    def rest(self) -> int:
        """How many rows go with the box for the rest."""
        return max(0, len(self.rows) - SHOWN_WITH_BOX)


@dataclass(frozen=True, slots=True)
class Page:
    """All that the preview shows."""

    plan: Plan
    ticked: frozenset[str]
    answers: Answers
    sections: dict[str, Section]
    count: int
    leaving: int
    asks_number: bool

    def section(self, ident: str) -> Section:
        """Return one section, empty when the plan has nothing for it."""
        return self.sections[ident]


def page_of(plan: Plan, given: Acceptance | None = None) -> Page:
    """Return the page for a plan, with the boxes as they begin or as they were sent."""
    ticked = given.ticked if given else plan.defaults()
    sections = {ident: _section(ident, plan, ticked) for ident in SECTIONS}
    return Page(
        plan,
        ticked,
        given.answers if given else Answers(),
        sections,
        plan.count(ticked),
        plan.leaves(ticked),
        plan.asks_number(ticked | {step.id for step in plan.leaving}),
    )


def acceptance_of(sent: MultiDict[str, str], plan: Plan) -> Acceptance:
    """Return what the office sent; the rows without a box follow the box for the rest."""
    ticked = set(sent.getlist("on"))
    rest = sent.getlist("rest")
    for ident, (_heading, steps, _row) in SECTIONS.items():
        if ident in rest:
            ticked |= {step.id for step in list(steps(plan))[SHOWN_WITH_BOX:] if step.on}
    revision = _number(sent.get("revision", ""))
    return Acceptance(
        -1 if revision is None else revision,
        frozenset(ticked),
        Answers(
            {name: sent[name] for name in sent if name.startswith("choice-")},
            {name: sent[name] for name in sent if name.startswith("who-") and sent[name]},
        ),
        _number(sent.get("leaving", "")),
    )


def _number(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _section(ident: str, plan: Plan, ticked: frozenset[str]) -> Section:
    heading, steps, row = SECTIONS[ident]
    return Section(ident, str(heading), tuple(row(step, step.id in ticked) for step in steps(plan)))


# --- rows


def _new_pupil(step: Step, on: bool) -> Row:
    assert isinstance(step, AddPupil)  # noqa: S101
    if step.untold:
        return Row(step.id, step.name, step.group, on)
    if not step.guardians:
        about = gettext("no guardians in the file")
    elif not step.with_email:
        about = gettext("no e-mail of the guardians")
    else:
        about = ngettext("%(num)s guardian", "%(num)s guardians", step.guardians)
    return Row(step.id, step.name, step.group, on, about, warn=not step.with_email)


def _returning(step: Step, on: bool) -> Row:
    assert isinstance(step, ReturnPupil)  # noqa: S101
    return Row(step.id, step.name, step.group, on, gettext("was at this school before"))


def _leaving(step: Step, on: bool) -> Row:
    assert isinstance(step, LeavePupil)  # noqa: S101
    about = gettext("the guardians no longer see this child")
    if step.left_on:
        about = gettext("last day %(day)s", day=full_date(step.left_on))
    return Row(step.id, step.name, step.group, on, about)


def _change(step: Step, on: bool) -> Row:
    assert isinstance(step, Change)  # noqa: S101
    what = str(FIELD_WORDS[step.field])
    about = _group(step.group) if step.of == "pupil" else step.group
    return Row(step.id, step.name, about, on, "", what, _value(step, step.old), _value(step, step.new))


def _group(names: str) -> str:
    """Return 'groep 6' for one group; several, or a name of its own, stay as they are."""
    return names if not names or "," in names else group_label(names, inside=True)


def _value(step: Change, value: str) -> str:
    if step.field == "birth_date" and value:
        return full_date(date.fromisoformat(value))
    if step.field == "authority":
        return gettext("yes") if value == "yes" else gettext("no")
    return value


def _move(step: Step, on: bool) -> Row:
    assert isinstance(step, Placement)  # noqa: S101
    old, new = (_group(one) or gettext("no group") for one in (step.old, step.new))
    return Row(step.id, step.name, "", on, "", gettext("Group"), old, new)


def _link(step: Step, on: bool) -> Row:
    assert isinstance(step, Link)  # noqa: S101
    about = gettext("guardian of %(pupil)s", pupil=step.name)
    if not step.has_authority:
        about = gettext("guardian of %(pupil)s, information on request only", pupil=step.name)
    if step.was_ended:
        about = gettext("%(about)s; the school ended this access before", about=about)
    return Row(step.id, step.guardian, step.group, on, about, warn=step.was_ended)


def _ending(step: Step, on: bool) -> Row:
    assert isinstance(step, EndLink)  # noqa: S101
    return Row(step.id, step.guardian, step.group, on, gettext("guardian of %(pupil)s", pupil=step.name))


def _teacher(step: Step, on: bool) -> Row:
    assert isinstance(step, AddTeacher)  # noqa: S101
    known = step.user.startswith("u")
    about = gettext("is known already, keeps the same login") if known else ""
    if not step.row.email and not known:
        about = gettext("no e-mail: cannot log in yet")
    return Row(step.id, step.name, "", on, about, warn=not step.row.email and not known)


def _teach(step: Step, on: bool) -> Row:
    assert isinstance(step, Teach)  # noqa: S101
    group = group_label(step.group)
    if step.ends:
        return Row(step.id, step.name, "", on, "", gettext("Group"), group, gettext("no longer"))
    return Row(step.id, step.name, "", on, "", gettext("Group"), "", group)


def _left_teacher(step: Step, on: bool) -> Row:
    assert isinstance(step, LeaveTeacher)  # noqa: S101
    return Row(step.id, step.name, "", on, gettext("can no longer log in as staff"))


Builder = Callable[[Step, bool], Row]
Steps = Callable[[Plan], Iterable[Step]]

SECTIONS: dict[str, tuple[object, Steps, Builder]] = {
    "new": (lazy_gettext("New"), lambda plan: plan.new_pupils, _new_pupil),
    "back": (lazy_gettext("Back at school"), lambda plan: plan.returning, _returning),
    "left": (lazy_gettext("Left the school"), lambda plan: plan.leaving, _leaving),
    "moved": (lazy_gettext("Another group"), lambda plan: plan.moves, _move),
    "changed": (
        lazy_gettext("Changed"),
        lambda plan: [one for one in plan.changes if not (one.conflict or one.arranged)],
        _change,
    ),
    "conflicts": (lazy_gettext("Changed by the parent"), lambda plan: plan.conflicts, _change),
    "arranged": (lazy_gettext("Decided by school"), lambda plan: plan.arranged, _change),
    "guardians": (lazy_gettext("New guardians"), lambda plan: plan.new_links, _link),
    "ending": (lazy_gettext("Guardians not in the file"), lambda plan: plan.ending, _ending),
    "teachers": (lazy_gettext("New teachers"), lambda plan: plan.new_teachers, _teacher),
    "teaching": (
        lazy_gettext("Teachers and their groups"),
        lambda plan: [step for step in plan.teaching if not step.follows],
        _teach,
    ),
    "teachers-left": (
        lazy_gettext("Teachers not in the file"),
        lambda plan: plan.leaving_teachers,
        _left_teacher,
    ),
}
"""The sections in the order of the page: heading, the steps of the plan, and how a step is shown."""
