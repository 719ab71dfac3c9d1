"""A letter as it is written: for whom, kept while it is typed, looked at, and let go."""

import re

import pytest

from portal import clock
from portal.extensions import db, start_writing
from portal.models.letters import Letter, LetterAudience, LetterList
from portal.models.notices import MailTrouble
from portal.models.roster import Guardianship, Pupil
from portal.models.school import School
from tests.letters.sending import own, send, set_out

SAVING = {"HX-Request": "true"}


@pytest.fixture
def tess(client_for, school):
    return client_for(school.tess)


@pytest.fixture
def otto(client_for, school):
    return client_for(school.otto)


def fields(school, **changed):
    return {
        "part": f"group:{school.group_34}",
        "title": "Museum",
        "sender": "juf Tess",
        "text": "Wij gaan.",
        "mail_shows": "hint",
        "when": "now",
        **changed,
    }


def write(client, school, headers=None, path="/staff/letters/new", **changed):
    return client.post(path, data=fields(school, **changed), headers=headers or {})


def number_in(answer):
    return int(answer.location.split("?")[0].rsplit("/", 1)[1])


class TestNew:
    def test_it_is_for_the_own_group_from_the_teacher_as_parents_know_her(self, tess, rows):
        page = tess.get("/staff/letters/new").text
        assert "juf Tess" in page
        assert re.search(r"<b>2 ouders</b>\s+van 1 kind\.", page)
        assert "Groep 6" not in page and "Hele school" not in page and "Jaargroepen" not in page
        assert not rows(Letter)

    def test_the_office_chooses_itself(self, otto):
        page = otto.get("/staff/letters/new").text
        assert "Kies voor wie de brief is." in page
        assert "Hele school" in page and "Groep 6" in page and "Jaargroep 3" in page

    def test_parents_do_not_find_it(self, client_for, school):
        assert client_for(school.anna).get("/staff/letters/new").status_code == 404

    def test_whom_the_mail_does_not_reach_is_named(self, tess, school, app):
        with app.app_context():
            start_writing()
            db.session.execute(db.text("UPDATE users SET email = NULL WHERE given_name IN ('Anna', 'Daan')"))
            db.session.commit()
        page = tess.get("/staff/letters/new").text
        assert "Geen mail bereikt de ouders van 1 kind:" in page and "Bram Visser" in page

    def test_an_address_that_is_known_not_to_work_reaches_nobody(self, tess, school, app):
        with app.app_context():
            start_writing()
            for person in (school.anna, school.daan):
                now = {"first_at": clock.now(), "last_at": clock.now(), "hard_at": clock.now()}
                db.session.add(MailTrouble(user_id=person.id, address=person.email, code="5.1.1", **now))
            db.session.commit()
        assert "Geen mail bereikt de ouders van 1 kind:" in tess.get("/staff/letters/new").text

    def test_in_the_quiet_hours_a_later_time_is_offered(self, tess, at):
        at("2026-11-24 21:10")
        page = tess.get("/staff/letters/new").text
        assert re.search(r'value="later"[^>]*checked', page)
        assert 'value="2026-11-25"' in page and 'value="07:00"' in page


