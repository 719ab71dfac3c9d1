"""Static files are kept for good under an address by content; pages travel compressed."""

import gzip
from collections.abc import Iterator

import pytest
from flask import Flask

from portal import static_files


@pytest.fixture
def site(tmp_path, monkeypatch) -> Iterator[Flask]:
    """An app with nothing but its static files and one page."""
    (tmp_path / "fonts").mkdir()
    (tmp_path / "fonts" / "a.woff2").write_bytes(b"font")
    (tmp_path / "page.css").write_text("@font-face { src: url(fonts/a.woff2) } p { color: red }")
    (tmp_path / "icons.svg").write_text("<svg></svg>")
    (tmp_path.parent / "secret.txt").write_text("secret")
    monkeypatch.setattr(static_files, "FOLDER", tmp_path)
    static_files._read.cache_clear()
    app = Flask("portal")
    static_files.init_app(app)
    app.add_url_rule("/page/<int:size>", view_func=lambda size: "x" * size, endpoint="page")
    yield app
    static_files._read.cache_clear()


def test_a_file_under_its_own_version_is_kept_for_good(site):
    answer = site.test_client().get(static_files.static_address("page.css"))
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert answer.content_type == "text/css; charset=utf-8"


@pytest.mark.parametrize("query", ["", "?v=", "?v=000000000000"])
def test_a_file_under_another_version_is_asked_for_again(site, query):
    client = site.test_client()
    answer = client.get(f"/static/page.css{query}")
    assert answer.headers["Cache-Control"] == "no-cache"
    again = client.get(f"/static/page.css{query}", headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")


def test_a_change_of_content_changes_the_address(site, tmp_path):
    before = static_files.static_address("page.css")
    (tmp_path / "page.css").write_text("p { color: blue }")
    assert static_files.static_address("page.css") != before


def test_a_style_sheet_refers_to_the_versions_of_its_files(site):
    style = site.test_client().get("/static/page.css").text
    font = static_files.static_address("fonts/a.woff2").removeprefix("/static/")
    assert f'url("{font}")' in style


def test_text_travels_compressed_to_who_takes_it(site):
    client = site.test_client()
    plain = client.get("/static/page.css")
    packed = client.get("/static/page.css", headers={"Accept-Encoding": "br, gzip"})
    assert "Content-Encoding" not in plain.headers
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == plain.data
    assert plain.headers["Vary"] == packed.headers["Vary"] == "Accept-Encoding"
    assert plain.headers["ETag"] != packed.headers["ETag"]


def test_a_font_is_not_compressed_again(site):
    answer = site.test_client().get("/static/fonts/a.woff2", headers={"Accept-Encoding": "gzip"})
    assert "Content-Encoding" not in answer.headers
    assert answer.content_type == "font/woff2"


@pytest.mark.parametrize(
    "name", ["nothing.css", "fonts", "../secret.txt", "%2e%2e/secret.txt", "fonts/../../secret.txt"]
)
def test_what_is_not_a_static_file_does_not_exist(site, name):
    assert site.test_client().get(f"/static/{name}").status_code == 404


def test_a_mistyped_file_in_a_template_is_an_error(site):
    with pytest.raises(FileNotFoundError):
        static_files.static_address("portal.ccs")


def test_an_icon_is_decoration(site):
    icon = static_files.icon('x"><script>')
    assert 'aria-hidden="true"' in icon
    assert "<script>" not in icon


def test_a_long_page_travels_compressed(site):
    client = site.test_client()
    packed = client.get("/page/5000", headers={"Accept-Encoding": "gzip"})
    assert packed.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(packed.data) == b"x" * 5000
    assert int(packed.headers["Content-Length"]) == len(packed.data)
    assert packed.headers["Vary"] == "Accept-Encoding"


@pytest.mark.parametrize(
    ("size", "accepted"), [(5000, "identity"), (5000, "gzip;q=0"), (999, "gzip"), (5000, "")]
)
def test_a_page_stays_plain_when_it_is_short_or_gzip_is_not_taken(site, size, accepted):
    answer = site.test_client().get(f"/page/{size}", headers={"Accept-Encoding": accepted})
    assert "Content-Encoding" not in answer.headers
    assert answer.headers["Vary"] == "Accept-Encoding"


def test_the_size_of_a_page_tells_nothing_exact(site):
    client = site.test_client()
    sizes = {len(client.get("/page/5000", headers={"Accept-Encoding": "gzip"}).data) for _ in range(40)}
    assert len(sizes) > 10


def test_our_own_style_and_script_travel_without_their_comments(site, tmp_path):
    (tmp_path / "portal.css").write_text(
        '/* why\n   so */\n@media print {\n  p { background: url("data:,//") }\n}\n'
    )
    (tmp_path / "portal.js").write_text('// why\nif (1) {\n  // so\n  go("https://x");\n}\n')
    client = site.test_client()
    assert client.get("/static/portal.css").text == '@media print {\np { background: url("data:,//") }\n}\n'
    assert client.get("/static/portal.js").text == 'if (1) {\ngo("https://x");\n}\n'
