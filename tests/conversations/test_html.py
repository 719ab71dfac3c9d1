"""The pages of private conversations are valid HTML, empty, filled in and refused, on both sides."""

import pytest

from tests.conversations.test_school_conversation import close, let_in
from tests.conversations.writing import answer, begin, write


@pytest.mark.parametrize("engine", ["sqlite"])
def test_every_page_is_valid_html(client_for, school, nu_check, at):
    at("2026-11-24 20:30")
    anna, daan, tess, carl = (client_for(getattr(school, name)) for name in ("anna", "daan", "tess", "carl"))
    empty = [("empty", carl.get("/messages").text), ("none", tess.get("/staff/messages").text)]
    number, over = begin(anna, school.bram, school.group_34), begin(daan, school.bram, school.group_34)
    answer(tess, number, "Een.\n\nTwee.")
    let_in(tess, number, school.yara)
    close(tess, over)
    wanted = [
        *[(anna, path) for path in ("/", "/messages", f"/messages/{number}", "/messages/new")],
        *[(daan, path) for path in ("/messages", f"/messages/{over}", "/messages/new")],
        (anna, f"/messages/new?group={school.group_6}"),
        *[(tess, f"/staff/messages{end}") for end in ("", "?show=closed", "/new", f"/{number}", f"/{over}")],
        (tess, f"/staff/messages/{number}/guests"),
        (tess, f"/staff/messages/new?pupil={school.bram.id}&guardian={school.daan.id}"),
    ]
    pages = empty + [(path, client.get(path).text) for client, path in wanted]
    pages += [
        ("too long", write(anna, number, "x" * 4001).text),
        ("closed", write(daan, over, "Hoort u mij?").text),
        ("too long at school", answer(tess, number, "x" * 4001).text),
        ("nobody", tess.post(f"/staff/messages/{number}/guests", data={"user": "0"}).text),
    ]
    assert [str(one) for one in nu_check(pages) if one.kind != "info"] == []
