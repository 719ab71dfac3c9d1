"""What is typed on a reply slip: read once, with every mistake said at its field and nothing lost."""

from collections.abc import Mapping
from datetime import date, datetime

from portal import clock
from portal.domain.slip_answers import Full, Reply, Value, Values
from portal.domain.slip_pages import Block, SlipPage
from portal.domain.slips import CHOSEN, DAY, NUMBER, Option, Question, slip_of
from portal.forms import cleaned
from portal.models.letters import Letter
from portal.words import gettext, ngettext

TEXT_LENGTH = 300
NAME_LENGTH = 120
LARGEST = 99_999
LATEST = date(2100, 1, 1)
QUESTIONS = "questions"


class NoAnswer(ValueError):
    """Something typed that is no answer, with the sentence that says what is."""


class ReplyForm:
    """The fields of a slip as they stand: what was answered before, or what was typed just now.

    `errors` and `problems` come from `read()`: by the name of the field, and of the form as a whole.
    """

    longest_text, longest_name = TEXT_LENGTH, NAME_LENGTH

    def __init__(self, page: SlipPage, typed: Mapping[str, str] | None = None, signed: str = "") -> None:
        self.page = page
        self.errors: dict[str, str] = {}
        self.problems: list[str] = []
        self.typed = dict(typed) if typed is not None else _as_kept(page)
        self.signed = cleaned(self.typed.get("signed", signed))[: NAME_LENGTH + 1]

    @property
    def questions(self) -> str:
        """Which questions the page shows, so that a slip that was changed meanwhile is noticed."""
        return " ".join(str(question.id) for question in self.page.slip.questions)

    def text(self, block: Block, question: Question) -> str:
        """Return what stands in a field."""
        return cleaned(self.typed.get(name_of(block, question), ""))

    def is_chosen(self, block: Block, question: Question, option: Option) -> bool:
        """Whether an option is on; one that is full only when it is the guardian's already."""
        if self.text(block, question) != str(option.id):
            return False
        return not option.is_full or self.has(block, question, option)

    def has(self, block: Block, question: Question, option: Option) -> bool:
        """Whether an option was answered before, so that its place is the guardian's."""
        value = block.given.values.get(question.id) if block.given else None
        return value is not None and value.option_id == option.id

    def read(self) -> Reply | None:
        """Return what was answered; None when something is missing or wrong, which is then said."""
        if self.typed.get(QUESTIONS, self.questions) != self.questions:
            self.problems.append(gettext("School changed the questions meanwhile. Please look once more."))
            return None
        filled = [block for block in self.page.blocks if block.given or self._is_filled(block)]
        asked = filled or [block for block in self.page.blocks if not block.is_answered_for]
        blocks = {block.pupil_id: self._values(block) for block in asked or self.page.blocks}
        if not self.errors:
            self._ask_for(filled)
        self._check_name()
        return None if self.errors or self.problems else Reply(blocks, self.signed)

    def refuse(self, full: Full) -> None:
        """Say at each field which option is full, and what can still be chosen."""
        wanted = {str(number) for number in full.options}
        for block in self.page.blocks:
            for question in self.page.slip.questions:
                chosen = self.text(block, question)
                if question.kind in CHOSEN and chosen in wanted:
                    self.errors[name_of(block, question)] = _full(question, int(chosen))

    def _is_filled(self, block: Block) -> bool:
        return any(self.text(block, question) for question in self.page.slip.questions)

    def _ask_for(self, filled: list[Block]) -> None:
        """Ask for an answer where there is none, also in place of one that was emptied."""
        for block in filled:
            if block.name and not self._is_filled(block):
                words = gettext("Fill in an answer about %(name)s, or withdraw it.", name=block.name)
                self.problems.append(words)
        if not any(map(self._is_filled, filled)) and not self.problems:
            self.problems.append(gettext("Fill in an answer first."))

    def _values(self, block: Block) -> Values:
        values: dict[int, Value] = {}
        for question in self.page.slip.questions:
            text = self.text(block, question)
            try:
                if text:
                    values[question.id] = _value(question, text)
                elif question.required:
                    raise NoAnswer(_asked(question))
            except NoAnswer as mistake:
                self.errors[name_of(block, question)] = str(mistake)
        return values

    def _check_name(self) -> None:
        if not self.page.slip.is_signed:
            self.signed = ""
        elif len(self.signed) < 2:
            self.errors["signed"] = gettext("Type your name to sign.")
        elif len(self.signed) > NAME_LENGTH:
            self.errors["signed"] = gettext("Use at most %(max)d characters.", max=NAME_LENGTH)


