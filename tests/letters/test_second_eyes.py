"""Where school wants it, nothing is mailed to the whole school that only one person has read."""

import re

import pytest

from portal import clock
from portal.access import Viewer
from portal.domain.letter_audience import reaches_whole_school
from portal.domain.letter_choices import read_parts
from portal.domain.letter_notices import TO_APPROVE
from portal.domain.letters import set_out
from portal.extensions import db, start_writing
from portal.models.letters import Letter, LetterAudience, LetterList, LetterListMember
from portal.models.school import School
from tests.letters.files import attach
from tests.letters.sending import send
from tests.letters.test_look_at_letter import framed, subject
from tests.letters.test_write_letter import SAVING, fields, write


@pytest.fixture(autouse=True)
def wanted(school, change):
    change(School, 1, second_eyes=True)


def parts(school, text: str) -> list[str]:
    """Return what a form sends for 'g34 g6 pupil:sem'."""
    numbers = {
        name: str(getattr(school, name).id) for name in ("bram", "noor", "sem", "lotte", "carl", "anna")
    }
    known = {"g34": f"group:{school.group_34}", "g6": f"group:{school.group_6}"}
    found = []
    for word in text.split():
        kind, _, name = word.partition(":")
        pupil, _, guardian = name.partition("-")
        if pupil in numbers:
            word = f"{kind}:{numbers[pupil]}" + (f"-{numbers[guardian]}" if guardian else "")
        found.append(known.get(word, word))
    return found


def what_is_read(client, path: str) -> dict[str, str]:
    """Return what the form sends along with which somebody approves a letter that is on the page."""
    form = re.search(rf'action="{path}/approval">(.*?)</form>', client.get(path).text)[1]
    return dict(re.findall(r'name="(revision|asked_at)" value="([^"]*)"', form))


class TestWhatReachesTheWholeSchool:
    """However it was chosen: groups, year groups, lists and pupils one by one, and all of that together."""

    @pytest.mark.parametrize(
        ("chosen", "without", "whole"),
        [
            ("school", "", True),
            ("school", "g6", True),
            ("g34 g6", "", True),
            ("year:3 year:6", "", True),
            ("g34 year:6", "", True),
            ("g34 pupil:noor pupil:sem", "", True),
            ("guardian:bram-anna guardian:noor-anna guardian:sem-carl", "", True),
            ("g34 g6", "pupil:noor", True),
            ("g34 g6", "guardian:noor-anna guardian:bram-anna", True),
            ("g34 g6", "g6", False),
            ("g34 g6", "pupil:noor pupil:sem", False),
            ("g6", "", False),
            ("g34", "", False),
            ("g34 pupil:noor", "", False),
            ("year:4 year:5", "", False),
            ("", "", False),
            ("", "school", False),
        ],
    )
    def test_it_is_more_than_half_of_the_children_of_every_group(self, app, school, chosen, without, whole):
        with app.app_context():
            asked = read_parts(parts(school, chosen), parts(school, without))
            assert reaches_whole_school(asked) is whole

    @pytest.mark.parametrize(
        ("members", "whole"), [(("bram", "sem", "noor"), True), (("bram", "sem"), False)]
    )
    def test_a_list_may_be_the_whole_school_and_the_choir_is_not(self, app, school, members, whole):
        with app.app_context():
            start_writing()
            own = LetterList(name="Lijst", made_by=school.otto.id, made_at=clock.now())
            db.session.add(own)
            db.session.flush()
            for name in members:
                db.session.add(LetterListMember(list_id=own.id, pupil_id=getattr(school, name).id))
            db.session.flush()
            assert reaches_whole_school(read_parts([f"list:{own.id}"], [])) is whole
            db.session.rollback()


