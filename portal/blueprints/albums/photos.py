"""One photo: its page, its bytes, and what a parent asks about it."""

from flask import Response, abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import access, clock
from portal.access import one_or_404, viewer
from portal.blueprints.albums.blueprint import album_or_404, album_to_change, bp
from portal.blueprints.albums.forms import RequestForm
from portal.blueprints.downloads import plain_name
from portal.domain import album_lists, albums
from portal.domain.photo_work import PICTURE, THUMBNAIL
from portal.domain.photos import PICTURE_TYPE, THUMBNAIL_TYPE
from portal.extensions import db, start_writing
from portal.models.albums import Photo
from portal.words import gettext


@bp.get("/photos/<int:photo_id>")
def show_photo(photo_id: int) -> str:
    """Show a photo with the way to the previous and the next one."""
    return _page(photo_id, RequestForm(formdata=None))


def _page(photo_id: int, form: RequestForm) -> str:
    photo = one_or_404(Photo, photo_id, access.photos_visible_to(viewer()))
    album = album_or_404(photo.album_id)
    ready = [one for one in album_lists.photos_of_album(viewer(), album.id) if one.ready_at]
    place = next(index for index, one in enumerate(ready) if one.id == photo_id)
    return render_template(
        "albums/photo.html",
        album=album,
        photo=photo,
        number=place + 1,
        total=len(ready),
        previous=ready[place - 1].id if place else None,
        following=ready[place + 1].id if place + 1 < len(ready) else None,
        form=form,
        own_request=album_lists.own_request(viewer(), photo_id) if album.asks else None,
        requests=album_lists.requests_about(viewer(), photo_id) if album.makes else [],
    )


@bp.get("/photos/<int:photo_id>/picture")
def send_picture(photo_id: int) -> Response:
    """Send a photo as large as it is kept; with `download` as a file."""
    return _sent(photo_id, PICTURE, PICTURE_TYPE)


@bp.get("/photos/<int:photo_id>/thumbnail")
def send_thumbnail(photo_id: int) -> Response:
    """Send a photo as small as albums show it."""
    return _sent(photo_id, THUMBNAIL, THUMBNAIL_TYPE)


def _sent(photo_id: int, size: str, media_type: str) -> Response:
    """Send bytes to who may look at the photo now; no cache keeps them, on the way or at home (R26)."""
    found = album_lists.photo_file(viewer(), photo_id, size)
    if found is None:
        abort(404)
    content, title = found
    answer = Response(content, mimetype=media_type)
    kind = "attachment" if "download" in request.args else "inline"
    extension = media_type.partition("/")[2].replace("jpeg", "jpg")
    name = f"{plain_name(title, 'foto', longest=40)}-{photo_id}.{extension}"
    answer.headers["Content-Disposition"] = f"{kind}; filename={name}"
    return answer


@bp.post("/photos/<int:photo_id>/request")
def ask_removal(photo_id: int) -> ResponseReturnValue:
    """Ask school to take a photo away, or take that back (`state` withdrawn)."""
    form = RequestForm()
    one_or_404(Photo, photo_id, access.photos_of_children(viewer()))
    if not form.validate():
        return _page(photo_id, form), 422
    start_writing()
    photo = one_or_404(Photo, photo_id, access.photos_of_children(viewer()))
    if request.form.get("state") == "withdrawn":
        albums.withdraw_request(photo, viewer())
        flash(gettext("Your request is taken back."), "ok")
    else:
        albums.ask_removal(photo, form.reason.data or "", viewer(), clock.now())
        flash(gettext("School sees your request with this photo."), "ok")
    db.session.commit()
    return redirect(url_for(".show_photo", photo_id=photo_id), 303)


@bp.post("/photos/<int:photo_id>/answer")
def let_stay(photo_id: int) -> ResponseReturnValue:
    """Let a photo stay although a parent asked to take it away."""
    start_writing()
    photo = one_or_404(Photo, photo_id, access.photos_visible_to(viewer()))
    album_to_change(photo.album_id)
    albums.let_photo_stay(album_lists.open_requests(viewer(), photo_id), viewer(), clock.now())
    db.session.commit()
    flash(gettext("The photo stays. Who asked reads that here."), "ok")
    return redirect(url_for(".show_photo", photo_id=photo_id), 303)
