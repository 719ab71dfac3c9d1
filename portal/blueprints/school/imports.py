"""The roster import: files, a look at what they would do, and the decision."""

from flask import abort, flash, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import access, clock, paging
from portal.access import one_or_404, viewer
from portal.blueprints.school.blueprint import bp
from portal.blueprints.school.import_forms import FilesForm, columns_chosen
from portal.blueprints.school.import_pages import (
    SECTIONS,
    Page,
    acceptance_of,
    answers_of,
    group_changes,
    page_of,
)
from portal.blueprints.uploads import allow_files
from portal.domain import roster_columns, roster_import
from portal.domain.holding import Overtaken
from portal.domain.importers.files import MAX_UPLOAD, Upload
from portal.domain.importers.headings import IGNORE, MEANINGS
from portal.domain.importers.rows import Problem
from portal.domain.roster_import import Acceptance, sentence_of
from portal.errors import Refused
from portal.extensions import db, start_writing
from portal.models.imports import RosterImport
from portal.words import gettext, ngettext

UPLOADING = ("school.create_import", "school.map_columns", "school.cancel_import")
LISTED_AT_ONCE = 100


allow_files(bp, MAX_UPLOAD, *UPLOADING, who=lambda person: person.is_office)


@bp.get("/import")
def show_import_form() -> str:
    """Ask for the files, and show what still waits to be accepted."""
    return _files_page(FilesForm(), [])


@bp.post("/import")
def create_import() -> ResponseReturnValue:
    """Read the files and keep what they would do as a preview; nothing changes yet."""
    form = FilesForm()
    if not form.validate():
        return _files_page(form, []), 422
    uploads = form.uploads()
    found = roster_import.read_files(uploads)
    if found.roster.refused:
        return _files_page(form, list(found.roster.problems)), 422
    start_writing()
    kept = roster_import.keep_preview([upload.name for upload in uploads], found, viewer(), clock.now())
    import_id = kept.id
    db.session.commit()
    endpoint = ".show_columns" if found.unknown else ".show_import"
    return redirect(url_for(endpoint, import_id=import_id), 303)


@bp.get("/import/<int:import_id>")
def show_import(import_id: int) -> ResponseReturnValue:
    """Show what would change, with a box for each row."""
    kept = _load(import_id)
    if roster_columns.unknown_tables(kept):
        return redirect(url_for(".show_columns", import_id=import_id), 303)
    seen = roster_import.preview_of(kept, viewer(), clock.today())
    return _preview(kept, page_of(seen.plan), of_family=seen.of_family)


@bp.get("/import/<int:import_id>/rows/<section>")
def show_import_rows(import_id: int, section: str) -> str:
    """Show all rows of one long section, page by page."""
    kept = _load(import_id)
    if section not in SECTIONS:
        abort(404)
    seen = roster_import.preview_of(kept, viewer(), clock.today())
    shown = page_of(seen.plan).section(section)
    page, pages = paging.page_of(request.args.get("page", 1, type=int), len(shown.rows), LISTED_AT_ONCE)
    return render_template(
        "school/import_rows.html",
        kept=kept,
        section=shown,
        rows=shown.rows[(page - 1) * LISTED_AT_ONCE : page * LISTED_AT_ONCE],
        page=page,
        pages=pages,
        page_url=lambda number: url_for(
            ".show_import_rows", import_id=import_id, section=section, page=number
        ),
    )


@bp.post("/import/<int:import_id>/acceptance")
def accept_import(import_id: int) -> ResponseReturnValue:
    """Read the roster in as the office decided: all of it in one transaction, or nothing."""
    start_writing()
    kept = _load(import_id)
    seen = roster_import.preview_of(kept, viewer(), clock.today(), answers_of(request.form))
    given = acceptance_of(request.form, seen.plan)
    try:
        done = roster_import.accept(kept, given, viewer(), clock.now(), clock.today())
    except Overtaken as overtaken:
        db.session.rollback()
        flash(overtaken.sentence, "warn")
        return redirect(url_for(".show_import", import_id=import_id), 303)
    except Refused as refusal:
        db.session.rollback()
        return _asked_again(import_id, given, refusal), 422
    db.session.commit()
    flash(_summary(done), "ok")
    return redirect(url_for(".show_pupils"), 303)


