"""What each kind of mail says and to whom it may go, settled at the moment it is sent.

No mail names a child or an absence (R44), and nobody gets one who does not belong to the school any more.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from email.utils import parseaddr
from functools import cache
from urllib.parse import urlsplit

from flask import current_app
from flask_babel import force_locale
from flask_mail import Message
from sqlalchemy import ColumnElement, Delete, Select, bindparam, delete, select

from portal import clock
from portal.access import (
    Viewer,
    admitted,
    own_information_requests,
    releases_visible_to,
    requests_made_by,
)
from portal.config import LANGUAGES
from portal.domain import (
    bounce_addresses,
    change_requests,
    conversation_notices,
    invitations,
    letter_digests,
    letter_mails,
    letter_notices,
    mail_keys,
    mail_trouble,
    meeting_calendar,
    meeting_mails,
    meeting_tidings,
    outbox,
    releases,
    returned_mail,
)
from portal.domain.left_addresses import is_somebody_elses
from portal.domain.outbox import Settled
from portal.domain.school import SchoolFacts, school_facts
from portal.extensions import db
from portal.models.accounts import Invitation, MailKey, User
from portal.models.arrangements import InformationRequest, Release
from portal.models.outbox import OutgoingMessage
from portal.models.pupils import ChangeRequest
from portal.models.roster import Guardianship
from portal.names import clean
from portal.words import gettext

INVITATION_SUBJECT = "U bent toegevoegd als ouder op het ouderportaal."
"""The same in every language: parents look for it and schools announce it."""

HEADERS = {"Auto-Submitted": "auto-generated", "X-Auto-Response-Suppress": "All"}

REQUESTED = ("login", "password", "resend")
"""Kinds asked for by somebody who is not signed in: the row has the typed address, known or not."""


@dataclass(frozen=True, slots=True)
class Mail:
    """A mail that is certain to go: the rest is wording."""

    id: int
    message_id: str
    kind: str
    recipient: str
    language: str
    facts: dict[str, object]
    attempt: int = 0


def mail_for(message: OutgoingMessage, now: datetime) -> Mail | None:
    """Settle to whom a mail goes and with which link; else hold it, or drop it when it is not to go."""
    if message.kind == returned_mail.ANSWER:
        return _answer(message)
    user = settled = None
    if message.kind not in REQUESTED or message.address is None or _find_out_who(message, now):
        user = db.session.scalar(_admitted_user(), {"user_id": message.user_id})
        settled = _SETTLE[message.kind](message, user, now) if user else None
    if isinstance(settled, outbox.Later):
        outbox.hold(message, settled.until)
        return None
    if user is None or settled is None:
        _drop(message)
        return None
    recipient, facts = settled
    language = message.language if message.language in LANGUAGES else "nl"
    facts["name"] = "" if facts.pop("nameless", False) else user.given_name
    return Mail(message.id, message.message_id, message.kind, recipient, language, facts, message.attempts)


@cache
def _admitted_user() -> Select[User]:
    return select(User).where(User.id == bindparam("user_id"), admitted())


def _answer(message: OutgoingMessage) -> Mail:
    """Settle the mail to who answered one of ours: it says what everybody may know, and names nobody."""
    facts: dict[str, object] = {"link": f"{current_app.config['BASE_URL']}/letters", "name": ""}
    recipient = str(message.address)
    return Mail(
        message.id, message.message_id, message.kind, recipient, message.language, facts, message.attempts
    )


def comes_back_to(mail: Mail, now: datetime) -> str:
    """Return the address to which a mail comes back when it does not arrive; '' for the sender's own."""
    return bounce_addresses.address_of(mail.id, mail.attempt, mail.recipient, now)


def _drop(message: OutgoingMessage) -> None:
    db.session.execute(_dropped(), {"number": message.id})


@cache
def _dropped() -> Delete:
    one = OutgoingMessage.id == bindparam("number")
    return delete(OutgoingMessage).where(one).execution_options(synchronize_session=False)


def _find_out_who(message: OutgoingMessage, now: datetime) -> bool:
    """Turn a typed address into the mail that its owner needs; False when nobody has it."""
    user = db.session.scalar(select(User).where(User.email == message.address, admitted()))
    if user is None and (key := mail_keys.key_again(message.address, now)):
        return _confirm_first(message, db.session.get_one(User, key.user_id), key)
    message.address = None
    if user is None:
        return False
    message.user_id = user.id
    if user.activated_at is None:
        message.kind = invitations.MAIL
        message.subject_id = invitations.valid_invitation(user, None, now).id
    else:
        message.kind = "password" if message.kind == "password" else "login"
        message.language = user.language
        message.subject_id = mail_keys.make_key(user, message.kind, now).id
    db.session.flush()
    return True


