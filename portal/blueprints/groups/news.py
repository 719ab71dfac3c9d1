"""The news of a group, as its teachers and the office write it."""

from flask import abort, flash, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from portal import access, clock
from portal.access import one_to_change, viewer
from portal.blueprints.groups.blueprint import bp, kept_group
from portal.blueprints.groups.forms import NewsForm
from portal.domain import group_news
from portal.extensions import db, start_writing
from portal.formatting import group_label
from portal.models.groups import GroupNews
from portal.words import gettext


@bp.get("/groups/<int:group_id>/news/new")
def show_new_news(group_id: int) -> ResponseReturnValue:
    """Show the form for a message."""
    return _news_page(group_id, NewsForm())


@bp.post("/groups/<int:group_id>/news")
def create_news(group_id: int) -> ResponseReturnValue:
    """Tell the parents of the group something."""
    kept_group(group_id)
    form = NewsForm()
    if not form.validate():
        return _news_page(group_id, form), 422
    start_writing()
    group = kept_group(group_id)
    group_news.post_news(group, form.title.data or "", form.text.data or "", viewer(), clock.now())
    name = group.name
    db.session.commit()
    flash(gettext("The parents of %(group)s read it now.", group=group_label(name, inside=True)), "ok")
    return redirect(url_for(".show_group", group_id=group_id), 303)


@bp.get("/groups/<int:group_id>/news/<int:news_id>/correction")
def show_correction(group_id: int, news_id: int) -> ResponseReturnValue:
    """Show the form with a message as it stands."""
    return _news_page(group_id, NewsForm(obj=_kept_news(group_id, news_id)), news_id)


@bp.post("/groups/<int:group_id>/news/<int:news_id>/correction")
def correct_news(group_id: int, news_id: int) -> ResponseReturnValue:
    """Change the words of a message."""
    _kept_news(group_id, news_id)
    form = NewsForm()
    if not form.validate():
        return _news_page(group_id, form, news_id), 422
    start_writing()
    news = _kept_news(group_id, news_id)
    group_news.correct_news(news, form.title.data or "", form.text.data or "", viewer(), clock.now())
    db.session.commit()
    flash(gettext("The message is changed. It says so to the parents."), "ok")
    return redirect(url_for(".show_group", group_id=group_id), 303)


@bp.post("/groups/<int:group_id>/news/<int:news_id>/withdrawal")
def withdraw_news(group_id: int, news_id: int) -> ResponseReturnValue:
    """Take a message back."""
    start_writing()
    group_news.withdraw_news(_kept_news(group_id, news_id), viewer(), clock.now())
    db.session.commit()
    flash(gettext("The message is withdrawn. Parents do not see it any more."), "ok")
    return redirect(url_for(".show_group", group_id=group_id), 303)


def _kept_news(group_id: int, news_id: int) -> GroupNews:
    person = viewer()
    news = one_to_change(GroupNews, news_id, access.news_visible_to(person), access.news_kept_by(person))
    return news if news.group_id == group_id else abort(404)


def _news_page(group_id: int, form: NewsForm, news_id: int | None = None) -> str:
    return render_template("groups/news_item.html", group=kept_group(group_id), form=form, news_id=news_id)
