"""The forms with which the office changes an arrangement, and answers and releases information."""

from flask_wtf.file import FileField
from wtforms import Field, RadioField, SelectField, ValidationError
from wtforms.validators import InputRequired

from portal.blueprints.school.forms import NameForm
from portal.clock import to_local
from portal.domain.arrangement_lists import OtherChild
from portal.domain.arrangements import HIDE, LOCK, SHOW, UNLOCK
from portal.domain.contact import MAX_EMAIL, email_typed
from portal.domain.release_lists import LetterChoice
from portal.domain.releases import MAX_TEXT, MAX_TITLE, Document, checked_pdf, safe_name
from portal.domain.roster_guardians import full_name
from portal.errors import Refused
from portal.formatting import group_label, near_date
from portal.forms import Boxes, Form, options, refuse_by, text_area, text_field
from portal.models.accounts import User
from portal.words import gettext, lazy_gettext

MAX_REASON = 500
SOMEBODY_ELSE = "other"


def also_key(one: OtherChild) -> str:
    """Return what a check box sends for another child of somebody."""
    return f"{one.user_id}-{one.pupil_id}"


class ReasonForm(Form):
    """A change of the arrangement: nothing changes without a reason, which is kept."""

    reason = text_area(lazy_gettext("Reason"), MAX_REASON, one_line=True)

    def validate_reason(self, field: Field) -> None:
        """Ask for a reason where there is none, or only blanks."""
        if not field.data:
            raise ValidationError(gettext("Write the reason. It is kept in the history."))

    @property
    def why(self) -> str:
        """The reason of the valid form."""
        return self.reason.data or ""


class ApartForm(ReasonForm):
    """Whether school deals with two guardians together or apart."""

    apart = RadioField(
        lazy_gettext("How does school deal with the guardians?"),
        validators=[InputRequired(lazy_gettext("Choose together or apart."))],
    )

    def offer(self) -> None:
        """Offer the two ways, in words."""
        self.apart.choices = options([("no", gettext("Together")), ("yes", gettext("Apart"))])


class AuthorityForm(ReasonForm):
    """Whether a guardian decides for the child."""

    authority = RadioField(
        lazy_gettext("Parental authority"),
        validators=[InputRequired(lazy_gettext("Choose yes or no."))],
    )

    def offer(self) -> None:
        """Offer yes and no, in words."""
        self.authority.choices = options(
            [("yes", gettext("Yes, decides for the child")), ("no", gettext("No, information on request"))]
        )


class HidingForm(ReasonForm):
    """What school does about the hiding of one guardian from the other."""

    step = RadioField(
        lazy_gettext("What changes?"), validators=[InputRequired(lazy_gettext("Choose what changes."))]
    )

    def offer(self, steps: tuple[str, ...]) -> None:
        """Offer what can be done now."""
        words = {
            HIDE: gettext("Hide. This guardian can end it themselves"),
            LOCK: gettext("Hide and lock. Only school can end it: there is an order"),
            UNLOCK: gettext("Unlock. It stays hidden until this guardian ends it"),
            SHOW: gettext("Hide no longer"),
        }
        self.step.choices = options((step, words[step]) for step in steps)


class BarringForm(ReasonForm, NameForm):
    """Who may have no contact with the child: one of those known, or somebody else by name."""

    who = RadioField(
        lazy_gettext("Who is it?"), validators=[InputRequired(lazy_gettext("Choose who it is."))]
    )
    also = Boxes(lazy_gettext("Also for the other children"))
    email = text_field(lazy_gettext("E-mail"), MAX_EMAIL)

    def offer(self, people: list[tuple[int, str]], others: list[OtherChild]) -> None:
        """Offer the guardians of now and before, their other children, and somebody else."""
        self.also.choices = options((also_key(one), self._also_words(one)) for one in others)
        known = [(str(number), name) for number, name in people]
        self.who.choices = options([*known, (SOMEBODY_ELSE, gettext("Somebody else"))])

    @staticmethod
    def _also_words(one: OtherChild) -> str:
        if not one.group:
            return gettext("%(person)s: also for %(child)s", person=one.person, child=one.name)
        group = group_label(one.group, inside=True)
        return gettext(
            "%(person)s: also for %(child)s, %(group)s", person=one.person, child=one.name, group=group
        )

    def chosen_others(self) -> list[int]:
        """Return the other children of the chosen person that are ticked."""
        pairs = (pair.split("-") for pair in self.also.data or [])
        return [int(pupil) for person, pupil in pairs if person == self.who.data]

    def validate_surname(self, field: Field) -> None:
        """Ask for a name of who is not in the list."""
        if self.who.data == SOMEBODY_ELSE:
            super().validate_surname(field)

    def validate_email(self, field: Field) -> None:
        """Refuse what cannot be an address."""
        refuse_by(email_typed, field)

    @property
    def address(self) -> str | None:
        """The address as it is kept."""
        return email_typed(self.email.data or "")


