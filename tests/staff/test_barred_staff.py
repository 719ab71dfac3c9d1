"""Who works here and may have no contact with a pupil meets that family nowhere at school."""

import pytest

from portal import access, clock
from portal.access import Viewer
from portal.extensions import db, start_writing
from portal.models.albums import PhotoRequest
from portal.models.arrangements import Barring


@pytest.fixture
def bar(app):
    def bar_one(person, pupil):
        with app.app_context():
            start_writing()
            db.session.add(Barring(pupil_id=pupil.id, user_id=person.id, reason="r", barred_at=clock.now()))
            db.session.commit()

    return bar_one


def test_the_page_of_a_group_lists_the_pupil_for_others_only(client_for, school, bar):
    bar(school.otto, school.sem)
    path, link = f"/school/groups/{school.group_6}", f"/school/pupils/{school.sem.id}"
    assert link in client_for(school.bea).get(path).text
    page = client_for(school.otto).get(path).text
    assert link not in page and "Sem" not in page
    assert f"/school/pupils/{school.noor.id}" in page


def test_the_photo_request_of_the_parent_is_answered_by_others(app, school, bar):
    bar(school.tess, school.noor)
    with app.app_context():
        found = {
            person.given_name: db.session.scalars(
                db.select(PhotoRequest.asked_by).where(
                    access.photo_requests_answered_by(Viewer(id=person.id, role="teacher"))
                )
            ).all()
            for person in (school.tess, school.tim)
        }
        db.session.rollback()
    assert found == {"Tess": [], "Tim": [school.anna.id]}
