"""The files of a letter while it is written: added, put in order, taken away, also where parents have it."""

from datetime import timedelta
from io import BytesIO

import pytest

from portal import clock
from portal.domain import attachment_work, attachments
from portal.domain.letter_audience import GROUP, Part
from portal.extensions import db, start_writing
from portal.models.letters import Attachment, AttachmentFile, Letter
from tests.albums.pictures import jpeg
from tests.letters.files import PDF, attach, docx, odt, packed
from tests.letters.sending import send
from tests.letters.test_write_letter import fields, number_in

JSON = {"Accept": "application/json"}


@pytest.fixture
def tess(client_for, school):
    return client_for(school.tess)


@pytest.fixture
def draft(tess, school):
    return number_in(tess.post("/staff/letters/new", data=fields(school)))


@pytest.fixture
def sent(app, school):
    return send(app, school.tess, [Part(GROUP, school.group_34)], "teacher")


def upload(client, letter: int, content: bytes = PDF, name: str = "Programma.pdf", **more):
    data = {"files": (BytesIO(content), name), **more}
    answer = client.post(f"/staff/letters/{letter}/attachments", data=data, headers=JSON)
    answer.request.environ["wsgi.input"].close()
    return answer


def keep(client, school, path: str, *files: tuple[str, bytes], **changed):
    """Send the form of a letter with files, as a page without script does."""
    chosen = [(BytesIO(content), name) for name, content in files]
    return client.post(path, data=fields(school, **changed) | {"files": chosen})


def names(rows) -> list[str]:
    return [row.name for row in sorted(rows(Attachment), key=lambda row: (row.inline, row.position))]


class TestWithoutScript:
    def test_the_files_come_with_everything_that_is_typed(self, tess, school, rows):
        answer = keep(
            tess, school, "/staff/letters/new", ("Rooster.docx", docx()), ("Kaart.odt", odt()), do="attach"
        )
        assert answer.status_code == 303
        assert answer.location.endswith("#files-field")
        assert rows(Letter)[0].text == "Wij gaan."
        assert names(rows) == ["Rooster.docx", "Kaart.odt"]
        page = tess.get(f"/staff/letters/{rows(Letter)[0].id}").text
        assert "Rooster</bdi>" in page and "Kaart</bdi>" in page

    def test_a_photo_for_the_text_stands_at_its_end(self, tess, school, rows):
        keep(tess, school, "/staff/letters/new", ("De bus.jpg", jpeg()), do="attach", in_text="y")
        assert rows(Letter)[0].text == "Wij gaan.\n\n![De bus](foto:1)"
        assert rows(Attachment)[0].inline

    def test_what_is_wrong_stands_at_the_field_and_the_rest_is_kept(self, tess, school, rows):
        answer = keep(
            tess, school, "/staff/letters/new", ("a.exe", b"MZ\x90"), ("Rooster.pdf", PDF), do="attach"
        )
        assert answer.status_code == 422
        assert 'id="files-error"' in answer.text
        assert "a.exe: Dit soort bestand kan niet mee." in answer.text
        assert "Wij gaan." in answer.text
        assert names(rows) == ["Rooster.pdf"]
        assert f'value="{rows(Letter)[0].id}"' in answer.text

    def test_a_letter_is_not_sent_without_a_file_that_was_meant_to_go(self, tess, school, rows):
        answer = keep(tess, school, "/staff/letters/new", ("a.exe", b"MZ\x90"), do="send")
        assert answer.status_code == 422
        assert rows(Letter)[0].send_at is None

    def test_files_that_were_chosen_go_with_the_letter_that_is_sent(self, tess, school, rows):
        answer = keep(tess, school, "/staff/letters/new", ("Rooster.pdf", PDF), do="send")
        assert answer.status_code == 303
        assert rows(Letter)[0].send_at
        assert names(rows) == ["Rooster.pdf"]

    def test_when_it_cannot_be_sent_the_files_are_asked_again(self, tess, school, rows):
        answer = keep(tess, school, "/staff/letters/new", ("Rooster.pdf", PDF), do="send", title="")
        assert answer.status_code == 422
        assert "Kies de bestanden nog een keer." in answer.text
        assert rows(Letter) == rows(Attachment) == []

    def test_the_buttons_beside_a_file_keep_what_is_typed(self, tess, school, draft, rows):
        for name in ("a", "b", "c"):
            upload(tess, draft, PDF + name.encode(), f"{name}.pdf")
        third, first = rows(Attachment)[2].id, rows(Attachment)[0].id
        path, revision = f"/staff/letters/{draft}", rows(Letter)[0].revision
        answer = keep(tess, school, path, do=f"up:{third}", revision=revision, text="Anders.")
        assert answer.status_code == 303
        assert names(rows) == ["a.pdf", "c.pdf", "b.pdf"]
        assert rows(Letter)[0].text == "Anders."
        keep(tess, school, path, do=f"remove:{first}", revision=revision + 1)
        assert names(rows) == ["c.pdf", "b.pdf"]
        assert len(rows(AttachmentFile)) == 2
        for odd in ("remove:999", "up:", "remove:x"):
            number = rows(Letter)[0].revision
            assert keep(tess, school, path, do=odd, revision=number).status_code == 404