class TestKeeping:
    def test_a_draft_is_kept_and_shown_again(self, tess, school, rows):
        answer = write(tess, school)
        assert answer.status_code == 303
        (letter,) = rows(Letter)
        assert (letter.title, letter.text, letter.author_id) == ("Museum", "Wij gaan.", school.tess.id)
        assert letter.send_at is None and letter.school_year_id
        assert [(part.kind, part.group_id) for part in rows(LetterAudience)] == [("group", school.group_34)]
        page = tess.get(answer.location).text
        assert "Concept, bewaard om 7.55 uur" in page and "Wij gaan." in page

    def test_it_saves_itself_and_says_how_many_that_are(self, tess, school, rows):
        answer = write(tess, school, SAVING, part=f"pupil:{school.bram.id}")
        assert answer.status_code == 200
        (letter,) = rows(Letter)
        assert answer.headers["HX-Replace-Url"] == f"/staff/letters/{letter.id}"
        assert (
            f'name="letter" value="{letter.id}"' in answer.text and 'name="revision" value="1"' in answer.text
        )
        assert "<b>2 ouders</b>" in answer.text and "Concept, bewaard om 7.55 uur" in answer.text
        again = write(tess, school, SAVING, letter=str(letter.id), revision="1", text="Meer.")
        assert again.status_code == 200
        assert [letter.text for letter in rows(Letter)] == ["Meer."]

    def test_a_page_without_words_makes_no_draft(self, tess, school, rows):
        answer = write(tess, school, SAVING, title="", text=" \n ")
        assert answer.status_code == 200 and "Nog niet bewaard" in answer.text
        assert not rows(Letter)

    def test_of_two_pages_the_second_does_not_write_over_the_first(self, tess, school, rows):
        path = write(tess, school).location
        assert write(tess, school, path=path, revision="1", text="Eerst.").status_code == 303
        answer = write(tess, school, path=path, revision="1", text="Daarna.")
        assert answer.status_code == 409
        assert "Daarna." in answer.text and 'name="revision" value="2"' in answer.text
        assert "op een andere pagina gewijzigd" in answer.text
        assert rows(Letter)[0].text == "Eerst."
        assert write(tess, school, SAVING, path=path, revision="1").status_code == 409
        assert write(tess, school, path=path, revision="2", text="Daarna.").status_code == 303
        assert rows(Letter)[0].text == "Daarna."

    @pytest.mark.parametrize(
        ("changed", "sentence"),
        [
            ({"title": "x" * 121}, "Gebruik hoogstens 120 tekens."),
            ({"text": "x" * 20_001}, "Gebruik hoogstens 20000 tekens."),
            ({"sender": "x" * 81}, "Gebruik hoogstens 80 tekens."),
            ({"visible_until": "morgen"}, "Typ de datum als dag, maand en jaar."),
        ],
    )
    def test_what_is_wrong_is_said_and_what_was_typed_stays(self, tess, school, rows, changed, sentence):
        answer = write(tess, school, **changed)
        assert answer.status_code == 422 and sentence in answer.text
        assert "Wij gaan." in answer.text or "text" in changed
        assert not rows(Letter)
        assert write(tess, school, SAVING, **changed).status_code == 422

    @pytest.mark.parametrize(
        "part",
        ["school", "year:3", "group:{group_6}", "pupil:{noor}", "guardian:{noor}-{anna}", "list:1",
         "pupil:0", "guardian:1-999", "group:999999999", "nonsense", "group:1:2", "guardian:{bram}-{carl}"],
    )  # fmt: skip
    def test_a_teacher_writes_to_the_own_group_only(self, tess, school, rows, part):
        numbers = {"group_6": school.group_6, "noor": school.noor.id, "anna": school.anna.id}
        text = part.format(**numbers, bram=school.bram.id, carl=school.carl.id)
        answer = write(tess, school, part=text)
        assert answer.status_code == 422
        assert "Kies opnieuw." in answer.text and "Wij gaan." in answer.text
        assert not rows(Letter)

    def test_not_to_the_other_guardian_of_the_own_child(self, client_for, school, rows):
        # Yara teaches groep 6; Tess is Lotte's mother there, and no teacher of it.
        yara = client_for(school.yara)
        assert write(yara, school, part=f"guardian:{school.lotte.id}-{school.tess.id}").status_code == 303
        assert write(client_for(school.tess), school, part=f"pupil:{school.lotte.id}").status_code == 422

    def test_another_ones_draft_does_not_exist(self, tess, client_for, school):
        path = write(tess, school).location
        for person in (school.tim, school.otto, school.anna):
            client = client_for(person)
            assert client.get(path).status_code == 404
            assert write(client, school, path=path).status_code == 404
            assert write(client, school, letter=path.rsplit("/", 1)[1]).status_code == 404

    def test_a_part_is_taken_away_without_script(self, otto, school, rows):
        path = write(otto, school, part=["school", f"group:{school.group_6}"]).location
        write(
            otto,
            school,
            path=path,
            revision="1",
            part=["school", f"group:{school.group_6}"],
            drop="part=school",
        )
        assert [part.kind for part in rows(LetterAudience)] == ["group"]

    def test_a_pupil_is_found_without_script_and_the_words_stay(self, tess, school):
        answer = write(tess, school, do="find", q="bram")
        page = tess.get(answer.location).text
        assert "Alleen Anna Bakker" in page and "Wij gaan." in page

    def test_invisible_marks_and_half_characters_are_left_out(self, tess, school, rows):
        write(tess, school, text="Een\x00\x07\r\n\r\n\r\n\r\n- twee\r\n    - drie \u202e\n")
        assert rows(Letter)[0].text == "Een\n\n- twee\n    - drie"


