"""Changing an album, and taking photos or all of it away."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import access, clock
from portal.access import all_or_404, viewer
from portal.blueprints.albums.blueprint import album_to_change, bp, made_album_or_403
from portal.blueprints.albums.forms import AlbumForm
from portal.domain import album_lists, albums
from portal.extensions import db, start_writing
from portal.models.albums import Photo
from portal.words import gettext, ngettext


@bp.get("/albums/<int:album_id>/details")
def show_details(album_id: int) -> str:
    """Show title and keeping of an album in a form."""
    album = made_album_or_403(album_id)
    form = AlbumForm(formdata=None, data={"title": album.title, "keep": album.kept_at is not None})
    return render_template("albums/details.html", album=album, form=form)


@bp.post("/albums/<int:album_id>/details")
def change_details(album_id: int) -> ResponseReturnValue:
    """Change the title of an album, and whether it stays after the school year."""
    form = AlbumForm()
    if not form.validate():
        return render_template("albums/details.html", album=made_album_or_403(album_id), form=form), 422
    start_writing()
    album = album_to_change(album_id)
    albums.change_album(album, form.title.data or "", bool(form.keep.data), viewer(), clock.now())
    db.session.commit()
    flash(gettext("Saved."), "ok")
    return redirect(url_for(".show_album", album_id=album_id), 303)


@bp.get("/albums/<int:album_id>/photos/removal")
def choose_photos(album_id: int) -> str:
    """Show the photos with a box each, to choose which go; `photo` is ticked already."""
    album = made_album_or_403(album_id)
    return render_template(
        "albums/choose.html",
        album=album,
        photos=album_lists.photos_of_album(viewer(), album.id),
        chosen=request.args.getlist("photo", type=int),
    )


@bp.post("/albums/<int:album_id>/photos/removal")
def remove_photos(album_id: int) -> ResponseReturnValue:
    """Take the chosen photos (`photo`) away; without `sure` the page asks first."""
    album = made_album_or_403(album_id)
    numbers = request.form.getlist("photo", type=int)
    photos = album_lists.photos_of_album(viewer(), album.id)
    if not numbers:
        return render_template("albums/choose.html", album=album, photos=photos, chosen=[], none=True), 422
    chosen = [photo for photo in photos if photo.id in numbers]
    if len(chosen) < len(set(numbers)):
        abort(404)
    if "sure" not in request.form:
        return render_template("albums/photo_removal.html", album=album, chosen=chosen, total=len(photos))
    start_writing()
    to_go = all_or_404(Photo, numbers, access.photos_made_by(viewer()))
    albums.remove_photos(album_to_change(album_id), to_go, viewer(), clock.now())
    db.session.commit()
    flash(ngettext("%(num)s photo is removed.", "%(num)s photos are removed.", len(to_go)), "ok")
    return redirect(url_for(".show_album", album_id=album_id), 303)


@bp.get("/albums/<int:album_id>/removal")
def show_removal(album_id: int) -> str:
    """Ask whether the whole album is to go."""
    album = made_album_or_403(album_id)
    number = len(album_lists.photos_of_album(viewer(), album.id))
    return render_template("albums/removal.html", album=album, number=number)


@bp.post("/albums/<int:album_id>/removal")
def remove_album(album_id: int) -> ResponseReturnValue:
    """Delete an album with all its photos."""
    start_writing()
    album = album_to_change(album_id)
    group_id, title = album.group_id, album.title
    albums.remove_album(album, viewer(), clock.now())
    db.session.commit()
    flash(gettext("“%(title)s” is removed with its photos.", title=title), "ok")
    return redirect(url_for(".show_albums", group_id=group_id), 303)
