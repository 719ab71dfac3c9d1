"""One's own details, and the devices on which one is logged in."""

from flask import flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import access, clock
from portal.access import one_or_404, viewer
from portal.blueprints.accounts.blueprint import bp
from portal.blueprints.accounts.forms import EmailForm, PhoneForm, typed
from portal.blueprints.accounts.login import signed_out, too_many
from portal.blueprints.accounts.password import knows_password
from portal.domain import accounts, directory, mail_keys, notice_choices, roster_staff, sessions, throttle
from portal.domain.importers.contacts import email_of, phone_of
from portal.domain.throttle import TooMany
from portal.extensions import db, start_writing
from portal.handlers import read_as_owner_of_link
from portal.models.accounts import LoginSession, User
from portal.words import gettext


@bp.get("/profile")
def show_profile() -> ResponseReturnValue:
    """Show one's own details, who sees them, and where one is logged in."""
    return render_template(
        "accounts/profile.html",
        reach=roster_staff.reach_of(viewer()) if viewer().is_staff else None,
        full_name=viewer().full_name,
        notices=notice_choices.choice_of(viewer().id),
        visibility=directory.visibility_of(viewer()),
        sessions=sessions.sessions_of(viewer(), clock.now()),
        unconfirmed=None if viewer().email else mail_keys.unconfirmed_address(viewer().id, clock.now()),
    )


@bp.route("/profile/contact", methods=["GET", "POST"])
def update_contact() -> ResponseReturnValue:
    """Change one's own telephone number."""
    form = PhoneForm(obj=directory.own_contact(viewer()))
    if not form.validate_on_submit():
        seeing = directory.visibility_of(viewer()).seeing("phone")
        page = render_template("accounts/phone.html", form=form, seeing=seeing)
        return page, 422 if form.is_submitted() else 200
    number = phone_of(typed(form.phone)) or ("", "")
    start_writing()
    user = one_or_404(User, viewer().id, access.own_account(viewer()))
    accounts.change_phone(user, *number, clock.now())
    db.session.commit()
    flash(gettext("Your telephone number is kept."))
    return redirect(url_for(".show_profile"), 303)


@bp.route("/profile/email", methods=["GET", "POST"])
def change_email() -> ResponseReturnValue:
    """Ask for another e-mail address; it changes when the mail to the new one is answered."""
    form, template = EmailForm(), "accounts/email.html"
    seeing = directory.visibility_of(viewer()).seeing("email")
    if not form.validate_on_submit():
        return render_template(template, form=form, seeing=seeing), 422 if form.is_submitted() else 200
    email = email_of(typed(form.email))
    try:
        if email is None:
            form.email.errors = [gettext("This e-mail address cannot exist. Look whether it is typed right.")]
        if email is None or not knows_password(form):
            return render_template(template, form=form, seeing=seeing), 422
    except TooMany as refusal:
        return too_many(form, refusal, template, seeing=seeing)
    start_writing()
    user = one_or_404(User, viewer().id, access.own_account(viewer()))
    said = gettext(
        "We sent a mail to %(email)s. Your address changes when you confirm it there.", email=email
    )
    what_became = _asked_to_confirm(user, email, said)
    db.session.commit()
    flash(*what_became)
    return redirect(url_for(".show_profile"), 303)


@bp.post("/profile/email/confirmation")
def send_confirmation() -> ResponseReturnValue:
    """Send the mail again with which who has no address yet confirms the one that was filled in."""
    start_writing()
    user = one_or_404(User, viewer().id, access.own_account(viewer()))
    email = mail_keys.unconfirmed_address(user.id, clock.now())
    if email is None:
        db.session.rollback()
        return redirect(url_for(".show_profile"), 303)
    said = gettext("We sent a mail to %(email)s again. Look in your unwanted mail too.", email=email)
    what_became = _asked_to_confirm(user, email, said)
    db.session.commit()
    flash(*what_became)
    return redirect(url_for("home.show_today"), 303)


def _asked_to_confirm(user: User, email: str, said: str) -> tuple[str, str]:
    """Send the mail that confirms an address; return what to tell: `said`, or that it was asked too often."""
    if throttle.allows(throttle.MAIL, f"new address of {user.id}", clock.now()):
        accounts.request_new_email(user, email, clock.now())
        return said, "message"
    return gettext("You asked for this mail several times. Ask again in an hour."), "warn"


@bp.route("/profile/email/<token>", methods=["GET", "POST"])
def confirm_email(token: str) -> ResponseReturnValue:
    """Confirm a new address with the link from the mail. Opening it only shows a button."""
    key = mail_keys.key_of(token, mail_keys.EMAIL, clock.now())
    if key is None:
        return render_template("accounts/link_gone.html", kind="email"), 410
    read_as_owner_of_link(key.language)
    if request.method != "POST":
        return render_template("accounts/confirm_email.html", key=key)
    start_writing()
    if not mail_keys.use_key_of_address(key, clock.now()):
        db.session.rollback()
        return render_template("accounts/link_gone.html", kind="email"), 410
    accounts.confirm_new_email(accounts.account(key.user_id), str(key.new_email), clock.now())
    db.session.commit()
    flash(gettext("Your e-mail address is now %(email)s.", email=key.new_email))
    return redirect(url_for(".show_profile"), 303)


@bp.post("/profile/sessions/<int:session_id>/ending")
def end_session(session_id: int) -> ResponseReturnValue:
    """Log out one device."""
    start_writing()
    ended = one_or_404(LoginSession, session_id, access.own_sessions(viewer()))
    sessions.end_session(ended, clock.now())
    db.session.commit()
    if session_id == viewer().session_id:
        return signed_out()
    flash(gettext("That device is logged out."))
    return redirect(url_for(".show_profile"), 303)


@bp.post("/profile/sessions/ending")
def end_other_sessions() -> ResponseReturnValue:
    """Log out every device but this one."""
    start_writing()
    sessions.end_sessions(viewer().id, clock.now(), except_id=viewer().session_id)
    db.session.commit()
    flash(gettext("Your other devices are logged out."))
    return redirect(url_for(".show_profile"), 303)
