"""The preview of an import as the page shows it: sections, boxes, words."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from werkzeug.datastructures import MultiDict

from portal.domain.roster_import import Acceptance
from portal.domain.roster_plan import (
    AddPupil,
    AddTeacher,
    Change,
    ChangeGroup,
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
from portal.domain.roster_questions import Answers
from portal.formatting import full_date, group_label
from portal.words import gettext, lazy_gettext, ngettext

SHOWN_WITH_BOX = 40
"""Of what begins on, longer sections have one box for the rest, which is a page of its own: a first import is
a whole school. What begins off always has a box, or nobody could choose it."""

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
    """Rows of one kind: `shown` have a box of their own, the others go with one box, which may be on."""

    id: str
    heading: str
    rows: tuple[Row, ...]
    shown: tuple[Row, ...]
    rest_on: bool

    @property
    def rest(self) -> int:
        """How many rows go with the box for the rest."""
        return len(self.rows) - len(self.shown)


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
    ticked = _begun(plan, given) if given else plan.defaults()
    sections = {ident: _section(ident, plan, ticked, given) for ident in SECTIONS}
    return Page(
        plan,
        ticked,
        given.answers if given else Answers(),
        sections,
        plan.count(ticked),
        plan.leaves(ticked),
        plan.asks_number(ticked | {step.id for step in plan.leaving}),
    )


def _begun(plan: Plan, given: Acceptance) -> frozenset[str]:
    """Return the boxes as they were sent; who had none, because an answer brought it along, as it begins."""
    new: set[str] = set()
    for ident, (_heading, steps, _row) in SECTIONS.items():
        if ident not in given.rests:
            new |= {step.id for step in steps(plan) if step.on and step.id not in given.shown}
    return given.ticked | new


def answers_of(sent: MultiDict[str, str]) -> Answers:
    """Return what the office said about who is who."""
    return Answers(
        {name: sent[name] for name in sent if name.startswith("choice-")},
        {name: sent[name] for name in sent if name.startswith("who-") and sent[name]},
    )


def acceptance_of(sent: MultiDict[str, str], plan: Plan) -> Acceptance:
    """Return what the office sent about a plan with its answers.

    Rows that had no box follow the one for the rest, if that was there.
    """
    ticked = set(sent.getlist("on"))
    shown = frozenset(ident for ids in sent.getlist("shown") for ident in ids.split())
    rests = frozenset(sent.getlist("rests"))
    rest = rests.intersection(sent.getlist("rest"))
    for ident, (_heading, steps, _row) in SECTIONS.items():
        if ident in rest:
            ticked |= {step.id for step in steps(plan) if step.on and step.id not in shown}
    revision = _number(sent.get("revision", ""))
    return Acceptance(
        -1 if revision is None else revision,
        frozenset(ticked),
        answers_of(sent),
        _number(sent.get("leaving", "")),
        shown,
        rests,
        rest,
    )


def _number(text: str) -> int | None:
    text = text.strip()
    return int(text) if text.isascii() and text.isdigit() and len(text) < 10 else None


def _section(ident: str, plan: Plan, ticked: frozenset[str], given: Acceptance | None) -> Section:
    heading, steps, row = SECTIONS[ident]
    there = list(steps(plan))
    boxes = _with_box(there, given.shown if given else frozenset())
    rows = tuple(row(step, step.id in ticked) for step in there)
    shown = tuple(one for one in rows if one.id in boxes)
    rest_on = given is None or ident in given.rest or ident not in given.rests
    return Section(ident, str(heading), rows, shown, rest_on)


def _with_box(steps: Sequence[Step], before: frozenset[str]) -> set[str]:
    """Return which rows have a box of their own: what had one `before`, and what begins off, always has."""
    boxes = {step.id for step in steps if not step.on or step.id in before}
    free = SHOWN_WITH_BOX - sum(step.on and step.id in boxes for step in steps)
    others = [step.id for step in steps if step.id not in boxes]
    return boxes.union(others[: max(0, free)])


def group_changes(plan: Plan) -> list[str]:
    """Return what becomes of the groups that are there: '5 → 5A', '3/4: year groups 3 → 3, 4'."""
    return [words for change in plan.change_groups for words in _group_change(change)]


def _group_change(change: ChangeGroup) -> Iterable[str]:
    if change.new != change.old:
        yield f"{change.old} → {change.new}"
    if "year_groups" in change.values:
        old = change.old_years.replace(",", ", ")
        new = str(change.values["year_groups"]).replace(",", ", ")
        yield gettext("%(group)s: year groups %(old)s → %(new)s", group=change.new, old=old or "–", new=new)
    if "closed_at" in change.values:
        yield gettext("%(group)s: open again", group=change.new)
    if "key" in change.values:
        yield gettext("%(group)s: another number in the administration", group=change.new)


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
