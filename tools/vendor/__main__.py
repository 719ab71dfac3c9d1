"""Renew the vendored front-end files from node_modules: htmx, and one sprite of the icons in icons.txt.

Run `npm ci --ignore-scripts --prefix tools/vendor` first, then `python tools/vendor`. The manifest it writes
holds the hash of every file that is not of this project; tests/test_vendor.py holds the files to it.
"""

import hashlib
import json
import re
import sys
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
STATIC = ROOT / "portal" / "static"
MANIFEST = STATIC / "vendor" / "MANIFEST.json"
MODULES = Path(__file__).parent / "node_modules"
ICONS = Path(__file__).parent / "icons.txt"


class Origin(NamedTuple):
    package: str
    licence: str
    made: str


HTMX = Origin("htmx.org", "0BSD", "copied from dist/htmx.min.js")
LUCIDE = Origin("lucide-static", "ISC AND MIT", "the icons that are used in one sprite, and the licence")
FONT = Origin(
    "@fontsource-variable/atkinson-hyperlegible-next",
    "OFL-1.1",
    "Atkinson Hyperlegible Next under another name: open zero, weights 400 to 720, Latin letters of Europe",
)
FONT_VERSION = "5.3.0"


def main() -> None:
    """Copy, put together, and write down what is now there."""
    if not MODULES.is_dir():
        sys.exit("Run first: npm ci --ignore-scripts --prefix tools/vendor")
    (STATIC / "vendor" / "htmx.min.js").write_bytes((MODULES / "htmx.org/dist/htmx.min.js").read_bytes())
    (STATIC / "vendor" / "lucide-LICENSE.txt").write_bytes((MODULES / "lucide-static/LICENSE").read_bytes())
    (STATIC / "icons.svg").write_text(sprite(ICONS.read_text(encoding="utf-8").split()), encoding="utf-8")
    files = {
        "vendor/htmx.min.js": entry(HTMX, version("htmx.org")),
        "vendor/lucide-LICENSE.txt": entry(LUCIDE, version("lucide-static")),
        "icons.svg": entry(LUCIDE, version("lucide-static")),
        "fonts/OFL-Atkinson-Hyperlegible-Next.txt": entry(FONT, FONT_VERSION),
        "fonts/portaal-sans.woff2": entry(FONT, FONT_VERSION),
    }
    for name, facts in files.items():
        facts["sha256"] = hashlib.sha256((STATIC / name).read_bytes()).hexdigest()
    MANIFEST.write_text(json.dumps(files, indent=2) + "\n", encoding="utf-8")


def entry(origin: Origin, version: str) -> dict[str, str]:
    """Say where a file comes from, under which licence, and what was done to it."""
    return {"package": origin.package, "version": version, "licence": origin.licence, "made": origin.made}


def version(package: str) -> str:
    """Return the installed version of a package."""
    facts = json.loads((MODULES / package / "package.json").read_text(encoding="utf-8"))
    return str(facts["version"])


def sprite(names: list[str]) -> str:
    """Put icons together as the symbols of one SVG file; colour and stroke come from the stylesheet."""
    symbols = "\n".join(symbol(name) for name in names)
    notice = "Icons of Lucide (ISC) and Feather (MIT); the licences are in vendor/lucide-LICENSE.txt"
    return f'<svg xmlns="http://www.w3.org/2000/svg">\n<!-- {notice} -->\n{symbols}\n</svg>\n'


def symbol(name: str) -> str:
    """Turn one icon file into a symbol."""
    source = (MODULES / "lucide-static/icons" / f"{name}.svg").read_text(encoding="utf-8")
    found = re.search(r"<svg[^>]*>(.*)</svg>", source, re.S)
    assert found, name  # noqa: S101
    shapes = re.sub(r"\s*(<[^>]+?)\s*/>\s*", r"\1/>", found[1]).strip()
    return f'<symbol id="{name}" viewBox="0 0 24 24">{shapes}</symbol>'


if __name__ == "__main__":
    main()
