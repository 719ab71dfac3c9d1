"""The pages of a teacher's evening are valid HTML, on the day itself, which the crawler does not see."""

import pytest

from portal.models.meetings import Booking, Slot


@pytest.mark.parametrize("engine", ["sqlite"])
def test_every_page_is_valid_html(client_for, anonymous, school, talks, nu_check, at):
    noor = talks.invitee(school.noor)
    booking = talks.book(school.anna, noor, talks.host_6, "2026-12-01 15.20")
    talks.change(Booking, booking, subjects="Hoe gaat het?", way="video")
    talks.change(Slot, talks.slot(talks.host_6, "2026-12-01 15.00"), state="blocked")
    free, report = talks.slot(talks.host_6, "2026-12-01 15.40"), talks.report(school.yara, noor)
    otto = client_for(school.otto)
    otto.post(f"/school/meetings/{talks.round}/hall", data={"state": "open"})
    hall = otto.get(f"/school/meetings/{talks.round}/hall").text
    at("2026-12-01 15:35")
    table, talk = f"/staff/meetings/tables/{talks.host_6}", f"/staff/meetings/talks/{noor}"
    yara, anna = client_for(school.yara), client_for(school.anna)
    wanted = [
        *[(yara, f"{table}{part}") for part in ("", "/times", "/extra", "/sheets", "/print", "/evening")],
        *[(yara, f"{talk}{part}") for part in ("", "/booking", "/report")],
        *[(yara, f"/staff/meetings{part}") for part in ("?all=1", "/feed", f"/slots/{free}/booking")],
        *[(otto, f"/staff/meetings/rounds/{talks.round}/{part}") for part in ("doors", "families")],
        (otto, f"/school/meetings/{talks.round}/hall"),
        *[(anna, path) for path in (f"/meetings/{talks.round}/now", f"/meetings/reports/{report}")],
        (anonymous, hall.split('id="hall-address" href="')[1].split('"')[0].split("/", 3)[-1]),
    ]
    pages = []
    for client, path in wanted:
        answer = client.get(f"/{path.lstrip('/')}")
        assert answer.status_code == 200, path
        pages.append((path, answer.text))
    assert [str(one) for one in nu_check(pages) if one.kind != "info"] == []
