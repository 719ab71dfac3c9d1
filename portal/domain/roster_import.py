"""The import of a roster: a preview that is kept, and its acceptance in one transaction.

A preview holds only the rows that may be read. What it would do is worked out again each time from those
rows and the roster as it is, so nothing in it can be out of date; who accepts says which state was looked at.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import delete, select, update

from portal.access import Viewer
from portal.domain import audit
from portal.domain.holding import Overtaken
from portal.domain.importers import reading
from portal.domain.importers.files import Upload, display_name
from portal.domain.importers.reading import Reading
from portal.domain.importers.rows import Problem, dump, load
from portal.domain.roster_apply import Counts, carry_out, counts
from portal.domain.roster_columns import described, known_columns
from portal.domain.roster_family import family_of
from portal.domain.roster_matching import make_plan
from portal.domain.roster_passed_addresses import unmet
from portal.domain.roster_plan import Plan
from portal.domain.roster_questions import TWO, Answers
from portal.domain.roster_seats import crowded
from portal.domain.roster_snapshot import snapshot
from portal.errors import Refused
from portal.extensions import db
from portal.formatting import spoken_list
from portal.models.imports import RosterImport
from portal.models.school import School
from portal.words import gettext as _

KEPT_FOR = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Acceptance:
    """What the office ticked, answered and typed, and the revision of the roster that it looked at.

    `shown` are the boxes that it saw, `rests` the sections that had one box for all others, `rest` those of
    them where that was on.
    """

    revision: int
    ticked: frozenset[str]
    answers: Answers
    leaving: int | None = None
    shown: frozenset[str] = frozenset()
    rests: frozenset[str] = frozenset()
    rest: frozenset[str] = frozenset()


# --- reading


def read_files(uploads: Sequence[Upload]) -> Reading:
    """Read uploaded files with the columns that were named before."""
    return reading.read(uploads, known_columns())


def keep_preview(files: Sequence[str], found: Reading, actor: Viewer, now: datetime) -> RosterImport:
    """Keep what was read until it is accepted; previews of over 7 days ago go."""
    prune(now)
    kept = RosterImport(
        made_by=actor.id,
        made_at=now,
        files=json.dumps([display_name(name) for name in files]),
        rows=dump(found.roster),
        unknown=described(found.unknown),
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


def file_names(kept: RosterImport) -> list[str]:
    """Return the names of the files that were read."""
    names: list[str] = json.loads(kept.files)
    return names


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
        """Return the boxes that are on: what the reader ticked, and the rest as it begins.

        Of the rest not what needs a change that the reader left out: nothing is said of it.
        """
        shown = {step.id for step in self.plan.steps()}
        rest = {step.id for step in self.whole.steps() if step.on and step.id not in shown}
        decided = frozenset(ticked & shown | rest)
        unseen = [change for change in self.whole.changes if change.id in rest]
        while lost := unmet(unseen, decided):
            decided -= {lost.id}
        return decided


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

    Raises Overtaken when the roster has changed since it was looked at, Refused when an answer is missing or
    boxes do not go together.
    """
    take_turn(given.revision)
    preview = preview_of(kept, actor, today, given.answers)
    plan, ticked = preview.plan, preview.decided(given.ticked)
    _refuse_unsaid(plan, given, ticked)
    _refuse_impossible(preview, ticked)
    carry_out(preview.whole, ticked, actor, now, today)
    db.session.delete(kept)
    db.session.flush()
    return counts(plan, ticked)


def _refuse_unsaid(plan: Plan, given: Acceptance, ticked: frozenset[str]) -> None:
    """Raise Refused when the office has still to say something."""
    if any(not choice.answer for choice in plan.choices):
        raise Refused(_("Choose what to do with each e-mail address that two people have."), "choices")
    if any(link.was_ended and link.id not in given.ticked | given.shown for link in plan.new_links):
        raise Refused(
            _(
                "You chose somebody whose access to the child the school ended before. It comes back only"
                " when you tick it under “New guardians”."
            )
        )
    if plan.asks_number(ticked) and given.leaving != plan.leaves(ticked):
        sentence = _(
            "Type how many children leave the school (%(number)s), or untick them.",
            number=plan.leaves(ticked),
        )
        raise Refused(sentence, "leaving")


def _refuse_impossible(preview: Preview, ticked: frozenset[str]) -> None:
    """Raise Refused when what is ticked does not go together."""
    if crowd := crowded(preview.whole, ticked):
        raise Refused(
            _(
                "%(pupil)s would have more than two guardians: %(names)s. Untick one of them, or tick who"
                " goes under “Guardians not in the file”.",
                pupil=crowd.pupil,
                names=spoken_list(crowd.guardians),
            )
        )
    if change := unmet(preview.plan.changes, ticked):
        raise Refused(
            _(
                "%(name)s can only get the address %(email)s when who has it now gets another one too. Tick"
                " both changes, or neither.",
                name=change.name,
                email=change.new,
            )
        )


def take_turn(revision: int) -> None:
    """Take the turn to change the roster, if it is still the roster that was looked at; else raise Overtaken.

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


def sentence_of(problem: Problem) -> str:
    """Return the problem in the reader's language."""
    return _(problem.sentence, **problem.values)
