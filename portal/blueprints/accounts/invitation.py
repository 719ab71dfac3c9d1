"""The way in for an invited adult, and the mail once more."""

from flask import redirect, render_template, request, session, url_for
from flask.typing import ResponseReturnValue
from flask_babel import force_locale

from portal import clock
from portal.access import viewer_or_none
from portal.blueprints.accounts.blueprint import bp
from portal.blueprints.accounts.devices import sign_in
from portal.blueprints.accounts.forms import InvitationForm, MailToForm, typed
from portal.blueprints.accounts.login import too_many
from portal.blueprints.accounts.mail_login import ask_for_mail
from portal.blueprints.accounts.password import new_hash
from portal.domain import accounts, invitations, sessions
from portal.domain.invitations import InvitationFacts, InvitedChild
from portal.domain.throttle import TooMany
from portal.extensions import db, start_writing
from portal.handlers import read_as_owner_of_link
from portal.words import gettext, language


@bp.route("/invitation/<token>", methods=["GET", "POST"])
def accept_invitation(token: str) -> ResponseReturnValue:
    """Show the invited person which children it is about, and take a password; the link proves who it is."""
    found = invitations.invitation_of(token, clock.now())
    if found:
        read_as_owner_of_link(found.language)
    person = viewer_or_none()
    if found and found.state == "used" and person and person.id == found.user_id:
        return redirect(url_for("home.show_today"), 303)
    if found is None or found.state != "open":
        return _link_gone(found, token)
    form = InvitationForm(language=language())
    if found.email:
        del form.email
    password_hash = new_hash(form, found.user_id) if form.validate_on_submit() else None
    if password_hash is None:
        children = invitations.children_of(found.user_id)
        return _invitation_page(form, found, children), 422 if form.is_submitted() else 200
    start_writing()
    now = clock.now()
    user = invitations.accept_invitation(token, password_hash, form.language.data, now)
    if user is None:
        db.session.rollback()
        return _link_gone(invitations.invitation_of(token, now), token)
    if form.email:
        accounts.request_new_email(user, typed(form.email), now)
    session_token = sessions.open_session(user.id, request.user_agent.string, form.stay.data, now)
    db.session.commit()
    home = url_for("home.show_today")
    with force_locale(form.language.data):
        said = gettext("Your account is ready.")
    return sign_in(found.user_id, found.email, session_token, form.stay.data, home, said)


def _invitation_page(form: InvitationForm, found: InvitationFacts, children: list[InvitedChild]) -> str:
    return render_template("accounts/invitation.html", form=form, invitation=found, children=children)


def _link_gone(found: InvitationFacts | None, token: str) -> ResponseReturnValue:
    """Say why the link no longer works and what to do; a link that never was is 404."""
    page = render_template("accounts/invitation_gone.html", invitation=found, token=token)
    return page, 410 if found else 404


@bp.route("/invitation/resend", methods=["GET", "POST"])
def resend_invitation() -> ResponseReturnValue:
    """Send the invitation again, or a mail to log in with; the owner of an old link needs to type nothing."""
    form = MailToForm()
    old = invitations.invitation_of(request.form.get("token", ""), clock.now())
    if old and old.email:
        read_as_owner_of_link(old.language)
        form.email.data = old.email
    elif not form.validate_on_submit():
        page = render_template("accounts/resend.html", form=form)
        return page, 422 if form.is_submitted() else 200
    try:
        ask_for_mail("resend", typed(form.email))
    except TooMany as refusal:
        return too_many(form, refusal, "accounts/resend.html")
    session.pop("stay", None)
    return redirect(url_for("accounts.log_in_with_code"), 303)
