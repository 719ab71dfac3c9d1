"""Reply slips as tests need them: with a letter that was sent, and what guardians answer."""

from collections.abc import Sequence
from datetime import date

from portal.access import Viewer
from portal.domain import slip_writing
from portal.domain.letter_audience import GROUP, Part
from portal.domain.slips import (
    CHOICE,
    CONSENT,
    NUMBER,
    TEXT,
    YES_NO,
    Option,
    Question,
    Slip,
    fingerprint,
    slip_of,
)
from portal.extensions import db, start_writing
from portal.models.letters import Letter
from portal.models.slips import SlipAnswer, SlipOption, SlipValue
from tests.letters.sending import send

THURSDAY = date(2026, 11, 26)
YES_OR_NO = (Option("Ja", "yes"), Option("Nee", "no"))
MAY_COME = Question(YES_NO, "Mag uw kind mee naar het museum?", options=YES_OR_NO)
DRIVES = Question(YES_NO, "Kunt u rijden?", options=(Option("Ja, ik rijd", "yes", 12), Option("Nee", "no")))
MUSEUM = (MAY_COME, DRIVES)
EVERY_KIND = (
    MAY_COME,
    Question(CHOICE, "Welke workshop?", options=(Option("Klei", places=1), Option("Verf"), Option("Hout"))),
    Question(NUMBER, "Hoeveel boterhammen?", required=False),
    Question(TEXT, "Wat moeten wij weten?", required=False),
    Question("date", "Wanneer kunt u?", required=False),
    Question(CONSENT, "Geeft u toestemming voor foto's?", options=(Option("Ja", "yes"), Option("Nee", "no"))),
)


def send_with_slip(
    app,
    school,
    questions: Sequence[Question] = MUSEUM,
    per: str = "child",
    by: str = "one",
    deadline: date = THURSDAY,
    parts=None,
    author=None,
    role="teacher",
) -> int:
    """Send a letter with a reply slip: Tess's to groep 3/4, unless said otherwise."""
    number = send(app, author or school.tess, parts or [Part(GROUP, school.group_34)], role)
    put_slip(app, school, number, Slip(per, by, deadline, tuple(questions)))
    return number


def put_slip(app, school, number: int, slip: Slip) -> None:
    with app.app_context():
        start_writing()
        letter = db.session.get_one(Letter, number)
        actor = Viewer(school.tess.id, role="teacher")
        # As if it was there before the letter went, and the group had more families then.
        went = letter.send_at, letter.sent_at
        letter.send_at = letter.sent_at = None
        slip_writing.save_slip(letter, slip, fingerprint(slip_of(number)), actor)
        letter.send_at, letter.sent_at = went
        db.session.commit()


class Asked:
    """The questions of a kept slip by their words, to fill in its form."""

    def __init__(self, app, letter: int) -> None:
        self.letter = letter
        with app.app_context():
            self.questions = slip_of(letter).questions

    def form(self, about, *answers: str, **more: str) -> dict[str, str]:
        """Return the fields for a child (or None for the family), answered in the order of the questions."""
        key = f"p{about.id}" if about else "all"
        return {
            f"{key}-{question.id}": self.value(question, answer)
            for question, answer in zip(self.questions, answers, strict=False)
            if answer
        } | more

    def value(self, question: Question, answer: str) -> str:
        return next((str(one.id) for one in question.options if one.words == answer), answer)


def taken(rows) -> dict[str, int]:
    """Return how many places of each option with a limit are taken."""
    return {one.words: one.taken for one in rows(SlipOption) if one.places is not None}


def answered(rows) -> dict[tuple[int, int | None], list]:
    """Return what stands of each guardian about each child, in the order of the questions."""
    words = {one.id: one.words for one in rows(SlipOption)}
    found = {}
    for answer in rows(SlipAnswer):
        values = sorted(
            (one for one in rows(SlipValue) if one.answer_id == answer.id), key=lambda one: one.question_id
        )
        found[answer.user_id, answer.pupil_id] = [
            words.get(one.option_id, one.text) if one.option_id or one.text else one.number or one.day
            for one in values
        ]
    return found
