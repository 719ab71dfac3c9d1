"""A forgotten password, and another one."""

from flask import flash, redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue

from portal import access, clock
from portal.access import one_or_404, viewer
from portal.blueprints.accounts.blueprint import bp
from portal.blueprints.accounts.devices import count_try, sign_in
from portal.blueprints.accounts.forms import (
    ChangePasswordForm,
    InvitationForm,
    MailToForm,
    NewPasswordForm,
    typed,
)
from portal.blueprints.accounts.login import too_many
from portal.blueprints.accounts.mail_login import ask_for_mail
from portal.domain import accounts, logins, mail_keys, passwords, sessions, throttle
from portal.domain.throttle import TooMany
from portal.errors import Refused
from portal.extensions import db, read_afresh, start_writing
from portal.handlers import read_as_owner_of_link
from portal.models.accounts import User
from portal.words import gettext


@bp.route("/password/forgot", methods=["GET", "POST"])
def request_password_mail() -> ResponseReturnValue:
    """Send a mail with which a new password can be chosen."""
    form = MailToForm()
    if not form.validate_on_submit():
        sent_to = session.get("mail_to") if request.args.get("sent") else None
        page = render_template("accounts/forgot_password.html", form=form, sent_to=sent_to)
        return page, 422 if form.is_submitted() else 200
    try:
        ask_for_mail("password", typed(form.email))
    except TooMany as refusal:
        return too_many(form, refusal, "accounts/forgot_password.html")
    return redirect(url_for("accounts.request_password_mail", sent=1), 303)


@bp.route("/password/reset/<token>", methods=["GET", "POST"])
def reset_password(token: str) -> ResponseReturnValue:
    """Choose a new password with the link from the mail; every device is signed out but this one."""
    key = mail_keys.key_of(token, mail_keys.PASSWORD, clock.now())
    if key is None:
        return render_template("accounts/link_gone.html", kind="password"), 410
    read_as_owner_of_link(key.language)
    form = NewPasswordForm()
    chosen = new_hash(form, key.user_id) if form.validate_on_submit() else None
    if chosen is None:
        page = render_template("accounts/reset_password.html", form=form, key=key)
        return page, 422 if form.is_submitted() else 200
    start_writing()
    if not mail_keys.use_key(key.id, clock.now()):
        db.session.rollback()
        return render_template("accounts/link_gone.html", kind="password"), 410
    logins.set_password(accounts.account(key.user_id), chosen, clock.now())
    session_token = sessions.open_session(key.user_id, request.user_agent.string, form.stay.data, clock.now())
    db.session.commit()
    home, said = url_for("home.show_today"), gettext("Your new password is kept. You are logged in.")
    return sign_in(key.user_id, key.email, session_token, form.stay.data, home, said)


def new_hash(form: NewPasswordForm | ChangePasswordForm | InvitationForm, user_id: int) -> str | None:
    """Return how the new password is kept, or None with the reason at its field."""
    try:
        passwords.refuse_weak(typed(form.new_password), accounts.own_words(user_id))
    except Refused as refusal:
        form.refuse(refusal)
        return None
    read_afresh()
    return passwords.hash_password(typed(form.new_password))


@bp.route("/profile/password", methods=["GET", "POST"])
def change_password() -> ResponseReturnValue:
    """Change one's password; every other device is signed out."""
    form = ChangePasswordForm()
    template = "accounts/change_password.html"
    if not form.validate_on_submit():
        return render_template(template, form=form), 422 if form.is_submitted() else 200
    try:
        if not knows_password(form):
            return render_template(template, form=form), 422
    except TooMany as refusal:
        return too_many(form, refusal, template)
    chosen = new_hash(form, viewer().id)
    if chosen is None:
        return render_template(template, form=form), 422
    start_writing()
    user = one_or_404(User, viewer().id, access.own_account(viewer()))
    logins.set_password(user, chosen, clock.now(), viewer(), keep=viewer().session_id)
    db.session.commit()
    flash(gettext("Your password was changed. Your other devices are logged out."))
    return redirect(url_for("accounts.show_profile"), 303)


def knows_password(form: ChangePasswordForm) -> bool:
    """Whether the field `current_password` is right; says so at the field when it is not. Raises TooMany."""
    attempt = count_try(throttle.PASSWORD, throttle.PASSWORD_ON_DEVICE, viewer().email or str(viewer().id))
    if not logins.is_own_password(viewer(), typed(form.current_password)):
        form.current_password.errors = [gettext("This is not your password now.")]
        return False
    start_writing()
    throttle.give_back(attempt)
    db.session.commit()
    return True
