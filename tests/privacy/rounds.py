"""Meeting rounds in the school of the proofs: who talks with whom, when, and what is written about it.

Every group has a table in four rounds: one to book in, one with wishes and a plan, one that is being set up
and one that was withdrawn. Beside the talks that the portal would offer stand those of before something
changed: of both guardians who come apart now, of somebody without authority, of a child that left, and talks
that have ended.
"""

import json
from collections.abc import Iterator
from datetime import datetime, time, timedelta

from portal import clock
from tests.privacy.readers import guardians, is_apart
from tests.privacy.rows import Row, School

TABLES = (
    "meeting_rounds",
    "meeting_hosts",
    "meeting_host_teachers",
    "meeting_round_groups",
    "meeting_days",
    "meeting_invitees",
    "bookings",
    "slots",
    "meeting_events",
    "meeting_waiting_times",
    "slot_offers",
    "meeting_wishes",
    "talk_notes",
    "talk_reports",
    "talk_parties",
    "host_evenings",
    "meeting_plans",
)
"""What is filled here, and not by the foreign keys alone."""

TALK = timedelta(minutes=10)
DAYS = {"booking": "2026-12-01", "wishes": "2026-11-25"}
"""In a week, and tomorrow."""


class Rounds:
    """Puts the rounds into a world."""

    def __init__(self, world: School) -> None:
        self.world = world
        self.now = clock.now()
        self.keepers = [row["user_id"] for row in world.of("staff_members", role="office", left_at=None)]

    def fill(self) -> None:
        """Add four rounds, with a table for each group."""
        shown = [
            {"kind": "booking", "published_at": self.now},
            {"kind": "wishes", "published_at": self.now},
            {"kind": "booking"},
            {"kind": "booking", "published_at": self.now, "withdrawn_at": self.now},
        ]
        for number, given in enumerate(shown):
            round_ = self.world.add(
                "meeting_rounds",
                created_by=self.keepers[number % len(self.keepers)],
                opens_at=self.now - timedelta(days=6),
                closes_at=self.now + timedelta(days=3),
                **given,
            )
            for group in self.world.rows["groups"]:
                self.add_table(round_, group["id"])
            self.add_plans(round_["id"])
            for adult in self.world.rows["users"][number % 2 :: 2]:
                self.world.add("rounds_told", user_id=adult["id"], round_id=round_["id"], what="opened")

    def add_table(self, round_: Row, group: int) -> None:
        """Let who teaches a group, or did, receive the families of who is in it, or was."""
        add, host = self.world.add, self.world.add("meeting_hosts", round_id=round_["id"])
        add("meeting_round_groups", round_id=round_["id"], group_id=group, host_id=host["id"])
        add("meeting_days", **self.hours(), round_id=round_["id"], host_id=host["id"])
        add("host_evenings", host_id=host["id"])
        seated = {row["user_id"] for row in self.world.of("meeting_host_teachers", round_id=round_["id"])}
        teachers = {row["user_id"] for row in self.world.of("teachings", group_id=group)} - seated
        if round_["published_at"] and not round_["withdrawn_at"]:
            # She receives in no round that she finds.
            teachers -= {self.world.people["Pia"]}
        for teacher in sorted(teachers):
            add("meeting_host_teachers", host_id=host["id"], user_id=teacher, round_id=round_["id"])
        pupils = {row["pupil_id"] for row in self.world.of("memberships", group_id=group)}
        places = self.places(host["id"], clock.at_local(f"{DAYS[round_['kind']]} 08:00"))
        for number, talk in enumerate(
            [talk for pupil in sorted(pupils) for talk in self.talks_about(pupil, round_, host)]
        ):
            self.add_talk(talk, number, sorted(teachers) or self.keepers, places)
        for state in ("open", "blocked", "break"):
            next(places)["state"] = state

    def hours(self) -> Row:
        return {"starts_at": time(15), "ends_at": time(17)}

    def talks_about(self, pupil: int, round_: Row, host: Row) -> Iterator[Row]:
        """Yield the talks about a pupil at a table: of both guardians, of one, and those that ended."""
        given = {"round_id": round_["id"], "pupil_id": pupil, "host_id": host["id"]}
        ever = [row["user_id"] for row in self.world.of("guardianships", pupil_id=pupil)]
        decide = guardians(self.world, pupil, has_authority=True)
        apart = [one for one in ever if one not in decide or is_apart(self.world, pupil)]
        for guardian in [None, *dict.fromkeys(apart)]:
            yield self.world.add("meeting_invitees", **given, guardian_id=guardian)
        ended = [*ever, None][pupil % (len(ever) + 1)]
        gone = self.world.add("meeting_invitees", **given, guardian_id=ended, ended_at=self.now)
        # A talk of both was not everybody's who is a guardian now, and who had it as school had it as that.
        for adult in [ended] if ended else ever[pupil % 2 :]:
            self.world.add("talk_parties", invitee_id=gone["id"], user_id=adult, as_school=False)
        self.world.add("talk_parties", invitee_id=gone["id"], user_id=ever[0], as_school=True)
        yield gone

    def places(self, host: int, starts_at: datetime) -> Iterator[Row]:
        """Add the places at a table, one after the other."""
        while True:
            times = {"starts_at": starts_at, "ends_at": starts_at + TALK}
            yield self.world.add("slots", host_id=host, **times, state="open")
            starts_at += TALK

    def add_talk(self, talk: Row, number: int, teachers: list[int], places: Iterator[Row]) -> None:
        """Add what there is about a talk: a booking mostly, its history, notes, and who waits."""
        family = (
            [talk["guardian_id"]] if talk["guardian_id"] else sorted(guardians(self.world, talk["pupil_id"]))
        )
        guardian, teacher = family[number % len(family)] if family else None, teachers[number % len(teachers)]
        by = (("guardian", guardian), ("teacher", teacher), ("office", self.keepers[0]), ("plan", None))
        source, booker = by[number % 4]
        add, about = self.world.add, {"invitee_id": talk["id"]}
        for who in (guardian, teacher, None):
            add("meeting_events", **about, round_id=talk["round_id"], actor_id=who)
        add("talk_notes", **about, author_id=teacher)
        add("talk_reports", **about, author_id=teacher, shared_at=self.now if number % 2 else None)
        if number % 5 == 4:
            # Of this one the family said nothing yet.
            return
        self.book(talk, next(places), source=source, booked_by=booker)
        if number % 4 == 1:
            self.book(talk, next(places), source="guardian", booked_by=guardian, cancelled_at=self.now)
        slot = next(places)
        slot[("held_for", "reserved_for")[number % 2]] = talk["id"]
        times = {"starts_at": slot["starts_at"], "ends_at": slot["ends_at"]}
        if guardian:
            add("meeting_wishes", **about, **times, said_by=guardian)
            add("meeting_waiting_times", **about, **times)
        answered = self.now if number % 2 else None
        add("slot_offers", **about, **times, slot_id=slot["id"], answered_at=answered)

    def book(self, talk: Row, slot: Row, **given: object) -> None:
        """Book a talk at a place; a cancelled one has given it up."""
        times = {name: slot[name] for name in ("host_id", "starts_at", "ends_at")}
        booking = self.world.add("bookings", invitee_id=talk["id"], **times, **given)
        slot["booking_id"] = None if "cancelled_at" in given else booking["id"]

    def add_plans(self, round_: int) -> None:
        """Add what is about a round and no talk: its days, a note in its history, a plan."""
        self.world.add("meeting_days", **self.hours(), round_id=round_)
        self.world.add("meeting_events", round_id=round_, actor_id=self.keepers[0])
        state = ("running", "ready", "accepted", "failed")[round_ % 4]
        seats = {
            talk["id"]: [self.world.of("slots", host_id=talk["host_id"])[0]["id"]]
            for talk in self.world.of("meeting_invitees", round_id=round_, ended_at=None)
        }
        self.world.add(
            "meeting_plans",
            round_id=round_,
            asked_by=self.keepers[0],
            state=state,
            started_at=self.now,
            finished_at=None if state == "running" else self.now,
            accepted_at=self.now if state == "accepted" else None,
            result=json.dumps({"seats": seats}) if state in ("ready", "accepted") else "",
        )
