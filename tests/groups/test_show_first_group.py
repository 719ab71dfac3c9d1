"""GET /groups: on to the first group, and the menu item that leads there."""

from portal.extensions import db, start_writing
from portal.models.roster import Membership
from tests.groups.people import close, plus_class


def test_a_parent_goes_to_the_group_of_the_first_child(client_for, school):
    assert client_for(school.anna).get("/groups").location == f"/groups/{school.group_6}"
    assert client_for(school.daan).get("/groups").location == f"/groups/{school.group_34}"


def test_a_teacher_goes_to_the_own_group_and_as_a_parent_to_that_of_the_child(client_for, school):
    tess = client_for(school.tess)
    answer = tess.get("/groups")
    assert (answer.status_code, answer.location) == (303, f"/groups/{school.group_34}")
    tess.post("/side", data={"side": "parent"})
    assert tess.get("/groups").location == f"/groups/{school.group_6}"


def test_a_home_group_comes_before_a_plus_class(app, client_for, school):
    plus = plus_class(app, school, school.sem, school.yara)
    assert client_for(school.carl).get("/groups").location == f"/groups/{school.group_6}"
    assert client_for(school.yara).get("/groups").location == f"/groups/{school.group_6}"
    close(app, school.group_6)
    assert client_for(school.yara).get("/groups").location == f"/groups/{plus}"


def test_without_a_group_it_says_so(app, client_for, school):
    with app.app_context():
        start_writing()
        db.session.query(Membership).delete()
        db.session.commit()
    close(app, school.group_34)
    for person in (school.carl, school.tim):
        page = client_for(person).get("/groups")
        assert page.status_code == 200
        assert "Nog geen groep" in page.text


def test_who_decides_for_no_child_has_no_group_and_no_menu_item(client_for, school):
    for person, has in ((school.anna, True), (school.gert, False), (school.dora, False)):
        client = client_for(person)
        assert (client.get("/groups").status_code == 303) is has
        assert ('href="/groups"' in client.get("/").text) is has


def test_the_menu_ends_with_the_group_and_a_teacher_has_it_second(client_for, school):
    page = client_for(school.carl).get("/").text
    assert page.index('href="/absence/report"') < page.index('href="/absence"') < page.index('href="/groups"')
    page = client_for(school.tim).get("/staff/today").text
    assert "Mijn groep" in page
    assert 'href="/groups"' not in client_for(school.otto).get("/staff/today").text
