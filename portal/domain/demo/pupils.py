"""What De Lindeboog keeps of its pupils: contacts, care information that nobody is ill in, and requests."""

from collections.abc import Iterator
from datetime import datetime, time, timedelta
from random import Random
from typing import Any

from sqlalchemy import insert

from portal import clock
from portal.domain.contact import phone_typed
from portal.domain.demo.people import Adult, Child, People
from portal.domain.demo.plan import Plan
from portal.domain.school_days import SchoolDays
from portal.extensions import Base, db
from portal.models.pupils import CareNote, CareReader, CareReading, ChangeRequest, EmergencyContact

NOTES = (
    ("allergy", "noten", "Leest de verpakking zelf al mee. Bij jeuk: bel ons, het doosje ligt in de la."),
    ("allergy", "wespensteek", "De pen zit in het rode etui. Eerst prikken, dan 112, dan ons."),
    ("allergy", "ei", "Trakteren? Er ligt een trommel met eigen traktaties in de kast."),
    ("medicine", "inhalator", "Twee pufjes voor het gymmen. Ligt in de la van de leerkracht."),
    ("medicine", "tablet om 12.00 uur", "Herinner eraan; het bakje zit in de broodtrommel."),
    ("other", "draagt een bril", "Ook bij gym ophouden, behalve bij trefbal."),
    ("other", "hoort links minder goed", "Zit graag rechts vooraan in de kring."),
)
"""What to do, and no diagnosis (R15)."""

RELATIONS = (("oma", True), ("opa", False), ("buurvrouw", True), ("tante", True), ("oom", False))
REQUESTS = (
    ("surname", "{surname}-Bakker", None, ""),
    ("given_name", "{given_name}", True, ""),
    ("other", "Wij wonen sinds de zomer op een ander adres.", None, ""),
    ("birth_date", "2019-02-03", False, "Op het paspoort staat de datum die wij hebben."),
    ("prefix", "ten", None, ""),
)
ONE_WITH_CARE_IN = 9
ONE_WITH_REQUEST_IN = 40
FIRST_PHONE = 900_000


def write_kept_of_pupils(plan: Plan, days: SchoolDays, random: Random, now: datetime) -> None:
    """Write contacts, care information with who read it, and requests; the first family has all of them."""
    writer = _Writer(plan, days, random, now)
    _insert(EmergencyContact, writer.contacts())
    careful = [child for child in plan.children if writer.giver(child)][::ONE_WITH_CARE_IN]
    _insert(CareNote, writer.notes(careful))
    _insert(CareReading, writer.readings(careful))
    _insert(CareReader, writer.readers(careful[::3]))
    _insert(ChangeRequest, writer.requests())


def _insert(table: type[Base], rows: Iterator[dict[str, Any]]) -> None:
    if found := list(rows):
        db.session.execute(insert(table), found)


class _Writer:
    def __init__(self, plan: Plan, days: SchoolDays, random: Random, now: datetime) -> None:
        self.plan = plan
        self.days = days
        self.random = random
        self.now = now
        self.people = People(random)
        self.people.phones = FIRST_PHONE
        self.office = next(adult for adult in plan.staff if adult.role == "office")

    def giver(self, child: Child) -> Adult | None:
        """Return the guardian who fills things in: the first with authority who is in."""
        able = (guard.adult for guard in child.guards if guard.has_authority)
        return next((adult for adult in able if adult.way_in == "active"), None)

    def contacts(self) -> Iterator[dict[str, Any]]:
        """Yield one to three contacts of most guardians who are in; each gives their own."""
        for number, child in enumerate(self.plan.children):
            for guard in child.guards:
                if guard.adult.way_in != "active" or not guard.has_authority:
                    continue
                if number and self.random.random() < 0.35:
                    continue
                for position in range(1, self.random.choice((1, 1, 2, 3)) + 1):
                    yield self._contact(child, guard.adult, position)

    def _contact(self, child: Child, giver: Adult, position: int) -> dict[str, Any]:
        relation, woman = self.random.choice(RELATIONS)
        origin = self.people.origin()
        phone, e164 = phone_typed(self.people.phone())
        return {
            "pupil_id": child.id,
            "given_by": giver.id,
            "given_at": self.now - timedelta(days=self.random.randrange(20, 90)),
            "position": position,
            "name": self.people.grown_up(origin, woman, self.people.surname(origin)).full,
            "relation": relation,
            "phone": phone,
            "phone_e164": e164,
        }

    def notes(self, children: list[Child]) -> Iterator[dict[str, Any]]:
        """Yield one or two notes of each of these children."""
        for child in children:
            for kind, what, what_to_do in self.random.sample(NOTES, self.random.choice((1, 1, 2))):
                writer = self.giver(child) or self.office
                yield {
                    "pupil_id": child.id,
                    "kind": kind,
                    "what": what,
                    "what_to_do": what_to_do,
                    "source": "guardian",
                    "written_by": writer.id,
                    "written_at": self.now - timedelta(days=self.random.randrange(20, 80)),
                }

    def readings(self, children: list[Child]) -> Iterator[dict[str, Any]]:
        """Yield that a teacher of the group opened it, before the gym lesson or a trip."""
        for child in children:
            for days in sorted(self.random.sample(range(1, 19), 2), reverse=True):
                teacher, _weekdays = self.random.choice(self.plan.groups[child.group].teachers)
                day = self.days.previous_school_day(clock.to_local(self.now).date() - timedelta(days=days))
                if all(guard.adult is not teacher for guard in child.guards):
                    moment = datetime.combine(
                        day, time(8 + self.random.randrange(6), self.random.randrange(60)), clock.SCHOOL_ZONE
                    )
                    yield {"pupil_id": child.id, "user_id": teacher.id, "read_at": moment}

    def readers(self, children: list[Child]) -> Iterator[dict[str, Any]]:
        """Yield that the office, which has the first-aid box, reads it too."""
        for child in children:
            yield {
                "pupil_id": child.id,
                "user_id": self.office.id,
                "named_by": self.plan.staff[-2].id,
                "named_at": self.now - timedelta(days=60),
            }

    def requests(self) -> Iterator[dict[str, Any]]:
        """Yield requests that wait and that were decided; the first family has one of both."""
        able = [child for child in self.plan.children if self.giver(child)]
        asking = [able[0], able[0], *able[4::ONE_WITH_REQUEST_IN]]
        for number, child in enumerate(asking):
            field, wanted, accepted, reason = REQUESTS[number % len(REQUESTS)]
            asker = self.giver(child)
            if number == 1:
                field, wanted, accepted, reason = REQUESTS[3]
            asked_at = self.now - timedelta(days=self.random.randrange(2, 12), hours=3)
            yield {
                "pupil_id": child.id,
                "asked_by": asker.id if asker else self.office.id,
                "asked_at": asked_at,
                "field": field,
                "wanted": wanted.format(surname=child.name.surname, given_name=child.name.given_name),
                "accepted": accepted,
                "decided_at": None if accepted is None else asked_at + timedelta(hours=26),
                "decided_by": None if accepted is None else self.office.id,
                "reason": reason,
            }
