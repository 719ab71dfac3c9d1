"""Talks as calendar files (RFC 5545), each with the method that mail programs act on (RFC 5546). Pure.

Times are in UTC, so that no calendar has to know when the clocks change.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from icalendar import Calendar, Event, vCalAddress, vText

PRODUCT = "-//Ouderportaal//Meetings//NL"


@dataclass(frozen=True, slots=True)
class Entry:
    """A talk in somebody's calendar, named by `uid`. `sequence` counts the versions that this person got."""

    uid: str
    sequence: int
    starts_at: datetime
    ends_at: datetime
    summary: str
    location: str = ""
    description: str = ""
    off: bool = False
    """The talk is off: the calendar removes it."""


@dataclass(frozen=True, slots=True)
class Party:
    """Somebody at a talk, by name and address."""

    name: str
    email: str


def request(entry: Entry, school: Party, guardian: Party, now: datetime) -> bytes:
    """Return the file that puts a talk in a guardian's calendar, changes it there, or removes it."""
    calendar = _calendar()
    calendar.add("method", "CANCEL" if entry.off else "REQUEST")
    event = _event(entry, now)
    event.add("organizer", _address(school))
    attendee = _address(guardian)
    # Nobody is asked to answer: the talk is booked.
    attendee.params.update({"PARTSTAT": vText("ACCEPTED"), "RSVP": vText("FALSE")})
    event.add("attendee", attendee, encode=False)
    calendar.add_component(event)
    return bytes(calendar.to_ical())


def feed(name: str, entries: Iterable[Entry], now: datetime) -> bytes:
    """Return a calendar that somebody subscribes to."""
    calendar = _calendar()
    calendar.add("method", "PUBLISH")
    calendar.add("x-wr-calname", name)
    for entry in entries:
        calendar.add_component(_event(entry, now))
    return bytes(calendar.to_ical())


def _calendar() -> Calendar:
    calendar = Calendar()
    calendar.add("version", "2.0")
    calendar.add("prodid", PRODUCT)
    return calendar


def _event(entry: Entry, now: datetime) -> Event:
    event = Event()
    event.add("uid", entry.uid)
    event.add("sequence", entry.sequence)
    event.add("dtstamp", now)
    event.add("dtstart", entry.starts_at)
    event.add("dtend", entry.ends_at)
    event.add("summary", entry.summary)
    event.add("status", "CANCELLED" if entry.off else "CONFIRMED")
    if entry.location:
        event.add("location", entry.location)
    if entry.description:
        event.add("description", entry.description)
    return event


def _address(party: Party) -> vCalAddress:
    address = vCalAddress(f"mailto:{party.email}")
    if party.name:
        address.params["CN"] = vText(party.name)
    return address
