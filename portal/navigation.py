"""The menu, and which of the two sides somebody who is both parent and teacher is on."""

from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple, cast

from flask import Flask, Request, current_app, has_request_context, request, session, url_for
from markupsafe import Markup

from portal.access import Viewer, viewer_or_none
from portal.words import gettext, language

PARENT, STAFF = "parent", "staff"
MANY = 10
"""From so many on the number is not said: the menu is made once for each."""
LETTERS = ("/letters", "/messages")
GROUPS = ("/groups", "/albums/", "/photos/")
ROSTER = (
    "/school/pupils", "/school/groups", "/school/guardian", "/school/import", "/school/information",
    "/school/barrings", "/school/releases", "/school/requests",
)  # fmt: skip
ACCOUNTS = ("/school/accounts", "/school/invitations")
MEETINGS = ("/staff/meetings", "/school/meetings")
SCHOOL_LETTERS = ("/staff/letters", "/school/letters", "/staff/messages")
SCHOOL = ("/school/settings", "/school/calendar", "/school/staff")


@dataclass(frozen=True, slots=True)
class MenuItem:
    """One entry of the menu. `css`: 'act' for the one filled item, 'wide' for the side menu only."""

    label: str
    url: str
    icon: str
    current: bool
    css: str = ""
    count: str = ""
    count_label: str = ""


class Page(NamedTuple):
    """What the menu depends on besides its reader: where that one is, and in which language.

    `path` has the numbers left out, as its route is written; `root` is where the portal begins.
    """

    endpoint: str | None
    path: str
    root: str
    language: str


def init_app(app: Flask) -> None:
    """Let the templates have addresses without parameters spelled once only."""
    app.add_template_global(address_of, "url_for")


def address_of(endpoint: str, **values: Any) -> str:
    """Return what `url_for` does; every page asks for the same addresses again and again.

    Only numbers are kept, never what somebody typed.
    """
    if endpoint[0] != "." and has_request_context() and all(type(value) is int for value in values.values()):
        here: Request = cast(Any, request)._get_current_object()
        return _address_with_numbers(here.script_root, endpoint, **values)
    return url_for(endpoint, **values)


@lru_cache(maxsize=5000)
def _address_with_numbers(_script_root: str, endpoint: str, **numbers: Any) -> str:
    return url_for(endpoint, **numbers)


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


def menu() -> Markup:
    """Return the menu of this page for its reader; nothing for who is not logged in."""
    viewer = viewer_or_none()
    if viewer is None:
        return Markup()
    path = request.url_rule.rule if request.url_rule else request.path
    page = Page(request.endpoint, path, request.script_root, language())
    side = side_of(viewer)
    unread = min(viewer.unread + viewer.unread_messages, MANY) if side == PARENT else 0
    return _menu(side, viewer.is_office, viewer.decides, page, unread)


@lru_cache(maxsize=3000)
def _menu(side: str, is_office: bool, decides: bool, page: Page, unread: int) -> Markup:
    """Return the menu, made once for everybody of a kind on the same page with as much to read."""
    items = _staff_menu(is_office, page) if side == STAFF else _parent_menu(decides, page, unread)
    items.append(_item(page, gettext("My details"), "accounts.show_profile", "circle-user-round", "wide gap"))
    return Markup(current_app.jinja_env.get_template("_menu.html").render(items=items))  # noqa: S704


def _parent_menu(decides: bool, page: Page, unread: int) -> list[MenuItem]:
    items = [_item(page, gettext("Today"), "home.show_today", "sun")]
    if decides:
        letters = _item(page, gettext("Letters"), "letters.show_letters", "mail", under=LETTERS)
        items += [
            replace(letters, count=_number_said(unread), count_label=_unread_said(unread)),
            _item(page, gettext("Report sick"), "absence.show_report", "thermometer", "act"),
            _item(page, gettext("Absences"), "absence.show_absences", "calendar-days"),
            _item(page, gettext("Group"), "groups.show_first_group", "users-round", under=GROUPS),
        ]
    return items


def _number_said(unread: int) -> str:
    return "9+" if unread == MANY else str(unread or "")


def _unread_said(unread: int) -> str:
    if unread == MANY:
        return gettext("more than 9 not read")
    return gettext("%(number)s not read", number=unread)


def _staff_menu(is_office: bool, page: Page) -> list[MenuItem]:
    items = [_item(page, gettext("Today"), "staff.show_board", "sun")]
    if not is_office:
        items.append(_item(page, gettext("My group"), "groups.show_first_group", "users-round", under=GROUPS))
    else:
        items += [
            _item(page, gettext("Pupils"), "school.show_pupils", "users-round", under=ROSTER),
            _item(page, gettext("Accounts"), "school.show_accounts", "mail-check", under=ACCOUNTS),
            _item(page, gettext("School"), "school.show_settings", "settings", "wide", under=SCHOOL),
        ]
    items.insert(
        2, _item(page, gettext("Letters"), "letters.show_staff_letters", "mail", under=SCHOOL_LETTERS)
    )
    meetings = "meetings.show_rounds" if is_office else "meetings.show_staff_meetings"
    items.append(_item(page, gettext("Meetings"), meetings, "messages-square", under=MEETINGS))
    return items


def _item(
    page: Page, label: str, endpoint: str, icon: str, css: str = "", under: tuple[str, ...] = ()
) -> MenuItem:
    current = page.endpoint == endpoint or page.path.startswith(under)
    return MenuItem(label, address_of(endpoint), icon, current, css)
