"""The class list shows exactly what the rules say, in schools that nobody has thought of."""

from dataclasses import dataclass

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from portal import clock
from portal.access import Viewer
from portal.domain.class_list import FIELDS, as_parents_see, class_list
from portal.extensions import db, start_writing
from portal.models.accounts import StaffMember, User
from portal.models.arrangements import Barring
from portal.models.directory import ContactDetails, SharedField
from portal.models.roster import Group, Guardianship, Membership, Pupil, Teaching
from portal.models.school import SchoolYear

ADULTS, PUPILS, GROUPS = range(5), range(4), range(3)
adults, pupils, groups = st.sampled_from(ADULTS), st.sampled_from(PUPILS), st.sampled_from(GROUPS)


@dataclass(frozen=True)
class Guard:
    """An adult beside a child."""

    pupil: int
    adult: int
    authority: bool
    hides: bool
    revoked: bool


@dataclass(frozen=True)
class Generated:
    """A school: who guards whom, who is in which group (ended or not), who shows what, who teaches what."""

    guards: tuple[Guard, ...]
    members: frozenset[tuple[int, int]]
    former: frozenset[tuple[int, int]]
    shown: frozenset[tuple[int, int, str]]
    filled_in: frozenset[int]
    teaches: frozenset[tuple[int, int]]
    office: frozenset[int]
    archived: frozenset[int]
    closed: frozenset[int]
    barred: frozenset[tuple[int, int]] = frozenset()

    # --- the rules, in plain words ------------------------------------------------------------------------

    def guards_of(self, pupil: int) -> set[int]:
        return {one.adult for one in self.guards if one.pupil == pupil and not one.revoked}

    def parents_of(self, group: int) -> set[int]:
        """Return who decides for a child in the group now."""
        return {
            one.adult
            for one in self.guards
            if one.authority
            and not one.revoked
            and (one.pupil, group) in self.members
            and one.pupil not in self.archived
        }

    def kept_away(self, owner: int, reader: int) -> bool:
        return any(owner in self.guards_of(pupil) for adult, pupil in self.barred if adult == reader)

    def hides(self, owner: int, reader: int) -> bool:
        return self.kept_away(owner, reader) or self.hides_as_guardian(owner, reader)

    def hides_as_guardian(self, owner: int, reader: int) -> bool:
        """Also when one of the two is no guardian of that child any more."""
        theirs = {one.pupil for one in self.guards if one.adult == reader}
        return owner != reader and any(
            one.adult == owner and one.hides and one.pupil in theirs for one in self.guards
        )

    def together(self, one: int, other: int) -> bool:
        return one != other and any({one, other} <= self.guards_of(pupil) for pupil in PUPILS)

    def unknown(self, reader: int, owner: int) -> bool:
        return self.together(reader, owner) or self.hides(owner, reader)

    def keeps(self, reader: int, group: int) -> bool:
        return group not in self.closed and (reader in self.office or (reader, group) in self.teaches)

    def sees(self, reader: int, owner: int, group: int) -> bool:
        if group in self.closed or owner not in self.parents_of(group):
            return False
        as_parent = reader in self.parents_of(group) and not self.hides(owner, reader)
        return as_parent or (self.keeps(reader, group) and not self.unknown(reader, owner))

    def list_for(self, reader: int, group: int) -> dict[int, dict[int, set[str]]]:
        """Return, of each child in the list, the parents who show something and what."""
        if not (self.keeps(reader, group) or (group not in self.closed and reader in self.parents_of(group))):
            return {}
        found: dict[int, dict[int, set[str]]] = {}
        for pupil in PUPILS:
            if (
                (pupil, group) in self.members
                and pupil not in self.archived
                and (reader, pupil) not in self.barred
            ):
                beside = {
                    one.adult
                    for one in self.guards
                    if one.pupil == pupil and one.authority and not one.revoked
                }
                fields = {
                    owner: self.fields(owner, group) for owner in beside if self.sees(reader, owner, group)
                }
                found[pupil] = {owner: names for owner, names in fields.items() if names}
        return found

    def fields(self, owner: int, group: int) -> set[str]:
        filled = FIELDS if owner in self.filled_in else FIELDS[:2]
        return {
            field for who, where, field in self.shown if (who, where) == (owner, group) and field in filled
        }


@st.composite
def schools(draw) -> Generated:
    guards = []
    for pupil in PUPILS:
        for adult in draw(st.lists(adults, max_size=2, unique=True)):
            guards.append(
                Guard(
                    pupil,
                    adult,
                    authority=draw(st.integers(0, 4)) > 0,
                    hides=draw(st.booleans()),
                    revoked=draw(st.integers(0, 5)) == 0,
                )
            )
    places = st.tuples(pupils, groups)
    members = draw(st.frozensets(places, min_size=2, max_size=7))
    return Generated(
        guards=tuple(guards),
        members=members,
        former=draw(st.frozensets(places, max_size=2)) - members,
        shown=draw(
            st.frozensets(st.tuples(adults, groups, st.sampled_from(FIELDS)), min_size=4, max_size=25)
        ),
        filled_in=draw(st.frozensets(adults)),
        teaches=draw(st.frozensets(st.tuples(adults, groups), max_size=3)),
        office=draw(st.frozensets(adults, max_size=1)),
        archived=draw(st.frozensets(pupils, max_size=1)),
        closed=draw(st.frozensets(groups, max_size=1)),
        barred=draw(st.frozensets(st.tuples(adults, pupils), max_size=2)),
    )


