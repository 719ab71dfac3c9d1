"""Logging in with e-mail and password, and logging out."""

import logging

from flask import Response, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_wtf.csrf import CSRFError

from portal import clock
from portal.access import one_or_404, own_sessions, viewer, viewer_or_none
from portal.blueprints.accounts.blueprint import bp
from portal.blueprints.accounts.devices import count_try, sign_in
from portal.blueprints.accounts.forms import LoginForm, typed
from portal.blueprints.accounts.returning import next_or_none, page_after_login
from portal.domain import logins, sessions, throttle
from portal.domain.throttle import TooMany
from portal.extensions import db, start_writing
from portal.formatting import clock_time
from portal.forms import Form
from portal.handlers import show_expired_form
from portal.models.accounts import LoginSession
from portal.words import gettext

log = logging.getLogger("portal.security")


@bp.route("/login", methods=["GET", "POST"])
def log_in() -> ResponseReturnValue:
    """Log in with e-mail and password."""
    if viewer_or_none():
        return redirect(page_after_login(), 303)
    form = LoginForm()
    if not form.validate_on_submit():
        return login_page(form, 422 if form.is_submitted() else 200)
    try:
        attempt = count_try(throttle.PASSWORD, throttle.PASSWORD_ON_DEVICE, typed(form.email))
    except TooMany as refusal:
        return login_page(form, 429, refusal)
    login = logins.verified(typed(form.email), typed(form.password))
    if login is None:
        log.info("login refused")
        form.form_errors.append(gettext("This e-mail address and password do not belong together."))
        return login_page(form, 422)
    start_writing()
    throttle.give_back(attempt)
    logins.keep_new_hash(login)
    token = sessions.open_session(login.user_id, request.user_agent.string, form.stay.data, clock.now())
    db.session.commit()
    return sign_in(login.user_id, typed(form.email), token, form.stay.data, page_after_login())


def login_page(form: LoginForm, status: int, refusal: TooMany | None = None) -> ResponseReturnValue:
    """Show the login page, with what was typed still in place."""
    if refusal:
        return too_many(form, refusal, "accounts/login.html", next=next_or_none())
    return render_template("accounts/login.html", form=form, next=next_or_none()), status


def too_many(form: Form, refusal: TooMany, template: str, **values: object) -> ResponseReturnValue:
    """Show the form again and say from when on a next try counts."""
    db.session.rollback()
    log.info("too many tries")
    seconds = max(1, round((refusal.until - clock.now()).total_seconds()))
    day = clock.to_local(refusal.until).date()
    if seconds <= 60:
        sentence = gettext("This was tried too often. Wait a minute and try again.")
    elif day == clock.today():
        time = clock_time(refusal.until)
        sentence = gettext("This was tried too often. Try again after %(time)s.", time=time)
    else:
        sentence = gettext("This was tried too often. Use the button in the mail, or try again tomorrow.")
    form.form_errors.append(sentence)
    page = render_template(template, form=form, **values)
    return Response(page, 429, {"Retry-After": str(seconds)})


@bp.errorhandler(CSRFError)
def show_expired_login(error: CSRFError) -> ResponseReturnValue:
    """Show the login form again to who had it open too long, or whose browser forgot its session."""
    if request.endpoint not in ("accounts.log_in", "accounts.request_login_mail"):
        return show_expired_form(error)
    form = LoginForm()
    form.form_errors.append(gettext("This page was open too long. Fill in your password once more."))
    return login_page(form, 400)


@bp.route("/logout", methods=["GET", "POST"])
def log_out() -> ResponseReturnValue:
    """Ask whether to log out; then sign out this device, whose cookie opens nothing any more."""
    if request.method != "POST":
        return render_template("accounts/logout.html")
    start_writing()
    sessions.end_session(one_or_404(LoginSession, viewer().session_id, own_sessions(viewer())), clock.now())
    db.session.commit()
    return signed_out()


def signed_out() -> ResponseReturnValue:
    """Forget this device's session and go to the login page."""
    session.clear()
    log.info("signed out")
    response = redirect(url_for("accounts.log_in"), 303)
    if request.is_secure:
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response