@bp.post("/import/<int:import_id>/cancellation")
def cancel_import(import_id: int) -> ResponseReturnValue:
    """Throw a preview away."""
    start_writing()
    roster_import.cancel_preview(_load(import_id), viewer())
    db.session.commit()
    flash(gettext("The import is thrown away. Nothing has changed."), "ok")
    return redirect(url_for(".show_import_form"), 303)


@bp.get("/import/<int:import_id>/mapping")
def show_columns(import_id: int) -> ResponseReturnValue:
    """Ask what the columns of an unknown table are."""
    kept = _load(import_id)
    if not roster_columns.unknown_tables(kept):
        return redirect(url_for(".show_import", import_id=import_id), 303)
    return _columns_page(kept, FilesForm(), {}, [])


@bp.post("/import/<int:import_id>/mapping")
def map_columns(import_id: int) -> ResponseReturnValue:
    """Remember what the columns are, and read the file again, which was not kept."""
    kept = _load(import_id)
    form = FilesForm()
    tables = roster_columns.unknown_tables(kept)
    if not tables:
        return redirect(url_for(".show_import", import_id=import_id), 303)
    chosen = {table.fingerprint: columns_chosen(request.form, table) for table in tables}
    if not form.validate():
        return _columns_page(kept, form, chosen, []), 422
    uploads = form.uploads()
    start_writing()
    kept = _load(import_id)
    try:
        for table in tables:
            roster_columns.remember_columns(table, chosen[table.fingerprint], viewer(), clock.now())
    except Refused as refusal:
        db.session.rollback()
        form.form_errors.append(refusal.sentence)
        return _columns_page(_load(import_id), form, chosen, []), 422
    db.session.commit()
    return _read_again(import_id, form, uploads, chosen)


def _read_again(
    import_id: int, form: FilesForm, uploads: list[Upload], chosen: dict[str, list[str]]
) -> ResponseReturnValue:
    found = roster_import.read_files(uploads)
    if found.roster.refused:
        return _columns_page(_load(import_id), form, chosen, list(found.roster.problems)), 422
    start_writing()
    kept = _load(import_id)
    try:
        roster_columns.add_to_preview(kept, found)
    except Refused as refusal:
        db.session.rollback()
        form.refuse(refusal)
        return _columns_page(_load(import_id), form, chosen, []), 422
    db.session.commit()
    return redirect(url_for(".show_import", import_id=import_id), 303)


def _load(import_id: int) -> RosterImport:
    return one_or_404(RosterImport, import_id, access.of_office(viewer()))


def _files_page(form: FilesForm, problems: list[Problem]) -> str:
    return render_template(
        "school/import_files.html",
        form=form,
        problems=problems,
        sentence_of=sentence_of,
        waiting=roster_import.waiting_previews(clock.now()),
    )


def _columns_page(
    kept: RosterImport, form: FilesForm, chosen: dict[str, list[str]], problems: list[Problem]
) -> str:
    return render_template(
        "school/import_columns.html",
        kept=kept,
        form=form,
        tables=roster_columns.unknown_tables(kept),
        files=roster_columns.files_waiting(kept),
        chosen=chosen,
        problems=problems,
        sentence_of=sentence_of,
        ignore=IGNORE,
        meanings=MEANINGS,
    )


def _asked_again(import_id: int, given: Acceptance, refusal: Refused) -> str:
    """Show the preview with everything as it was ticked and answered, and what is still needed."""
    kept = _load(import_id)
    seen = roster_import.preview_of(kept, viewer(), clock.today(), given.answers)
    return _preview(kept, page_of(seen.plan, given), refusal, of_family=seen.of_family)


def _preview(kept: RosterImport, page: Page, refusal: Refused | None = None, *, of_family: bool) -> str:
    return render_template(
        "school/import_preview.html",
        kept=kept,
        files=roster_import.file_names(kept),
        page=page,
        plan=page.plan,
        group_changes=group_changes(page.plan),
        refusal=refusal,
        of_family=of_family,
        sentence_of=sentence_of,
    )


def _summary(done: dict[str, tuple[int, int, int]]) -> str:
    added, changed, removed = done["pupils"]
    parts = [
        ngettext("%(num)s new pupil", "%(num)s new pupils", added),
        ngettext("%(num)s pupil changed", "%(num)s pupils changed", changed),
        ngettext("%(num)s pupil left", "%(num)s pupils left", removed),
        ngettext("%(num)s new guardian", "%(num)s new guardians", done["guardians"][0]),
    ]
    return gettext("The list is read in: %(what)s.", what=", ".join(parts))
