"""What one guardian does about talks changes nothing for the other when the two come apart (R20, R22).

Two schools: in one Bram's father did something, in the other a stranger of the same group did the same, or
nobody did when it takes no place. Bram's mother gets the same bytes from every page, fragment and mail, and
the same calendar files, through all of the round; that a place is taken is all that she sees.
"""

import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import timedelta
from itertools import count, product
from typing import Any

import pytest

from portal import clock
from portal.access import Viewer
from portal.domain import bookings, meeting_choosing, waiting
from portal.domain.bookings import Choice
from portal.domain.meeting_invitees import invite_families
from portal.extensions import db, start_writing
from portal.models.accounts import User
from portal.models.meeting_talks import SlotOffer, TalkReport
from portal.models.meetings import Booking, Invitee, MeetingRound, Slot
from portal.models.roster import Guardianship, Membership, Pupil
from tests.accounts.conftest import ABOUT_TALKS, work_all_day
from tests.cast import PASSWORD_HASH, Cast
from tests.clients import FormClient, session_of
from tests.clients import sign_in as signed_in
from tests.meetings.making import Talks, make_round
from tests.privacy.attack import HTMX, htmx_noted, links_in
from tests.privacy.test_non_interference import differences, told

MOMENTS = (
    "2026-11-24 07:55", "2026-11-24 08:10", "2026-11-24 19:30", "2026-11-24 20:30", "2026-11-25 09:00",
    "2026-11-27 08:05", "2026-11-27 17:10", "2026-11-30 10:05", "2026-12-01 15:12",
)  # fmt: skip
"""Invited, confirmed, an offer that lapses, reminded halfway and on the last day, closed, tomorrow, now."""

EVERYTHING = bool(os.environ.get("PROVE_ALL"))
DEED = MOMENTS[1]
LOOKS = (DEED, *(MOMENTS[3], MOMENTS[6]) * EVERYTHING, MOMENTS[8])
"""When she looks; what came of the offer, and of choosing, stands there later too."""


@dataclass(frozen=True)
class Actor:
    """Who does something in one of the two schools: Bram's father, or a stranger of the same group."""

    talks: Talks
    user: int
    invitee: int

    @property
    def viewer(self) -> Viewer:
        return Viewer(id=self.user)

    def talk(self) -> Invitee:
        return db.session.get_one(Invitee, self.invitee)

    def slot(self, moment: str) -> Slot:
        return db.session.get_one(Slot, self.talks.slot(self.talks.host_34, f"2026-12-01 {moment}"))

    def book(self, moment: str) -> Booking:
        (booking,) = bookings.book(
            [Choice(self.talk(), self.slot(moment), subjects="Geheim")], self.viewer, clock.now(), "guardian"
        )
        return booking

    def cancel(self) -> None:
        booking = bookings.open_booking(self.talk())
        assert booking is not None
        bookings.cancel(booking, self.viewer, clock.now())

    def wait(self, *moments: str) -> None:
        waiting.wait_for(self.talk(), [self.slot(one) for one in moments], self.viewer, clock.now())


def moves(actor: Actor) -> None:
    actor.book("15.40")
    actor.book("15.20")


def gives_up(actor: Actor) -> None:
    actor.book("15.20")
    actor.cancel()


def cancels(actor: Actor) -> None:
    actor.cancel()


def moves_away(actor: Actor) -> None:
    actor.book("15.40")


def gets_an_offer(actor: Actor) -> None:
    actor.wait("15.20")


def takes_an_offer(actor: Actor) -> None:
    actor.wait("15.20")
    offer = db.session.query(SlotOffer).filter_by(invitee_id=actor.invitee, answered_at=None).one()
    waiting.accept(offer, actor.viewer, clock.now())
    now = clock.now()
    db.session.add(
        TalkReport(
            invitee_id=actor.invitee, author_id=actor.user, text="Geheim", written_at=now, shared_at=now
        )
    )


def is_kept_a_time(actor: Actor) -> None:
    actor.slot("15.20").reserved_for = actor.invitee


def waits_for_what_she_has(actor: Actor) -> None:
    actor.wait("15.00")
    actor.talk().asked = "wanted"


def declines(actor: Actor) -> None:
    meeting_choosing.decline(actor.talk(), actor.viewer, clock.now())


def has_more_time(actor: Actor) -> None:
    actor.talk().minutes = 20
    actor.book("15.20")


def wishes(actor: Actor) -> None:
    slot = actor.slot("15.20")
    span = bookings.Span(slot.starts_at, slot.starts_at + timedelta(minutes=30))
    meeting_choosing.give_wishes([actor.talk()], {span: 2}, actor.viewer, clock.now())


TAKING = (moves, gives_up, gets_an_offer, takes_an_offer, is_kept_a_time, has_more_time)
FREEING = (cancels, moves_away)
SILENT = (waits_for_what_she_has, declines, wishes)

once = pytest.mark.parametrize("engine", ["sqlite"])
"""A life takes seconds; the one in which most happens is lived on both databases."""

Deed = Callable[[Actor], None]