class DocumentForm(Form):
    """A text, a PDF or both, with a title."""

    title = text_field(lazy_gettext("Title"), MAX_TITLE)
    text = text_area(lazy_gettext("Text"), MAX_TEXT)
    file = FileField(lazy_gettext("PDF"))
    content: bytes | None = None

    def validate_file(self, field: Field) -> None:
        """Read the file, and refuse what is no PDF or too large."""
        if not getattr(field.data, "filename", ""):
            return
        content = field.data.read()
        field.data.close()
        try:
            self.content = checked_pdf(content)
        except Refused as refusal:
            raise ValidationError(refusal.sentence) from None

    @property
    def document(self) -> Document:
        """The valid form as what is given."""
        named = safe_name(self.file.data.filename) if self.content is not None else ""
        return Document(self.title.data or "", self.text.data or "", self.content, named)


class ReleaseForm(DocumentForm):
    """A document for one guardian: a letter that was sent, or something of the office's own."""

    letter = SelectField(lazy_gettext("Letter"), coerce=int, default=0)

    to = RadioField(
        lazy_gettext("For whom?"), coerce=int, validators=[InputRequired(lazy_gettext("Choose for whom."))]
    )

    def offer(self, informed: list[User], letters: list[LetterChoice]) -> None:
        """Offer the guardians to whom something can be released, and the letters about the child."""
        self.to.choices = options((person.id, full_name(person)) for person in informed)
        sent = [(one.id, f"{near_date(to_local(one.sent_at).date())}: {one.title}") for one in letters]
        self.letter.choices = options([(0, gettext("No letter: a text or PDF of our own")), *sent])

    def validate_letter(self, field: Field) -> None:
        """Take one thing at a time."""
        own = self.title.data or self.text.data or getattr(self.file.data, "filename", "")
        if field.data and own:
            raise ValidationError(
                gettext("Choose a letter, or give something of your own: not both at once.")
            )

    def validate_title(self, field: Field) -> None:
        """Ask what it is."""
        if not field.data and not self.letter.data:
            raise ValidationError(gettext("Fill in a title: what is it?"))

    def validate_text(self, field: Field) -> None:
        """Ask for something to give."""
        if self.letter.data:
            return
        if not field.data and not getattr(self.file.data, "filename", ""):
            raise ValidationError(gettext("Write a text, or add a PDF."))


class AnswerForm(DocumentForm):
    """What school says to a question: an answer in words and perhaps a PDF, or a refusal with its reason."""

    decision = RadioField(
        lazy_gettext("What does school do?"),
        validators=[InputRequired(lazy_gettext("Choose answer or refuse."))],
    )
    answer = text_area(lazy_gettext("Answer, or the reason for refusing"), MAX_TEXT)

    def offer(self) -> None:
        """Offer the two ways, in words."""
        self.decision.choices = options([("answer", gettext("Answer")), ("refuse", gettext("Refuse"))])

    def validate_answer(self, field: Field) -> None:
        """Ask for words: a refusal has to be motivated, an answer has a document otherwise."""
        if field.data:
            return
        if self.decision.data == "refuse":
            raise ValidationError(gettext("Say why: a refusal has to be motivated."))
        if not getattr(self.file.data, "filename", ""):
            raise ValidationError(gettext("Write an answer, or add a PDF."))

    def document_about(self, title: str) -> Document | None:
        """Return the PDF that goes with the answer, if there is one."""
        if self.content is None:
            return None
        return Document(self.title.data or title, "", self.content, self.document.file_name)
