"""Information for a guardian without authority: asked for, answered or refused, given one by one (R21)."""

import re
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from portal.access import Viewer
from portal.domain import audit, outbox
from portal.domain.arrangement_history import note
from portal.domain.arrangements import overtaken
from portal.domain.sent_twice import SENT_TWICE
from portal.errors import Refused
from portal.extensions import db
from portal.models.accounts import User
from portal.models.arrangements import InformationRequest, Release
from portal.models.letters import Letter
from portal.models.roster import Pupil
from portal.names import clean
from portal.words import gettext as _

PLACES = (1, 2, 3)
"""How many questions of one guardian about one child can wait for an answer."""

MAX_QUESTION = 1000
MAX_TEXT = 10_000
MAX_TITLE = 120
MAX_FILE = 10 * 1024 * 1024
MAIL_ANSWERED = "information_answered"
MAIL_RELEASED = "document_released"
_UNSAFE = re.compile(r"[^\w .()-]|_")


@dataclass(frozen=True, slots=True)
class Document:
    """What school gives: a title with a text, a PDF, or both."""

    title: str
    text: str = ""
    file: bytes | None = None
    file_name: str = ""


def checked_pdf(content: bytes) -> bytes:
    """Return the content of an uploaded file; what it is, its first bytes say. Raises Refused."""
    if len(content) > MAX_FILE:
        raise Refused(_("This file is larger than 10 MB. Choose a smaller one."), "file")
    if not content.startswith(b"%PDF-"):
        raise Refused(_("This is no PDF. Save the document as PDF first."), "file")
    return content


def safe_name(name: str) -> str:
    """Return a name that no program takes for a path or another kind of file: 'Rapport groep 6.pdf'."""
    stem = re.sub(r"\.pdf$", "", clean(name).replace("\\", "/").rsplit("/", 1)[-1], flags=re.IGNORECASE)
    words = " ".join(_UNSAFE.sub(" ", stem).split())
    return f"{words.strip(' .')[:80].strip(' .') or 'document'}.pdf"


def _take_turn(pupil: Pupil) -> None:
    """Be the only one until the commit who asks or gives something about a pupil."""
    db.session.execute(select(Pupil.id).where(Pupil.id == pupil.id).with_for_update(key_share=True)).all()


def ask(pupil: Pupil, question: str, actor: Viewer, now: datetime) -> InformationRequest:
    """Ask school about the child, once when it was sent twice. Raises Refused with three questions open."""
    _take_turn(pupil)
    if twin := _asked_just_now(pupil, question, actor, now):
        return twin
    taken = set(
        db.session.scalars(
            select(InformationRequest.place).where(
                InformationRequest.pupil_id == pupil.id,
                InformationRequest.asked_by == actor.id,
                InformationRequest.answered_at.is_(None),
            )
        )
    )
    free = [place for place in PLACES if place not in taken]
    if not free:
        raise Refused(
            _("Three of your questions wait for an answer. Wait for one of them, or call the school."),
            "question",
        )
    request = InformationRequest(
        pupil_id=pupil.id, asked_by=actor.id, asked_at=now, place=free[0], question=question
    )
    db.session.add(request)
    try:
        db.session.flush()
    except IntegrityError:
        raise Refused(_("Your question has just been sent."), "question") from None
    audit.record(actor, "ask_information", "information_request", request.id)
    return request


def _asked_just_now(pupil: Pupil, question: str, actor: Viewer, now: datetime) -> InformationRequest | None:
    return db.session.scalars(
        select(InformationRequest).where(
            InformationRequest.pupil_id == pupil.id,
            InformationRequest.asked_by == actor.id,
            InformationRequest.asked_at > now - SENT_TWICE,
            InformationRequest.question == question,
        )
    ).first()


def answer(
    request: InformationRequest, words: str, document: Document | None, actor: Viewer, now: datetime
) -> None:
    """Answer a question, with words, a document or both. Raises Refused when a colleague was first."""
    if not words and document is None:
        raise Refused(_("Write an answer, or add a document."), "answer")
    _close(request, words, False, actor, now)
    if document:
        _release(request.pupil_id, request.asked_by, document, actor, now, request)
    note(request.pupil_id, request.asked_by, "answered", "", actor, now)


def refuse(request: InformationRequest, reason: str, actor: Viewer, now: datetime) -> None:
    """Refuse a question; the guardian reads why (R21). Raises Refused when a colleague was first."""
    if not reason:
        raise Refused(_("Say why: a refusal has to be motivated."), "answer")
    _close(request, reason, True, actor, now)
    note(request.pupil_id, request.asked_by, "refused", reason, actor, now)


