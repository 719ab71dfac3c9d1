"""The link in the mail of a day that stops it, for who is not signed in too."""

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal.blueprints.letters.blueprint import bp
from portal.domain import letter_digests, notice_choices
from portal.extensions import csrf, db, start_writing
from portal.handlers import read_as_owner_of_link


@bp.get("/letters/digest/<token>")
def show_digest(token: str) -> str:
    """Show a button that stops the mail of a day, or that it was stopped. Looking changes nothing."""
    reader = letter_digests.reader_of(token) or abort(404)
    read_as_owner_of_link(letter_digests.language_of(reader))
    return render_template("letters/digest.html", token=token, choice=notice_choices.choice_of(reader))


@bp.post("/letters/digest/<token>")
def stop_digest(token: str) -> ResponseReturnValue:
    """Stop the mail of a day, for a reader or a mail program, which follows no redirect (RFC 8058)."""
    start_writing()
    reader = letter_digests.reader_of(token) or abort(404)
    notice_choices.stop_digest(reader)
    db.session.commit()
    if request.form.get("List-Unsubscribe") == "One-Click":
        return "", 204
    return redirect(url_for(".show_digest", token=token), 303)


# A mail program has no page of ours to take a token from; the secret in the address says who it is.
csrf.exempt(stop_digest)