class TestFinding:
    def test_only_own_pupils_are_found(self, tess, otto):
        assert "Bram Visser" in tess.get("/staff/letters/people?q=bram").text
        assert "Noor" not in tess.get("/staff/letters/people?q=noor").text
        assert "Noor Smit" in otto.get("/staff/letters/people?q=noor").text

    def test_who_has_no_say_or_hides_from_the_writer_is_not_offered(self, otto, tess):
        assert "Gert" not in otto.get("/staff/letters/people?q=noor").text
        assert "Lotte" not in tess.get("/staff/letters/people?q=lotte").text

    def test_who_was_chosen_stays(self, tess, school):
        page = tess.get(f"/staff/letters/people?q=zz&part=pupil:{school.bram.id}").text
        assert "Niemand gevonden." in page and f'value="pupil:{school.bram.id}" checked' in page


class TestLooking:
    def test_it_shows_what_a_parent_reads_and_keeps_nothing(self, tess, school, rows):
        answer = tess.post("/staff/letters/look", data=fields(school, text="**Let op** <script>x</script>"))
        assert "<strong>Let op</strong>" in answer.text and "<script>x" not in answer.text
        assert not rows(Letter)


class TestSending:
    def test_it_goes_in_two_minutes_and_comes_back(self, tess, school, rows):
        answer = write(tess, school, do="send")
        page = tess.get(answer.location).text
        assert "De brief gaat om 7.57 uur weg" in page and "Haal terug" in page
        assert tess.post(f"{answer.location}/return").status_code == 303
        assert rows(Letter)[0].send_at is None
        assert "Concept" in tess.get(answer.location).text

    def test_it_goes_at_a_time(self, tess, school, rows):
        write(tess, school, do="send", when="later", day="2026-11-24", time="15.30")
        assert rows(Letter)[0].send_at == clock.at_local("2026-11-24 15:30")

    @pytest.mark.parametrize(
        ("changed", "sentence"),
        [
            ({"title": ""}, "Geef de brief een onderwerp."),
            ({"text": ""}, "Schrijf eerst de brief."),
            ({"part": []}, "Kies voor wie de brief is."),
            ({"when": "later", "day": "2026-11-23", "time": "15:30"}, "Deze tijd is al voorbij."),
            ({"when": "later", "day": "", "time": "15:30"}, "Kies een dag."),
            ({"when": "later", "day": "2026-11-25", "time": ""}, "Vul een tijd in."),
        ],
    )
    def test_what_is_missing_is_said(self, tess, school, rows, changed, sentence):
        answer = write(tess, school, do="send", **changed)
        assert answer.status_code == 422 and sentence in answer.text
        assert all(letter.send_at is None for letter in rows(Letter))

    def test_what_is_on_its_way_is_not_changed(self, tess, school, rows):
        path = write(tess, school, do="send").location
        answer = write(tess, school, path=path, revision="1", text="Anders.")
        assert answer.status_code == 422 and "Anders." in answer.text
        assert rows(Letter)[0].text == "Wij gaan."

    def test_what_has_left_does_not_come_back(self, app, tess, school, rows):
        number = send(app, *own(school))
        assert tess.post(f"/staff/letters/{number}/return").status_code == 409
        assert rows(Letter)[0].sent_at is not None

    @pytest.mark.parametrize(("person", "by", "urgent"), [
        ("tess", "office", False), ("tess", "staff", True), ("otto", "office", True),
    ])  # fmt: skip
    def test_only_who_may_calls_it_urgent(self, client_for, school, rows, change, person, by, urgent):
        change(School, 1, urgent_by=by)
        write(client_for(getattr(school, person)), school, urgent="y")
        assert rows(Letter)[0].urgent is urgent

    def test_a_draft_is_thrown_away(self, tess, school, rows):
        path = write(tess, school).location
        assert tess.post(f"{path}/removal").status_code == 303
        assert not rows(Letter) and not rows(LetterAudience)


def test_who_chooses_too_many_one_by_one_still_has_them_on_the_page(client_for, school, many_pupils, rows):
    many_pupils(120)
    chosen = [f"pupil:{pupil.id}" for pupil in rows(Pupil)][:110]
    answer = write(client_for(school.otto), school, part=chosen)
    assert answer.status_code == 422 and "Kies er minder" in answer.text
    assert all(f'value="{one}"' in answer.text for one in chosen)