class TestSending:
    def test_a_letter_to_the_school_waits_for_another_of_the_office(self, client_for, school, rows, at):
        hedy, otto = client_for(school.hedy), client_for(school.otto)
        path = write(hedy, school, part="school", do="send").location
        assert "wacht tot een ander" in hedy.get(path).text
        seen = what_is_read(otto, path)
        assert hedy.post(f"{path}/approval", data=seen).status_code == 403
        assert "Wacht op uw goedkeuring" in otto.get("/staff/letters").text
        at("2026-11-24 09:00")
        assert "Keur de brief goed" in otto.get(path).text
        assert otto.post(f"{path}/approval", data=seen).status_code == 303
        (letter,) = rows(Letter)
        assert (letter.approved_by, letter.send_at) == (school.otto.id, clock.at_local("2026-11-24 09:02"))
        assert otto.post(f"{path}/approval", data=seen).status_code == 403

    @pytest.mark.parametrize("changed", ["words", "files"])
    def test_what_was_changed_since_is_read_once_more(self, app, client_for, school, rows, do, at, changed):
        by_hedy = Viewer(school.hedy.id, role="head")
        hedy, otto = client_for(school.hedy), client_for(school.otto)
        path = write(hedy, school, part="school", do="send").location
        seen = what_is_read(otto, path)
        at("2026-11-24 07:56")
        hedy.post(f"{path}/return")
        if changed == "words":
            again = fields(school, part="school", do="send", revision="1", text="Anders.")
            assert hedy.post(path, data=again).status_code == 303
        else:
            attach(app, rows(Letter)[0].id, school.hedy)
            do(lambda: set_out(db.session.scalars(db.select(Letter)).one(), None, by_hedy, clock.now()))
        answer = otto.post(f"{path}/approval", data=seen)
        assert answer.status_code == 409 and "Kijk nog een keer" in answer.text
        assert rows(Letter)[0].approved_at is None
        assert otto.post(f"{path}/approval", data=what_is_read(otto, path)).status_code == 303

    @pytest.mark.parametrize(
        "sent", [{}, {"revision": "1"}, {"revision": "1", "asked_at": "2026-11-24T06:55:00"}]
    )
    def test_what_nobody_has_read_is_not_approved(self, client_for, school, rows, sent):
        path = write(client_for(school.hedy), school, part="school", do="send").location
        assert client_for(school.otto).post(f"{path}/approval", data=sent).status_code == 409
        assert rows(Letter)[0].approved_at is None

    def test_it_is_given_back_as_a_draft_and_its_author_hears_by_whom_and_why(
        self, client_for, school, rows, mailed
    ):
        hedy = client_for(school.hedy)
        path = write(hedy, school, part="school", do="send").location
        mailed()
        why = {"answer": "no", "why": "Het is\ndonderdag. "}
        assert client_for(school.otto).post(f"{path}/approval", data=why).status_code == 303
        assert rows(Letter)[0].send_at is None and rows(Letter)[0].approval_asked_at is None
        (mail,) = mailed()
        assert mail.recipients == [school.hedy.email] and "teruggegeven" in mail.subject
        assert "Museum" not in mail.text and path in mail.text
        assert "Teruggegeven door Otto Vos" in hedy.get("/staff/letters").text
        page = hedy.get(path).text
        assert "Otto Vos gaf deze brief terug" in page and "Het is donderdag." in page
        write(hedy, school, path=path, part="school", do="send", revision="1")
        assert "Otto" not in hedy.get(path).text

    def test_who_takes_back_the_own_letter_gets_no_mail(self, client_for, school, rows, mailed):
        hedy = client_for(school.hedy)
        path = write(hedy, school, part="school", do="send").location
        mailed()
        hedy.post(f"{path}/return")
        assert mailed() == [] and "gaf deze brief terug" not in hedy.get(path).text

    def test_the_rest_of_the_office_hears_that_it_waits(self, client_for, school, mailed):
        path = write(client_for(school.hedy), school, part="school", do="send").location
        mails = mailed()
        assert {mail.recipients[0] for mail in mails} == {school.otto.email, school.bea.email}
        assert all("wacht op uw goedkeuring" in mail.subject for mail in mails)
        assert all("Museum" not in mail.text for mail in mails)
        assert path in mails[0].text

    def test_that_mail_does_not_go_when_somebody_was_faster(self, client_for, school, mailed):
        hedy, otto = client_for(school.hedy), client_for(school.otto)
        path = write(hedy, school, part="school", do="send").location
        otto.post(f"{path}/approval", data=what_is_read(otto, path))
        assert [mail for mail in mailed() if "goedkeuring" in mail.subject] == []

    @pytest.mark.parametrize(
        ("urgent", "asked", "approved", "goes"),
        [
            ("", "2026-11-24 15:00", "2026-11-24 16:00", "2026-11-24 16:02"),
            ("", "2026-11-24 15:00", "2026-11-24 22:30", "2026-11-25 07:00"),
            ("", "2026-11-24 15:00", "2026-11-24 05:00", "2026-11-24 07:00"),
            ("y", "2026-11-24 15:00", "2026-11-24 22:30", "2026-11-24 22:32"),
        ],
    )
    def test_approved_after_its_time_it_keeps_out_of_the_quiet_hours(
        self, client_for, school, rows, at, change, urgent, asked, approved, goes
    ):
        at(approved.replace("24 05", "23 15") if approved < asked else asked)
        path = write(client_for(school.hedy), school, part="school", do="send", urgent=urgent).location
        at(approved)
        otto = client_for(school.otto)
        answer = otto.post(f"{path}/approval", data=what_is_read(otto, path), follow_redirects=True)
        assert rows(Letter)[0].send_at == clock.at_local(goes)
        assert f"{int(goes[11:13])}.{goes[14:]} uur" in answer.text.partition("goedgekeurd")[2][:120]

    def test_a_letter_to_a_group_goes_at_once(self, client_for, school, rows):
        write(client_for(school.tess), school, do="send")
        assert rows(Letter)[0].approval_asked_at is None

    def test_the_worker_leaves_it_until_then(self, app, school, rows):
        send(app, school.hedy)
        assert rows(Letter)[0].sent_at is None

    def test_groups_ticked_one_by_one_wait_as_well(self, client_for, school, rows):
        hedy = client_for(school.hedy)
        saved = write(hedy, school, SAVING, part=parts(school, "g34"))
        assert 'id="eyes"' in saved.text and "nadat een ander" not in saved.text
        number = rows(Letter)[0].id
        all_of_them = {"letter": str(number), "revision": "1", "part": parts(school, "g34 g6")}
        assert "nadat een ander" in write(hedy, school, SAVING, **all_of_them).text
        path = write(hedy, school, do="send", **(all_of_them | {"revision": "2"})).location
        assert rows(Letter)[0].approval_asked_at is not None
        assert "wacht tot een ander" in hedy.get(path).text


