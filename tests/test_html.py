"""Every page that somebody can reach exists and is valid HTML, filled in wrongly too."""

import pytest

from tests.markup import BROKEN

ON_ONE_DATABASE = pytest.mark.parametrize("engine", ["sqlite"])


def none(found: list[str]) -> None:
    assert not found, "\n".join(found)


@ON_ONE_DATABASE
def test_no_link_leads_nowhere(answers):
    none([f"{page.name}: {page.status}" for page in answers if " GET " in page.name and page.status != 200])


@ON_ONE_DATABASE
def test_no_empty_form_is_an_error_of_ours(answers):
    none([f"{page.name}: {page.status}" for page in answers if page.status >= 500])


@ON_ONE_DATABASE
def test_every_page_is_valid_html(answers, nu_check):
    complaints = nu_check([("broken", BROKEN), *((page.name, page.html) for page in answers)])
    errors = [complaint for complaint in complaints if complaint.kind != "info"]
    assert {complaint.page for complaint in errors} >= {"broken"}, "the checker finds nothing"
    none([str(complaint) for complaint in errors if complaint.page != "broken"])


@ON_ONE_DATABASE
def test_every_page_has_one_heading_and_says_its_language(answers):
    none([page.name for page in answers if page.html.count("<h1") != 1])
    none([page.name for page in answers if '<html lang="nl"' not in page.html])
