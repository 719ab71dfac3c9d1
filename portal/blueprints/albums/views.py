"""The albums of a group, and one album."""

from datetime import datetime
from typing import Any

from flask import Response, abort, flash, make_response, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import access, clock
from portal.access import one_and_whether, one_to_change, viewer
from portal.blueprints.albums.blueprint import (
    LARGEST_REQUEST,
    album_or_404,
    album_to_change,
    bp,
    made_album_or_403,
)
from portal.blueprints.albums.forms import TitleForm
from portal.blueprints.albums.words import failure_words, problem_words
from portal.domain import album_lists, albums
from portal.domain.album_lists import AlbumPage
from portal.domain.attachment_words import MEGABYTE
from portal.domain.photos import LARGEST_FILE
from portal.extensions import db, start_writing
from portal.models.roster import Group
from portal.words import gettext


@bp.get("/groups/<int:group_id>/albums")
def show_albums(group_id: int) -> str:
    """Show the albums of a group: parents those that school shows, school all."""
    person = viewer()
    group, makes = one_and_whether(
        Group, group_id, access.groups_with_albums(person), access.groups_of_school(person)
    )
    albums_ = album_lists.albums_of_group(person, group_id)
    return render_template("albums/list.html", group=group, makes=makes, albums=albums_)


@bp.get("/groups/<int:group_id>/albums/new")
def show_new_album(group_id: int) -> str:
    """Ask for the title of a new album."""
    return render_template("albums/new.html", group=_own_group(group_id), form=TitleForm())


@bp.post("/groups/<int:group_id>/albums/new")
def create_album(group_id: int) -> ResponseReturnValue:
    """Begin an album, which parents do not see yet."""
    form = TitleForm()
    if not form.validate():
        return render_template("albums/new.html", group=_own_group(group_id), form=form), 422
    start_writing()
    album = albums.make_album(_own_group(group_id), form.title.data or "", viewer(), clock.now())
    db.session.commit()
    return redirect(url_for(".show_album", album_id=album.id), 303)


def _own_group(group_id: int) -> Group:
    """Return a group of which the signed-in person makes albums; a parent of it gets 403."""
    person = viewer()
    return one_to_change(Group, group_id, access.groups_with_albums(person), access.groups_of_school(person))


@bp.get("/albums/<int:album_id>")
def show_album(album_id: int) -> str:
    """Show the photos of an album; who makes it adds photos here."""
    return render_album(album_id)


def render_album(album_id: int, outcome: object = None) -> str:
    """Return the page of an album. `outcome`: what became of photos that were just sent."""
    return render_template("albums/show.html", outcome=outcome, **_parts_of(album_or_404(album_id)))


def _parts_of(page: AlbumPage) -> dict[str, Any]:
    photos = album_lists.photos_of_album(viewer(), page.id)
    ready = [photo for photo in photos if photo.ready_at]
    return {
        "album": page,
        "photos": photos,
        "ready": ready,
        "waiting": sum(photo.waits for photo in photos),
        "asked": sum(photo.asked for photo in photos),
        "since": max((photo.ready_at for photo in ready if photo.ready_at), default=None),
        "problem_words": problem_words,
        "failure_words": failure_words,
        "largest": LARGEST_FILE,
        "largest_mb": LARGEST_FILE // MEGABYTE,
        "together_mb": LARGEST_REQUEST // MEGABYTE,
    }


@bp.get("/albums/<int:album_id>/progress")
def show_progress(album_id: int) -> ResponseReturnValue:
    """Tell the page of an album which photos became ready after `since`; `left` is what it waits for.

    204 when nothing changed; all photos, with their right numbers, when the last one is settled.
    """
    parts = _parts_of(made_album_or_403(album_id))
    if not parts["waiting"]:
        answer: Response = make_response(render_template("albums/_photos.html", **parts))
        answer.headers["HX-Retarget"] = "#photos"
        return answer
    if request.args.get("left", type=int) == parts["waiting"]:
        return Response(status=204)
    since = request.args.get("since", type=datetime.fromisoformat)
    changed = [
        photo
        for photo in parts["photos"]
        if photo.failure or (photo.ready_at and (since is None or _is_after(photo.ready_at, since)))
    ]
    return render_template("albums/_progress.html", changed=changed, **parts)


def _is_after(moment: datetime, since: datetime) -> bool:
    return since.tzinfo is None or moment > since


@bp.post("/albums/<int:album_id>/showing")
def change_showing(album_id: int) -> ResponseReturnValue:
    """Show an album to the parents of the group, or hide it again (`state`: shown, hidden)."""
    state = request.form.get("state")
    if state not in ("shown", "hidden"):
        abort(400)
    start_writing()
    album = album_to_change(album_id)
    if state == "shown":
        albums.show_to_parents(album, viewer(), clock.now())
        flash(gettext("The parents of the group see this album now."), "ok")
    else:
        albums.hide_from_parents(album, viewer())
        flash(gettext("Only school sees this album now."), "ok")
    db.session.commit()
    return redirect(url_for(".show_album", album_id=album_id), 303)
