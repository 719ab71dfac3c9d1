"""Logging in by mail: a button in the mail, or the code beside it on another device."""

import logging

from flask import redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import viewer_or_none
from portal.blueprints.accounts.blueprint import bp
from portal.blueprints.accounts.devices import count_try, sign_in
from portal.blueprints.accounts.forms import CodeForm, LoginForm, StayForm, typed
from portal.blueprints.accounts.login import login_page, too_many
from portal.blueprints.accounts.returning import next_or_none, page_after_login
from portal.domain import mail_keys, outbox, sessions, throttle
from portal.domain.throttle import TooMany
from portal.extensions import db, start_writing
from portal.handlers import read_as_owner_of_link
from portal.words import gettext, language

log = logging.getLogger("portal.security")


@bp.post("/login/mail")
def request_login_mail() -> ResponseReturnValue:
    """Send a mail with a button and a code. Whether anybody has the address, only the worker finds out."""
    form = LoginForm()
    if not form.email.validate(form):
        return login_page(form, 422)
    try:
        ask_for_mail("login", typed(form.email))
    except TooMany as refusal:
        return login_page(form, 429, refusal)
    session["stay"] = bool(form.stay.data)
    return redirect(url_for("accounts.log_in_with_code", next=next_or_none()), 303)


def ask_for_mail(kind: str, email: str) -> None:
    """Queue a mail to a typed address; too many for one address are left out, with the same answer.

    The work is the same for every address. Raises TooMany only for the network it comes from.
    """
    now = clock.now()
    start_writing()
    throttle.spend([(throttle.NETWORK, throttle.network_of(request.remote_addr))], now)
    if throttle.allows(throttle.MAIL, email, now):
        outbox.queue(kind, now, address=email, language=language())
    db.session.commit()
    session["mail_to"] = email
    log.info("mail asked for: %s", kind)


@bp.route("/login/code", methods=["GET", "POST"])
def log_in_with_code() -> ResponseReturnValue:
    """Say that a mail is under way, and take its code."""
    if viewer_or_none():
        return redirect(page_after_login(), 303)
    form = CodeForm(email=session.get("mail_to"), stay=session.get("stay", True))
    if not form.validate_on_submit():
        return _code_page(form, 422 if form.is_submitted() else 200)
    try:
        count_try(throttle.CODE, throttle.CODE_ON_DEVICE, typed(form.email))
    except TooMany as refusal:
        return too_many(form, refusal, "accounts/code.html", next=next_or_none(), sent_to=_sent_to())
    start_writing()
    user_id = mail_keys.user_with_code(typed(form.email), typed(form.code), clock.now())
    if user_id is None:
        db.session.rollback()
        log.info("code refused")
        form.code.errors = [gettext("This code is not right, or it is too old. Look in the newest e-mail.")]
        return _code_page(form, 422)
    token = sessions.open_session(user_id, request.user_agent.string, form.stay.data, clock.now())
    db.session.commit()
    return sign_in(user_id, typed(form.email), token, form.stay.data, page_after_login())


def _code_page(form: CodeForm, status: int) -> ResponseReturnValue:
    return render_template("accounts/code.html", form=form, next=next_or_none(), sent_to=_sent_to()), status


def _sent_to() -> str | None:
    sent_to: str | None = session.get("mail_to")
    return sent_to


@bp.route("/login/link/<token>", methods=["GET", "POST"])
def follow_mail_link(token: str) -> ResponseReturnValue:
    """Log in with the link from the mail. Opening it only shows a button: mail scanners open links too."""
    form = StayForm()
    key = mail_keys.key_of(token, mail_keys.LOGIN, clock.now())
    if key is None and viewer_or_none():
        return redirect(page_after_login(), 303)
    if key is None:
        return render_template("accounts/link_gone.html", kind="login"), 410
    read_as_owner_of_link(key.language)
    if not form.validate_on_submit():
        return render_template("accounts/mail_link.html", form=form, key=key)
    start_writing()
    if not mail_keys.use_key(key.id, clock.now()):
        db.session.rollback()
        return render_template("accounts/link_gone.html", kind="login"), 410
    token = sessions.open_session(key.user_id, request.user_agent.string, form.stay.data, clock.now())
    db.session.commit()
    return sign_in(key.user_id, key.email, token, form.stay.data, page_after_login())
