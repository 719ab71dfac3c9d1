"""What is worked out when a template is compiled is what the page would have said by itself."""

import pytest
from flask import Flask
from flask_babel import force_locale
from jinja2 import DictLoader

from portal import create_app

PAGES = {
    "plain.html": "{{ _('Today') }}",
    "slots.html": "{{ _('Seen by %(name)s, %(time)s', name=name, time='<b>8</b>'|safe) }}",
    "inside.html": "{{ _('Today') ~ '<' }}{% if _('Today') == 'Vandaag' %}!{% endif %}",
    "unknown.html": "{{ _('100%% <b>%(x)s</b>', x=name) }}{{ _('50%% <i>') }}",
    "variable.html": "{{ _(sentence) }}",
    "mail.txt": "{{ _('Seen by %(name)s, %(time)s', name=name, time='<') }}",
    "child.html": "{% extends 'mother.html' %}{% block b %}{{ _('Today') }}{% endblock %}",
    "mother.html": "{% import 'macro.html' as m %}{{ m.said('x') }}{% block b %}{% endblock %}"
    "{% include 'plain.html' %}",
    "macro.html": "{% macro said(x) %}{{ _('My class') }}{{ icon('sun') }}{% endmacro %}",
}


@pytest.fixture(scope="module")
def pages() -> Flask:
    app = create_app({"DATABASE_URL": "sqlite://", "SECRET_KEY": "x"})
    app.jinja_env.loader = DictLoader(PAGES)
    return app


def shown(app: Flask, template: str, language: str, **values: object) -> str:
    with app.app_context(), force_locale(language):
        return app.jinja_env.get_template(template).render(values)


@pytest.mark.parametrize(
    ("name", "language", "text"),
    [
        ("plain.html", "nl", "Vandaag"),
        ("plain.html", "en", "Today"),
        ("slots.html", "nl", "Gezien door &lt;Tess&gt;, <b>8</b>"),
        ("slots.html", "en", "Seen by &lt;Tess&gt;, <b>8</b>"),
        ("inside.html", "nl", "Vandaag&lt;!"),
        ("inside.html", "en", "Today&lt;"),
        ("unknown.html", "nl", "100% <b>&lt;Tess&gt;</b>50% <i>"),
        ("mail.txt", "en", "Seen by <Tess>, <"),
    ],
)
def test_a_sentence_is_in_the_reader_s_language_and_escapes_its_slots(pages, name, language, text):
    assert shown(pages, name, language, name="<Tess>") == text


def test_a_sentence_that_only_the_page_knows_is_looked_up_then(pages):
    assert shown(pages, "variable.html", "nl", sentence="Today") == "Vandaag"
    assert shown(pages, "variable.html", "en", sentence="Today") == "Today"


def test_what_a_page_builds_on_is_in_the_same_language(pages):
    for language, mine, today in (("nl", "Mijn groep", "Vandaag"), ("en", "My class", "Today")) * 2:
        text = shown(pages, "child.html", language)
        assert text.startswith(mine + '<svg class="i"')
        assert text.endswith(today + today)


def test_a_missing_file_is_a_mistake_that_shows_when_the_template_is_compiled(pages):
    pages.jinja_env.loader.mapping["gone.html"] = "{% if never %}{{ static('gone.css') }}{% endif %}"
    with pytest.raises(FileNotFoundError, match=r"gone\.css"):
        shown(pages, "gone.html", "nl")
