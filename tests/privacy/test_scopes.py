"""Every scope of the policy holds exactly the rows that it should, for everybody."""

from portal.extensions import db
from tests.privacy import scopes


def test_every_scope_says_here_what_it_holds():
    assert scopes.scopes().keys() ^ (scopes.SCOPES.keys() | scopes.WITH_MORE.keys()) == set()


def test_every_scope_holds_what_it_should(app, filled):
    should = scopes.expected(filled)
    with app.app_context():
        wrong = list(scopes.wrong(scopes.viewers(filled), should, db.session.connection()))
        db.session.rollback()
    assert not wrong, "\n".join(wrong)
