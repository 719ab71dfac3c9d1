"""The import of a roster: a preview that is kept, and its acceptance in one transaction.

A preview holds only the rows that may be read. What it would do is worked out again each time from those
rows and the roster as it is, so nothing in it can be out of date; who accepts says which state was looked at.
"""

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import delete, select, update

from portal.access import Viewer
from portal.domain import audit
from portal.domain.importers import reading, table
from portal.domain.importers.files import Upload, display_name
from portal.domain.importers.reading import Reading
from portal.domain.importers.rows import ERROR, N_, REFUSED, Place, Problem, Roster, dump, load
from portal.domain.importers.table import TableMapping as Columns
from portal.domain.roster_apply import Counts, carry_out, counts
from portal.domain.roster_family import family_of
from portal.domain.roster_matching import make_plan
from portal.domain.roster_passed_addresses import unmet
from portal.domain.roster_plan import TWO, Answers, Plan
from portal.domain.roster_snapshot import snapshot
from portal.domain.settings import set_up_school
from portal.errors import Refused
from portal.extensions import db
from portal.models.imports import RosterImport, TableMapping
from portal.models.school import School
from portal.words import gettext as _

KEPT_FOR = timedelta(days=7)


class Overtaken(Refused):
    """The roster has changed since the preview was looked at."""


@dataclass(frozen=True, slots=True)
class UnknownTable:
    """A table whose columns the office has to name: headings, guesses, and the kind of contents."""

    name: str
    fingerprint: str
    has_headings: bool
    headings: tuple[str, ...]
    guess: tuple[str, ...]
    contents: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What the office ticked, answered and typed, and the revision of the roster that it looked at."""

    revision: int
    ticked: frozenset[str]
    answers: Answers
    leaving: int | None = None


# --- reading


def read_files(uploads: Sequence[Upload]) -> Reading:
    """Read uploaded files with the columns that were named before."""
    return reading.read(uploads, known_columns())


def known_columns() -> dict[str, Columns]:
    """Return what the office said about tables before."""
    rows = db.session.execute(select(TableMapping.fingerprint, TableMapping.mapping))
    return {fingerprint: Columns.loads(text) for fingerprint, text in rows}


def keep_preview(files: Sequence[str], found: Reading, actor: Viewer, now: datetime) -> RosterImport:
    """Keep what was read until it is accepted; previews of over 7 days ago go."""
    prune(now)
    kept = RosterImport(
        made_by=actor.id,
        made_at=now,
        files=json.dumps([display_name(name) for name in files]),
        rows=dump(found.roster),
        unknown=json.dumps([_described(one) for one in found.unknown]),
    )
    db.session.add(kept)
    db.session.flush()
    return kept


def prune(now: datetime) -> None:
    """Delete previews that nobody accepted within 7 days."""
    db.session.execute(
        delete(RosterImport).where(RosterImport.made_at < now - KEPT_FOR),
        execution_options={"synchronize_session": False},
    )


def _described(one: table.Table) -> dict[str, object]:
    return {
        "name": one.name,
        "fingerprint": one.fingerprint,
        "has_headings": one.guess.has_headings,
        "headings": one.headings,
        "guess": one.guess.columns,
        "contents": one.contents(),
    }


def unknown_tables(kept: RosterImport) -> list[UnknownTable]:
    """Return the tables that wait for their columns to be named."""
    return [
        UnknownTable(
            one["name"],
            one["fingerprint"],
            one["has_headings"],
            tuple(one["headings"]),
            tuple(one["guess"]),
            tuple(one["contents"]),
        )
        for one in json.loads(kept.unknown)
    ]


def file_names(kept: RosterImport) -> list[str]:
    """Return the names of the files that were read."""
    names: list[str] = json.loads(kept.files)
    return names


def remember_columns(unknown: UnknownTable, columns: Sequence[str], actor: Viewer, now: datetime) -> None:
    """Remember what the columns of a table mean, for this time and every next time."""
    mapping = Columns(tuple(columns), unknown.has_headings)
    if not mapping.is_usable:
        raise Refused(_("Say which column names the pupil: a number or a name."))
    kept = db.session.get(TableMapping, unknown.fingerprint)
    if kept is None:
        kept = TableMapping(fingerprint=unknown.fingerprint)
        db.session.add(kept)
    kept.mapping, kept.said_at, kept.said_by = mapping.dumps(), now, actor.id
    db.session.flush()


def add_to_preview(kept: RosterImport, found: Reading) -> None:
    """Add what a file gave that could only be read after its columns were named."""
    roster = reading.together([load(kept.rows), found.roster])
    kept.rows = dump(roster)
    kept.unknown = json.dumps([_described(one) for one in found.unknown])
    db.session.flush()


@dataclass(frozen=True, slots=True)
class Waiting:
    """A preview that nobody has decided about."""

    id: int
    made_at: datetime
    files: tuple[str, ...]


def waiting_previews(now: datetime) -> list[Waiting]:
    """Return the previews that wait, the newest first."""
    rows = db.session.execute(
        select(RosterImport.id, RosterImport.made_at, RosterImport.files)
        .where(RosterImport.made_at >= now - KEPT_FOR)
        .order_by(RosterImport.id.desc())
    )
    return [Waiting(ident, made_at, tuple(json.loads(files))) for ident, made_at, files in rows]


# --- previewing and accepting


def plan_of(kept: RosterImport, today: date, answers: Answers | None = None) -> Plan:
    """Work out what accepting this preview would do now."""
    return make_plan(snapshot(today), load(kept.rows), today, answers)


@dataclass(frozen=True, slots=True)
class Preview:
    """A plan as its reader may see it. `of_family`: rows about the reader's own family are not shown."""

    plan: Plan
    whole: Plan
    of_family: bool

    def decided(self, ticked: frozenset[str]) -> frozenset[str]:
        """Return the boxes that are on: what the reader ticked, and the rest as it begins."""
        shown = {step.id for step in self.plan.steps()}
        rest = {step.id for step in self.whole.steps() if step.on and step.id not in shown}
        return frozenset(ticked & shown | rest)


