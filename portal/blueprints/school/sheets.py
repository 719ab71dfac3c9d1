"""The invitation as a sheet of paper, in the language of who gets it."""

from datetime import date

import segno
from flask import render_template
from flask_babel import force_locale
from markupsafe import Markup

from portal import names
from portal.domain.invitation_letters import InvitationLetter


def sheet_of(letter: InvitationLetter, today: date) -> Markup:
    """Return one letter with its link as a QR code."""
    account = letter.account
    drawing = segno.make_qr(letter.link, error="m").svg_inline(
        border=0, omitsize=True, svgclass=None, lineclass=None
    )
    with force_locale(account.language):
        page = render_template(
            "school/_invitation_letter.html",
            letter=letter,
            name=names.of_institution(
                names.full(account.given_name, account.prefix, account.surname), account.organisation
            ),
            full=names.full,
            code=Markup(drawing),  # noqa: S704
            today=today,
        )
    return Markup(page)  # noqa: S704
