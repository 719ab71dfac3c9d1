"""Opening a page changes nothing: mail scanners and previews open pages too."""

import pytest

from portal.extensions import db
from tests.crawler import PERSONS, pages
from tests.databases import contents


@pytest.mark.parametrize("who", ["nobody", *PERSONS])
def test_no_page_changes_the_database(app, school, client_for, who):
    client = client_for(getattr(school, who, None))
    with app.app_context():
        before = contents()
    opened = list(pages(who, client))
    assert opened
    with app.app_context():
        assert contents() == before
        db.session.rollback()