def look_at_slip(letter: Letter) -> ReplyForm | None:
    """Return the slip of a letter to be looked at as a parent sees it, None for a letter without one."""
    slip = slip_of(letter.id)
    if slip is None:
        return None
    is_open = letter.sent_at is None or slip.is_open(clock.today())
    return ReplyForm(SlipPage(slip, (Block(None, ""),), is_open), {})


def name_of(block: Block, question: Question) -> str:
    """Return the name of the field for a question about a child, or about the family."""
    return f"{block.key}-{question.id}"


def _as_kept(page: SlipPage) -> dict[str, str]:
    return {
        f"{block.key}-{number}": _typed(value)
        for block in page.blocks
        if block.given
        for number, value in block.given.values.items()
    }


def _typed(value: Value) -> str:
    for kept in (value.option_id, value.number, value.day):
        if kept is not None:
            return str(kept)
    return value.text


def _value(question: Question, text: str) -> Value:
    if question.kind in CHOSEN:
        if text not in {str(option.id) for option in question.options}:
            raise NoAnswer(_asked(question))
        return Value(option_id=int(text))
    if question.kind == NUMBER:
        if not (text.isascii() and text.isdecimal()) or len(text) > 9 or int(text) > LARGEST:
            raise NoAnswer(gettext("Type a whole number, in figures."))
        return Value(number=int(text))
    if question.kind == DAY:
        return Value(day=day_typed(text))
    if len(text) > TEXT_LENGTH:
        raise NoAnswer(gettext("Use at most %(max)d characters.", max=TEXT_LENGTH))
    return Value(text=text)


def day_typed(text: str) -> date:
    """Return a date as a browser sends it or somebody types it. Raises NoAnswer."""
    for pattern in ("%Y-%m-%d", "%d-%m-%Y", "%d/%m/%Y", "%d.%m.%Y"):
        try:
            day = datetime.strptime(text, pattern).date()  # noqa: DTZ007
        except ValueError:
            continue
        if date(1900, 1, 1) <= day < LATEST:
            return day
    raise NoAnswer(gettext("Type the date as day, month and year."))


def _asked(question: Question) -> str:
    if question.kind in CHOSEN:
        return gettext("Choose an answer to '%(question)s'.", question=question.words)
    return gettext("Fill in an answer to '%(question)s'.", question=question.words)


def _full(question: Question, chosen: int) -> str:
    option = next(one for one in question.options if one.id == chosen)
    free = [_with_places(one) for one in question.options if one.id != chosen and not one.is_full]
    if option.free and not option.counted:
        words = gettext("'%(option)s' has fewer places left than you choose.", option=option.words)
    elif option.free:
        words = ngettext(
            "'%(option)s' has %(num)s place left.",
            "'%(option)s' has %(num)s places left.",
            option.free,
            option=option.words,
        )
    else:
        words = gettext("Somebody was just before you: '%(option)s' is full now.", option=option.words)
    if not free:
        return words
    rest = gettext("Still free: %(options)s.", options=", ".join(free))
    return f"{words} {rest}"


def _with_places(option: Option) -> str:
    if option.free is None or not option.counted:
        return option.words
    return ngettext(
        "%(option)s (%(num)s place)", "%(option)s (%(num)s places)", option.free, option=option.words
    )
