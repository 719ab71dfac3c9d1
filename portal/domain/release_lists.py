"""Questions, answers and released documents as their readers see them: a fixed number of queries."""

from collections import defaultdict
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, func, select
from sqlalchemy.orm import aliased

from portal import access
from portal.access import Viewer
from portal.domain.school_days import current_year, school_years
from portal.extensions import db
from portal.models.accounts import User
from portal.models.arrangements import InformationRequest, Release
from portal.models.letters import Letter
from portal.models.roster import Group, Guardianship, Membership, Pupil
from portal.names import full, of_adult, of_institution
from portal.paging import page_of

PER_PAGE = 50


@dataclass(frozen=True, slots=True)
class ReleasedDocument:
    """A document as it stands in a list, without its contents. `letter_is_gone`: school took it back."""

    id: int
    pupil_id: int
    request_id: int | None
    title: str
    file_name: str
    released_at: datetime
    withdrawn_at: datetime | None
    is_letter: bool
    letter_is_gone: bool
    to: str


@dataclass(frozen=True, slots=True)
class Question:
    """A question about a child, and what school said to it. `state`: open, answered or refused."""

    id: int
    pupil_id: int
    pupil: str
    group: str
    asked_by: str
    user_id: int
    asked_at: datetime
    question: str
    answered_at: datetime | None
    refused: bool
    answer: str
    answered_by: str

    @property
    def state(self) -> str:
        """How far it is."""
        if self.answered_at is None:
            return "open"
        return "refused" if self.refused else "answered"


@dataclass(frozen=True, slots=True)
class Information:
    """What a guardian asked about one child and got: open questions first, then the newest."""

    questions: list[Question]
    documents: list[ReleasedDocument]

    @property
    def open(self) -> int:
        """How many questions wait for an answer."""
        return sum(question.state == "open" for question in self.questions)


def information_of(viewer: Viewer) -> dict[int, Information]:
    """Return what the reader asked and got, by the number of the child, in two queries."""
    found: dict[int, Information] = defaultdict(lambda: Information([], []))
    for question in _questions(access.own_information_requests(viewer)):
        found[question.pupil_id].questions.append(question)
    for document in _documents(access.releases_visible_to(viewer), title=_TITLE_NOW):
        found[document.pupil_id].documents.append(document)
    return found


@dataclass(frozen=True, slots=True)
class LetterChoice:
    """A letter that can be released."""

    id: int
    title: str
    sent_at: datetime


def letters_about(viewer: Viewer, pupil: Pupil, today: date) -> list[LetterChoice]:
    """Return the letters of this school year that the office can release about a pupil, the newest first."""
    year = current_year(school_years(), today)
    if year is None:
        return []
    rows = db.session.execute(
        select(Letter.id, Letter.title, Letter.sent_at)
        .where(access.letters_released_by(viewer, pupil.id), Letter.school_year_id == year.id)
        .order_by(Letter.sent_at.desc(), Letter.id.desc())
    )
    return [LetterChoice(number, title, sent_at) for number, title, sent_at in rows if sent_at]


def letter_in(released: Release) -> Letter | None:
    """Return the letter that a reader of a release got with it, if it is one."""
    return db.session.get(Letter, released.letter_id) if released.letter_id else None


def documents_about(viewer: Viewer, pupil: Pupil) -> list[ReleasedDocument]:
    """Return what was released about a pupil, also what was taken back, for the office."""
    return _documents(access.releases_kept_by(viewer), Release.pupil_id == pupil.id)


def documents_for(viewer: Viewer, request_id: int) -> list[ReleasedDocument]:
    """Return the documents that answer a question, for the office."""
    return _documents(access.releases_kept_by(viewer), Release.request_id == request_id)


_TITLE_NOW = func.coalesce(Letter.title, Release.title)
"""A letter is called what it is called now."""


