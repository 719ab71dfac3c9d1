"""The menu, and which of the two sides somebody who is both parent and teacher is on."""

from dataclasses import dataclass

from flask import request, session, url_for

from portal.access import Viewer, viewer_or_none
from portal.words import gettext

PARENT, STAFF = "parent", "staff"
ROSTER = ("/school/pupils", "/school/groups", "/school/guardian", "/school/import")
ACCOUNTS = ("/school/accounts", "/school/invitations")
SCHOOL = ("/school/settings", "/school/calendar", "/school/staff")


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One entry of the menu. `css`: 'act' for the one filled item, 'wide' for the side menu only."""

    label: str
    url: str
    icon: str
    current: bool
    css: str = ""
    count: int = 0
    count_label: str = ""


def side_of(viewer: Viewer) -> str:
    """Return the side that the viewer is on: what was chosen last, where there is a choice."""
    if viewer.is_staff and viewer.is_guardian:
        return PARENT if session.get("side") == PARENT else STAFF
    return STAFF if viewer.is_staff else PARENT


def other_side(viewer: Viewer) -> str | None:
    """Return the side to switch to, for who has both."""
    if not (viewer.is_staff and viewer.is_guardian):
        return None
    return STAFF if side_of(viewer) == PARENT else PARENT


def menu() -> list[MenuItem]:
    """Return the entries that work today, in the order of the final menu."""
    viewer = viewer_or_none()
    if viewer is None:
        return []
    items = _staff_menu(viewer) if side_of(viewer) == STAFF else _parent_menu()
    return [*items, _item(gettext("My details"), "accounts.show_profile", "circle-user-round", "wide gap")]


def _parent_menu() -> list[MenuItem]:
    return [
        _item(gettext("Today"), "home.show_today", "sun"),
        _item(gettext("Report sick"), "absence.show_report", "thermometer", "act"),
        _item(gettext("Absences"), "absence.show_absences", "calendar-days"),
    ]


def _staff_menu(viewer: Viewer) -> list[MenuItem]:
    items = [_item(gettext("Today"), "staff.show_board", "sun")]
    if viewer.is_office:
        items += [
            _item(gettext("Pupils"), "school.show_pupils", "users-round", under=ROSTER),
            _item(gettext("Accounts"), "school.show_accounts", "mail-check", under=ACCOUNTS),
            _item(gettext("School"), "school.show_settings", "settings", under=SCHOOL),
        ]
    return items


def _item(label: str, endpoint: str, icon: str, css: str = "", under: tuple[str, ...] = ()) -> MenuItem:
    url = url_for(endpoint)
    return MenuItem(label, url, icon, request.endpoint == endpoint or request.path.startswith(under), css)