def test_a_letter_without_a_sender_is_from_the_school(app, client_for, school):
    number = send(app, *own(school), sender="")
    anna = client_for(school.anna)
    assert "Van De Lindeboog" in anna.get(f"/letters/{number}").text
    assert "De Lindeboog</bdi>, voor" in anna.get("/letters").text
    assert "De Lindeboog, " in client_for(school.tess).get("/staff/letters").text


class TestCorrecting:
    def test_it_changes_the_words_and_says_so(self, app, tess, school, rows, client_for, waiting, mailed):
        number = send(app, *own(school))
        mailed()
        path = f"/staff/letters/{number}/correction"
        before = len(waiting())
        assert "Wat nemen wij mee" in tess.get(path).text
        words = {"title": "Museum", "sender": "juf Tess"}
        answer = tess.post(path, data={**words, "text": "Om 10 uur.", "revision": "1"})
        assert answer.status_code == 303
        assert rows(Letter)[0].corrected_at is not None and len(waiting()) == before
        page = client_for(school.anna).get(f"/letters/{number}").text
        assert "Om 10 uur." in page and "gewijzigd" in page
        tess.post(path, data={**words, "text": "Om 11 uur.", "revision": "2", "notify": "y"})
        assert len(waiting()) > before

    def test_two_pages_and_missing_words(self, app, tess, school, rows):
        path = f"/staff/letters/{send(app, *own(school))}/correction"
        assert tess.post(path, data={"title": "A", "text": "Een", "revision": "1"}).status_code == 303
        answer = tess.post(path, data={"title": "A", "text": "Twee", "revision": "1"})
        assert answer.status_code == 409 and "Twee" in answer.text
        assert tess.post(path, data={"title": "", "text": "", "revision": "2"}).status_code == 422
        assert rows(Letter)[0].text == "Een"

    def test_what_nobody_has_is_not_corrected(self, app, tess, school):
        path = f"/staff/letters/{set_out(app, school.tess)}"
        assert tess.get(f"{path}/correction").status_code == 404
        assert tess.post(f"{path}/withdrawal").status_code == 404


def test_it_is_withdrawn_and_parents_do_not_find_it(app, tess, client_for, school):
    number = send(app, *own(school))
    anna = client_for(school.anna)
    assert anna.get(f"/letters/{number}").status_code == 200
    assert tess.get(f"/staff/letters/{number}/withdrawal").status_code == 200
    assert tess.post(f"/staff/letters/{number}/withdrawal").status_code == 303
    assert anna.get(f"/letters/{number}").status_code == 404
    assert "ingetrokken" in tess.get("/staff/letters").text


class TestList:
    def test_it_shows_what_is_written_what_waits_and_what_was_sent(self, app, tess, school, client_for):
        write(tess, school, title="Bewaard")
        set_out(app, school.tess, title="Klaar")
        number = send(app, school.tess, title="Weg")
        client_for(school.anna).post(f"/letters/{number}/receipt", data={"state": "read"})
        page = tess.get("/staff/letters").text
        assert "Bewaard" in page and "Gaat vandaag om 7.57 uur weg" in page
        assert "Weg" in page and re.search(r"1 van \d gelezen", page)
        assert "Bewaard" not in client_for(school.tim).get("/staff/letters").text

    def test_it_asks_no_more_for_more_letters(self, app, tess, school, count_queries):
        send(app, school.tess)
        tess.get("/staff/letters")
        with count_queries() as few:
            tess.get("/staff/letters")
        for number in range(3):
            send(app, school.tess)
            write(tess, school, title=f"Brief {number}")
        with count_queries() as many:
            tess.get("/staff/letters")
        assert len(many) == len(few)


def test_the_editor_asks_no_more_for_a_larger_audience(otto, school, count_queries):
    small = write(otto, school, part=f"group:{school.group_34}").location
    large = write(
        otto, school, part=["school", f"group:{school.group_34}", f"group:{school.group_6}"]
    ).location
    with count_queries() as few:
        otto.get(small)
    with count_queries() as many:
        otto.get(large)
    assert len(many) == len(few)


