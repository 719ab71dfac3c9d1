"""The class list on paper and as a file, with the name of who took it and the day on it."""

from flask import Response, render_template
from flask.typing import ResponseReturnValue

from portal import access, clock
from portal.access import one_or_404, viewer
from portal.blueprints.directory.blueprint import bp
from portal.blueprints.downloads import plain_name
from portal.domain import spreadsheets
from portal.domain.class_list import FIELDS, class_list
from portal.domain.school import school_facts
from portal.formatting import full_date, group_label
from portal.logs import note_export
from portal.models.roster import Group
from portal.words import gettext


def _group(group_id: int) -> Group:
    """Return a group whose list the reader may take along, or answer 404."""
    allowed = school_facts().lists_for_parents
    return one_or_404(Group, group_id, access.groups_listed_for(viewer(), allowed))


def _taken_by() -> str:
    day = full_date(clock.today())
    return gettext("For %(name)s, %(day)s. Do not pass it on.", name=viewer().full_name, day=day)


@bp.get("/groups/<int:group_id>/list")
def show_list(group_id: int) -> ResponseReturnValue:
    """Show the class list as it is printed."""
    group = _group(group_id)
    return render_template(
        "directory/list.html",
        group=group,
        children=class_list(viewer(), group.id),
        taken_by=_taken_by(),
    )


@bp.get("/groups/<int:group_id>/list.csv")
def download_csv(group_id: int) -> ResponseReturnValue:
    """Return the class list as CSV."""
    group = _group(group_id)
    return _file(group, spreadsheets.csv_of(_rows(group)), "csv", spreadsheets.CSV)


@bp.get("/groups/<int:group_id>/list.xlsx")
def download_xlsx(group_id: int) -> ResponseReturnValue:
    """Return the class list as a workbook."""
    group = _group(group_id)
    book = spreadsheets.xlsx_of(_rows(group), group_label(group.name))
    return _file(group, book, "xlsx", spreadsheets.XLSX)


def _rows(group: Group) -> list[list[str]]:
    headings = [
        gettext("Child"), gettext("Parent"), gettext("E-mail"), gettext("Mobile phone"), gettext("Address"),
        gettext("Languages"), gettext("A line of their own"),
    ]  # fmt: skip
    rows = [[f"{group_label(group.name)}. {_taken_by()}"], headings]
    for child in class_list(viewer(), group.id):
        rows += [
            [child.called, adult.name, *(adult.text(field) for field in FIELDS)] for adult in child.adults
        ] or [[child.called, gettext("not shared")]]
    return rows


def _file(group: Group, content: bytes, extension: str, kind: str) -> Response:
    plain = plain_name(group_label(group.name), str(group.id))
    name = gettext("class-list-%(group)s", group=plain)
    disposition = f'attachment; filename="{name}.{extension}"'
    note_export(f"class list {extension}", group.id, viewer().id)
    return Response(content, mimetype=kind, headers={"Content-Disposition": disposition})
