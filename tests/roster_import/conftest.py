"""The office at the import page."""

import io
import re
from collections.abc import Callable
from html import unescape

import pytest
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import TestResponse, encode_multipart

from portal.models.roster import Guardianship
from tests.accounts.conftest import mailed
from tests.clients import FormClient

__all__ = ["guardians_of", "mailed", "numbered", "office"]

CAST = [("Bram", "Visser"), ("Noor", "Smit"), ("Sem", "Peters"), ("Lotte", "Jansen")]
GROUP = {"Bram": "3/4"}
HEAD = "Leerlingnummer;Roepnaam;Achternaam;Geboortedatum;Groep"
EVERYTHING = re.compile(r'<input type="checkbox" name="(on|rest)" value="([^"]+)"( checked)?')


class Office:
    """Somebody of the office, who uploads files and answers the preview as its form would."""

    def __init__(self, client: FormClient) -> None:
        self.client = client

    def upload(self, *files: tuple[str, bytes], to: str = "/school/import", **data: str) -> TestResponse:
        sent: list[tuple[str, object]] = list(data.items())
        sent += [("files", FileStorage(io.BytesIO(content), name)) for name, content in files]
        boundary, body = encode_multipart(MultiDict(sent))
        return self.client.post(to, data=body, content_type=f"multipart/form-data; boundary={boundary}")

    def preview(self, *files: tuple[str, bytes]) -> str:
        """Upload files and return the address of their preview."""
        answer = self.upload(*files)
        assert answer.status_code == 303, answer.text
        return answer.location

    def page(self, url: str) -> str:
        answer = self.client.get(url)
        assert answer.status_code == 200
        return unescape(answer.text)

    def form(self, page: str, **answers: str) -> dict[str, object]:
        """Return what the preview's form sends when nothing is touched but these answers."""
        sent: dict[str, object] = {"revision": re.search(r'name="revision" value="(\d+)"', page)[1]}
        for name in ("shown", "rests"):
            sent[name] = re.findall(rf'<input type="hidden" name="{name}" value="([^"]*)"', page)
        for name in ("on", "rest"):
            sent[name] = [value for kind, value, on in EVERYTHING.findall(page) if kind == name and on]
        return {**sent, **answers}

    def accept(self, url: str, **answers: object) -> TestResponse:
        sent = self.form(self.page(url))
        return self.client.post(f"{url}/acceptance", data={**sent, **answers})


@pytest.fixture
def office(client_for: Callable[..., FormClient], school) -> Office:
    return Office(client_for(school.otto))


def born(given: str) -> str:
    return "14-03-2020" if given == "Bram" else "14-03-2017"


def pupils(*left_out: str, extra: str = "") -> tuple[str, bytes]:
    """Return the cast's pupils as a table, with numbers that the portal does not have yet."""
    lines = [
        f"{number};{given};{surname};{born(given)};{GROUP.get(given, '6')}"
        for number, (given, surname) in enumerate(CAST, 101)
        if given not in left_out
    ]
    return "leerlingen.csv", "\n".join([HEAD, *lines, extra]).encode()


def guardians(*rows: str) -> tuple[str, bytes]:
    head = "Leerlingnummer;Naam leerling;Naam ouder;E-mail ouder;Telefoon ouder;Relatie;Gezag"
    return "ouders.csv", "\n".join([head, *rows]).encode()


@pytest.fixture
def numbered(office) -> None:
    """The cast's pupils with their numbers."""
    url = office.preview(pupils())
    assert office.accept(url).status_code == 303


@pytest.fixture
def guardians_of(rows) -> Callable[..., set[int]]:
    """Returns the adults who are guardians of a child of the cast now."""
    return lambda child: {
        one.user_id for one in rows(Guardianship) if one.pupil_id == child.id and one.revoked_at is None
    }