def _close(request: InformationRequest, words: str, refused: bool, actor: Viewer, now: datetime) -> None:
    closed = db.session.execute(
        update(InformationRequest)
        .where(InformationRequest.id == request.id, InformationRequest.answered_at.is_(None))
        .values(answered_at=now, answered_by=actor.id, refused=refused, answer=words)
        .execution_options(synchronize_session=False)
    )
    if closed.rowcount != 1:  # type: ignore[attr-defined]
        raise overtaken()
    _tell(MAIL_ANSWERED, request.asked_by, request.id, now)


def release(pupil: Pupil, person: User, document: Document, actor: Viewer, now: datetime) -> Release:
    """Give one guardian a document about the child, also without being asked; once when it was sent twice."""
    _take_turn(pupil)
    if twin := _sent_just_now(pupil, person, document, actor, now):
        return twin
    released = _release(pupil.id, person.id, document, actor, now)
    _tell(MAIL_RELEASED, person.id, released.id, now)
    return released


def release_letter(pupil: Pupil, person: User, letter: Letter, actor: Viewer, now: datetime) -> Release:
    """Give one guardian a letter that was sent about the child, as it is; doing it twice is doing it once."""
    _take_turn(pupil)
    has = db.session.scalars(
        select(Release).where(
            Release.pupil_id == pupil.id,
            Release.user_id == person.id,
            Release.letter_id == letter.id,
            Release.withdrawn_at.is_(None),
        )
    ).one_or_none()
    if has:
        return has
    released = Release(
        pupil_id=pupil.id,
        user_id=person.id,
        letter_id=letter.id,
        title=letter.title,
        released_by=actor.id,
        released_at=now,
    )
    db.session.add(released)
    db.session.flush()
    note(pupil.id, person.id, "released", letter.title, actor, now)
    _tell(MAIL_RELEASED, person.id, released.id, now)
    return released


def _sent_just_now(
    pupil: Pupil, person: User, document: Document, actor: Viewer, now: datetime
) -> Release | None:
    return db.session.scalars(
        select(Release).where(
            Release.pupil_id == pupil.id,
            Release.user_id == person.id,
            Release.released_by == actor.id,
            Release.released_at > now - SENT_TWICE,
            Release.withdrawn_at.is_(None),
            Release.request_id.is_(None),
            Release.title == document.title,
            Release.text == document.text,
            Release.file.is_(None) if document.file is None else Release.file == document.file,
        )
    ).first()


def _release(
    pupil_id: int,
    user_id: int,
    document: Document,
    actor: Viewer,
    now: datetime,
    request: InformationRequest | None = None,
) -> Release:
    if not document.text and document.file is None:
        raise Refused(_("Write a text, or add a PDF."), "text")
    released = Release(
        pupil_id=pupil_id,
        user_id=user_id,
        request_id=request.id if request else None,
        title=document.title,
        text=document.text,
        file_name=document.file_name if document.file else "",
        file=document.file,
        released_by=actor.id,
        released_at=now,
    )
    db.session.add(released)
    db.session.flush()
    note(pupil_id, user_id, "released", document.title, actor, now)
    return released


def _tell(kind: str, user_id: int, subject_id: int, now: datetime) -> None:
    """Mail that there is something to read, and nothing of what it is (R44)."""
    user = db.session.get_one(User, user_id)
    if user.activated_at:
        outbox.queue(kind, now, user=user, subject_id=subject_id, dedupe_key=f"{kind}:{subject_id}")


def withdraw(released: Release, reason: str, actor: Viewer, now: datetime) -> None:
    """Take back what was released, from this moment. Raises Refused when a colleague was first."""
    taken = db.session.execute(
        update(Release)
        .where(Release.id == released.id, Release.withdrawn_at.is_(None))
        .values(withdrawn_at=now)
        .execution_options(synchronize_session=False)
    )
    if taken.rowcount != 1:  # type: ignore[attr-defined]
        raise overtaken()
    note(released.pupil_id, released.user_id, "withdrawn", f"{released.title}: {reason}", actor, now)


def take_file(released: Release, actor: Viewer, now: datetime) -> bytes | None:
    """Return the file of what was released, and note who took it."""
    if released.file is not None:
        note(released.pupil_id, released.user_id, "downloaded", released.title, actor, now)
    return released.file
