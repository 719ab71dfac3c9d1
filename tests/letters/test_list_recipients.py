"""The list of those whom a letter would reach: all whom the count counts, none whom one may not know."""

import re

import pytest

from portal import clock
from portal.access import Viewer
from portal.domain.letter_audience import GROUP, SCHOOL, Part, reach
from portal.domain.letter_recipients import list_recipients
from portal.extensions import db, start_writing
from portal.models.accounts import User
from portal.models.notices import MailTrouble
from portal.models.roster import Guardianship, Teaching
from portal.models.school import School
from tests.letters.sending import set_out
from tests.letters.test_write_letter import write

LIST = "/staff/letters/recipients"
FRAGMENT = {"HX-Request": "true"}


@pytest.fixture
def tess(client_for, school):
    return client_for(school.tess)


@pytest.fixture
def otto(client_for, school):
    return client_for(school.otto)


def add(app, *rows) -> None:
    with app.app_context():
        start_writing()
        db.session.add_all(rows)
        db.session.commit()


def beside(user, pupil, seat: int, authority: bool = True) -> Guardianship:
    now = clock.now()
    return Guardianship(
        pupil_id=pupil.id, user_id=user.id, seat=seat, has_authority=authority, created_at=now
    )


def tess_teaches_her_own_child(app, school) -> None:
    day = clock.today()
    add(app, Teaching(user_id=school.tess.id, group_id=school.group_6, started_on=day))


class TestList:
    def test_it_names_guardians_and_children_by_group(self, otto, school):
        page = otto.get(f"{LIST}?part=school").text
        assert re.search(r"<b>5 ouders</b>\s+van 4 kinderen\.", page)
        assert re.findall(r"<span>(Groep [^<]+)</span>", page) == ["Groep 3/4", "Groep 6"]
        for name in ("Bram Visser", "Daan Visser", "Sem Peters", "Carl Peters", "Lotte Jansen"):
            assert name in page

    def test_who_has_no_say_or_was_a_guardian_is_not_there(self, otto):
        page = otto.get(f"{LIST}?part=school").text
        assert "Gert" not in page and "Dora" not in page

    def test_who_is_left_out_of_the_letter_is_not_there(self, otto, school):
        page = otto.get(f"{LIST}?part=school&without=pupil:{school.noor.id}").text
        assert "<b><bdi>Noor" not in page and "<b><bdi>Bram" in page

    def test_a_teacher_sees_only_the_own_pupils(self, tess, school):
        page = tess.get(f"{LIST}?part=school&part=group:{school.group_6}&part=group:{school.group_34}").text
        assert "Bram Visser" in page
        assert "Sem" not in page and "Carl" not in page and "Noor" not in page

    def test_it_is_a_fragment_for_the_page_on_which_one_writes(self, tess, school):
        part = tess.get(f"{LIST}?part=group:{school.group_34}", headers=FRAGMENT).text
        assert (
            part.lstrip().startswith('<div class="listing folds" id="recipients"') and "Anna Bakker" in part
        )
        assert "Niemand krijgt deze brief nog." in tess.get(LIST, headers=FRAGMENT).text

    def test_parents_do_not_find_it(self, client_for, school):
        assert client_for(school.anna).get(f"{LIST}?part=school").status_code == 404


class TestWithoutScript:
    def test_the_button_keeps_the_words_and_opens_the_list(self, tess, school):
        assert 'name="do" value="list"' in tess.get("/staff/letters/new").text
        answer = write(tess, school, do="list", text="Nog niet af.")
        assert answer.location.endswith("?list=1#recipients")
        page = tess.get(answer.location).text
        assert "Nog niet af." in page and "Anna Bakker" in page and "Daan Visser" in page

    def test_it_stays_closed_until_then(self, tess, school):
        page = tess.get(write(tess, school).location).text
        assert 'id="recipients"' in page and "Daan Visser" not in page