def _documents(*conditions: ColumnElement[bool], title: Any = Release.title) -> list[ReleasedDocument]:
    query: Select[*tuple[Any, ...]] = (
        select(
            Release.id,
            Release.pupil_id,
            Release.request_id,
            title,
            Release.file_name,
            Release.released_at,
            Release.withdrawn_at,
            Release.letter_id.is_not(None),
            Letter.withdrawn_at.is_not(None),
            User.given_name,
            User.prefix,
            User.surname,
            User.organisation,
        )
        .join(User, User.id == Release.user_id)
        .outerjoin(Letter, Letter.id == Release.letter_id)
        .where(*conditions)
        .order_by(Release.released_at.desc(), Release.id.desc())
    )
    return [_document(*row) for row in db.session.execute(query)]


def _document(*row: Any) -> ReleasedDocument:
    return ReleasedDocument(*(*row[:9], of_institution(full(*row[9:12]), row[12])))


def _question_query(*conditions: ColumnElement[bool]) -> Select[*tuple[Any, ...]]:
    by = aliased(User)
    return (
        select(
            InformationRequest,
            Pupil.given_name, Pupil.prefix, Pupil.surname,
            Group.name,
            User.given_name, User.prefix, User.surname, User.organisation, User.email,
            by.given_name, by.prefix, by.surname,
        )
        .join(Pupil, Pupil.id == InformationRequest.pupil_id)
        .outerjoin(
            Membership,
            (Membership.pupil_id == Pupil.id) & Membership.home & Membership.ended_on.is_(None),
        )
        .outerjoin(Group, Group.id == Membership.group_id)
        .join(User, User.id == InformationRequest.asked_by)
        .outerjoin(by, by.id == InformationRequest.answered_by)
        .where(*conditions)
        .order_by(
            InformationRequest.answered_at.is_not(None),
            InformationRequest.answered_at.desc(),
            InformationRequest.asked_at,
            InformationRequest.id,
        )
    )  # fmt: skip


def _questions(*conditions: ColumnElement[bool]) -> list[Question]:
    return _rows(_question_query(*conditions))


def _rows(query: Select[*tuple[Any, ...]]) -> list[Question]:
    return [_question(*row) for row in db.session.execute(query)]


def _question(one: InformationRequest, *others: Any) -> Question:
    by_name = (part or "" for part in others[9:12])
    return Question(
        one.id,
        one.pupil_id,
        full(*others[0:3]),
        others[3] or "",
        of_adult(*others[4:9]),
        one.asked_by,
        one.asked_at,
        one.question,
        one.answered_at,
        one.refused,
        one.answer,
        full(*by_name),
    )


@dataclass(frozen=True, slots=True)
class QuestionPage:
    """A page of the questions that the office answers: the open ones first, the oldest of them on top."""

    questions: list[Question]
    open: int
    page: int
    pages: int


def question_page(viewer: Viewer, page: int) -> QuestionPage:
    """Return a page of all questions, for the office."""
    scope = access.information_requests_answered_by(viewer)
    total = db.session.scalar(select(func.count()).select_from(InformationRequest).where(scope)) or 0
    page, pages = page_of(page, total, PER_PAGE)
    query = _question_query(scope).limit(PER_PAGE).offset((page - 1) * PER_PAGE)
    return QuestionPage(_rows(query), count_open(viewer), page, pages)


def question_of(viewer: Viewer, request_id: int) -> Question:
    """Return one question that the office answers."""
    scope = access.information_requests_answered_by(viewer)
    return _questions(scope, InformationRequest.id == request_id)[0]


def count_open(viewer: Viewer) -> int:
    """Return how many questions wait for an answer of the office."""
    waiting = select(func.count()).select_from(InformationRequest)
    scope = access.information_requests_answered_by(viewer)
    return db.session.scalar(waiting.where(InformationRequest.answered_at.is_(None), scope)) or 0


def informed_guardians(viewer: Viewer, pupil: Pupil) -> list[User]:
    """Return the guardians of a pupil to whom the office can release something: without authority (R21)."""
    return list(
        db.session.scalars(
            select(User)
            .join(Guardianship, Guardianship.user_id == User.id)
            .where(
                access.current_guardianships(viewer),
                Guardianship.pupil_id == pupil.id,
                Guardianship.has_authority.is_(False),
            )
            .order_by(Guardianship.seat)
        )
    )