def _confirm_first(message: OutgoingMessage, user: User, key: MailKey) -> bool:
    """Send to an address that was never confirmed the link that confirms it; until then nobody has it."""
    message.address, message.user_id, message.language = None, user.id, user.language
    message.kind, message.subject_id = "new_email", key.id
    db.session.flush()
    return True


def _invitation(message: OutgoingMessage, user: User, now: datetime) -> Settled:
    invitation = db.session.get(Invitation, message.subject_id)
    if invitation is None or not user.email or user.activated_at is not None:
        return None
    if invitation.used_at or invitation.replaced_at or invitation.expires_at <= now:
        return None
    if not invitations.fits_secret_key(invitation):
        invitation = invitations.valid_invitation(user, None, now)
        message.subject_id = invitation.id
        db.session.flush()
    facts: dict[str, object] = {
        "link": invitations.invitation_link(invitation),
        "valid_until": clock.to_local(invitation.expires_at).date(),
        "is_guardian": bool(invitations.children_of(user.id)),
    }
    return user.email, facts


def _key(message: OutgoingMessage, user: User, now: datetime) -> Settled:
    key = db.session.get(MailKey, message.subject_id)
    if key is None or key.used_at is not None:
        return None
    # Valid from when the mail leaves: who waited for a mail server that was down still has the full time.
    key.expires_at = now + mail_keys.VALID_FOR[key.purpose]
    db.session.flush()
    recipient = key.new_email if key.purpose == mail_keys.EMAIL else user.email
    facts: dict[str, object] = {"link": mail_keys.link_of(key), "code": mail_keys.code_of(key)}
    return (recipient, facts) if recipient else None


def _child_added(message: OutgoingMessage, user: User, _now: datetime) -> Settled:
    guardianship = db.session.get(Guardianship, message.subject_id)
    if guardianship is None or guardianship.user_id != user.id or guardianship.revoked_at is not None:
        return None
    if not user.email:
        return None
    return user.email, {"link": f"{current_app.config['BASE_URL']}/"}


def _information_answered(message: OutgoingMessage, user: User, _now: datetime) -> Settled:
    mine = own_information_requests(Viewer(id=user.id))
    return _for_reader(InformationRequest, message, user, mine)


def _document_released(message: OutgoingMessage, user: User, _now: datetime) -> Settled:
    return _for_reader(Release, message, user, releases_visible_to(Viewer(id=user.id)))


def _for_reader(
    model: type[InformationRequest] | type[Release],
    message: OutgoingMessage,
    user: User,
    scope: ColumnElement[bool],
) -> Settled:
    """Say that there is something to read, to who may read it at this moment, and to nobody else (R21)."""
    there = db.session.scalar(select(model.id).where(model.id == message.subject_id, scope))
    if there is None or not user.email:
        return None
    return user.email, {"link": f"{current_app.config['BASE_URL']}/", "nameless": True}


def _request_decided(message: OutgoingMessage, user: User, _now: datetime) -> Settled:
    asked = requests_made_by(Viewer(id=user.id))
    request = db.session.scalar(select(ChangeRequest).where(ChangeRequest.id == message.subject_id, asked))
    if request is None or request.decided_at is None or not user.email:
        return None
    return user.email, {"link": f"{current_app.config['BASE_URL']}/pupils/{request.pupil_id}/requests"}


def _notice(message: OutgoingMessage, user: User, _now: datetime) -> Settled:
    recipient = message.address or user.email
    if recipient and is_somebody_elses(recipient, user.id):
        return None
    return (recipient, {"link": f"{current_app.config['BASE_URL']}/login"}) if recipient else None


_SETTLE: dict[str, Callable[[OutgoingMessage, User, datetime], Settled]] = {
    invitations.MAIL: _invitation,
    invitations.CHILD_ADDED: _child_added,
    releases.MAIL_ANSWERED: _information_answered,
    releases.MAIL_RELEASED: _document_released,
    change_requests.MAIL: _request_decided,
    "login": _key,
    "password": _key,
    "new_email": _key,
    "email_changed": _notice,
    "password_changed": _notice,
    **meeting_mails.SETTLE,
    **letter_mails.SETTLE,
    **letter_notices.SETTLE,
    **conversation_notices.SETTLE,
    letter_digests.MAIL: letter_digests.settle,
}


def note_delivered(mail: Mail, now: datetime) -> None:
    """Keep what a mail that has gone told, where the next one depends on it."""
    if mail.kind == meeting_tidings.CHANGED:
        meeting_mails.note_delivered(mail.facts, now)
    elif mail.kind in letter_mails.SETTLE:
        letter_mails.note_delivered(mail.facts, now)
    elif mail.kind == letter_digests.MAIL:
        letter_digests.note_delivered(mail.facts, now)


