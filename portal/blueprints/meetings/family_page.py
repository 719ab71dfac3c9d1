"""The page of a round as one family has it: which child, which day, which time; or the talks it has."""

from dataclasses import dataclass
from datetime import date, datetime
from functools import cached_property
from typing import Any

from flask import flash, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import viewer
from portal.blueprints.meetings.forms import DetailsForm
from portal.domain import meeting_choices, meeting_unsuited, meeting_wishes
from portal.domain.holding import version_of
from portal.domain.meeting_choices import Booked, FamilyRound, Talk
from portal.domain.meeting_grid import Place, State, grid_of
from portal.domain.meeting_joining import leads, may_become_one
from portal.domain.meeting_papers import reports_of
from portal.domain.meeting_people import adults_at
from portal.domain.slot_times import nearest
from portal.domain.video_rooms import may_be_on, open_rooms
from portal.extensions import read_afresh
from portal.formatting import long_date
from portal.words import gettext

PARTS = ("morning", "afternoon", "evening")
SHORT_WALK = 20
FRAGMENT = {"HX-Retarget": "#round", "HX-Reswap": "outerHTML", "HX-Reselect": "#round"}


@dataclass(frozen=True, slots=True)
class DayTab:
    """A day of the round and how many of its places this talk can have."""

    day: date
    free: int


@dataclass(frozen=True, slots=True)
class Planned:
    """A talk that has a time; `names`: the children it is about, `gap`: the minutes since the one before."""

    talk: Talk
    names: list[str]
    gap: int | None
    walks: bool
    video: str

    @property
    def subjects_version(self) -> str:
        """What the form sends along of the subjects that there are."""
        return version_of(self.talk.booked.subjects if self.talk.booked else "")


@dataclass(frozen=True, slots=True)
class Joinable:
    """A brother or sister's talk that could be one with this one; which time stays then, and which goes."""

    talk: Talk
    stays: Booked | None
    goes: Booked | None


