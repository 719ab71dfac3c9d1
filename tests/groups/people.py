"""What the tests of the group pages do again and again."""

from datetime import date

from portal import clock
from portal.extensions import db, start_writing
from portal.models.roster import Group, Membership, Teaching

MONDAY = date(2026, 11, 23)


def add(app, *things):
    """Put rows into the database and return the number of the first."""
    with app.app_context():
        start_writing()
        db.session.add_all(things)
        db.session.flush()
        number = getattr(things[0], "id", None)
        db.session.commit()
    return number


def plus_class(app, school, pupil, teacher=None):
    """Open a group that is nobody's home group, with a pupil in it."""
    with app.app_context():
        start_writing()
        year = db.session.get_one(Group, school.group_6).school_year_id
        group = Group(school_year_id=year, name="Plusklas", sort_key="9", composite=True)
        db.session.add(group)
        db.session.flush()
        began = date(2026, 9, 1)
        db.session.add(Membership(pupil_id=pupil.id, group_id=group.id, home=False, started_on=began))
        if teacher:
            db.session.add(Teaching(user_id=teacher.id, group_id=group.id, started_on=began))
        number = group.id
        db.session.commit()
    return number


def close(app, group_id):
    """Close a group."""
    with app.app_context():
        start_writing()
        db.session.get_one(Group, group_id).closed_at = clock.now()
        db.session.commit()


def new_item(client, group, day="2026-11-24", **fields):
    """Add something to a day as the form does."""
    return client.post(f"/groups/{group}/week/items", data={"day": day, "kind": "gym", **fields})


def post_news(client, group, title="Kastanjes", text="Wij hebben er genoeg."):
    """Write a message as the form does."""
    return client.post(f"/groups/{group}/news", data={"title": title, "text": text})
