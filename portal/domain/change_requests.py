"""What a guardian says is not right about a child, and what the office decides about it (R28).

The roster stays leading: an accepted request is written into it by the roster's own verb, and an import that
brings the old value back shows that like any other change.
"""

from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import Row, Select, func, select, update

from portal import access, names
from portal.access import Viewer
from portal.domain import audit, outbox, roster
from portal.domain.holding import hold
from portal.domain.roster import PersonName
from portal.errors import Refused
from portal.extensions import db
from portal.models.accounts import User
from portal.models.pupils import ChangeRequest
from portal.models.roster import Pupil
from portal.words import gettext as _

MAIL = "request_decided"
NAME_PARTS = ("given_name", "prefix", "surname")
BIRTH_DATE, OTHER = "birth_date", "other"
FIELDS = (*NAME_PARTS, BIRTH_DATE, OTHER)
MOST_OPEN = 5
LONGEST = 300
SHOWN_DECIDED = 30


@dataclass(frozen=True, slots=True)
class Request:
    """One request as a page shows it: `current` is what the roster has now; dates are in ISO form."""

    id: int
    pupil_id: int
    pupil_name: str
    field: str
    wanted: str
    current: str
    asked_by: str
    asked_at: datetime
    decided_at: datetime | None
    accepted: bool | None
    reason: str


def own_requests(viewer: Viewer, pupil: Pupil) -> list[Request]:
    """Return what the reader said about a child, the open ones first, the newest first."""
    query = _query().where(access.requests_made_by(viewer), ChangeRequest.pupil_id == pupil.id)
    order = (ChangeRequest.decided_at.is_not(None), ChangeRequest.asked_at.desc(), ChangeRequest.id.desc())
    return [_request(row) for row in db.session.execute(query.order_by(*order))]


def open_requests(viewer: Viewer) -> list[Request]:
    """Return what waits for the office, the oldest first."""
    query = _query().where(access.requests_decided_by(viewer), ChangeRequest.decided_at.is_(None))
    rows = db.session.execute(query.order_by(ChangeRequest.asked_at, ChangeRequest.id))
    return [_request(row) for row in rows]


def decided_requests(viewer: Viewer) -> list[Request]:
    """Return what was decided last."""
    query = _query().where(access.requests_decided_by(viewer), ChangeRequest.decided_at.is_not(None))
    rows = db.session.execute(
        query.order_by(ChangeRequest.decided_at.desc(), ChangeRequest.id.desc()).limit(SHOWN_DECIDED)
    )
    return [_request(row) for row in rows]


def request_as_shown(request: ChangeRequest) -> Request:
    """Return one request that the reader was let to, as a page shows it."""
    return _request(db.session.execute(_query().where(ChangeRequest.id == request.id)).one())


def count_open(viewer: Viewer) -> int:
    """Return how many requests wait for the office."""
    query = select(func.count()).select_from(ChangeRequest).where(ChangeRequest.decided_at.is_(None))
    return db.session.scalar(query.where(access.requests_decided_by(viewer))) or 0


def _query() -> Select[ChangeRequest, Pupil, User]:
    return (
        select(ChangeRequest, Pupil, User)
        .join(Pupil, Pupil.id == ChangeRequest.pupil_id)
        .join(User, User.id == ChangeRequest.asked_by)
    )


def _request(row: Row[ChangeRequest, Pupil, User]) -> Request:
    request, pupil, asker = row
    return Request(
        request.id,
        pupil.id,
        names.full(pupil.given_name, pupil.prefix, pupil.surname),
        request.field,
        request.wanted,
        current_value(pupil, request.field),
        names.full(asker.given_name, asker.prefix, asker.surname) or asker.email or "",
        request.asked_at,
        request.decided_at,
        request.accepted,
        request.reason,
    )


def current_value(pupil: Pupil, field: str) -> str:
    """Return what the roster has in a field, as a request writes it; '' for what is no field of it."""
    if field == BIRTH_DATE:
        return pupil.birth_date.isoformat() if pupil.birth_date else ""
    return str(getattr(pupil, field)) if field in NAME_PARTS else ""