def write(school: Generated) -> None:
    """Put the generated school into the empty database; numbers are one more than in the model."""
    now, day = clock.now(), clock.today()
    start_writing()
    db.session.add(SchoolYear(id=1, name="2026-2027", first_day=day, last_day=day))
    db.session.flush()
    for one in ADULTS:
        db.session.add(
            User(
                id=one + 1,
                given_name=f"A{one}",
                email=mark(one, "email"),
                phone=mark(one, "phone"),
                created_at=now,
            )
        )
    for one in GROUPS:
        closed = now if one in school.closed else None
        db.session.add(Group(id=one + 1, school_year_id=1, name=f"G{one}", closed_at=closed))
    for one in PUPILS:
        archived = now if one in school.archived else None
        db.session.add(
            Pupil(id=one + 1, given_name=f"P{one}", sort_key=f"p{one}", archived_at=archived, created_at=now)
        )
    db.session.flush()
    staff = school.office | {adult for adult, _ in school.teaches}
    for one in staff:
        db.session.add(StaffMember(user_id=one + 1, role="office" if one in school.office else "teacher"))
    for one in school.filled_in:
        db.session.add(
            ContactDetails(
                user_id=one + 1,
                street=mark(one, "address"),
                spoken=mark(one, "spoken"),
                line=mark(one, "line"),
            )
        )
    db.session.flush()
    for adult, group in school.teaches:
        db.session.add(Teaching(user_id=adult + 1, group_id=group + 1, started_on=day))
    for places, ended in ((school.members, None), (school.former, day)):
        for pupil, group in places:
            db.session.add(
                Membership(pupil_id=pupil + 1, group_id=group + 1, home=False, started_on=day, ended_on=ended)
            )
    seats: dict[int, int] = {}
    for one in school.guards:
        seats[one.pupil] = seats.get(one.pupil, 0) + 1
        db.session.add(
            Guardianship(
                pupil_id=one.pupil + 1,
                user_id=one.adult + 1,
                seat=seats[one.pupil],
                has_authority=one.authority,
                hidden_at=now if one.hides else None,
                revoked_at=now if one.revoked else None,
                created_at=now,
            )
        )
    for adult, pupil in school.barred:
        db.session.add(Barring(user_id=adult + 1, pupil_id=pupil + 1, reason="order", barred_at=now))
    for adult, group, field in school.shown:
        db.session.add(SharedField(user_id=adult + 1, group_id=group + 1, field=field, shown_at=now))
    db.session.commit()


def mark(adult: int, field: str) -> str:
    return f"{field}-of-{adult}"


def viewer(school: Generated, adult: int) -> Viewer:
    teaches = any(one == adult for one, _ in school.teaches)
    return Viewer(adult + 1, role="office" if adult in school.office else "teacher" if teaches else None)


def as_read(school: Generated, reader: int, group: int) -> dict[int, dict[int, set[str]]]:
    """Return what the class list has, in the words of the model; each text must be its owner's own."""
    found: dict[int, dict[int, set[str]]] = {}
    for child in class_list(viewer(school, reader), group + 1):
        beside = found.setdefault(child.id - 1, {})
        for adult in child.adults:
            owner = int(adult.first_name[1:])
            assert {fact.text for fact in adult.facts} == {mark(owner, fact.field) for fact in adult.facts}
            beside[owner] = {fact.field for fact in adult.facts}
    return found


@settings(
    max_examples=60,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(school=schools())
def test_everybody_reads_exactly_what_the_rules_say(tested_app, school):
    tested_app.to_empty()
    with tested_app.app.app_context():
        write(school)
    for reader in ADULTS:
        with tested_app.app.test_request_context():
            for group in GROUPS:
                assert as_read(school, reader, group) == school.list_for(reader, group), (reader, group)
            seen = {number - 1: adult for number, adult in as_parents_see(viewer(school, reader)).items()}
            promised = {
                group: school.fields(reader, group)
                for group in GROUPS
                if group not in school.closed
                and reader in school.parents_of(group)
                and school.fields(reader, group)
            }
            assert {group: {f.field for f in adult.facts} for group, adult in seen.items()} == promised


def test_the_model_itself_knows_who_hides():
    both = (Guard(0, 0, True, True, False), Guard(0, 1, True, False, False))
    shown = frozenset({(0, 0, "email"), (1, 0, "email")})
    nothing: frozenset = frozenset()
    school = Generated(both, frozenset({(0, 0)}), nothing, shown, nothing, nothing, nothing, nothing, nothing)
    assert school.list_for(0, 0) == {0: {0: {"email"}, 1: {"email"}}}
    assert school.list_for(1, 0) == {0: {1: {"email"}}}
    assert school.list_for(2, 0) == {}


@pytest.mark.parametrize("engine", ["sqlite"])
def test_what_is_hidden_leaves_no_trace_in_order_or_number(tested_app, engine):
    """Who hides is left out before anything is counted or ordered."""
    both = (Guard(0, 0, True, False, False), Guard(0, 1, True, True, False), Guard(1, 2, True, False, False))
    nothing: frozenset = frozenset()
    members, some = frozenset({(0, 0), (1, 0)}), frozenset({(0, 0, "email"), (2, 0, "email")})
    lists = []
    for shown in (some, some | {(1, 0, field) for field in FIELDS}):
        school = Generated(
            both, members, nothing, shown, frozenset(ADULTS), nothing, nothing, nothing, nothing
        )
        tested_app.to_empty()
        with tested_app.app.app_context():
            write(school)
        with tested_app.app.test_request_context():
            lists.append(class_list(viewer(school, 0), 1))
    assert lists[0] == lists[1]
