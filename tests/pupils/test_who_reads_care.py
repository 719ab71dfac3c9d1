"""Every way in which an adult can stand to a pupil, against the rule in plain words (R15, R21)."""

from dataclasses import dataclass
from itertools import product

from sqlalchemy import select

from portal import access, clock
from portal.extensions import db, start_writing
from portal.models.accounts import StaffMember, User
from portal.models.pupils import CareNote, CareReader
from portal.models.roster import Group, Guardianship, Membership, Pupil, Teaching

DAY = clock.at_local("2026-08-24 09:00").date()


@dataclass(frozen=True)
class Standing:
    """How somebody stands to one pupil."""

    work: str
    teaches: str
    named: bool
    guards: str
    at_school: bool

    @property
    def role(self) -> str | None:
        return self.work if self.work in ("teacher", "office") else None

    def reads(self) -> bool:
        """The rule in plain words."""
        if not self.at_school:
            return False
        if self.guards in ("with authority", "without authority"):
            return self.guards == "with authority"
        return self.role is not None and (self.teaches == "home group" or self.named)

    def reads_as_school(self) -> bool:
        return self.reads() and self.guards != "with authority"


GUARDS = ("never", "with authority", "without authority", "no more")
STAFF = product(
    ("teacher", "office", "left"),
    ("nothing", "home group", "extra group", "home group no more", "another group"),
    (False, True),
    GUARDS,
    (True, False),
)
STANDINGS = [
    *(Standing(*parts) for parts in STAFF),
    *(Standing("elsewhere", "nothing", False, guards, at) for guards in GUARDS for at in (True, False)),
]


class Writer:
    """Gives every standing an adult, a pupil and a group of its own."""

    def __init__(self, school) -> None:
        self.school = school
        self.now = clock.now()

    def add(self, thing):
        db.session.add(thing)
        db.session.flush()
        return thing

    def write(self, number: int, standing: Standing) -> tuple[int, int]:
        adult = self.add(User(surname=f"Volwassene {number}", created_at=self.now))
        pupil = self.add(
            Pupil(
                surname=f"Kind {number}",
                created_at=self.now,
                archived_at=None if standing.at_school else self.now,
            )
        )
        home, extra, other = (
            self.add(Group(school_year_id=1, name=f"{kind} {number}", sort_key="x")) for kind in "HEA"
        )
        for group in (home, extra):
            self.add(Membership(pupil_id=pupil.id, group_id=group.id, home=group is home, started_on=DAY))
        if standing.work != "elsewhere":
            self.add(
                StaffMember(
                    user_id=adult.id,
                    role=standing.role or "teacher",
                    left_at=None if standing.role else self.now,
                )
            )
        taught = {
            "home group": home,
            "extra group": extra,
            "home group no more": home,
            "another group": other,
        }
        if group := taught.get(standing.teaches):
            ended = DAY if standing.teaches.endswith("no more") else None
            self.add(Teaching(user_id=adult.id, group_id=group.id, started_on=DAY, ended_on=ended))
        if standing.named:
            self.add(
                CareReader(
                    pupil_id=pupil.id, user_id=adult.id, named_by=self.school.hedy.id, named_at=self.now
                )
            )
        if standing.guards != "never":
            self.add(
                Guardianship(
                    pupil_id=pupil.id,
                    user_id=adult.id,
                    seat=1,
                    has_authority=standing.guards != "without authority",
                    created_at=self.now,
                    revoked_at=self.now if standing.guards == "no more" else None,
                )
            )
        self.add(
            CareNote(
                pupil_id=pupil.id,
                kind="other",
                what="x",
                source="school",
                written_by=self.school.hedy.id,
                written_at=self.now,
            )
        )
        return adult.id, pupil.id


def test_who_reads_is_what_the_rule_says(app, school):
    with app.app_context():
        start_writing()
        writer = Writer(school)
        made = [(one, *writer.write(number, one)) for number, one in enumerate(STANDINGS)]
        wrong = []
        for standing, adult_id, pupil_id in made:
            viewer = access.Viewer(id=adult_id, role=standing.role)
            read = set(db.session.scalars(select(CareNote.pupil_id).where(access.care_visible_to(viewer))))
            as_school = set(
                db.session.scalars(select(Pupil.id).where(access.reads_care_as_school(viewer, Pupil.id)))
            )
            if read != ({pupil_id} if standing.reads() else set()):
                wrong.append((standing, read))
            if as_school != ({pupil_id} if standing.reads_as_school() else set()):
                wrong.append((standing, "as school", as_school))
        db.session.rollback()
    assert len(made) == 248
    assert wrong == []
