"""Sets the scene for who sees what: who shows which fields, more families, other arrangements."""

from collections.abc import Callable
from types import SimpleNamespace

import pytest
from sqlalchemy import select, update

from portal import clock
from portal.extensions import db, start_writing
from portal.models.accounts import StaffMember, User
from portal.models.directory import ContactDetails, SharedField
from portal.models.roster import Group, Guardianship, Membership, Pupil, Teaching
from portal.models.school import School, SchoolYear
from portal.names import sort_key

DETAILS = {
    "street": "Merelplein 8",
    "postcode": "3599 XX",
    "place": "Lindedorp",
    "spoken": "Nederlands, Turks",
    "line": "Ik rijd graag mee.",
}


class Scene:
    """Changes the school of the cast, each time in a transaction of its own."""

    def __init__(self, app, school) -> None:
        self.app = app
        self.school = school
        self.day = clock.today()

    def write(self, *rows) -> None:
        with self.app.app_context():
            start_writing()
            db.session.add_all(rows)
            db.session.commit()

    def change(self, model, *conditions, **values) -> None:
        with self.app.app_context():
            start_writing()
            db.session.execute(update(model).where(*conditions).values(**values))
            db.session.commit()

    def fills_in(self, person, **values) -> None:
        self.write(ContactDetails(user_id=person.id, **(DETAILS | values)))

    def shows(self, person, group_id, *fields) -> None:
        now = clock.now()
        self.write(
            *(
                SharedField(user_id=person.id, group_id=group_id, field=field, shown_at=now)
                for field in fields
            )
        )

    def hides(self, person, child, hidden=True) -> None:
        self.change(
            Guardianship,
            Guardianship.user_id == person.id,
            Guardianship.pupil_id == child.id,
            hidden_at=clock.now() if hidden else None,
        )

    def nobody_hides(self) -> None:
        self.change(Guardianship, hidden_at=None)

    def adult(self, given_name, surname="Nieuw"):
        with self.app.app_context():
            start_writing()
            user = User(
                given_name=given_name,
                surname=surname,
                sort_key=sort_key(given_name, "", surname),
                email=f"{given_name.lower()}@thuis.example",
                phone="06 0000 0001",
                created_at=clock.now(),
                activated_at=clock.now(),
            )
            db.session.add(user)
            db.session.commit()
            return SimpleNamespace(id=user.id, name=f"{given_name} {surname}")

    def pupil(self, given_name, group_id, *guardians, surname="Nieuw", **guardianship):
        """Put a child into a group, with its guardians."""
        with self.app.app_context():
            start_writing()
            pupil = Pupil(
                given_name=given_name,
                surname=surname,
                sort_key=sort_key(given_name, "", surname),
                created_at=clock.now(),
            )
            db.session.add(pupil)
            db.session.flush()
            db.session.add(Membership(pupil_id=pupil.id, group_id=group_id, home=True, started_on=self.day))
            for seat, person in enumerate(guardians, 1):
                db.session.add(
                    Guardianship(
                        pupil_id=pupil.id,
                        user_id=person.id,
                        seat=seat,
                        created_at=clock.now(),
                        **guardianship,
                    )
                )
            db.session.commit()
            return SimpleNamespace(id=pupil.id, given_name=given_name)

    def teaches(self, person, group_id) -> None:
        self.write(StaffMember(user_id=person.id, role="teacher", called=""))
        self.write(Teaching(user_id=person.id, group_id=group_id, started_on=self.day))

    def lets_parents_take_lists(self) -> None:
        self.change(School, lists_for_parents=True)

    def group(self, name, *children) -> int:
        """Make a group of this year and put children in it."""
        with self.app.app_context():
            start_writing()
            group = Group(
                school_year_id=db.session.scalar(select(SchoolYear.id)),
                name=name,
                year_groups=name,
                sort_key=name,
            )
            db.session.add(group)
            db.session.flush()
            for child in children:
                db.session.add(
                    Membership(pupil_id=child.id, group_id=group.id, home=True, started_on=self.day)
                )
            db.session.commit()
            return group.id


@pytest.fixture
def scene(app, school) -> Scene:
    return Scene(app, school)


@pytest.fixture
def listed(client_for) -> Callable[[object, int], str]:
    """The class list of a group as somebody reads it: that part of the page only."""

    def part(person, group_id) -> str:
        page = client_for(person).get(f"/groups/{group_id}").text
        return page[page.index('id="class-list"') :]

    return part
