"""Gert, who is father of Noor without authority, and the office that informs him."""

import io
from collections.abc import Callable

import pytest
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.test import TestResponse, encode_multipart

from tests.accounts.conftest import change, do, mailed  # noqa: F401
from tests.arrangements.conftest import place  # noqa: F401
from tests.clients import FormClient

PDF = b"%PDF-1.4\n%\xe2\xe3\xcf\xd3\nThe whole report of Noor.\n%%EOF\n"


@pytest.fixture
def office(client_for, school) -> FormClient:
    """Otto of the office."""
    return client_for(school.otto)


@pytest.fixture
def gert(client_for, school) -> FormClient:
    """Gert, signed in."""
    return client_for(school.gert)


@pytest.fixture
def ask(gert, school) -> Callable[..., TestResponse]:
    """Lets Gert ask something about Noor."""

    def send(question: str = "Hoe gaat het met rekenen?") -> TestResponse:
        path = f"/pupils/{school.noor.id}/information/requests/new"
        return gert.post(path, data={"question": question})

    return send


@pytest.fixture
def release(office, school) -> Callable[..., TestResponse]:
    """Lets the office release something about Noor to Gert."""

    def send(name: str = "Rapport.pdf", content: bytes | None = PDF, **data: object) -> TestResponse:
        form: dict[str, object] = {"to": school.gert.id, "title": "Rapport", "text": "", **data}
        if content is not None:
            form["file"] = FileStorage(io.BytesIO(content), name)
        path = f"/school/pupils/{school.noor.id}/releases/new"
        boundary, body = encode_multipart(MultiDict(form))
        return office.post(path, data=body, content_type=f"multipart/form-data; boundary={boundary}")

    return send
