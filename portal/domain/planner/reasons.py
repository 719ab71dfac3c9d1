"""Why a talk is left over, as data."""

from portal.domain.planner.plan import LeftOver, Why
from portal.domain.planner.round import Availability, Family, Place, Round, Talk
from portal.domain.planner.seating import Seat, Seats, availability, end_of

HINDRANCES = (Why.NO_PLACE, Why.NOT_AVAILABLE, Why.TEACHER_FULL, Why.OTHER_TALK, Why.EVENING_FULL)
"""In the order in which they are looked at."""


def reasons(round_: Round, seats: dict[int, tuple[int, ...]]) -> tuple[LeftOver, ...]:
    """Return the reason of each talk without a seat."""
    left = _Left(round_, seats)
    return tuple(left.reason(talk) for talk in round_.talks if talk.key not in seats)


class _Left:
    def __init__(self, round_: Round, seats: dict[int, tuple[int, ...]]) -> None:
        self.round = round_
        self.lookup = Seats(round_)
        self.families = {family.key: family for family in round_.families}
        self.taken = {key for seat in seats.values() for key in seat}
        self.sat = [(talk, self.lookup.at(seats[talk.key])) for talk in round_.talks if talk.key in seats]

    def reason(self, talk: Talk) -> LeftOver:
        """Sift the seats of the talk through one hindrance after another."""
        family = self.families[talk.family]
        same = self._same_people(family)
        seats = self.lookup.of(talk)
        possible = [seat for seat in seats if not self._away(family, seat)]
        free = [seat for seat in possible if self.taken.isdisjoint(place.key for place in seat)]
        close = [self._too_close(seat, same) for seat in free]
        apart = [seat for seat, others in zip(free, close, strict=True) if not others]
        left = [seat for seat in apart if not self._evening_full(talk, seat[0])]
        counts = [len(sifted) for sifted in (seats, possible, free, apart, left)]
        return LeftOver(
            talk.key,
            next((why for why, count in zip(HINDRANCES, counts, strict=True) if not count), Why.TIME),
            places=counts[0],
            not_available=counts[0] - counts[1],
            taken=counts[1] - counts[2],
            too_close=counts[2] - counts[3],
            evening_full=counts[3] - counts[4],
            others=tuple(sorted({key for others in close for key in others})),
        )

    def _same_people(self, family: Family) -> list[tuple[Talk, Seat]]:
        """Return the talks that share a guardian with the family, and where they sit."""
        mine = {*family.guardians}
        return [
            (talk, seat)
            for talk, seat in self.sat
            if talk.family == family.key or mine & {*self.families[talk.family].guardians}
        ]

    def _away(self, family: Family, seat: Seat) -> bool:
        said = availability(family, seat[0].day, seat[0].start, end_of(seat))
        return said == Availability.CANNOT

    def _too_close(self, seat: Seat, same: list[tuple[Talk, Seat]]) -> list[int]:
        close = []
        here = seat[0]
        for other, there in same:
            gap = self.round.rules.gap_between(here, there[0])
            after = end_of(there) + gap <= here.start
            before = end_of(seat) + gap <= there[0].start
            if there[0].day == here.day and not after and not before:
                close.append(other.key)
        return close

    def _evening_full(self, talk: Talk, here: Place) -> bool:
        most = self.round.rules.most_per_evening
        there = sum(other.family == talk.family and seat[0].day == here.day for other, seat in self.sat)
        return most is not None and there >= most
