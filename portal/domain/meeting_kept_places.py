"""The places that teachers keep for families, when a round changes. Pure."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import timedelta

from portal.domain.meeting_changes import Ground, Talk
from portal.domain.slot_times import Span
from portal.models.meetings import Slot


def kept_places(
    slots: Iterable[tuple[int, Slot]],
    grounds: Mapping[int, Ground],
    tables: Mapping[int, int],
    changed: Mapping[int, int],
) -> list[Talk]:
    """Return the kept places that may not stay as they are as talks too, with numbers below nothing.

    `slots`: each with the place of its table. Those whose talk goes to another table are at no table.
    `changed`: how many minutes a talk takes that gets another length.
    """
    runs: dict[tuple[int, int], Span] = {}
    for place, slot in slots:
        if not slot.reserved_for or slot.booking_id:
            continue
        key = (place if tables.get(slot.reserved_for) == place else -1, slot.reserved_for)
        if key[0] >= 0 and grounds[place].same and slot.reserved_for not in changed:
            continue
        first = runs[key].starts_at if key in runs else slot.starts_at
        runs[key] = Span(first, slot.ends_at)
    return [
        Talk(
            -number,
            place,
            span,
            changed.get(number) or (span.ends_at - span.starts_at) // timedelta(minutes=1),
        )
        for (place, number), span in runs.items()
    ]


def give_kept(slots: Sequence[Slot], taken: Iterable[tuple[Span, int]]) -> None:
    """Keep for each family whose kept place changed the places that it has from now on, and no others."""
    kept = {-number: span for span, number in taken if number < 0}
    for slot in slots:
        if slot.reserved_for in kept:
            slot.reserved_for = None
    for slot in slots:
        span = Span(slot.starts_at, slot.ends_at)
        for number, wanted in kept.items():
            if wanted.overlaps(span):
                slot.reserved_for, slot.held_for, slot.held_until = number, None, None
