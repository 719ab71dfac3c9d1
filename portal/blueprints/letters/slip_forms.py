"""The author's form for a reply slip: questions that come, go and change places, also without script."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta

from portal.blueprints.letters.reply_forms import NoAnswer, day_typed
from portal.domain.slip_writing import MOST_OPTIONS, MOST_PLACES, MOST_QUESTIONS, OPTION_LENGTH, WORDS_LENGTH
from portal.domain.slips import (
    BOTH,
    CHILD,
    CHOICE,
    CHOSEN,
    CONSENT,
    FAMILY,
    KINDS,
    NO,
    ONE,
    YES,
    YES_NO,
    Option,
    Question,
    Slip,
)
from portal.forms import cleaned
from portal.words import gettext

USUAL_TIME = timedelta(days=7)


@dataclass
class OptionRow:
    """An option as it is typed; `places` '' for any number."""

    words: str = ""
    places: str = ""
    means: str = ""


@dataclass
class QuestionRow:
    """A question as it is typed."""

    kind: str
    words: str = ""
    required: bool = True
    options: list[OptionRow] = field(default_factory=list)


class SlipForm:
    """A reply slip as it stands on the page. `errors` by the id of the field come from `read()`."""

    longest_words, longest_option = WORDS_LENGTH, OPTION_LENGTH

    def __init__(self, deadline: str, per: str = CHILD, answered_by: str = ONE) -> None:
        self.deadline, self.per, self.answered_by = deadline, per, answered_by
        self.questions: list[QuestionRow] = []
        self.errors: dict[str, str] = {}
        self.problems: list[str] = []
        self.opened = ""
        self.focus = ""

    @classmethod
    def empty(cls, today: date) -> "SlipForm":
        """Return the form for a letter that asks nothing yet, with a usual last day."""
        return cls((today + USUAL_TIME).isoformat())

    @classmethod
    def of(cls, slip: Slip) -> "SlipForm":
        """Return the form of a slip as it is kept."""
        form = cls(slip.deadline.isoformat(), slip.per, slip.answered_by)
        form.questions = [
            QuestionRow(
                one.kind,
                one.words,
                one.required,
                [OptionRow(option.words, str(option.places or ""), option.means) for option in one.options],
            )
            for one in slip.questions
        ]
        return form

    @classmethod
    def typed(cls, sent: Mapping[str, str]) -> "SlipForm":
        """Return the form as it was sent."""
        per, by = sent.get("per", CHILD), sent.get("answered_by", ONE)
        form = cls(
            cleaned(sent.get("deadline")),
            per if per in (CHILD, FAMILY) else CHILD,
            BOTH if by == BOTH else ONE,
        )
        form.opened = sent.get("opened", "")[:16]
        for number in range(MOST_QUESTIONS):
            kind = sent.get(f"q{number}-kind", "")
            if kind in KINDS:
                form.questions.append(_row(sent, f"q{number}", kind))
        return form

    def change_rows(self, do: str) -> bool:
        """Do what a button of the form asks ('add:choice', 'remove:2', 'up:2', 'down:2', 'option:2',
        'drop:2.0') and put the focus where it happened; say whether one was pressed.
        """
        what, _colon, which = do.partition(":")
        if what == "add" and which in KINDS and len(self.questions) < MOST_QUESTIONS:
            self.questions.append(QuestionRow(which, options=_usual_options(which)))
            self.focus = f"q{len(self.questions) - 1}-words"
        elif what in ("remove", "up", "down", "option"):
            self._change_question(what, which)
        elif what == "drop":
            self._drop_option(*which.partition(".")[::2])
        return what in ("add", "remove", "up", "down", "option", "drop")

    def _change_question(self, what: str, which: str) -> None:
        place = _place(which, self.questions)
        if place is None:
            return
        if what == "option" and len(self.questions[place].options) < MOST_OPTIONS:
            self.questions[place].options.append(OptionRow())
            self.focus = f"q{place}-o{len(self.questions[place].options) - 1}-words"
        elif what != "option":
            question = self.questions.pop(place)
            if what != "remove":
                place = max(place + (1 if what == "down" else -1), 0)
                self.questions.insert(place, question)
            self.focus = f"q{min(place, len(self.questions) - 1)}-words"

    def _drop_option(self, which: str, option: str) -> None:
        place = _place(which, self.questions)
        if place is not None and self.questions[place].kind == CHOICE:
            number = _place(option, self.questions[place].options)
            if number is not None:
                del self.questions[place].options[number]
                self.focus = f"q{place}-words"

    def read(self, today: date) -> Slip | None:
        """Return the slip; None when something is missing or wrong, which is then said at its field."""
        deadline = self.read_deadline(today)
        if not self.questions:
            self.problems.append(gettext("Add a question first."))
        questions = tuple(self._question(place, row) for place, row in enumerate(self.questions))
        if self.errors or self.problems or deadline is None:
            return None
        return Slip(self.per, self.answered_by, deadline, questions)

    def read_deadline(self, today: date) -> date | None:
        """Return the last day; None when it is none, which is then said at the field."""
        try:
            deadline = day_typed(self.deadline)
        except NoAnswer as mistake:
            self.errors["deadline"] = str(mistake)
            return None
        if deadline < today:
            self.errors["deadline"] = gettext("This day is over. Choose a later one.")
        return deadline

    def _question(self, place: int, row: QuestionRow) -> Question:
        key = f"q{place}"
        if not row.words:
            self.errors[f"{key}-words"] = gettext("Write the question, or take it away.")
        elif len(row.words) > WORDS_LENGTH:
            self.errors[f"{key}-words"] = gettext("Use at most %(max)d characters.", max=WORDS_LENGTH)
        options = self._options(key, row)
        if row.kind == CHOICE and len(options) < 2:
            self.errors.setdefault(f"{key}-o0-words", gettext("Give at least two answers to choose from."))
        return Question(row.kind, row.words, row.required, tuple(options))

    def _options(self, key: str, row: QuestionRow) -> list[Option]:
        options: list[Option] = []
        for number, typed in enumerate(row.options):
            words = typed.words or {YES: gettext("Yes"), NO: gettext("No")}.get(typed.means, "")
            if len(words) > OPTION_LENGTH:
                self.errors[f"{key}-o{number}-words"] = gettext(
                    "Use at most %(max)d characters.", max=OPTION_LENGTH
                )
            if words and words in {option.words for option in options}:
                self.errors[f"{key}-o{number}-words"] = gettext("This answer is there twice.")
            places = self._places(f"{key}-o{number}-places", typed.places)
            if words:
                options.append(Option(words, typed.means, places))
            elif places:
                self.errors[f"{key}-o{number}-words"] = gettext("Write the answer.")
        return options

    def _places(self, name: str, text: str) -> int | None:
        if not text:
            return None
        if text.isascii() and text.isdecimal() and len(text) < 10 and 1 <= int(text) <= MOST_PLACES:
            return int(text)
        self.errors[name] = gettext("Type a number of places, or leave it empty.")
        return None


def _row(sent: Mapping[str, str], key: str, kind: str) -> QuestionRow:
    row = QuestionRow(kind, cleaned(sent.get(f"{key}-words")), bool(sent.get(f"{key}-required")))
    if kind in CHOSEN:
        means = ("",) * MOST_OPTIONS if kind == CHOICE else (YES, NO)
        row.options = [
            OptionRow(
                cleaned(sent.get(f"{key}-o{number}-words")), cleaned(sent.get(f"{key}-o{number}-places")), one
            )
            for number, one in enumerate(means)
            if f"{key}-o{number}-words" in sent or kind != CHOICE
        ]
    return row


def _usual_options(kind: str) -> list[OptionRow]:
    if kind == CHOICE:
        return [OptionRow(), OptionRow()]
    if kind == YES_NO:
        return [OptionRow(gettext("Yes"), means=YES), OptionRow(gettext("No"), means=NO)]
    if kind == CONSENT:
        return [
            OptionRow(gettext("Yes, I give consent"), means=YES),
            OptionRow(gettext("No, I do not"), means=NO),
        ]
    return []


def _place(text: str, rows: list[OptionRow] | list[QuestionRow]) -> int | None:
    return (
        int(text) if text.isascii() and text.isdecimal() and len(text) < 4 and int(text) < len(rows) else None
    )