class TestWhomMailDoesNotReach:
    @pytest.fixture(autouse=True)
    def lost(self, app, school):
        now = {"first_at": clock.now(), "last_at": clock.now(), "hard_at": clock.now()}
        add(app, MailTrouble(user_id=school.daan.id, address=school.daan.email, code="5.1.1", **now))

    def test_it_says_who_and_why_and_what_to_do(self, otto, school):
        page = otto.get(f"{LIST}?part=group:{school.group_34}").text
        assert "Hier komt geen mail aan" in page and "Dit adres bestaat niet." in page
        assert "De andere ouder krijgt wel mail." in page
        assert f"/school/accounts/{school.daan.id}/email" in page

    def test_a_teacher_is_sent_to_the_office_and_sees_no_address(self, tess, school):
        page = tess.get(f"{LIST}?part=group:{school.group_34}").text
        assert "Vraag het de administratie of geef de brief op papier." in page
        assert school.daan.email not in page and "/school/accounts/" not in page

    def test_a_child_of_whom_nobody_gets_letters_is_named(self, app, otto, school, change):
        with app.app_context():
            start_writing()
            db.session.query(Guardianship).filter_by(user_id=school.anna.id, pupil_id=school.noor.id).delete()
            db.session.commit()
        page = otto.get(f"{LIST}?part=group:{school.group_6}").text
        assert "Geen ouder krijgt brieven over dit kind." in page and "Noor Smit" in page
        assert re.search(r"van 2 kinderen\.", page)

    def test_who_has_no_address_or_a_closed_account_is_named(self, app, otto, school, change):
        change(User, school.anna.id, email=None)
        change(User, school.carl.id, disabled_at=clock.now())
        page = otto.get(f"{LIST}?part=school").text
        assert "Heeft geen e-mailadres." in page and "Het account is gesloten." in page


class TestOwnChild:
    """Beside the own child who works here is a guardian like any other (R22)."""

    def test_nothing_depends_on_the_other_guardian(self, app, tess, school, rows):
        tess_teaches_her_own_child(app, school)
        asked = [f"{LIST}?part=group:{school.group_6}", "/staff/letters/new"]
        before = [tess.get(path).text for path in asked]
        assert "Tess Jansen</bdi> (u)" in before[0] and re.search(r"<b>4 ouders</b>", before[0])
        add(app, beside(school.dora, school.lotte, 2))
        after = [tess.get(path).text for path in asked]
        assert _without_tokens(after) == _without_tokens(before)

    def test_whether_mail_reaches_the_own_child_is_not_said(self, app, tess, school, change):
        tess_teaches_her_own_child(app, school)
        change(User, school.tess.id, email=None)
        page = tess.get(f"{LIST}?part=group:{school.group_6}").text
        assert "(geen mail)" in page
        with app.app_context():
            viewer = Viewer(school.tess.id, role="teacher")
            assert not reach(viewer, [Part(GROUP, school.group_6)]).unreached


def _without_tokens(pages):
    return [
        re.sub(r'(csrf_token" value|csrf-token" content|name="key" value)="[^"]*"', "", page)
        for page in pages
    ]


@pytest.mark.parametrize("who", ["tess", "otto", "yara"])
def test_the_list_has_whom_the_count_counts(app, school, who):
    person = getattr(school, who)
    role = "office" if who == "otto" else "teacher"
    with app.app_context():
        viewer = Viewer(person.id, role=role)
        for parts in (
            [Part(SCHOOL)],
            [Part(GROUP, school.group_6), Part(GROUP, school.group_34, excluded=True)],
        ):
            listed, counted = list_recipients(viewer, parts), reach(viewer, parts)
            assert listed.guardians == counted.guardians
            assert sum(1 for child in listed.children if child.recipients) == counted.pupils
            lost = {child.pupil_id for child in listed.children if child.is_lost}
            assert {one.pupil_id for one in counted.unreached} <= lost


def test_who_approves_a_letter_opens_the_list_too(app, client_for, school, change):
    change(School, 1, second_eyes=True)
    number = set_out(app, school.hedy)
    page = client_for(school.otto).get(f"/staff/letters/{number}").text
    assert f'href="{LIST}?part=school"' in page


def test_it_asks_no_more_for_more_people(otto, school, count_queries):
    path = f"{LIST}?part=group:{school.group_34}"
    otto.get(path)
    with count_queries() as few:
        otto.get(path)
    with count_queries() as many:
        otto.get(f"{LIST}?part=school&part=group:{school.group_34}&part=group:{school.group_6}")
    assert len(many) == len(few)
