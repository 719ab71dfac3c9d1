"""The menu, and which of the two sides somebody who is both parent and teacher is on."""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any
from urllib.parse import urlencode

from flask import Flask, current_app, has_request_context, request, session, url_for

from portal.access import Viewer, viewer_or_none
from portal.words import gettext

PARENT, STAFF = "parent", "staff"
GROUPS = ("/groups", "/albums/", "/photos/")
ROSTER = (
    "/school/pupils", "/school/groups", "/school/guardian", "/school/import", "/school/information",
    "/school/barrings", "/school/releases", "/school/requests",
)  # fmt: skip
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


def init_app(app: Flask) -> None:
    """Let the templates have addresses without parameters spelled once only."""
    app.add_template_global(address_of, "url_for")


def address_of(endpoint: str, **values: Any) -> str:
    """Return what `url_for` does; every page asks for the same addresses again and again."""
    if endpoint.startswith(".") or not has_request_context():
        return url_for(endpoint, **values)
    found = _addresses.get(key := (request.script_root, endpoint))
    if found is None:
        has_parts = any(rule.arguments for rule in current_app.url_map.iter_rules(endpoint))
        found = _addresses[key] = "" if has_parts else url_for(endpoint)
    if not values and found:
        return found
    if found and all(isinstance(value, str | int) and name[0] != "_" for name, value in values.items()):
        return f"{found}?{urlencode(values)}"
    if not found and all(isinstance(value, int) and name[0] != "_" for name, value in values.items()):
        return _address_with_numbers(request.script_root, endpoint, **values)
    return url_for(endpoint, **values)


@lru_cache(maxsize=2000)
def _address_with_numbers(_script_root: str, endpoint: str, **numbers: Any) -> str:
    return url_for(endpoint, **numbers)


_addresses: dict[tuple[str, str], str] = {}
"""The addresses that have no part of their own, like a number; the others are ''."""


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
    items = _staff_menu(viewer) if side_of(viewer) == STAFF else _parent_menu(viewer)
    return [*items, _item(gettext("My details"), "accounts.show_profile", "circle-user-round", "wide gap")]


def _parent_menu(viewer: Viewer) -> list[MenuItem]:
    items = [_item(gettext("Today"), "home.show_today", "sun")]
    if viewer.decides:
        items += [
            _item(gettext("Report sick"), "absence.show_report", "thermometer", "act"),
            _item(gettext("Absences"), "absence.show_absences", "calendar-days"),
            _item(gettext("Group"), "groups.show_first_group", "users-round", under=GROUPS),
        ]
    return items


def _staff_menu(viewer: Viewer) -> list[MenuItem]:
    items = [_item(gettext("Today"), "staff.show_board", "sun")]
    if not viewer.is_office:
        items.append(_item(gettext("My group"), "groups.show_first_group", "users-round", under=GROUPS))
    else:
        items += [
            _item(gettext("Pupils"), "school.show_pupils", "users-round", under=ROSTER),
            _item(gettext("Accounts"), "school.show_accounts", "mail-check", under=ACCOUNTS),
            _item(gettext("School"), "school.show_settings", "settings", under=SCHOOL),
        ]
    return items


def _item(label: str, endpoint: str, icon: str, css: str = "", under: tuple[str, ...] = ()) -> MenuItem:
    current = request.endpoint == endpoint or request.path.startswith(under)
    return MenuItem(label, address_of(endpoint), icon, current, css)