class TestWithScript:
    def test_each_comes_by_itself_and_the_list_is_answered(self, tess, draft, rows):
        answer = upload(tess, draft)
        assert answer.status_code == 201
        assert "Programma</bdi>" in answer.json["list"]
        assert answer.json["mark"] == ""
        assert rows(Letter)[0].revision == 1

    def test_the_same_file_twice_is_one(self, tess, draft, rows):
        assert upload(tess, draft).status_code == 201
        again = upload(tess, draft, name="Ander.pdf")
        assert (again.status_code, again.json["added"]) == (200, False)
        assert names(rows) == ["Programma.pdf"]
        assert len(rows(AttachmentFile)) == 1

    def test_a_photo_for_the_text_says_how_it_is_called_there(self, tess, draft, rows):
        assert upload(tess, draft, jpeg(), "De [bus].jpg", inline="1").json["mark"] == "![De bus](foto:1)"
        assert upload(tess, draft, jpeg("#112233"), "x.jpg", inline="1").json["mark"] == "![x](foto:2)"
        assert upload(tess, draft, jpeg("#112233"), "x.jpg", inline="1").json["mark"] == "![x](foto:2)"
        refused = upload(tess, draft, PDF, inline="1")
        assert (refused.status_code, "Alleen een foto" in refused.json["problem"]) == (422, True)

    def test_it_is_taken_away_and_put_in_order(self, tess, draft, rows):
        for name in ("a", "b"):
            upload(tess, draft, PDF + name.encode(), f"{name}.pdf")
        first, second = (row.id for row in rows(Attachment))
        address = f"/staff/letters/{draft}/attachments"
        moved = tess.post(f"{address}/{second}", data={"act": "up"}, headers=JSON)
        assert moved.json["list"].index("b</bdi>") < moved.json["list"].index("a</bdi>")
        tess.post(f"{address}/{first}", data={"act": "remove"}, headers=JSON)
        assert names(rows) == ["b.pdf"]
        assert tess.post(f"{address}/{first}", data={"act": "remove"}, headers=JSON).status_code == 404
        assert tess.post(f"{address}/{second}", data={"act": "x"}, headers=JSON).status_code == 400
        assert tess.post(f"{address}/{second}", data={"act": "up"}).status_code == 303

    def test_nothing_chosen_is_said(self, tess, draft):
        answer = tess.post(f"/staff/letters/{draft}/attachments", headers=JSON)
        assert (answer.status_code, answer.json["problem"]) == (422, "Kies eerst een bestand.")

    def test_a_new_letter_gets_its_number_by_saving_itself_with_nothing_in_it(self, tess, school, rows):
        headers = {"HX-Request": "true"}
        data = fields(school, title="", text="")
        assert tess.post("/staff/letters/new", data=data, headers=headers).status_code == 200
        assert not rows(Letter)
        tess.post("/staff/letters/new", data=data | {"do": "attach"}, headers=headers)
        assert len(rows(Letter)) == 1


