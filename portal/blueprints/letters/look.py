"""A letter as a parent will read it, and the mail about it, before its words count for anybody."""

from collections.abc import Sequence

from flask import Response, render_template

from portal.blueprints.letters.mail_shown import mail_of, page_with_mail
from portal.blueprints.letters.reply_forms import look_at_slip
from portal.blueprints.letters.shown import as_it_will_be
from portal.domain.attachment_lists import LetterFiles
from portal.domain.letter_audience import Part
from portal.models.letters import Letter


def look_page(
    letter: Letter, parts: Sequence[Part], with_it: LetterFiles, kept: Letter | None, mails: bool = True
) -> Response:
    """Return the page with a letter as it was typed, on a phone and as the mail about it.

    `kept`: what the portal has of it, when it has something; `mails`: whether its author lets that mail go.
    """
    mail = mail_of(letter, parts, with_it)
    page = render_template(
        "letters/look.html",
        letter=letter,
        children=[],
        receipt=None,
        reply=look_at_slip(kept) if kept else None,
        mail=mail,
        mails=mails,
        **as_it_will_be(letter.text, with_it),
    )
    return page_with_mail(page, mail)