def ask_change(pupil: Pupil, field: str, wanted: str, actor: Viewer, now: datetime) -> ChangeRequest:
    """Say that something of a child is not right; `field` is one of FIELDS, a date is in ISO form.

    Raises Refused when it is what school has already, when the same was asked, and when too much waits.
    """
    if field != OTHER and wanted == current_value(pupil, field):
        raise Refused(_("This is what school has already."), _form_field(field))
    db.session.execute(select(Pupil.id).where(Pupil.id == pupil.id).with_for_update(key_share=True)).all()
    waiting = db.session.execute(
        select(ChangeRequest.field, ChangeRequest.wanted).where(
            ChangeRequest.pupil_id == pupil.id,
            ChangeRequest.asked_by == actor.id,
            ChangeRequest.decided_at.is_(None),
        )
    ).all()
    if (field, wanted) in [tuple(row) for row in waiting]:
        raise Refused(_("You have asked this already. School still has to look at it."), _form_field(field))
    if len(waiting) >= MOST_OPEN:
        raise Refused(
            _("School still has to look at %(number)d requests of yours. Take one back first, or call.",
              number=MOST_OPEN)
        )  # fmt: skip
    request = ChangeRequest(
        pupil_id=pupil.id, asked_by=actor.id, asked_at=now, field=field, wanted=wanted, reason=""
    )
    db.session.add(request)
    db.session.flush()
    audit.record(actor, "ask_change", "change_request", request.id)
    return request


def _form_field(field: str) -> str:
    return BIRTH_DATE if field == BIRTH_DATE else "wanted"


def withdraw_request(request: ChangeRequest, actor: Viewer) -> None:
    """Take a request back as if it had not been made. Raises Refused when school has decided."""
    hold(request)
    if request.decided_at:
        raise Refused(_("School has decided about this already."))
    audit.record(actor, "withdraw_request", "change_request", request.id)
    db.session.delete(request)


def accept_request(request: ChangeRequest, pupil: Pupil, actor: Viewer, now: datetime) -> None:
    """Take over what a guardian says, and tell the guardian by mail that there is an answer.

    Raises Refused when a colleague decided just before, and when the child would be left without a name.
    """
    if request.field != OTHER:
        roster.take_roster()
        hold(pupil)
    _decide(request, True, "", actor, now)
    if request.field != OTHER:
        parts = {part: str(getattr(pupil, part)) for part in NAME_PARTS}
        born = pupil.birth_date
        if request.field == BIRTH_DATE:
            born = date.fromisoformat(request.wanted)
        else:
            parts[request.field] = request.wanted
        name = PersonName(**parts)
        if not name.given_name and not name.surname:
            raise Refused(_("Then the child would have no name. Change it in the list yourself."))
        roster.rewrite_pupil(pupil, name, born, pupil.year_group, actor)
    audit.record(actor, "accept_request", "change_request", request.id)


def refuse_request(request: ChangeRequest, reason: str, actor: Viewer, now: datetime) -> None:
    """Leave the roster as it is, with the reason that the guardian reads (R28).

    Raises Refused when a colleague decided just before.
    """
    _decide(request, False, reason, actor, now)
    audit.record(actor, "refuse_request", "change_request", request.id)


def _decide(request: ChangeRequest, accepted: bool, reason: str, actor: Viewer, now: datetime) -> None:
    """Decide once, whoever else presses at the same moment."""
    decided = db.session.scalar(
        update(ChangeRequest)
        .where(ChangeRequest.id == request.id, ChangeRequest.decided_at.is_(None))
        .values(decided_at=now, decided_by=actor.id, accepted=accepted, reason=reason)
        .returning(ChangeRequest.id)
        .execution_options(synchronize_session=False)
    )
    if decided is None:
        raise Refused(_("A colleague has decided about this already."))
    asker = db.session.get_one(User, request.asked_by)
    outbox.queue(MAIL, now, user=asker, subject_id=request.id, dedupe_key=f"{MAIL} {request.id}")
