"""Photos from a phone to the parents, in a real browser with the real worker; with script and without."""

import json
import re
import time

import pytest
from playwright.sync_api import Page, Route, expect

from portal.models.albums import Album, Photo
from tests.albums.pictures import jpeg, many, with_everything
from tests.browser.test_journeys import on_every_screen

pytestmark = [pytest.mark.browser, pytest.mark.parametrize("engine", ["sqlite"])]


def chosen(*photos: bytes) -> list[dict]:
    """Return photos as somebody chooses them on a phone."""
    return [
        {"name": f"IMG_{number}.jpg", "mimeType": "image/jpeg", "buffer": photo}
        for number, photo in enumerate(photos)
    ]


def make_album(page: Page, title: str) -> None:
    # From here on it is the test that lets time pass, where the page only waits.
    page.clock.install()
    page.get_by_role("link", name="Alle albums").click()
    page.get_by_role("link", name="Nieuw album").click()
    page.fill("input[name=title]", title)
    page.locator("main form button[type=submit]").click()
    expect(page.get_by_role("heading", level=1)).to_have_text(title)


def wait_for_photos(page: Page, number: int, javascript: bool) -> None:
    """Wait until the worker has made them: the page shows it by itself, without script at a reload."""
    end = time.monotonic() + 20
    while page.locator(".photos img").count() < number:
        assert time.monotonic() < end
        page.wait_for_timeout(300)
        if javascript:
            page.clock.run_for(1000)
        else:
            page.get_by_role("link", name="Kijk opnieuw").click()
    expect(page.locator(".photos img")).to_have_count(number)


@on_every_screen
def test_a_teacher_shares_photos_and_takes_one_away_that_a_parent_does_not_want(
    open_page, school, rows, javascript
):
    page = open_page(school.tess, f"/groups/{school.group_34}")
    make_album(page, "Kinderboerderij")
    page.set_input_files("input[type=file]", chosen(*many(3)))
    page.get_by_role("button", name="Voeg deze foto’s toe").click()
    wait_for_photos(page, 3, javascript)
    if javascript:
        expect(page.locator("#sending-words")).to_be_visible()
    page.get_by_role("button", name="Toon aan ouders").click()
    expect(page.locator("#flash")).to_contain_text("De ouders van de groep zien dit album nu.")

    parent = open_page(school.daan, f"/groups/{school.group_34}")
    parent.get_by_role("link", name="Kinderboerderij").click()
    expect(parent.locator(".photos img")).to_have_count(3)
    parent.get_by_role("link", name="Foto 1 van 3").click()
    parent.get_by_role("link", name="Volgende").click()
    expect(parent.get_by_role("heading", level=1)).to_have_text("Foto 2 van 3")
    loaded = "image => image.complete && image.naturalWidth > 0"
    assert parent.locator(".photo img").evaluate(loaded)
    with parent.expect_download() as download:
        parent.get_by_role("link", name="Download").click()
    assert re.fullmatch(r"kinderboerderij-\d+\.jpg", download.value.suggested_filename)
    parent.locator("summary", has_text="Vraag om deze foto weg te halen").click()
    parent.get_by_role("button", name="Vraag om deze foto weg te halen").click()
    expect(parent.locator("main")).to_contain_text("U hebt school gevraagd")

    page.reload()
    expect(page.locator("main")).to_contain_text("Een ouder vraagt om een foto weg te halen")
    page.get_by_role("link", name="Foto 2 van 3").click()
    expect(page.locator("main")).to_contain_text("Daan Visser vraagt")
    page.get_by_role("link", name="Haal deze foto weg").click()
    page.get_by_role("button", name="Haal de aangevinkte foto’s weg").click()
    page.get_by_role("button", name="Haal voorgoed weg").click()
    expect(page.locator(".photos img")).to_have_count(2)
    album = rows(Album)[-1]
    kept = [photo for photo in rows(Photo) if photo.album_id == album.id and photo.removed_at is None]
    assert len(kept) == 2


def wait_for_words(page: Page, words: str) -> None:
    """Wait until the page says this; the time that it lets pass between two tries passes at once."""
    said = page.locator("#sending-words")
    end = time.monotonic() + 20
    while said.text_content() != words and time.monotonic() < end:
        page.clock.run_for(1000)
    expect(said).to_have_text(words)


