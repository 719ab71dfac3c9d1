import gzip
import re
from pathlib import Path

import pytest

PORTAL = Path(__file__).parents[1] / "portal"
STATIC = PORTAL / "static"
TEMPLATES = sorted(
    path for path in (PORTAL / "templates").rglob("*.html") if "mail" not in path.relative_to(PORTAL).parts
)
STYLE = (STATIC / "portal.css").read_text(encoding="utf-8")
OF_SHEETS = (STATIC / "sheets.css").read_text(encoding="utf-8")
OF_MEETINGS = (STATIC / "meetings.css").read_text(encoding="utf-8")
OF_SCHEDULE = (STATIC / "schedule.css").read_text(encoding="utf-8")
OF_ROUNDS = (STATIC / "rounds.css").read_text(encoding="utf-8")
OF_OVERVIEW = (STATIC / "overview.css").read_text(encoding="utf-8")
OF_LETTERS = "".join((STATIC / name).read_text(encoding="utf-8") for name in ("letters.css", "writing.css"))
OF_ALBUMS = (STATIC / "albums.css").read_text(encoding="utf-8")
KNOWN = set(re.findall(r"\.([a-z][a-z0-9-]*)", STYLE + OF_SHEETS))
KNOWN_IN_MEETINGS = KNOWN | set(
    re.findall(r"\.([a-z][a-z0-9-]*)", OF_MEETINGS + OF_SCHEDULE + OF_ROUNDS + OF_OVERVIEW)
)
KNOWN_IN_LETTERS = KNOWN | set(re.findall(r"\.([a-z][a-z0-9-]*)", OF_LETTERS))
KNOWN_IN = {
    "albums": KNOWN | set(re.findall(r"\.([a-z][a-z0-9-]*)", OF_ALBUMS)),
    "conversations": KNOWN_IN_LETTERS,
    "letters": KNOWN_IN_LETTERS,
    "meetings": KNOWN_IN_MEETINGS,
}
# Names for the scripts and tests, and words inside a class that a template puts together.
OF_SCRIPT = {"js"}


def classes_in(source: str) -> set[str]:
    found: set[str] = set()
    for value in re.findall(r'\bclass="([^"]*)"', source):
        plain = re.sub(r"{{.*?}}|{%.*?%}|{#.*?#}", " ", value)
        found |= set(plain.split())
    return found


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(PORTAL / "templates")))
def test_every_class_is_in_the_stylesheet(template: Path) -> None:
    source = template.read_text(encoding="utf-8")
    known = KNOWN_IN.get(template.parent.name, KNOWN)
    assert classes_in(source) <= known | OF_SCRIPT


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda path: str(path.relative_to(PORTAL / "templates")))
def test_no_style_or_script_in_a_page(template: Path) -> None:
    source = template.read_text(encoding="utf-8")
    assert not re.search(r"\sstyle=|<style|\son[a-z]+=\"|<script(?![^>]* src=)|\shx-", source)


def test_style_script_and_icons_are_small() -> None:
    assert weight("portal.css") <= 11_000
    assert weight("albums.css") <= 1_000
    assert weight("sheets.css") <= 1_000
    assert weight("meetings.css") <= 4_000
    assert weight("schedule.css") <= 4_000
    assert weight("letters.css") <= 2_000
    assert weight("writing.css") <= 2_000
    assert weight("writing.js") <= 2_000
    assert weight("portal.js") + weight("vendor/htmx.min.js") <= 21_000
    assert weight("albums.js") <= 3_000
    assert weight("attachments.js") <= 4_000
    assert weight("meetings.js") <= 1_000
    assert weight("files.js") <= 1_000
    assert weight("icons.svg") <= 5_000
    assert (STATIC / "fonts" / "portaal-sans.woff2").stat().st_size <= 19_500


def weight(name: str) -> int:
    return len(gzip.compress((STATIC / name).read_bytes()))


@pytest.mark.parametrize(
    "style",
    [STYLE, OF_MEETINGS, OF_SCHEDULE, OF_ROUNDS, OF_OVERVIEW, OF_LETTERS, OF_ALBUMS],
    ids=["portal", "meetings", "schedule", "rounds", "overview", "letters", "albums"],
)
def test_only_logical_properties_so_that_it_reads_right_to_left(style: str) -> None:
    without_comments = re.sub(r"/\*.*?\*/", "", style, flags=re.S)
    assert not re.findall(
        r"[{;]\s*((?:margin|padding|border)-(?:left|right)|left|right|float: (?:left|right))\b",
        without_comments,
    )