class TestOwnLists:
    def test_the_office_makes_one_and_writes_to_it(self, otto, school, rows):
        path = otto.post("/school/letters/lists", data={"name": "Koor"}).location
        otto.post(f"{path}/members", data={"add": f"pupil:{school.bram.id}"})
        otto.post(f"{path}/members", data={"add": f"pupil:{school.bram.id}"})
        otto.post(f"{path}/members", data={"add": f"guardian:{school.noor.id}-{school.anna.id}"})
        page = otto.get(f"{path}?q=sem").text
        assert "Bram Visser" in page and "Alleen Anna Bakker" in page and "Sem Peters" in page
        (own_list,) = rows(LetterList)
        saved = write(otto, school, SAVING, part=f"list:{own_list.id}")
        assert "Koor" in saved.text and "<b>2 ouders</b>" in saved.text

    def test_the_number_of_members_is_of_those_whom_the_reader_finds(self, app, otto, client_for, school):
        """Of the own child, and of the other guardian of it, who works here finds nobody (R22)."""
        path = otto.post("/school/letters/lists", data={"name": "Koor"}).location
        for add in (
            f"pupil:{school.sem.id}",
            f"pupil:{school.lotte.id}",
            f"guardian:{school.noor.id}-{school.anna.id}",
        ):
            otto.post(f"{path}/members", data={"add": add})

        def counted(client) -> str:
            page = client.get("/school/letters/lists").text
            return re.search(r'Koor</bdi></a><p class="meta">(\d+) ', page)[1]

        assert counted(otto) == "3"
        with app.app_context():
            start_writing()
            for seat, person in ((2, school.otto), (1, school.anna)):
                db.session.query(Guardianship).filter_by(pupil_id=school.lotte.id, seat=seat).delete()
                db.session.add(
                    Guardianship(
                        pupil_id=school.lotte.id, user_id=person.id, seat=seat, created_at=clock.now()
                    )
                )
            db.session.commit()
        page = otto.get(path).text
        assert "Sem Peters" in page and "Lotte" not in page and "Anna" not in page
        assert (counted(otto), counted(client_for(school.hedy))) == ("1", "3")

    def test_names_are_asked_for_and_each_is_there_once(self, otto):
        assert otto.post("/school/letters/lists", data={"name": " "}).status_code == 422
        path = otto.post("/school/letters/lists", data={"name": "Koor"}).location
        assert "Er is al een lijst" in otto.post("/school/letters/lists", data={"name": "Koor"}).text
        assert otto.post(path, data={"name": "x" * 65}).status_code == 422
        assert otto.post(path, data={"name": "Zangkoor"}).status_code == 303
        assert otto.post(f"{path}/removal").status_code == 303
        assert otto.get(path).status_code == 404
        assert otto.post("/school/letters/lists", data={"name": "Zangkoor"}).status_code == 303

    def test_who_is_on_it_is_taken_off(self, otto, school):
        path = otto.post("/school/letters/lists", data={"name": "Koor"}).location
        otto.post(f"{path}/members", data={"add": f"pupil:{school.bram.id}"})
        number = re.search(r'name="remove" value="(\d+)"', otto.get(path).text)[1]
        otto.post(f"{path}/members", data={"remove": number})
        assert "Bram Visser" not in otto.get(path).text
        assert otto.post(f"{path}/members", data={"add": "school"}).status_code == 409


def test_a_list_that_is_removed_stays_excepted_from_a_draft(otto, school, rows):
    """Else the letter would go to more people than its author meant, without a word."""
    otto.post("/school/letters/lists", data={"name": "Koor"})
    (choir,) = rows(LetterList)
    otto.post(f"/school/letters/lists/{choir.id}/members", data={"add": f"pupil:{school.sem.id}"})
    whom = {"part": "school", "without": f"list:{choir.id}"}
    path = write(otto, school, do="save", **whom).location
    otto.post(f"/school/letters/lists/{choir.id}/removal")
    page = otto.get(path)
    assert "Behalve Koor" in page.text and f'name="without" value="list:{choir.id}"' in page.text
    assert write(otto, school, path=path, do="save", revision="1", **whom).status_code == 303
    assert {(part.kind, part.excluded) for part in rows(LetterAudience)} == {
        ("school", False),
        ("list", True),
    }
    assert write(otto, school, path=path, part=f"list:{choir.id}", revision="2").status_code == 422
