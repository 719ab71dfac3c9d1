"""`make bench-photos`: a phone sends 300 photos; how long that takes, and what server and worker need.

The real server, worker and Chromium, on a demo school of its own that is thrown away afterwards.
"""

import os
import random
import subprocess
import sys
import tempfile
import time
from io import BytesIO
from pathlib import Path
from urllib.error import URLError
from urllib.request import urlopen

from PIL import Image, ImageFilter
from playwright.sync_api import Page, sync_playwright

from portal.domain.demo.filling import PASSWORD
from tools.find_chromium import find_chromium

PHOTOS = int(os.environ.get("PHOTOS", "300"))
LARGE = 12
MOST_MEMORY = 200.0
PORT = 8977
URL = f"http://127.0.0.1:{PORT}"
PORTAL = Path(sys.executable).with_name("portal")
PAUSE = 0.25


def main() -> None:
    """Send the photos and print the figures; exit 1 when it took too much memory."""
    with tempfile.TemporaryDirectory() as folder:
        environment = os.environ | {"PORTAL_INSTANCE": f"{folder}/instance", "PORTAL_BASE_URL": URL}
        for command in (["db", "upgrade"], ["demo", "--families", "16", "--years", "1"]):
            subprocess.run([PORTAL, *command], env=environment, check=True, capture_output=True)
        files = write_photos(Path(folder))
        size = sum(file.stat().st_size for file in files) / 1e6
        server = subprocess.Popen([PORTAL, "serve", "--bind", f"127.0.0.1:{PORT}"], env=environment)
        try:
            wait_until_ready()
            usual, most, seconds, all_made, said = send(files, server.pid)
        finally:
            server.terminate()
            server.wait()
    print(f"{len(files)} photos, {size:.0f} MB, {LARGE} of them 12 megapixels")
    print(f"sent in {seconds:.0f} s, all made {all_made:.0f} s after the first tap")
    print(f"the page said, among others: {said[1]!r}, {said[len(said) // 2]!r}, {said[-1]!r}")
    more = most - usual
    print(f"memory of server and worker: {usual:.0f} MB before, at most {most:.0f} MB: +{more:.0f} MB")
    sys.exit(more > MOST_MEMORY)


def write_photos(folder: Path) -> list[Path]:
    """Write different photos with the grain of real ones, some as large as a phone makes them."""
    chance = random.Random(1)
    files = []
    for width, height, count in ((4032, 3024, LARGE), (1600, 1200, PHOTOS - LARGE)):
        grain = Image.effect_noise((width // 4, height // 4), 60).resize((width, height))
        slope = Image.linear_gradient("L").resize((width, height))
        image = Image.merge("RGB", (grain, slope, grain)).filter(ImageFilter.GaussianBlur(1))
        file = BytesIO()
        image.save(file, "JPEG", quality=92)
        for _ in range(count):
            files.append(folder / f"IMG_{len(files):04}.jpg")
            # What comes after the end of the picture makes it another file.
            files[-1].write_bytes(file.getvalue() + chance.randbytes(16))
    return files


def wait_until_ready() -> None:
    for _ in range(300):
        try:
            with urlopen(f"{URL}/healthz", timeout=5):  # noqa: S310
                return
        except (URLError, OSError):
            time.sleep(0.2)
    sys.exit("the server did not start")


def send(files: list[Path], server: int) -> tuple[float, float, float, float, list[str]]:
    """Return memory before and at most, the seconds until all were sent and made, and what the page said."""
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=find_chromium(), args=["--no-sandbox"])
        page = chromium.new_page(viewport={"width": 390, "height": 844})
        to_new_album(page)
        page.set_input_files("input[type=file]", files)
        usual = most = memory_of(server)
        said: list[str] = []
        start, seconds = time.monotonic(), 0.0
        page.locator("#upload button[type=submit]").click()
        while True:
            most = max(most, memory_of(server))
            words = page.locator("#sending-words")
            if not seconds and words.is_visible():
                said.append(words.inner_text())
            if not seconds and page.locator(".photos li").count():
                seconds = time.monotonic() - start
            if seconds and page.locator(".photos img").count() == len(files):
                return usual, most, seconds, time.monotonic() - start, said
            page.wait_for_timeout(PAUSE * 1000)


def to_new_album(page: Page) -> None:
    page.goto(f"{URL}/login")
    page.fill("[name=email]", "leerkracht3@lindeboog.example")
    page.fill("[name=password]", PASSWORD)
    page.locator("form:has([name=password]) button[type=submit]").first.click()
    page.wait_for_load_state()
    page.goto(f"{URL}/groups/2/albums/new")
    page.fill("[name=title]", "Schoolreis")
    page.locator("main form button[type=submit]").click()
    page.wait_for_load_state()


def memory_of(process: int) -> float:
    """Return the megabytes of a process and all that it started."""
    kilobytes, waiting = 0, [process]
    while waiting:
        number = waiting.pop()
        try:
            status = Path(f"/proc/{number}/status").read_text()
            for task in Path(f"/proc/{number}/task").iterdir():
                waiting += [int(child) for child in (task / "children").read_text().split()]
        except (FileNotFoundError, ProcessLookupError):
            continue
        kilobytes += int(status.partition("VmRSS:")[2].split()[0]) if "VmRSS:" in status else 0
    return kilobytes / 1000


if __name__ == "__main__":
    main()
