"""Rounds for the tests: a short way to write one, and generated ones."""

from hypothesis import strategies as st

from portal.domain.planner import Availability, Block, Family, Place, Round, Rules, Talk

EVENING = 18 * 60


def places(
    teacher: int, count: int, day: int = 0, first: int = EVENING, length: int = 10, **more
) -> list[Place]:
    """Return so many places in a row; their keys say whose they are, on which day, in which order."""
    return [
        Place((teacher * 10 + day) * 100 + index, teacher, day, first + index * length, length, **more)
        for index in range(count)
    ]


def family(key: int, *blocks: Block, guardians: tuple[int, ...] = (), **more) -> Family:
    return Family(key, guardians or (key,), blocks, **more)


def talk(key: int, family_key: int, *teachers: int, length: int = 10, **more) -> Talk:
    return Talk(key, family_key, teachers, length, **more)


def made(rows: list[list[Place]], families: list[Family], talks: list[Talk], **rules) -> Round:
    """Return a round of these; without a word about rules there is no walking gap."""
    return Round(
        tuple(place for row in rows for place in row),
        tuple(families),
        tuple(talks),
        Rules(**{"gap": 0, "gap_between_buildings": 0, **rules}),
    )


@st.composite
def rounds(draw, teachers=3, days=2, most_places=5, families=5, talks=7) -> Round:
    """Draw a small round with everything in it: blocks, buildings, shared guardians, long and fixed talks."""
    length = draw(st.sampled_from([10, 15]))
    rows = []
    for teacher in range(draw(st.integers(1, teachers))):
        building = draw(st.integers(0, 1))
        for day in range(draw(st.integers(1, days))):
            count = draw(st.integers(0, most_places))
            row = places(teacher, count, day, length=length, building=building)
            rows.append([draw(st.sampled_from([place] * 5 + [blocked(place)])) for place in row])
    people = [
        draw(families_of(key, days, most_places * length)) for key in range(draw(st.integers(1, families)))
    ]
    count = draw(st.integers(0, talks))
    wanted = [draw(talks_of(key, len(people), teachers, length)) for key in range(count)]
    round_ = made(rows, people, [], **draw(rules_of()))
    return Round(round_.places, round_.families, tuple(draw(some_fixed(rows, wanted))), round_.rules)


def blocked(place: Place) -> Place:
    return Place(place.key, place.teacher, place.day, place.start, place.length, place.building, free=False)


@st.composite
def families_of(draw, key: int, days: int, minutes: int) -> Family:
    blocks = []
    for day in range(days):
        for start in range(EVENING, EVENING + minutes, 30):
            said = draw(st.sampled_from([None, *Availability]))
            if said is not None:
                blocks.append(Block(day, start, start + 30, said))
    wished = draw(st.sampled_from([None, None, (EVENING, EVENING + 30)]))
    guardians = tuple(draw(st.sets(st.integers(0, 6), min_size=1, max_size=2)))
    return Family(key, guardians, tuple(blocks), wished=wished)


@st.composite
def talks_of(draw, key: int, families: int, teachers: int, length: int) -> Talk:
    who = draw(st.lists(st.integers(0, teachers - 1), min_size=1, max_size=2, unique=True))
    absent = draw(st.sampled_from([(), (), (draw(st.integers(0, teachers - 1)),)]))
    return Talk(
        key,
        draw(st.integers(0, families - 1)),
        tuple(who),
        draw(st.sampled_from([length, length, length, 2 * length])),
        all_teachers=draw(st.booleans()),
        absent=tuple(teacher for teacher in absent if teacher not in who),
    )


@st.composite
def some_fixed(draw, rows: list[list[Place]], talks: list[Talk]) -> list[Talk]:
    """Fix now and then a short talk somewhere, whatever it breaks."""
    free = [place for row in rows for place in row]
    fixed = []
    for one in talks:
        mine = [place for place in free if place.teacher == one.teachers[0]]
        if mine and len(one.teachers) == 1 and one.length == mine[0].length and draw(st.integers(0, 5)) == 0:
            place = draw(st.sampled_from(mine))
            free.remove(place)
            one = Talk(one.key, one.family, one.teachers, one.length, fixed=(place.key,), absent=one.absent)
        fixed.append(one)
    return fixed


def rules_of():
    return st.fixed_dictionaries(
        {
            "gap": st.sampled_from([0, 5, 10]),
            "gap_between_buildings": st.sampled_from([10, 20]),
            "most_per_evening": st.sampled_from([None, None, 1, 2]),
            "break_after": st.sampled_from([None, 1, 2]),
        }
    )
