"""A family at a round of talks: what it sees and sends, as its browser would."""

import re
from datetime import datetime
from typing import Any

from portal import clock
from tests.cast import Child
from tests.clients import FormClient
from tests.meetings.making import Talks


def at_time(moment: datetime) -> str:
    """Return '1 15.20' for the first of the month."""
    local = clock.to_local(moment)
    return f"{local.day} {local:%H.%M}"


class Family:
    """A guardian's browser at the round of the cast."""

    def __init__(self, client: FormClient, talks: Talks) -> None:
        self.client = client
        self.talks = talks

    def slot(self, host: int, moment: str) -> int:
        return self.talks.slot(host, moment)

    def book(self, child: Child, host: int, moment: str, headers: Any = None, **data: Any):
        """Send what the contract says: the place in the address and the child as `pupil`."""
        return self.client.post(
            f"/meetings/slots/{self.slot(host, moment)}/booking",
            data={"pupil": child.id} | data,
            headers=headers,
        )

    def choose(self, invitee: int, headers: Any = None, **data: Any):
        """Send the form of the page."""
        return self.client.post(
            f"/meetings/{self.talks.round}/booking",
            data={"talk": invitee, "instead_of": ""} | data,
            headers=headers,
        )

    def see(self, invitee: int | None = None, day: str = "") -> str:
        """Return the page of the round, or of one talk in it."""
        query = {"talk": invitee, "day": day} if invitee else {}
        answer = self.client.get(f"/meetings/{self.talks.round}", query_string=query)
        assert answer.status_code == 200
        return answer.text

    def state(self, page: str, host: int, moment: str) -> str:
        """Return the words under a time, '' when the time is not there."""
        found = re.search(rf'id="s-{self.slot(host, moment)}".*?</label>', page)
        if not found:
            return ""
        return re.search(r"<small[^>]*>(?:<svg.*?</svg>)?(.*?)</small>", found[0])[1]

    @staticmethod
    def near(page: str) -> list[str]:
        """Return the times that are offered in the place of the one that was lost."""
        return re.findall(r'name="near" value="\d+">([^<]*)<', page)