class TestLimits:
    def test_they_are_said_before_anything_is_sent(self, tess):
        page = tess.get("/staff/letters/new").text
        assert "Elk hoogstens 15 MB, samen 30 MB en 20 bestanden." in page
        assert 'enctype="multipart/form-data"' in page

    def test_a_file_is_too_large_with_one_byte_more(self, tess, draft, rows):
        assert upload(tess, draft, PDF.ljust(15_000_000)).status_code == 201
        answer = upload(tess, draft, PDF.ljust(15_000_001))
        assert answer.status_code == 422
        assert answer.json["problem"].startswith("Dit bestand is groter dan 15 MB.")
        assert len(rows(Attachment)) == 1

    def test_all_of_a_letter_together_have_a_most(self, app, tess, draft, monkeypatch):
        monkeypatch.setattr(attachments, "MOST_BYTES", 2 * len(PDF) + 2)
        assert upload(tess, draft, PDF + b"1").status_code == 201
        assert upload(tess, draft, PDF + b"2").status_code == 201
        assert "samen groter" in upload(tess, draft, PDF + b"3").json["problem"]

    def test_so_many_files_and_no_more(self, tess, draft):
        # Of these no picture is made, as of a PDF.
        for number in range(20):
            assert upload(tess, draft, docx(number=str(number))).status_code == 201
        assert "hoogstens 20" in upload(tess, draft, docx(number="x")).json["problem"]

    def test_an_empty_file_is_refused(self, tess, draft):
        assert "leeg" in upload(tess, draft, b"").json["problem"]


class TestWhoMay:
    def test_only_the_writer_of_a_draft(self, client_for, school, draft, rows):
        for person in (school.otto, school.tim, school.yara, school.anna):
            assert upload(client_for(person), draft).status_code == 404
        assert rows(Attachment) == []

    def test_a_file_of_another_letter_is_not_there(self, app, tess, school, draft, sent, rows):
        attach(app, sent, school.tess)
        number = rows(Attachment)[0].id
        address = f"/staff/letters/{draft}/attachments/{number}"
        assert tess.post(address, data={"act": "remove"}).status_code == 404
        assert len(rows(Attachment)) == 1

    def test_not_with_a_letter_that_waits_to_go_or_is_withdrawn(self, app, tess, draft, sent, rows):
        for number, values in ((draft, {"send_at": clock.now()}), (sent, {"withdrawn_at": clock.now()})):
            with app.app_context():
                start_writing()
                for name, value in values.items():
                    setattr(db.session.get_one(Letter, number), name, value)
                db.session.commit()
            answer = upload(tess, number)
            assert (answer.status_code, "al onderweg" in answer.json["problem"]) == (422, True)


