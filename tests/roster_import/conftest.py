"""The office at the import page."""

import io
import re
from collections.abc import Callable
from html import unescape

import pytest
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import TestResponse, encode_multipart

from tests.accounts.conftest import mailed
from tests.clients import FormClient

__all__ = ["mailed", "office"]

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
        for name in ("on", "rest"):
            sent[name] = [value for kind, value, on in EVERYTHING.findall(page) if kind == name and on]
        return {**sent, **answers}

    def accept(self, url: str, **answers: object) -> TestResponse:
        sent = self.form(self.page(url))
        return self.client.post(f"{url}/acceptance", data={**sent, **answers})


@pytest.fixture
def office(client_for: Callable[..., FormClient], school) -> Office:
    return Office(client_for(school.otto))
