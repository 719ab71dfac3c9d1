import hashlib
import json
import re
from pathlib import Path

ROOT = Path(__file__).parents[1]
STATIC = ROOT / "portal" / "static"
MANIFEST = json.loads((STATIC / "vendor" / "MANIFEST.json").read_text(encoding="utf-8"))
OURS = {
    "albums.css", "albums.js", "attachments.js", "files.js", "icon.svg", "letters.css", "meetings.css",
    "meetings.js", "overview.css", "portal.css", "portal.js", "rounds.css", "schedule.css", "sheets.css",
    "vendor/MANIFEST.json", "writing.css", "writing.js",
}  # fmt: skip


def test_every_file_from_elsewhere_is_the_one_that_was_vendored() -> None:
    for name, facts in MANIFEST.items():
        assert hashlib.sha256((STATIC / name).read_bytes()).hexdigest() == facts["sha256"], name
        assert facts["version"] and facts["licence"], name


def test_every_static_file_is_ours_or_in_the_manifest() -> None:
    served = {str(path.relative_to(STATIC)) for path in STATIC.rglob("*") if path.is_file()}
    assert served - OURS == set(MANIFEST)


def test_every_icon_that_is_used_is_in_the_sprite() -> None:
    sprite = set(re.findall(r'<symbol id="([^"]+)"', (STATIC / "icons.svg").read_text(encoding="utf-8")))
    name = r"""['"]([a-z0-9-]+)['"]"""
    calls = [
        rf"\b(?:icon|empty|fold|done_mark)\({name}",
        rf"\b(?:chip|notice)\([^,()]*, {name}",
        rf"\btally_item\([^,]*, {name}",
        rf"\bicon_name={name}",
        rf"\bglyph = {name}",
    ]
    asked_for: set[str] = set()
    for template in (ROOT / "portal" / "templates").rglob("*.html"):
        source = template.read_text(encoding="utf-8")
        asked_for |= {found for call in calls for found in re.findall(call, source)}
    assert asked_for <= sprite
