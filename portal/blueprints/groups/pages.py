"""The page of a group as its parents and its teachers read it."""

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from portal import clock
from portal.access import Viewer, viewer
from portal.blueprints.groups.blueprint import bp, read_group
from portal.blueprints.groups.week import asked_week
from portal.domain import group_news, group_pages, week_items
from portal.domain.album_lists import ON_THE_PAGE as ALBUMS_ON_THE_PAGE
from portal.domain.album_lists import albums_of_group
from portal.domain.class_list import class_list
from portal.domain.group_pages import GroupTab
from portal.domain.school_days import school_days
from portal.navigation import STAFF, side_of


@bp.get("/groups")
def show_first_group() -> ResponseReturnValue:
    """Go to the reader's first group: of the first child, or the first that a teacher teaches."""
    person = viewer()
    if not (person.is_staff or person.decides):
        abort(404)
    tabs = group_pages.groups_kept(person) if side_of(person) == STAFF else []
    tabs = tabs or group_pages.groups_of_children(person)
    if not tabs:
        return render_template("groups/none.html")
    return redirect(url_for(".show_group", group_id=tabs[0].id), 303)


@bp.get("/groups/<int:group_id>")
def show_group(group_id: int) -> ResponseReturnValue:
    """Show who teaches the group, a week (`week`, a date in it), the news, and what its parents show.

    Each part of the page is a template of its own with plain values from the domain.
    """
    group, keeps = read_group(group_id)
    person, today = viewer(), clock.today()
    monday, tabs = asked_week(today), _tabs(person, group_id, keeps)
    return render_template(
        "groups/show.html",
        group=group,
        keeps=keeps,
        tabs=tabs,
        teachers=group_pages.teachers_of_group(group_id),
        may_write=any(tab.id == group_id and tab.children for tab in tabs),
        week=week_items.week_of(person, group_id, monday, today, school_days(monday)),
        news=group_news.news_of(person, group_id),
        news_on_page=group_news.ON_THE_PAGE,
        albums=albums_of_group(person, group_id, most=ALBUMS_ON_THE_PAGE),
        class_list=class_list(person, group_id),
    )


def _tabs(person: Viewer, group_id: int, keeps: bool) -> list[GroupTab]:
    """Return the groups to move between: those of the side that the reader is on, where it has this one."""
    if keeps and side_of(person) == STAFF:
        return [] if person.is_office else group_pages.groups_kept(person)
    return group_pages.groups_of_children(person)


@bp.get("/groups/<int:group_id>/news")
def show_news(group_id: int) -> ResponseReturnValue:
    """Show all news of a group, the newest first, a `page` at a time."""
    group, keeps = read_group(group_id)
    page, pages = group_news.page_asked(viewer(), group_id, request.args.get("page", 1, type=int))
    return render_template(
        "groups/news.html",
        group=group,
        keeps=keeps,
        news=group_news.news_of(viewer(), group_id, page),
        page=page,
        pages=pages,
    )