class TestMailAboutCorrection:
    """A second mail to the whole school waits for other eyes as the first did; the words do not."""

    @pytest.fixture
    def waiting(self, waiting):
        """The mails to parents that wait."""
        return lambda: [mail for mail in waiting() if mail.kind != TO_APPROVE]

    @pytest.fixture
    def letter(self, app, school, change):
        change(School, 1, second_eyes=False)
        number = send(app, school.hedy)
        change(School, 1, second_eyes=True)
        return number

    @pytest.fixture
    def correct(self, client_for, letter):
        def correct(person, text: str = "Om 10 uur.", revision: str = "1", notify: str = "y"):
            words = {"title": "Museum", "sender": "Hedy", "text": text, "revision": revision}
            path = f"/staff/letters/{letter}/correction"
            return client_for(person).post(path, data={**words, "notify": notify})

        return correct

    def test_it_waits_and_goes_when_somebody_else_approves(
        self, client_for, school, letter, correct, waiting, mailed
    ):
        mailed()
        hedy, otto, before = client_for(school.hedy), client_for(school.otto), len(waiting())
        assert "goedkeurt" in hedy.get(f"/staff/letters/{letter}/correction").text
        assert correct(school.hedy).status_code == 303
        assert "Om 10 uur." in client_for(school.anna).get(f"/letters/{letter}").text
        assert len(waiting()) == before
        path = f"/staff/letters/{letter}"
        assert "De mail over de wijziging wacht" in hedy.get(path).text
        assert "Keur de mail goed" not in hedy.get(path).text
        assert hedy.post(f"{path}/notice", data={"revision": "2"}).status_code == 403
        assert "De mail over een wijziging erin" in otto.get("/staff/letters").text
        assert 'name="revision" value="2"' in otto.get(path).text
        assert otto.post(f"{path}/notice", data={"revision": "2"}).status_code == 303
        assert len(waiting()) == before + 5
        assert "De mail over de wijziging wacht" not in otto.get(path).text
        assert otto.post(f"{path}/notice", data={"revision": "2"}).status_code == 403
        assert len(waiting()) == before + 5

    def test_who_approves_it_sees_it_as_the_parents_get_it(
        self, engine, client_for, school, letter, correct, change, mailed, at, nu_check
    ):
        mailed()
        at("2026-11-24 09:00")
        change(Letter, letter, mail_shows="text")
        correct(school.hedy)
        assert "<iframe" not in client_for(school.hedy).get(f"/staff/letters/{letter}").text
        answer = client_for(school.otto).get(f"/staff/letters/{letter}")
        assert "'unsafe-hashes'" in answer.headers["Content-Security-Policy"]
        client_for(school.otto).post(f"/staff/letters/{letter}/notice", data={"revision": "2"})
        mail = next(mail for mail in mailed() if school.anna.email in mail.recipients)
        shown = framed(answer.text).replace("<base target=_blank>", "").replace("(voornaam)", "Anna")
        assert mail.html.split() == shown.split()
        assert mail.subject == subject(answer.text) == "Gewijzigd: Museum"
        if engine == "sqlite":
            assert [str(one) for one in nu_check([("notice", answer.text)]) if one.kind != "info"] == []

    def test_it_may_not_go_at_all(self, client_for, school, letter, correct, waiting, rows):
        before = len(waiting())
        correct(school.hedy)
        client_for(school.otto).post(f"/staff/letters/{letter}/notice", data={"answer": "no"})
        assert len(waiting()) == before and rows(Letter)[0].notice_asked_at is None

    def test_words_that_changed_since_are_read_once_more(
        self, client_for, school, letter, correct, waiting, mailed
    ):
        mailed()
        before, otto = len(waiting()), client_for(school.otto)
        correct(school.hedy)
        assert len([mail for mail in mailed() if "goedkeuring" in mail.subject]) == 2
        correct(school.hedy, "Om 11 uur.", "2", notify="")
        assert otto.post(f"/staff/letters/{letter}/notice", data={"revision": "2"}).status_code == 409
        assert len(waiting()) == before
        assert otto.post(f"/staff/letters/{letter}/notice", data={"revision": "3"}).status_code == 303
        assert len(waiting()) > before

    def test_who_changed_the_words_last_is_not_the_other_eyes(self, client_for, school, letter, correct):
        correct(school.hedy)
        correct(school.otto, "Om 11 uur.", "2", notify="")
        path = f"/staff/letters/{letter}/notice"
        assert client_for(school.otto).post(path, data={"revision": "3"}).status_code == 403
        assert client_for(school.hedy).post(path, data={"revision": "3"}).status_code == 303

    @pytest.mark.parametrize("approved", [True, False])
    def test_no_mail_has_words_that_nobody_else_has_read(
        self, client_for, school, letter, correct, mailed, change, at, approved
    ):
        change(Letter, letter, mail_shows="text")
        correct(school.hedy)
        if approved:
            path = f"/staff/letters/{letter}/notice"
            assert client_for(school.otto).post(path, data={"revision": "2"}).status_code == 303
        mails = [mail for mail in mailed() if "goedkeuring" not in mail.subject]
        assert len(mails) == 5
        for mail in mails:
            assert ("Om 10 uur." in mail.text) is approved and ("Om 10 uur." in mail.html) is approved

    def test_without_second_eyes_a_correction_is_in_the_mails_at_once(
        self, school, letter, correct, mailed, change
    ):
        change(School, 1, second_eyes=False)
        change(Letter, letter, mail_shows="text")
        correct(school.hedy)
        assert all("Om 10 uur." in mail.text for mail in mailed())

    def test_nothing_waits_of_a_letter_that_is_withdrawn(self, client_for, school, letter, correct, waiting):
        correct(school.hedy)
        client_for(school.hedy).post(f"/staff/letters/{letter}/withdrawal")
        otto = client_for(school.otto)
        assert "Keur de mail goed" not in otto.get(f"/staff/letters/{letter}").text
        assert otto.post(f"/staff/letters/{letter}/notice", data={"revision": "2"}).status_code == 403

    def test_a_mail_to_one_group_goes_at_once(self, app, client_for, school, waiting, mailed):
        number = send(app, school.tess, read_parts(parts(school, "g34"), []), "teacher")
        mailed()
        before = len(waiting())
        words = {"title": "A", "sender": "juf Tess", "text": "B", "revision": "1", "notify": "y"}
        client_for(school.tess).post(f"/staff/letters/{number}/correction", data=words)
        assert len(waiting()) == before + 2

    def test_one_that_was_approved_before_it_went_waits_also_when_its_groups_are_others(
        self, client_for, school, letter, correct, waiting, change, rows
    ):
        """To all groups one by one: with the next year those are no groups of anybody any more."""
        change(Letter, letter, approval_asked_at=clock.now(), approved_at=clock.now())
        (part,) = rows(LetterAudience)
        change(LetterAudience, part.id, kind="group", group_id=school.group_34)
        before = len(waiting())
        page = client_for(school.hedy).get(f"/staff/letters/{letter}/correction").text
        assert "goedkeurt" in page
        assert correct(school.hedy).status_code == 303
        assert len(waiting()) == before
        assert (
            "De mail over de wijziging wacht" in client_for(school.hedy).get(f"/staff/letters/{letter}").text
        )
