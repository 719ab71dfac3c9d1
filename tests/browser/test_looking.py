"""The tools that look at pages find what they are for."""

import hashlib
import json

import pytest

from tests.browser.looking import AXE, crowded, scrolls_sideways, violations

ON_ONE_DATABASE = pytest.mark.parametrize("engine", ["sqlite"])


def test_axe_is_the_published_one():
    manifest = json.loads(AXE.with_name("MANIFEST.json").read_text())
    for name, facts in manifest.items():
        assert hashlib.sha256(AXE.with_name(name).read_bytes()).hexdigest() == facts["sha256"]


@pytest.mark.browser
@ON_ONE_DATABASE
def test_axe_runs_under_our_content_policy_and_finds_a_field_without_a_label(page):
    page.goto("/login")
    page.evaluate("() => document.querySelector('main').append(document.createElement('input'))")
    assert any(line.startswith("label:") for line in violations(page))


@pytest.mark.browser
@ON_ONE_DATABASE
def test_a_page_that_is_too_wide_is_found(page):
    page.goto("/login")
    assert not scrolls_sideways(page)
    page.evaluate("() => { document.querySelector('main').style.width = '2000px' }")
    assert scrolls_sideways(page)


@pytest.mark.browser
@ON_ONE_DATABASE
def test_words_under_others_and_beside_the_screen_are_found(page):
    page.goto("/login")
    assert crowded(page) == []
    page.evaluate("() => { document.querySelector('main h1').style.marginBlockEnd = '-2rem' }")
    assert any(line.startswith("Inloggen under") for line in crowded(page))
    page.evaluate("() => { document.querySelector('main h1').style = 'translate: 21rem' }")
    assert crowded(page) == ["Inloggen"]