class FamilyPage:
    """A round for the viewer; `talk` is the one to choose a time for, None for all that the family has."""

    def __init__(self, round_: FamilyRound, now: datetime, talk_id: int | None = None, day: str = "") -> None:
        self.round = round_
        self.facts = round_.facts
        self.now = now
        self.may_choose = round_.may_choose(now)
        self.is_over = now >= round_.facts.closes_at
        self.talk = self._chosen(talk_id)
        self.places = grid_of(viewer(), round_, self.talk, now) if self.talk else []
        self.days = self._days()
        self.day = self._day(day)
        self.reports = self._reports()
        self.lost: datetime | None = None
        self.withdrawn = False
        self.problem = ""
        self.picked = 0
        self.form: DetailsForm | None = None
        self.typed_over: str | None = None
        self.typed: dict[int, str] = {}

    def _chosen(self, talk_id: int | None) -> Talk | None:
        if not self.may_choose or self.facts.kind == "wishes":
            return None
        asked = self.round.talk(talk_id)
        if asked is None and talk_id is None and len(self.round.to_choose) == len(self.round.talks):
            asked = next(iter(self.round.talks), None)
        if asked is None or asked.joined_to or asked.declined:
            return None
        stays = asked.booked is not None and (asked.booked.fixed or asked.booked.starts_at <= self.now)
        return None if stays else asked

    def _reports(self) -> dict[int, str]:
        """Return the reports of talks that have been: nobody reads one while everybody books."""
        begun = any(talk.booked and talk.booked.starts_at <= self.now for talk in self.round.booked)
        return reports_of(viewer(), self.round) if begun else {}

    def _days(self) -> list[DayTab]:
        free: dict[date, int] = {}
        for place in self.places:
            free[place.day] = free.get(place.day, 0) + place.choosable
        return [DayTab(day, number) for day, number in free.items()]

    def _day(self, asked: str) -> date | None:
        """Return the day that is asked for; else that of the talk, or of a brother's or sister's."""
        if not self.days:
            return None
        free = {tab.day: tab.free for tab in self.days}
        named = [day for day in free if day.isoformat() == asked]
        own = self.talk.booked if self.talk else None
        if own:
            named.append(clock.to_local(own.starts_at).date())
        others = [clock.to_local(talk.booked.starts_at).date() for talk in self.round.booked if talk.booked]
        named += [day for day in others if free.get(day)] + [day for day in free if free[day]]
        return next((day for day in named if day in free), self.days[0].day)

    @property
    def parts(self) -> list[tuple[str, list[Place]]]:
        """The places of the chosen day by part of the day."""
        of_day = [place for place in self.places if place.day == self.day]
        by_part = {part: [place for place in of_day if place.part == part] for part in PARTS}
        return [(part, places) for part, places in by_part.items() if places]

    @property
    def landmarks(self) -> list[Talk]:
        """The other talks of the chosen day, when a place is too close to one of them."""
        if not any(place.state is State.TIGHT and place.day == self.day for place in self.places):
            return []
        return [
            talk
            for talk in self.round.booked
            if talk != self.talk and talk.booked and clock.to_local(talk.booked.starts_at).date() == self.day
        ]

    @property
    def near(self) -> list[Place]:
        """The three free places nearest to the one that was lost."""
        free = [place for place in self.places if place.choosable]
        return nearest(free, self.lost) if self.lost else []

    @property
    def instead_of(self) -> str:
        return self.talk.booked.shown if self.talk and self.talk.booked else ""

    @property
    def subjects(self) -> str:
        """What the family wants to discuss, as it stands there now."""
        return self.talk.booked.subjects if self.talk and self.talk.booked else ""

    @property
    def subjects_version(self) -> str:
        """What the form sends along: the version that was typed over, until the page shows the one of now."""
        return self.typed_over or version_of(self.subjects)

    @property
    def leads(self) -> list[Talk]:
        """The talks that can be about two children: the chosen one, or by wishes the first of each."""
        if not self.facts.twins_together:
            return []
        if self.talk:
            return [self.talk]
        free = [talk for talk in self.round.talks if not (talk.joined_to or talk.declined)]
        return list({self._adults[talk.id]: talk for talk in reversed(free)}.values())[::-1]

    def joinable(self, lead: Talk) -> list[Joinable]:
        """Return the talks of brothers and sisters that could be one with a talk of `leads`."""
        own = lead.booked
        found = [
            (Joinable(other, own, other.booked), other)
            if leads(own, other.booked)
            else (Joinable(other, other.booked, own), lead)
            for other in self.round.talks
            if other != lead and self._adults[other.id] == self._adults[lead.id] and not other.joined_to
        ]
        return [joinable for joinable, joined in found if self._can_be(joinable, joined)]

    def _can_be(self, joinable: Joinable, joined: Talk) -> bool:
        """Whether the talk that would be joined has none joined to it, and both times can still change."""
        has_one = any(one.joined_to == joined.id for one in self.round.talks)
        return not has_one and may_become_one(joinable.stays, joinable.goes, self.now)

    @cached_property
    def _adults(self) -> dict[int, Any]:
        """At which table each talk is, and with whom; nobody is asked for where no two are at one table."""
        talks = self.round.talks
        tables = {talk.host_id for talk in talks}
        return adults_at(talks) if len(tables) < len(talks) else {talk.id: talk.host_id for talk in talks}

    @cached_property
    def plan(self) -> list[tuple[date, list[Planned]]]:
        """The talks that have a time, day by day."""
        days: dict[date, list[Planned]] = {}
        own = [(talk.booked, talk.host_id, talk.video_url) for talk in self.round.booked if talk.booked]
        rooms = open_rooms(own, self.now)
        for talk in self.round.booked:
            booked = talk.booked
            if not booked:
                continue
            of_day = days.setdefault(clock.to_local(booked.starts_at).date(), [])
            before = of_day[-1].talk if of_day else None
            gap = None
            if before and before.booked:
                gap = int((booked.starts_at - before.booked.ends_at).total_seconds() // 60) or None
            walks = before is not None and before.host_id != talk.host_id and (gap or 0) <= SHORT_WALK
            of_day.append(Planned(talk, self.names_in(talk), gap, walks, rooms.get(booked.id, "")))
        return list(days.items())

    @cached_property
    def held(self) -> list[Talk]:
        """The talks for which a time that came free is held now."""
        return self.round.offered(self.now)

    @property
    def waiting(self) -> list[Talk]:
        """The talks on the waiting list, for which nothing is held now."""
        return [talk for talk in self.round.waiting(self.now) if talk not in self.held and self.may_choose]

    @cached_property
    def unsuited(self) -> set[int]:
        """The talks, by number, at a planned time of which the family says that it cannot."""
        planned = self.facts.kind == "wishes" and self.round.booked
        return meeting_unsuited.unsuited_of(viewer(), self.facts.id, self.now) if planned else set()

    @property
    def may_object(self) -> bool:
        """Whether the family may say that a planned time does not suit."""
        return meeting_wishes.may_object(self.round, self.now)

    @property
    def some_taken(self) -> bool:
        """Whether there is a time to wait for."""
        return any(place.state is State.TAKEN for place in self.places)

    @property
    def is_today(self) -> bool:
        """Whether the family has a talk today that is still to come or may be going on."""
        today = clock.to_local(self.now).date()
        return any(
            talk.booked
            and (talk.booked.starts_at > self.now or may_be_on(talk.booked, self.now))
            and clock.to_local(talk.booked.starts_at).date() == today
            for talk in self.round.booked
        )

    @property
    def all_over(self) -> bool:
        """Whether the last talk has been."""
        return all(talk.booked.ends_at <= self.now for talk in self.round.booked if talk.booked)

    def names_in(self, talk: Talk) -> list[str]:
        """Return the first names of the children that a talk is about."""
        return [talk.called] + [other.called for other in self.round.talks if other.joined_to == talk.id]

    def lead_of(self, talk: Talk) -> Talk | None:
        """Return the talk in which a child is talked about too."""
        return self.round.talk(talk.joined_to)

    @cached_property
    def version(self) -> str:
        """A short name for what the page shows."""
        return version_of(
            self.round,
            self.places,
            self.reports,
            self.may_choose,
            [entry.video for _, of in self.plan for entry in of],
            [talk.id for talk in self.held],
            sorted(self.unsuited),
        )

    @property
    def address(self) -> str:
        """Where the page asks whether anything changed."""
        asked: dict[str, Any] = {"round_id": self.facts.id, "version": self.version}
        if self.talk:
            asked |= {"talk": self.talk.id, "day": self.day.isoformat() if self.day else ""}
        return url_for("meetings.show_own_round", **asked)

    @property
    def closing_day(self) -> str:
        return long_date(clock.to_local(self.facts.closes_at).date())

    def render(self, status: int = 200) -> ResponseReturnValue:
        """Return the page, or only the part that changes when the page itself asks."""
        if not request.headers.get("HX-Request") or request.method == "GET":
            return render_template("meetings/own_round.html", page=self), status
        return render_template("meetings/_answer.html", page=self), status, FRAGMENT


def read_page(round_id: int, talk_id: int | None = None, day: str = "") -> FamilyPage | None:
    """Return the page of a round as it is now, None when the viewer has no talk in it."""
    round_ = meeting_choices.family_round(viewer(), round_id)
    return FamilyPage(round_, clock.now(), talk_id, day) if round_ else None


def fresh_page(round_id: int, talk_id: int | None = None, day: str = "") -> FamilyPage | None:
    """Return the same after a change, or after one that was refused, of which nothing stays."""
    read_afresh()
    return read_page(round_id, talk_id, day)


def day_of(moment: datetime) -> str:
    """Return the day of a place as the page's address names it."""
    return clock.to_local(moment).date().isoformat()


def tell(sentence: str, category: str = "ok") -> None:
    """Say on the next page, or on the part that is answered now, what was done."""
    flash(sentence, category)


def closed_words(page: FamilyPage) -> str:
    """Return why a family cannot choose: not yet, or no more."""
    if page.is_over and page.facts.kind == "wishes":
        return gettext("The time to pass on what suits is over. Call the school to change something.")
    if page.is_over:
        return gettext("The time to choose is over. Call the school to change something.")
    return gettext("Choosing a time is not possible yet.")
