"""Generated rounds for the planner: schools of several sizes with families as they come."""

from random import Random

from portal.domain.planner.round import Availability, Block, Family, Place, Round, Rules, Talk

CHILDREN = ((1, 45), (2, 40), (3, 12), (4, 3))
"""Of a hundred families at school, how many have so many children there."""

APART = 0.08
"""Children whose parents come apart, each with a talk of its own."""

HOUR = 60


def primary(pupils: int, evenings: int, places: int, seed: int = 1) -> Round:
    """Make a primary school: a teacher for each group, talks of ten minutes."""
    random = Random(seed)
    groups = max(2, round(pupils / 25))
    rows = _places(
        groups, evenings, places, second_building_from=groups - groups // 4 if groups > 8 else groups
    )
    families: list[Family] = []
    talks: list[Talk] = []
    order = [number % groups for number in range(pupils)]
    random.shuffle(order)
    seats = iter(order)
    left = pupils
    while left:
        count = min(left, random.choices([n for n, _ in CHILDREN], [share for _, share in CHILDREN])[0])
        left -= count
        groups_of = [next(seats) for _ in range(count)]
        _family(random, families, talks, groups_of, evenings, places)
    rules = Rules(gap=5, gap_between_buildings=10, break_after=8)
    return Round(tuple(rows), tuple(families), tuple(talks), rules)


def secondary(seed: int = 1) -> Round:
    """Make a secondary school: 16 teachers, 240 talks, 150 families with several talks each."""
    random = Random(seed)
    evenings, places, teachers = 2, 10, 16
    rows = _places(teachers, evenings, places, second_building_from=12)
    families = [
        Family(key, (key,), _blocks(random, evenings, places), wished=_wished(random)) for key in range(150)
    ]
    wanted = list(range(150)) + [random.randrange(150) for _ in range(90)]
    load = [0] * teachers
    talks: list[Talk] = []
    having: dict[int, set[int]] = {key: set() for key in range(150)}
    for key, family in enumerate(wanted):
        free = [t for t in range(teachers) if t not in having[family] and load[t] < 15]
        teacher = min(free or range(teachers), key=lambda t: (load[t], random.random()))
        load[teacher] += 1
        having[family].add(teacher)
        talks.append(Talk(key, family, (teacher,), 10, pupil=family))
    return Round(tuple(rows), tuple(families), tuple(talks), Rules(gap=5, break_after=6))


def _places(teachers: int, evenings: int, places: int, second_building_from: int) -> list[Place]:
    return [
        Place(
            key=(teacher * evenings + day) * places + index,
            teacher=teacher,
            day=day,
            start=18 * HOUR + 30 + 10 * index,
            length=10,
            building=int(teacher >= second_building_from),
        )
        for teacher in range(teachers)
        for day in range(evenings)
        for index in range(places)
    ]


def _family(
    random: Random,
    families: list[Family],
    talks: list[Talk],
    groups: list[int],
    evenings: int,
    places: int,
) -> None:
    apart = random.random() < APART
    for _ in range(1 + apart):
        key = len(families)
        families.append(Family(key, (key,), _blocks(random, evenings, places), wished=_wished(random)))
        for pupil, group in enumerate(groups):
            length = 20 if random.random() < 0.02 else 10
            talks.append(Talk(len(talks), key, (group,), length, pupil=key * 10 + pupil))


def _blocks(random: Random, evenings: int, places: int) -> tuple[Block, ...]:
    """Say of each half hour whether it suits; a fifth of the families say nothing."""
    if random.random() < 0.2:
        return ()
    blocks = []
    for day in range(evenings):
        away = random.random() < 0.12
        for start in range(0, places * 10, 30):
            kinds = (Availability.CANNOT, Availability.CAN, Availability.PREFERS)
            said = Availability.CANNOT if away else random.choices(kinds, (20, 50, 30))[0]
            first = 18 * HOUR + 30 + start
            blocks.append(Block(day, first, first + 30, said))
    if all(block.availability == Availability.CANNOT for block in blocks):
        return ()
    return tuple(blocks)


def _wished(random: Random) -> tuple[int, int] | None:
    first = 18 * HOUR + 30
    return random.choice((None, None, None, (first, first + 90), (first + 90, first + 240)))


def overfull() -> Round:
    """Make a teacher with 47 pupils and 40 places, beside one with room."""
    families = tuple(Family(key, (key,)) for key in range(60))
    talks = tuple(Talk(key, key, (int(key >= 47),), 10) for key in range(60))
    return Round(tuple(_places(2, 2, 20, second_building_from=2)), families, talks)


ROUNDS = {
    "12 pupils, 2 × 18": lambda: primary(12, 2, 18),
    "24 pupils, 2 × 18": lambda: primary(24, 2, 18),
    "60 pupils, 2 × 18": lambda: primary(60, 2, 18),
    "60 pupils, 3 × 15": lambda: primary(60, 3, 15),
    "224 pupils, 2 × 18": lambda: primary(224, 2, 18),
    "224 pupils, 3 × 15": lambda: primary(224, 3, 15),
    "450 pupils, 2 × 18": lambda: primary(450, 2, 18),
    "450 pupils, 3 × 15": lambda: primary(450, 3, 15),
    "secondary, 2 × 10": secondary,
}
