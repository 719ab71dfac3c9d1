"""The files of a letter while it is written: added, put in order, taken away.

A page with script sends each file by itself, and its answer is the list of what is there now. Without script
the files come with the whole form, which keeps everything that is typed (`take_files`, `put_with`).
"""

from dataclasses import dataclass, field

from flask import abort, jsonify, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import access, clock
from portal.access import one_or_404, viewer
from portal.blueprints.letters.blueprint import bp
from portal.blueprints.letters.loading import written_letter
from portal.blueprints.letters.shown import files_of
from portal.blueprints.letters.writing_forms import CorrectionForm, LetterForm
from portal.blueprints.uploads import allow_files, files_sent
from portal.domain import attachments, incoming_files
from portal.domain.attachment_words import LARGEST_FILE
from portal.domain.attachments import MOST_BYTES, MOST_FILES, Added
from portal.domain.file_kinds import ACCEPTED, title_of
from portal.domain.incoming_files import FIELD, Incoming
from portal.domain.letter_text import picture_mark
from portal.domain.letters import TEXT_LENGTH
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.models.letters import Attachment, Letter
from portal.names import clean
from portal.words import gettext

LARGEST_REQUEST = 100_000_000
REMOVE, UP = "remove", "up"
ABOUT_FILES = ("attach", REMOVE, UP)
WITH_FILES = (
    *("add_attachment", "correct_letter", "create_letter"),
    *("look_at_correction", "look_at_letter", "update_letter"),
)


@bp.context_processor
def what_files_are_taken() -> dict[str, object]:
    """Return what the pages on which a letter is written say of the files that may go with it."""
    return {"accepted": ACCEPTED, "limits": {"number": MOST_FILES, "each": LARGEST_FILE, "all": MOST_BYTES}}


allow_files(
    bp, LARGEST_REQUEST, *(f"letters.{name}" for name in WITH_FILES), who=lambda person: person.is_staff
)


@dataclass(slots=True)
class FilesSent:
    """The files that came with a form, and what is wrong with the others: each by name."""

    taken: list[Incoming] = field(default_factory=list)
    problems: list[tuple[str, str]] = field(default_factory=list)

    def say_at(self, form: CorrectionForm) -> None:
        """Show at the field which files are not there, and why."""
        form.files.errors = []
        for name, why in self.problems:
            said = gettext("%(name)s: %(why)s", name=clean(name)[:80], why=why) if name else why
            form.refuse(Refused(said, FIELD))

    def ask_again(self, form: CorrectionForm) -> None:
        """Say that what was chosen has to be chosen once more, since nothing was kept."""
        if self.taken:
            form.refuse(Refused(gettext("Choose the files once more."), FIELD))


def take_files() -> FilesSent:
    """Take in the files of the form, as slow as that is; each that is good stays, whatever the others are."""
    sent = FilesSent()
    for name, stream in files_sent(FIELD):
        try:
            if len(sent.taken) == MOST_FILES or sum(len(file.content) for file in sent.taken) > MOST_BYTES:
                raise Refused(gettext("These are too many files for one letter."))
            sent.taken.append(incoming_files.take_in(name, stream, first_page=True))
        except Refused as refusal:
            sent.problems.append((name, refusal.sentence))
    return sent


def put_with(letter: Letter, sent: FilesSent) -> str:
    """Put the files with a letter, and return what its text gets for photos that are to stand in it."""
    in_text = bool(request.form.get("in_text"))
    marks = []
    for file in sent.taken:
        inline = in_text and file.kind.is_picture
        try:
            added = attachments.add_to_letter(letter, file, inline, viewer(), clock.now())
        except Refused as refusal:
            sent.problems.append((file.name, refusal.sentence))
        else:
            if inline and added.is_new:
                marks.append(_mark(added, file))
    return "".join(f"\n\n{mark}" for mark in marks)


def put_along(letter: Letter, sent: FilesSent, form: LetterForm) -> None:
    """Put the files with a draft that was just saved, and do what a button beside a file says.

    The form says what is wrong with which file, and has the photos at the end of its text.
    """
    if marks := put_with(letter, sent):
        letter.text = form.text.data = with_marks(letter.text, marks)
    act_on_file(letter)
    sent.say_at(form)


def with_marks(text: str, marks: str) -> str:
    """Return a text with photos at its end, unless it is full; they can still be put in by hand."""
    longer = (text + marks).lstrip("\n")
    return longer if len(longer) <= TEXT_LENGTH else text


def act_on_file(letter: Letter) -> bool:
    """Do what a button beside a file says (`do` 'remove:7', 'up:7'); False when none was pressed."""
    act, _, number = request.form.get("do", "").partition(":")
    if act not in (REMOVE, UP):
        return False
    _act(letter, int(number) if number.isdecimal() else 0, act)
    return True


def _act(letter: Letter, attachment_id: int, act: str) -> None:
    mine = access.attachments_changed_by(viewer()) & (Attachment.letter_id == letter.id)
    attachment = one_or_404(Attachment, attachment_id, mine)
    if act == REMOVE:
        attachments.remove(letter, attachment, viewer())
    else:
        attachments.move_up(letter, attachment)


def _mark(added: Added, file: Incoming) -> str:
    return picture_mark(added.position, title_of(file.name))


@bp.post("/staff/letters/<int:letter_id>/attachments")
def add_attachment(letter_id: int) -> ResponseReturnValue:
    """Put one file with a letter (`files`), or with `inline` a photo for its text; answers in JSON."""
    written_letter(letter_id)
    sent = files_sent(FIELD)
    inline = bool(request.form.get("inline"))
    try:
        if not sent:
            raise Refused(gettext("Choose a file first."))
        file = incoming_files.take_in(*sent[0], first_page=True)
        start_writing()
        added = attachments.add_to_letter(written_letter(letter_id), file, inline, viewer(), clock.now())
        db.session.commit()
    except Refused as refusal:
        db.session.rollback()
        return jsonify(problem=refusal.sentence), 422
    mark = _mark(added, file) if inline else ""
    return jsonify(
        list=_list(written_letter(letter_id)), mark=mark, added=added.is_new
    ), 201 if added.is_new else 200


@bp.post("/staff/letters/<int:letter_id>/attachments/<int:attachment_id>")
def change_attachment(letter_id: int, attachment_id: int) -> ResponseReturnValue:
    """Take a file away (`act` 'remove') or put it before the one before it ('up')."""
    act = request.form.get("act", "")
    if act not in (REMOVE, UP):
        abort(400)
    start_writing()
    _act(written_letter(letter_id), attachment_id, act)
    db.session.commit()
    if request.accept_mimetypes.best == "application/json":
        return jsonify(list=_list(written_letter(letter_id)))
    return redirect(url_for(".show_school_letter", letter_id=letter_id), 303)


def _list(letter: Letter) -> str:
    return render_template("letters/_attached.html", letter=letter, with_it=files_of(letter.id), removed=())
