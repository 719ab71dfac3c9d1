"""How one wants to be told of letters and messages, and at what hours not."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import time
from typing import Any

from flask import flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue
from wtforms import BooleanField, RadioField, SelectField
from wtforms.validators import Optional

from portal import clock
from portal.access import viewer
from portal.blueprints.accounts.blueprint import bp
from portal.domain import notice_choices
from portal.domain.notice_choices import AT_ONCE, DIGEST, HOURS, PORTAL, Choice
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.formatting import clock_time
from portal.forms import ClockField, Form, options
from portal.words import gettext, lazy_gettext

EVENING, MORNING = time(21, 0), time(7, 0)


class NoticesForm(Form):
    """Letters at once, once a day or not by mail, and the quiet hours."""

    letters = RadioField(
        lazy_gettext("Mail about letters from school"),
        choices=options(
            [
                (AT_ONCE, lazy_gettext("At once")),
                (DIGEST, lazy_gettext("One mail a day")),
                (PORTAL, lazy_gettext("No mail")),
            ]
        ),
    )
    digest_hour = SelectField(lazy_gettext("At what time?"), coerce=int)
    quiet = BooleanField(lazy_gettext("No mail in my quiet hours"))
    quiet_from = ClockField(lazy_gettext("Quiet from"), validators=[Optional()])
    quiet_until = ClockField(lazy_gettext("Quiet until"), validators=[Optional()])

    def validate(self, extra_validators: Mapping[str, Sequence[Any]] | None = None) -> bool:
        """Ask for both quiet hours, and for two that differ, where somebody wants them."""
        right = super().validate(extra_validators)
        begins, ends = self.quiet_from, self.quiet_until
        if not self.quiet.data:
            begins.errors, ends.errors = [], []
            return not self.errors
        if right:
            missing = next((field for field in (begins, ends) if field.data is None), None)
            if missing is not None:
                missing.errors = [gettext("Fill in from when until when, like 21:00 and 7:00.")]
            elif begins.data == ends.data:
                ends.errors = [gettext("These hours are the same. Fill in until when it is quiet.")]
            return not (begins.errors or ends.errors)
        return bool(right)

    def chosen(self, before: Choice) -> Choice:
        """Return what was filled in; what the page did not ask stays as it was."""
        quiet = bool(self.quiet.data)
        found = replace(
            before,
            quiet_from=self.quiet_from.data if quiet else None,
            quiet_until=self.quiet_until.data if quiet else None,
        )
        if "letters" not in self:
            return found
        return replace(found, letters=str(self.letters.data), digest_hour=int(self.digest_hour.data))


def _form(choice: Choice) -> NoticesForm:
    """Return the form; who is no guardian gets no letters, and has only the quiet hours."""
    form = NoticesForm(
        letters=choice.letters,
        digest_hour=choice.digest_hour,
        quiet=choice.quiet_from is not None,
        quiet_from=choice.quiet_from or EVENING,
        quiet_until=choice.quiet_until or MORNING,
    )
    form.digest_hour.choices = options((hour, clock_time(time(hour))) for hour in HOURS)
    if not viewer().is_guardian:
        del form.letters
        del form.digest_hour
    return form


@bp.route("/profile/notices", methods=["GET", "POST"])
def choose_notices() -> ResponseReturnValue:
    """Choose how to be told of letters and messages."""
    choice = notice_choices.choice_of(viewer().id)
    form = _form(choice)
    if not form.validate_on_submit():
        page = render_template("accounts/notices.html", form=form)
        return page, 422 if form.is_submitted() else 200
    start_writing()
    try:
        notice_choices.keep(viewer(), form.chosen(choice), clock.now())
    except Refused as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return render_template("accounts/notices.html", form=form), 422
    db.session.commit()
    flash(gettext("This is how you get mail from now on."))
    return redirect(url_for(".show_profile"), 303)
