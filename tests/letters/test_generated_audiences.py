"""Who a letter is for receives and reads it, and nobody else: in schools that nobody has thought of."""

from dataclasses import dataclass, replace

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from portal import clock
from portal.access import Viewer, letters_received_by
from portal.domain import letters
from portal.domain.letter_audience import GROUP, GUARDIAN, LIST, PUPIL, SCHOOL, YEAR, Part, recipients
from portal.domain.letter_copies import LateComers
from portal.domain.letters import Words
from portal.extensions import db, start_writing
from portal.models.accounts import StaffMember, User
from portal.models.arrangements import Barring
from portal.models.letters import Letter, LetterChild, LetterList, LetterListMember, LetterRecipient
from portal.models.outbox import OutgoingMessage
from portal.models.roster import Group, Guardianship, Membership, Pupil
from portal.models.school import SchoolYear

ADULTS, PUPILS, GROUPS, LISTS = range(5), range(5), range(3), range(2)
AUTHOR = len(ADULTS) + 1
adults, pupils, groups = st.sampled_from(ADULTS), st.sampled_from(PUPILS), st.sampled_from(GROUPS)


@dataclass(frozen=True)
class Guard:
    """An adult beside a child; `late`: only after the letter was sent."""

    pupil: int
    adult: int
    authority: bool
    hides: bool
    revoked: bool
    late: bool


@dataclass(frozen=True)
class Generated:
    """A school, the parts of a letter, and who comes after it was sent."""

    guards: tuple[Guard, ...]
    members: frozenset[tuple[int, int]]
    late_members: frozenset[tuple[int, int]]
    former: frozenset[tuple[int, int]]
    listed: frozenset[tuple[int, int, int | None]]
    archived: frozenset[int]
    barred: frozenset[tuple[int, int]]
    mailless: frozenset[int]
    disabled: frozenset[int]
    parts: tuple[Part, ...]

    # --- the rules, in plain words ------------------------------------------------------------------------

    def takes(self, part: Part, guard: Guard) -> bool:
        """Tell whether a guardian beside a child belongs to a part."""
        number, pupil = part.number - 1, guard.pupil
        if part.kind == SCHOOL:
            return True
        if part.kind == GROUP:
            return (pupil, number) in self.members
        if part.kind == YEAR:
            return part.number == pupil % 3 + 1
        if part.kind == LIST:
            return bool({(number, pupil, None), (number, pupil, guard.adult)} & self.listed)
        return number == pupil and (part.kind == PUPIL or part.guardian - 1 == guard.adult)

    def receives(self, guard: Guard) -> bool:
        """Tell whether letters about the child are for this guardian at all."""
        return (
            guard.authority
            and not guard.revoked
            and guard.pupil not in self.archived
            and (guard.adult, guard.pupil) not in self.barred
        )

    def audience(self) -> set[tuple[int, int]]:
        """Return each guardian and child of the letter."""
        return {
            (guard.adult, guard.pupil)
            for guard in self.guards
            if self.receives(guard)
            and any(self.takes(part, guard) for part in self.parts if not part.excluded)
            and not any(self.takes(part, guard) for part in self.parts if part.excluded)
        }

    def leaves_out_in_vain(self) -> bool:
        """Tell whether a group is excepted in which no child is: then the letter waits for its author."""
        filled = {group for _, group in self.members}
        return any(
            part.excluded and part.kind == GROUP and part.number - 1 not in filled for part in self.parts
        )

    def before(self) -> "Generated":
        """Return the school as it is when the letter is sent."""
        early = tuple(guard for guard in self.guards if not guard.late)
        return replace(self, guards=early, members=self.members - self.late_members)

    def come_later(self, has_it: set[tuple[int, int]]) -> set[tuple[int, int]]:
        """Return for whom a letter is that were not there when it went; who was excepted then stays so."""
        excepted = {part.kind for part in self.parts if part.excluded}
        if LIST in excepted:
            return set()
        told_of = {pupil for _, pupil in has_it}
        moves = bool(excepted & {GROUP, YEAR})
        return {one for one in self.audience() if one[1] in told_of or not moves}


@st.composite
def part(draw) -> Part:
    kind = draw(st.sampled_from((SCHOOL, GROUP, GROUP, YEAR, LIST, LIST, PUPIL, GUARDIAN)))
    number = 0 if kind == SCHOOL else 1 + draw(st.sampled_from(LISTS if kind == LIST else GROUPS))
    guardian = 1 + draw(adults) if kind == GUARDIAN else 0
    return Part(kind, number, guardian, excluded=draw(st.integers(0, 3)) == 0 and kind != SCHOOL)


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
                    late=draw(st.integers(0, 3)) == 0,
                )
            )
    places = st.tuples(pupils, groups)
    members = draw(st.frozensets(places, min_size=2, max_size=8))
    listed = st.tuples(st.sampled_from(LISTS), pupils, st.none() | adults)
    return Generated(
        guards=tuple(guards),
        members=members,
        late_members=frozenset(draw(st.lists(st.sampled_from(sorted(members)), max_size=2))),
        former=draw(st.frozensets(places, max_size=2)) - members,
        listed=draw(st.frozensets(listed, max_size=5)),
        archived=draw(st.frozensets(pupils, max_size=1)),
        barred=draw(st.frozensets(st.tuples(adults, pupils), max_size=2)),
        mailless=draw(st.frozensets(adults, max_size=2)),
        disabled=draw(st.frozensets(adults, max_size=1)),
        parts=tuple(draw(st.lists(part(), min_size=1, max_size=4))),
    )


