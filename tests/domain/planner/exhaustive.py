"""The best plan of a small round, by trying all: the planner's code is used only to count the score."""

from portal.domain.planner import Round, Score, breaches, score
from portal.domain.planner.seating import Seats


def best_score(round_: Round) -> Score:
    """Return the best score of any plan that keeps the rules."""
    lookup = Seats(round_)
    ways = [
        [tuple(place.key for place in seat) for seat in lookup.of(talk)] + ([] if talk.fixed else [None])
        for talk in round_.talks
    ]
    best = [None]

    def look(index: int, seats: dict[int, tuple[int, ...]]) -> None:
        missing = len(round_.talks) - len(seats) - (len(ways) - index)
        if best[0] is not None and missing > best[0].unplaced:
            return
        if index == len(ways):
            found = score(round_, seats)
            if best[0] is None or found < best[0]:
                best[0] = found
            return
        talk = round_.talks[index]
        for seat in ways[index]:
            if seat is None:
                look(index + 1, seats)
                continue
            grown = {**seats, talk.key: seat}
            if not [one for one in breaches(round_, grown) if one.rule != "fixed-stays"]:
                look(index + 1, grown)

    look(0, {})
    assert best[0] is not None
    return best[0]