def preview_of(kept: RosterImport, viewer: Viewer, today: date, answers: Answers | None = None) -> Preview:
    """Work out what accepting this preview would do now, and which part of it the reader sees.

    Choices that the reader does not see are answered the careful way: two people.
    """
    whole = plan_of(kept, today, answers)
    family = family_of(viewer)
    if family is None:
        return Preview(whole, whole, of_family=False)
    seen = family.without(whole)
    unseen = {choice.id: TWO for choice in whole.choices} | {one.id: "" for one in whole.unmatched}
    shown = {choice.id for choice in seen.choices} | {one.id for one in seen.unmatched}
    unseen = {key: value for key, value in unseen.items() if key not in shown}
    if unseen:
        given = answers or Answers()
        choices = {key: value for key, value in given.choices.items() if key not in unseen}
        matches = {key: value for key, value in given.matches.items() if key not in unseen}
        careful = {key: value for key, value in unseen.items() if value}
        whole = plan_of(kept, today, Answers(choices | careful, matches))
        seen = family.without(whole)
    return Preview(seen, whole, of_family=True)


def cancel_preview(kept: RosterImport, actor: Viewer) -> None:
    """Throw a preview away."""
    audit.record(actor, "cancel_import", "roster_import", kept.id)
    db.session.delete(kept)
    db.session.flush()


def accept(kept: RosterImport, given: Acceptance, actor: Viewer, now: datetime, today: date) -> Counts:
    """Read the roster in as the office decided, all of it or nothing.

    Raises Overtaken when the roster has changed since it was looked at, Refused when an answer is missing.
    """
    _take_turn(given.revision)
    preview = preview_of(kept, actor, today, given.answers)
    plan, ticked = preview.plan, preview.decided(given.ticked)
    if any(not choice.answer for choice in plan.choices):
        raise Refused(_("Choose what to do with each e-mail address that two people have."), "choices")
    if change := unmet(preview.whole.changes, ticked):
        raise Refused(
            _(
                "%(name)s can only get the address %(email)s when who has it now gets another one too. Tick"
                " both changes, or neither.",
                name=change.name,
                email=change.new,
            )
        )
    if plan.asks_number(ticked) and given.leaving != plan.leaves(ticked):
        sentence = _(
            "Type how many children leave the school (%(number)s), or untick them.",
            number=plan.leaves(ticked),
        )
        raise Refused(sentence, "leaving")
    carry_out(preview.whole, ticked, actor, now, today)
    db.session.delete(kept)
    db.session.flush()
    return counts(plan, ticked)


