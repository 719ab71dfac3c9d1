"""The children who are talked about in the talk of a brother or sister."""

from collections.abc import Iterable, Sequence

from sqlalchemy import ColumnElement, select

from portal import names
from portal.extensions import db
from portal.formatting import spoken_list
from portal.models.meetings import Invitee
from portal.models.roster import Pupil


def joined_to(talk_ids: Iterable[int], *known: ColumnElement[bool]) -> dict[int, list[Pupil]]:
    """Return the children who are talked about too, by the number of the talk; in one query.

    `known`: which talks of those children the reader has.
    """
    found: dict[int, list[Pupil]] = {}
    for twin, pupil in db.session.execute(
        select(Invitee, Pupil)
        .join(Pupil, Pupil.id == Invitee.pupil_id)
        .where(Invitee.joined_to.in_(list(talk_ids)), Invitee.ended_at.is_(None), *known)
        .order_by(Pupil.sort_key, Pupil.id)
    ):
        found.setdefault(twin.joined_to or 0, []).append(pupil)
    return found


def called(pupils: Iterable[Pupil]) -> str:
    """Return 'Sem en Fien'."""
    return spoken_list(pupil.given_name or pupil.surname for pupil in pupils)


def named(pupils: Sequence[Pupil]) -> str:
    """Return 'Sem en Fien Peters', or each name in full when the surnames differ."""
    last = pupils[-1]
    if all(
        pupil.given_name and (pupil.prefix, pupil.surname) == (last.prefix, last.surname) for pupil in pupils
    ):
        return names.full(called(pupils), last.prefix, last.surname)
    return spoken_list(names.full(pupil.given_name, pupil.prefix, pupil.surname) for pupil in pupils)
