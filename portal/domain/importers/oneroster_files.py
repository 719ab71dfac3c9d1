"""The files of OneRoster CSV 1.1 and 1.2 and of Microsoft's School Data Sync, which grew out of it.

Such a roster is several files that point at each other (1EdTech OneRoster 1.2, CSV binding, section 4). Only
the columns named here are read: passwords, flags, origin and the like are passed over without being kept.
"""

import re
from collections.abc import Iterable, Mapping

from portal.domain.importers.rows import Place
from portal.domain.importers.sheets import Grid
from portal.names import fold

NEEDED = (
    "classes", "demographics", "enrollments", "manifest", "orgs", "relationships", "roles",
    "users", "guardianrelationship", "school", "section", "student", "studentenrollment", "teacher",
    "teacherroster", "user",
)  # fmt: skip
"""The files that are read, by their names in small letters; courses, results and the like are left alone."""

_COLUMNS = {
    "id": ("sourcedid", "sisid", "id"),
    "status": ("status",),
    "given": ("preferredgivenname", "prefferedgivenname", "givenname", "firstname"),
    "surname": ("preferredfamilyname", "familyname", "lastname"),
    "email": ("email", "secondaryemail", "username"),
    "phone": ("sms", "phone"),
    "role": ("role",),
    "grade": ("grades", "grade"),
    "agents": ("agentsourcedids", "agents"),
    "birth": ("birthdate",),
    "org": ("orgsourcedids", "orgsourcedid", "schoolsourcedid", "schoolsisid", "schooldfenumber"),
    "user": ("usersourcedid",),
    "class": ("classsourcedid", "sectionsisid", "sectionid"),
    "title": ("title", "sectionname"),
    "type": ("classtype", "type"),
    "agent": ("relationshipusersourcedid",),
    "relation": ("relationshiprole",),
    "name": ("propertyname",),
    "value": ("value",),
}
"""What is read of any of the files: for each meaning the headings, the better one first."""

Record = Mapping[str, str]
"""A row by what its columns mean; what was empty is not in it."""


def is_part(grid: Grid) -> bool:
    """Return whether this is one of the files: pupils, parents and teachers are all users there."""
    first = {fold(cell).replace(" ", "") for cell in grid.rows[0].cells} if grid.rows else set()
    if {"sisid", "email", "role"} >= first:
        # A school's own table of addresses looks the same as Microsoft's, but for its name.
        return bool(first) and kind_of(grid.name) == "guardianrelationship"
    sync = any(name.endswith("sisid") for name in first)
    named = any(name.endswith(("sourcedid", "dfenumber")) or name == "sectionid" for name in first)
    return sync or named or {"propertyname", "value"} == first


def kind_of(file: str) -> str | None:
    """Return which of the files this is, by its name: 'users'; None for one that is not needed."""
    stem = re.split(r"[/\\]", file)[-1].rpartition(".")[0]
    name = re.sub(r"[^a-z]", "", stem.lower())
    return name if name in NEEDED else None


def records(grid: Grid) -> Iterable[tuple[Record, Place]]:
    """Return the rows by what their columns mean; what has no meaning here is not read."""
    header = [re.sub(r"[^a-z]", "", heading.lower()) for heading in grid.rows[0].cells] if grid.rows else []
    places = {
        meaning: [header.index(name) for name in names if name in header]
        for meaning, names in _COLUMNS.items()
    }
    for row in grid.rows[1:]:
        record = {}
        for meaning, columns in places.items():
            cells = (row.cells[column] for column in columns if column < len(row.cells))
            text = next((cell for cell in cells if cell), "")
            if text:
                record[meaning] = text
        yield record, Place(grid.name, row.line)
