"""Opening a page changes nothing: mail scanners and previews open pages too."""

import pytest

from tests.crawler import PERSONS


@pytest.mark.parametrize("who", ["nobody", *PERSONS])
def test_no_page_changes_the_database(crawl, who):
    found = crawl(who)
    assert found.pages
    assert found.changed == []