@pytest.fixture
def life(tested_app, app, smtp, at, monkeypatch, databases) -> Callable[..., dict[str, str]]:
    """Lives through a round in which somebody does something, and returns all that Bram's mother gets.

    Each is lived once in a test run, whatever it is compared with.
    """

    def once_lived(deed: Deed, who: str, **values: Any) -> dict[str, str]:
        name = deed.__name__ if who != "nobody" else "nothing"
        about = "-".join(map(str, (tested_app.engine, name, who, *sorted(values.items()))))
        return databases.once(f"life-{re.sub(r'[^a-z_-]', '', about)}", lambda: live(deed, who, **values))

    def live(deed: Deed, who: str, she_waits: bool = False, **values: Any) -> dict[str, str]:
        at(MOMENTS[0])
        smtp.reset()
        # What is random for each talk would differ without telling anything.
        numbers = count(1)
        monkeypatch.setattr(bookings, "new_nonce", lambda: f"{next(numbers):043}")
        school = tested_app.to_school()
        talks, stranger = set_up(app, school, values)
        user, invitee = (
            (school.daan.id, talks.invitee(school.bram, school.daan)) if who == "father" else stranger
        )
        mother = browser(app, school)
        actor = Actor(talks, user, invitee)
        her = Actor(talks, school.anna.id, talks.invitee(school.bram, school.anna))
        with app.app_context():
            do(lambda: her.book("15.00"))
            if she_waits:
                do(lambda: actor.book("15.20"))
                do(lambda: her.wait("15.20"))
        found: dict[str, str] = {}
        for moment in MOMENTS:
            at(moment)
            if moment == DEED:
                with app.app_context():
                    do(lambda: deed(actor) if who != "nobody" else None)
            work_all_day(app, ABOUT_TALKS)
            if moment in LOOKS:
                found |= {f"{moment} {where}": what for where, what in pages(mother, talks, school)}
        for number, mail in enumerate(one for one in smtp.messages if one.recipients == [school.anna.email]):
            found[f"mail {number}"] = everything(mail)
        return found

    return once_lived


def do(work: Callable[[], Any]) -> None:
    start_writing()
    work()
    db.session.commit()


def set_up(app, school: Cast, values: dict[str, Any]) -> tuple[Talks, tuple[int, int]]:
    """Make the round, with another family in Bram's group; return that mother's number and talk."""
    with app.app_context():
        start_writing()
        now = clock.now()
        rosa = User(
            given_name="Rosa", surname="Meer", sort_key="meer rosa", email="rosa@ouders.example",
            password_hash=PASSWORD_HASH, activated_at=now, created_at=now,
        )  # fmt: skip
        pim = Pupil(given_name="Pim", surname="Meer", sort_key="meer pim", created_at=now)
        db.session.add_all([rosa, pim])
        db.session.flush()
        db.session.add_all(
            [
                Guardianship(
                    pupil_id=pim.id, user_id=rosa.id, seat=1, relation="", has_authority=True, created_at=now
                ),
                Membership(pupil_id=pim.id, group_id=school.group_34, home=True, started_on=clock.today()),
            ]
        )
        number, child = rosa.id, pim.id
        db.session.commit()
    talks = make_round(app, school, **values)
    with app.app_context():
        do(lambda: invite_families(db.session.get_one(MeetingRound, talks.round), clock.now()))
        talk = db.session.query(Invitee).filter_by(pupil_id=child).one().id
    return talks, (number, talk)


def browser(app, school: Cast) -> FormClient:
    client = FormClient(app, app.response_class)
    with client.session_transaction() as session:
        session.update(session_of(signed_in(app, school.anna)) | {"csrf_token": "0" * 40})
    return client


def pages(client: FormClient, talks: Talks, school: Cast) -> Iterator[tuple[str, str]]:
    """Yield every page about talks: what home leads to, and each address that somebody could type."""
    own = talks.invitee(school.bram, school.anna)
    typed = [f"/meetings/talks/{number}/waiting" for number in range(1, 9)]
    typed += [f"/meetings/{kind}/{number}" for kind in ("offers", "reports") for number in (1, 2, 3)]
    for page in ("", "/history", "/now", "/proposal", f"?talk={own}&day=2026-12-01"):
        typed.append(f"/meetings/{talks.round}{page}")
    queue, seen = ["/", "/meetings", *typed], set(typed)
    while queue:
        address = queue.pop()
        with htmx_noted(client.application) as may_differ:
            answer = client.get(address)
        if may_differ() and answer.status_code == 200:
            yield f"htmx {address}", told(client.get(address, headers=HTMX))
        yield f"GET {address}", told(answer)
        if answer.status_code == 200 and answer.mimetype == "text/html":
            for link in links_in(address, answer.text):
                if link.startswith("/meetings") and link not in seen:
                    seen.add(link)
                    queue.append(link)


def everything(mail) -> str:
    parts = [f"{mail.subject} {mail.recipients} {mail.sender}"]
    for part in mail.message.walk():
        if not part.is_multipart():
            content = part.get_content()
            parts.append(str(part.get_content_type()) + part.get("Content-Disposition", ""))
            parts.append(content.decode() if isinstance(content, bytes) else content)
    return "\n".join(parts)


def proven(one: dict[str, str], other: dict[str, str]) -> None:
    assert len([where for where in one if where.startswith("mail")]) >= 3
    found = differences(one, other)
    assert not found, "\n".join(found)


@once
@pytest.mark.parametrize("deed", TAKING, ids=lambda deed: deed.__name__)
def test_of_a_place_that_the_father_takes_she_sees_only_that_it_is_taken(life, deed):
    proven(life(deed, "father"), life(deed, "stranger"))


@pytest.mark.parametrize(
    ("engine", "deed"),
    [*product(["sqlite"], FREEING), ("postgres", cancels)],
    ids=lambda one: getattr(one, "__name__", one),
)
def test_a_place_that_he_gives_up_is_offered_to_her_as_anybody_s(life, deed):
    proven(life(deed, "father", she_waits=True), life(deed, "stranger", she_waits=True))


@once
@pytest.mark.parametrize("deed", SILENT, ids=lambda deed: deed.__name__)
def test_what_takes_no_place_she_does_not_see_at_all(life, deed):
    given = {"kind": "wishes"} if deed is wishes else {}
    proven(life(deed, "father", **given), life(deed, "nobody", **given))


@once
def test_the_proof_sees_a_difference(life):
    assert differences(life(moves, "father"), life(moves, "nobody"))