def _subject(mail: Mail, school: str) -> object:
    if mail.kind == invitations.MAIL:
        if mail.facts["is_guardian"]:
            return INVITATION_SUBJECT
        return gettext("You can log in to the parent portal of %(school)s", school=school)
    if mail.kind in meeting_mails.SETTLE:
        return meeting_mails.subject(mail.kind, mail.facts)
    if mail.kind in letter_mails.SETTLE:
        return letter_mails.subject(mail.kind, mail.facts, school)
    if mail.kind in letter_notices.SETTLE:
        return letter_notices.subject(mail.kind)
    if mail.kind == letter_digests.MAIL:
        return letter_digests.subject(mail.facts, school)
    subjects = {
        invitations.CHILD_ADDED: gettext("A child was added to your account"),
        releases.MAIL_ANSWERED: gettext("School has answered your question"),
        releases.MAIL_RELEASED: gettext("There is something for you to read"),
        change_requests.MAIL: gettext("School has answered your request"),
        mail_trouble.MESSAGE: conversation_notices.subject(),
        "login": gettext("Your code to log in: %(code)s", code=mail.facts.get("code", "")),
        "password": gettext("Choose a new password"),
        "new_email": gettext("Confirm your new e-mail address"),
        "email_changed": gettext("Your e-mail address was changed"),
        "password_changed": gettext("Your password was changed"),
        returned_mail.ANSWER: gettext("Nobody reads answers to this mail"),
    }
    return subjects[mail.kind]


def render(mail: Mail) -> Message:
    """Word a mail, as text and as HTML, in the reader's language."""
    school = school_facts()
    facts = mail.facts | {"school": school, "language": mail.language, "kind": mail.kind}
    with force_locale(mail.language):
        subject = _plain(clean(str(_subject(mail, school.name))))
        templates = current_app.jinja_env
        name = letter_mails.TEMPLATE if mail.kind in letter_mails.SETTLE else mail.kind
        text = templates.get_template(f"mail/{name}.txt").render(facts | {"subject": subject})
        html = templates.get_template(f"mail/{name}.html").render(facts | {"subject": subject})
    message = Message(
        subject=subject,
        recipients=[mail.recipient],
        # What a template leaves out leaves empty lines.
        body=re.sub(r"\n{3,}", "\n\n", text.strip()) + "\n",
        html=html,
        sender=_sender_address(),
        reply_to=_answers_go_to(school) or None,
        extra_headers=HEADERS | _own_headers(mail),
    )
    message.sender = (_display_name(school.name), _sender_address())
    message.msgId = mail.message_id
    if mail.kind == meeting_tidings.CHANGED:
        with force_locale(mail.language):
            _attach_calendar(message, mail, school)
    return message


def _answers_go_to(school: SchoolFacts) -> str:
    """Return where an answer goes: to school, else to the portal, which says where to write.

    '' when neither has an address for it: then every mail says that nobody reads an answer.
    """
    return school.email or bounce_addresses.read_by_us()


def _own_headers(mail: Mail) -> dict[str, str]:
    if mail.kind in letter_mails.SETTLE:
        return letter_mails.headers(mail.facts)
    if mail.kind in conversation_notices.SETTLE:
        return conversation_notices.headers(mail.facts)
    if mail.kind == letter_digests.MAIL:
        return letter_digests.headers(mail.facts)
    return {"Auto-Submitted": "auto-replied"} if mail.kind == returned_mail.ANSWER else {}


def _attach_calendar(message: Message, mail: Mail, school: SchoolFacts) -> None:
    """Attach each changed talk as a file of its own: a calendar file with a method is about one talk."""
    organizer = meeting_calendar.Party(clean(school.name), _answers_go_to(school) or _sender_address())
    guardian = meeting_calendar.Party("", mail.recipient)
    for number, entry in enumerate(meeting_mails.entries(mail.facts, school.name), 1):
        method = "CANCEL" if entry.off else "REQUEST"
        message.attach(
            gettext("talk-%(number)s.ics", number=number),
            f"text/calendar; charset=utf-8; method={method}",
            meeting_calendar.request(entry, organizer, guardian, clock.now()),
        )


def _display_name(name: str) -> str:
    """Return a name that no mail program takes for an address, also one that reads headers carelessly."""
    return _plain(clean(re.sub(r"""[<>@"\\;:,()\[\]]""", " ", clean(name))))


def _plain(words: str) -> str:
    """Return words in which a mail program finds no code to read otherwise (RFC 2047)."""
    return words.replace("=?", "= ?")


def _sender_address() -> str:
    host = urlsplit(str(current_app.config["BASE_URL"])).hostname
    return parseaddr(str(current_app.config["MAIL_DEFAULT_SENDER"]))[1] or f"noreply@{host}"
