"""What the parents of De Lindeboog fill in to be reached by, and which of it they show to other parents."""

from datetime import datetime
from random import Random
from typing import Any

from sqlalchemy import insert

from portal.domain.class_list import FIELDS
from portal.domain.demo.calendar_years import DemoYear
from portal.domain.demo.history import group_of
from portal.domain.demo.people import Adult, Child
from portal.domain.demo.plan import Plan
from portal.extensions import db
from portal.models.directory import ContactDetails, SharedField

SHARING = 0.43
"""How many of the parents show something."""

STAYED_BEHIND = 0.08
"""How many of those chose last year, and have not chosen for this year's group yet."""

EACH = {"email": 0.7, "phone": 0.8, "address": 0.35, "spoken": 0.3, "line": 0.2}
ALWAYS = {
    "ouder1@lindeboog.example": ("email", "phone"),
    "ouder2@lindeboog.example": ("email", "phone"),
    "ouder3@lindeboog.example": ("email", "address"),
}
"""What the parents show of whom every demo tells: two of them hide from each other all the same."""

_STREETS = ("Lijster", "Merel", "Vink", "Linde", "Beuken", "Dorps", "School", "Molen", "Kerk", "Wilgen")
_KINDS = ("straat", "laan", "plein", "weg", "hof")
_LETTERS = "ABCDEGHJKLNPRSTVWX"
_SPOKEN = (
    "Nederlands", "Nederlands, Engels", "Turks, Nederlands", "Arabisch, Nederlands", "Pools, Engels",
)  # fmt: skip
_LINES = (
    "Ik rijd graag mee met uitjes.", "App gerust, bellen mag ook.", "Op woensdag speelt het hier goed.",
    "Wij wonen tegenover school.", "Liever na 18.00 uur.",
)  # fmt: skip


def write_sharing(plan: Plan, years: list[DemoYear], random: Random, now: datetime) -> None:
    """Write the details of the parents who are in, and what four out of ten of them show."""
    children: dict[int, list[Child]] = {}
    for child in plan.children:
        for guard in child.guards:
            if guard.has_authority and guard.adult.way_in == "active":
                children.setdefault(guard.adult.id, []).append(child)
    adults = {guard.adult.id: guard.adult for child in plan.children for guard in child.guards}
    details: list[dict[str, Any]] = []
    shown: list[dict[str, Any]] = []
    for number, own in children.items():
        fields = _fields(adults[number], random)
        details.append(_details(number, fields, random))
        stays = random.random() < STAYED_BEHIND
        for child in own if fields else ():
            group = _group(plan, child, years, adults[number].email not in ALWAYS and stays)
            shown += [
                {"user_id": number, "group_id": group, "field": field, "shown_at": now} for field in fields
            ]
    db.session.execute(insert(ContactDetails), details)
    once = {(row["user_id"], row["group_id"], row["field"]): row for row in shown}
    db.session.execute(insert(SharedField), list(once.values()))


def _fields(adult: Adult, random: Random) -> list[str]:
    always = ALWAYS.get(adult.email or "")
    shares = random.random() < SHARING
    drawn = [field for field in FIELDS if random.random() < EACH[field]]
    return list(always) if always else (drawn or ["email"]) if shares else []


def _details(number: int, fields: list[str], random: Random) -> dict[str, Any]:
    """Return an address in a place that does not exist, and languages and a line for who shows them."""
    street = f"{random.choice(_STREETS)}{random.choice(_KINDS)} {random.randrange(1, 190)}"
    postcode = f"3599 {random.choice(_LETTERS)}{random.choice(_LETTERS)}"
    lives = random.random() < 0.4 or "address" in fields
    return {
        "user_id": number,
        "street": street if lives else "",
        "postcode": postcode if lives else "",
        "place": "Lindedorp" if lives else "",
        "spoken": random.choice(_SPOKEN) if "spoken" in fields else "",
        "line": random.choice(_LINES) if "line" in fields else "",
    }


def _group(plan: Plan, child: Child, years: list[DemoYear], stayed_behind: bool) -> int:
    if stayed_behind and len(years) > 1 and child.year_group > 1:
        return years[1].groups[group_of(plan, child, child.year_group - 1)]
    return years[0].groups[child.group]