def write(school: Generated) -> None:
    """Put the school as it is before sending into the empty database; numbers are one more than here."""
    now, day = clock.now(), clock.today()
    start_writing()
    db.session.add(SchoolYear(id=1, name="2026-2027", first_day=day, last_day=day))
    for one in (*ADULTS, AUTHOR - 1):
        db.session.add(
            User(
                id=one + 1,
                given_name=f"A{one}",
                email=None if one in school.mailless else f"a{one}@lindeboog.example",
                created_at=now,
                disabled_at=now if one in school.disabled else None,
            )
        )
    db.session.flush()
    db.session.add(StaffMember(user_id=AUTHOR, role="office"))
    for one in GROUPS:
        db.session.add(Group(id=one + 1, school_year_id=1, name=f"G{one}"))
    for one in PUPILS:
        archived = now if one in school.archived else None
        db.session.add(
            Pupil(
                id=one + 1,
                given_name=f"P{one}",
                sort_key=f"p{one}",
                year_group=one % 3 + 1,
                archived_at=archived,
                created_at=now,
            )
        )
    for one in LISTS:
        db.session.add(LetterList(id=one + 1, name=f"L{one}", made_by=AUTHOR, made_at=now))
    db.session.flush()
    for one, pupil, adult in school.listed:
        user = None if adult is None else adult + 1
        db.session.add(LetterListMember(list_id=one + 1, pupil_id=pupil + 1, user_id=user))
    early = school.before()
    for pupil, group in early.members:
        db.session.add(Membership(pupil_id=pupil + 1, group_id=group + 1, home=False, started_on=day))
    for pupil, group in school.former:
        db.session.add(
            Membership(pupil_id=pupil + 1, group_id=group + 1, home=False, started_on=day, ended_on=day)
        )
    add_guards(school, late=False)
    for adult, pupil in school.barred:
        db.session.add(Barring(user_id=adult + 1, pupil_id=pupil + 1, reason="order", barred_at=now))
    db.session.commit()


def add_guards(school: Generated, late: bool) -> None:
    now = clock.now()
    seats: dict[int, int] = {}
    for one in school.guards:
        seats[one.pupil] = seats.get(one.pupil, 0) + 1
        if one.late == late:
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


def come_late(school: Generated) -> None:
    """Let those come who came after sending."""
    day = clock.today()
    for pupil, group in school.late_members:
        db.session.add(Membership(pupil_id=pupil + 1, group_id=group + 1, home=False, started_on=day))
    add_guards(school, late=True)
    db.session.flush()


def write_letter(parts: tuple[Part, ...]) -> None:
    """Write a letter that goes now, unless it is for nobody or leaves a group out in vain.

    As a letter does whose time comes after its readers have left, or changed groups.
    """
    actor = Viewer(AUTHOR, role="office")
    letter = letters.begin(actor, clock.now())
    letters.save(letter, Words("Museum", "Wij gaan.", "juf"), parts, 0, clock.now())
    letter.send_at = clock.now()
    db.session.flush()


def readers() -> set[int]:
    """Return who finds the letter, asked for each adult by itself."""
    return {
        adult
        for adult in ADULTS
        if db.session.scalar(select(Letter.id).where(letters_received_by(Viewer(adult + 1), clock.today())))
    }


def copies() -> set[tuple[int, int]]:
    return {
        (row[0] - 1, row[1] - 1)
        for row in db.session.execute(select(LetterChild.user_id, LetterChild.pupil_id))
    }


def with_copy() -> set[int]:
    return {number - 1 for number in db.session.scalars(select(LetterRecipient.user_id))}


def told() -> list[int]:
    return sorted(number - 1 for number in db.session.scalars(select(OutgoingMessage.user_id)))


@settings(
    max_examples=60,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(school=schools())
def test_who_a_letter_is_for_receives_it_and_nobody_else_reads_it(tested_app, school):
    tested_app.to_empty()
    with tested_app.app.app_context():
        write(school)
        start_writing()
        write_letter(school.parts)
        counted = {(row[0] - 1, row[1] - 1) for row in db.session.execute(recipients(school.parts))}
        while letters.send_due(clock.now()):
            pass
        db.session.commit()
        before = school.before()
        expected = set() if before.leaves_out_in_vain() else before.audience()
        (letter,) = db.session.scalars(select(Letter))
        assert (letter.sent_at is not None, letter.send_at is not None) == (bool(expected), bool(expected))
        if not expected:
            assert copies() == set() == readers() and told() == []
            return
        people = {adult for adult, _ in expected}
        assert counted == copies() == expected
        assert readers() == with_copy() == people
        assert told() == sorted(people - school.mailless)

        start_writing()
        come_late(school)
        assert LateComers()(clock.now()) is False
        db.session.commit()
        later = expected | school.come_later(expected)
        assert copies() == later
        assert readers() == with_copy() == {adult for adult, _ in later}
        assert told() == sorted({adult for adult, _ in later} - school.mailless)