def _take_turn(revision: int) -> None:
    """Take the turn to change the roster, if it is still the roster that was looked at.

    The conditional update settles it: of two people who accept at once, the second waits for the first and
    then finds another revision.
    """
    taken = db.session.execute(
        update(School)
        .where(School.roster_revision == revision)
        .values(roster_revision=School.roster_revision + 1),
        execution_options={"synchronize_session": False},
    )
    if taken.rowcount != 1:  # type: ignore[attr-defined]
        raise Overtaken(
            _("The roster has changed since you looked. Nothing was read in; this is what it would do now.")
        )


# --- the command


@dataclass(frozen=True, slots=True)
class Outcome:
    """What the command tells: counts, remarks, and the problems for which it read nothing in."""

    counts: Counts
    notes: list[Problem]
    problems: list[Problem]


def import_files(
    found: Reading,
    dry_run: bool,
    leave_out: bool,
    now: datetime,
    today: date,
    leaving: int | None = None,
    unasked: bool = False,
) -> Outcome:
    """Import what was read from files, without a page: everything or, when anything is wrong, nothing.

    With `leave_out` the rows that are wrong stay out and the rest comes in. Two people with one address
    become two, the second without it. What a parent changed in the portal stays. When more than 5 in 100
    children would leave, `leaving` has to be their number, as on the page; with `unasked` they leave, and a
    note says so.
    """
    roster = found.roster
    if roster.refused or found.unknown:
        return Outcome({}, [], [*_of(roster.problems, REFUSED, ERROR), *_unknown(found)])
    revision = db.session.scalar(select(School.roster_revision))
    if revision is None and not dry_run:
        set_up_school(_("Our school"), now)
        revision = 0
    if not dry_run:
        _take_turn(revision or 0)
    plan = plan_with_defaults(roster, today)
    wrong = [*_of(plan.problems, REFUSED, ERROR), *plan.refusals]
    rest = [problem for problem in plan.problems if problem.gravity not in (REFUSED, ERROR)]
    if wrong and not leave_out:
        return Outcome({}, [*rest, *plan.left_out], wrong)
    notes = [*rest, *wrong, *plan.left_out]
    ticked = plan.defaults()
    unsaid = _unsaid_leaving(plan, ticked, leaving)
    if dry_run:
        return Outcome(counts(plan, ticked), [*notes, *unsaid], [])
    if unsaid and not unasked:
        return Outcome({}, notes, unsaid)
    return Outcome(carry_out(plan, ticked, None, now, today), [*notes, *map(_as_left, unsaid)], [])


def _as_left(unsaid: Problem) -> Problem:
    sentence = N_(
        "%(number)s of the %(present)s children are not in these files and have left the school. Look whether"
        " these were the right files."
    )
    return Problem(unsaid.at, sentence, unsaid.values)


def _unsaid_leaving(plan: Plan, ticked: frozenset[str], said: int | None) -> list[Problem]:
    """Return why nothing is read in when so many children would leave and nobody said how many."""
    number = plan.leaves(ticked)
    if not plan.asks_number(ticked) or said == number:
        return []
    sentence = N_(
        "%(number)s of the %(present)s children are not in these files and would leave the school. If that is"
        " right, run the command again with --leaving %(number)s."
    )
    values = {"number": str(number), "present": str(plan.present)}
    return [Problem(Place(""), sentence, values)]


def plan_with_defaults(roster: Roster, today: date) -> Plan:
    """Work out the plan with every open choice answered the careful way: two people."""
    now = snapshot(today)
    plan = make_plan(now, roster, today)
    answers: Mapping[str, str] = {choice.id: choice.answer or TWO for choice in plan.choices}
    return make_plan(now, roster, today, Answers(choices=answers)) if answers else plan


def _of(problems: Sequence[Problem], *gravities: str) -> list[Problem]:
    return [problem for problem in problems if problem.gravity in gravities]


def _unknown(found: Reading) -> list[Problem]:
    return [one.asking() for one in found.unknown]


def sentence_of(problem: Problem) -> str:
    """Return the problem in the reader's language."""
    return _(problem.sentence, **problem.values)