class TestCorrection:
    def correct(self, client, letter: int, *files, **changed):
        data = {"title": "Museum", "sender": "juf Tess", "text": "Wij gaan.", "revision": 1, **changed}
        chosen = [(BytesIO(content), name) for name, content in files]
        return client.post(f"/staff/letters/{letter}/correction", data=data | {"files": chosen})

    def test_parents_have_an_added_file_when_the_correction_is_saved(
        self, tess, client_for, school, sent, rows
    ):
        anna = client_for(school.anna)
        assert "gaat met de correctie" in upload(tess, sent).json["list"]
        key = rows(Attachment)[0].key
        assert anna.get(f"/attachments/{key}").status_code == 404
        assert "bijlage" not in anna.get(f"/letters/{sent}").text
        assert tess.get(f"/attachments/{key}").status_code == 200
        assert self.correct(tess, sent).status_code == 303
        assert anna.get(f"/attachments/{key}").status_code == 200
        page = anna.get(f"/letters/{sent}").text
        assert "1 bijlage" in page and "gewijzigd" in page

    def test_a_removed_file_is_gone_when_it_is_saved(self, app, tess, client_for, school, sent, rows):
        key = attach(app, sent, school.tess)
        number = rows(Attachment)[0].id
        assert f'name="remove_file" value="{number}"' in tess.get(f"/staff/letters/{sent}/correction").text
        refused = tess.post(f"/staff/letters/{sent}/attachments/{number}", data={"act": "remove"})
        assert refused.status_code == 409
        assert client_for(school.anna).get(f"/attachments/{key}").status_code == 200
        self.correct(tess, sent, remove_file=number)
        assert client_for(school.anna).get(f"/attachments/{key}").status_code == 404
        assert rows(AttachmentFile) == []

    def test_no_file_of_another_letter_goes_with_it(self, app, tess, school, sent, draft, rows):
        upload(tess, draft)
        self.correct(tess, sent, remove_file=rows(Attachment)[0].id)
        assert len(rows(Attachment)) == 1

    def test_without_script_adding_keeps_what_is_typed_and_changes_nothing_yet(self, tess, sent, rows):
        answer = self.correct(tess, sent, ("Kaart.pdf", PDF), text="Nog niet.", do="attach")
        assert answer.status_code == 200
        assert "Nog niet." in answer.text and "Kaart</bdi>" in answer.text
        assert rows(Letter)[0].text != "Nog niet."
        assert rows(Attachment)[0].pending
        again = self.correct(tess, sent, ("a.exe", b"MZ"), text="Nog niet.")
        assert again.status_code == 422 and "Nog niet." in again.text
        taken = self.correct(tess, sent, text="Nog niet.", do=f"remove:{rows(Attachment)[0].id}")
        assert (taken.status_code, rows(Attachment)) == (200, [])

    def test_files_chosen_with_the_correction_go_with_it(self, tess, client_for, school, sent, rows):
        assert self.correct(tess, sent, ("Kaart.pdf", PDF)).status_code == 303
        key = rows(Attachment)[0].key
        assert client_for(school.anna).get(f"/attachments/{key}").status_code == 200


class TestWhatIsLeft:
    def clear(self, app, **later: int) -> None:
        with app.app_context():
            start_writing()
            assert not attachment_work.delete_what_was_left(clock.now() + timedelta(**later))
            db.session.commit()

    def test_a_file_for_a_correction_that_was_never_saved_goes_after_a_day(self, app, tess, sent, rows):
        upload(tess, sent)
        self.clear(app, hours=23)
        assert len(rows(Attachment)) == 1
        self.clear(app, hours=25)
        assert rows(Attachment) == rows(AttachmentFile) == []

    def test_a_photo_that_the_text_does_not_call_goes_and_another_stays(self, app, tess, school, draft, rows):
        for colour in ("#000001", "#aa0002"):
            upload(tess, draft, jpeg(colour), "x.jpg", inline="1")
        keep(tess, school, f"/staff/letters/{draft}", text="![x](foto:2)", do="save", revision=1)
        self.clear(app, hours=23)
        assert len(rows(Attachment)) == 2
        self.clear(app, hours=25)
        assert [row.position for row in rows(Attachment)] == [2]

    def test_an_empty_draft_with_files_goes_after_a_month(self, app, tess, school, draft, rows):
        upload(tess, draft)
        self.clear(app, days=40)
        assert len(rows(Letter)) == 1
        keep(tess, school, f"/staff/letters/{draft}", title="", text="", do="save", revision=1)
        self.clear(app, days=20)
        assert len(rows(Attachment)) == 1
        self.clear(app, days=40)
        assert rows(Letter) == rows(Attachment) == rows(AttachmentFile) == []


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600, "oud Office"),
        (docx(**{"word/vbaProject.bin": "x"}), "macro"),
        (packed({"a.html": "<script>"}), "Dit soort bestand"),
        (b"PK\x03\x04 and no more", "Dit soort bestand"),
        (b"GIF89a" + b"\0" * 20, "GIF"),
        (b"\0\0\0\x18ftypheic", "HEIC"),
        (b"<html><script>alert(1)</script>", "Dit soort bestand"),
        (b"<svg onload=alert(1)>", "Dit soort bestand"),
        (b"\xff\xd8\xff\xe0<script>", "beschadigd"),
    ],
)
@pytest.mark.parametrize("engine", ["sqlite"])
def test_what_cannot_go_along_is_said_with_what_to_do(tess, draft, rows, content, why):
    answer = upload(tess, draft, content, "brief.pdf")
    assert answer.status_code == 422
    assert why in answer.json["problem"]
    assert rows(Attachment) == []