# Notes how large each photo is when it leaves the page, and whether it still says where and when.
LISTEN = """() => {
  const send = window.fetch;
  window.sent = [];
  window.fetch = async (address, how) => {
    const photo = how.body.get("photos");
    const text = new TextDecoder("latin1").decode(await photo.arrayBuffer());
    window.sent.push([photo.size, /Exif|MARK/.test(text)]);
    localStorage.setItem("sent", JSON.stringify(window.sent));
    return send(address, how);
  };
}"""


def test_each_photo_is_sent_by_itself_smaller_and_without_a_place(open_page, school, rows):
    page = open_page(school.tess, f"/groups/{school.group_34}")
    make_album(page, "Sportdag")
    page.evaluate(LISTEN)
    large = jpeg(width=4000, height=3000)
    page.set_input_files("input[type=file]", chosen(with_everything(), large))
    page.get_by_role("button", name="Voeg deze foto’s toe").click()
    wait_for_photos(page, 2, True)
    sent = json.loads(page.evaluate("() => localStorage.getItem('sent')"))
    assert len(sent) == 2
    assert not any(tells for _size, tells in sent)
    assert max(size for size, _tells in sent) < len(large)
    photos = rows(Photo)[-2:]
    assert sorted((photo.width, photo.height) for photo in photos) == [(300, 400), (1600, 1200)]


def test_what_fails_is_tried_again_and_named_and_again_is_one_photo(open_page, school, rows):
    page = open_page(school.tess, f"/groups/{school.group_34}")
    make_album(page, "Sportdag")
    refused = {"left": 0}

    def sometimes(route: Route) -> None:
        if route.request.method == "POST" and refused["left"] > 0:
            refused["left"] -= 1
            route.fulfill(status=429)
        else:
            route.continue_()

    page.route("**/albums/*/photos", sometimes)
    photos = many(4)
    before = len(rows(Photo))
    refused["left"] = 3 * len(photos)
    page.set_input_files("input[type=file]", chosen(*photos))
    page.get_by_role("button", name="Voeg deze foto’s toe").click()
    wait_for_words(page, "0 van 4 foto’s verstuurd, 4 niet verstuurd")
    expect(page.locator("#sending-failed li")).to_have_count(4)
    refused["left"] = 2
    page.get_by_role("button", name="Probeer opnieuw").click()
    wait_for_words(page, "4 foto’s zijn verstuurd.")
    wait_for_photos(page, 4, True)
    page.set_input_files("input[type=file]", chosen(*photos))
    page.get_by_role("button", name="Voeg deze foto’s toe").click()
    wait_for_words(page, "Stond al in het album: 4.")
    assert len(rows(Photo)) == before + 4


def test_leaving_while_photos_are_sent_asks_first(open_page, school):
    page = open_page(school.tess, f"/groups/{school.group_34}")
    make_album(page, "Sportdag")
    held: list[Route] = []
    page.route("**/albums/*/photos", lambda route: held.append(route))
    asked: list[str] = []
    page.on("dialog", lambda dialog: (asked.append(dialog.type), dialog.dismiss()))
    page.set_input_files("input[type=file]", chosen(*many(3)))
    page.get_by_role("button", name="Voeg deze foto’s toe").click()
    expect(page.locator("#sending-words")).to_have_text("0 van 3 foto’s verstuurd")
    page.locator(".topbar .back").click(no_wait_after=True)
    page.wait_for_timeout(500)
    assert asked == ["beforeunload"]
    assert len(held) == 2
    for route in held:
        route.fulfill(status=422, json={"problem": "-"})


def test_a_kind_that_is_no_photo_is_named_and_the_others_go_on(open_page, school, rows):
    page = open_page(school.tess, f"/groups/{school.group_34}")
    make_album(page, "Sportdag")
    heic = {"name": "IMG_9.HEIC", "mimeType": "image/heic", "buffer": b"\0\0\0\x18ftypheic" + b"\0" * 99}
    page.set_input_files("input[type=file]", [*chosen(*many(2)), heic])
    page.get_by_role("button", name="Voeg deze foto’s toe").click()
    expect(page.locator("#sending-failed")).to_contain_text("IMG_9.HEIC: Dit is een HEIC-foto")
    wait_for_photos(page, 2, True)
    expect(page.get_by_role("button", name="Toon aan ouders")).to_be_visible()
    expect(page.get_by_role("button", name="Probeer opnieuw")).to_be_hidden()
