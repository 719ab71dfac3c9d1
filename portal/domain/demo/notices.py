"""How the parents of De Lindeboog want to be told of letters, and whose address does not work."""

from datetime import datetime, time

from sqlalchemy import insert, select

from portal.domain.demo.plan import Plan
from portal.domain.notice_choices import DIGEST, PORTAL
from portal.extensions import db
from portal.models.accounts import User
from portal.models.notices import MailTrouble, NoticeChoice

BOUNCE = "5.1.1"
ONE_A_DAY, IN_PORTAL = 9, 40
"""One of so many parents chose one mail a day, and no mail; the first parents chose nothing yet."""


def choose_notices(plan: Plan, now: datetime) -> None:
    """Let some parents choose one mail a day or none, and let mail have come back from some addresses."""
    active = [one.id for one in plan.guardians if one.way_in == "active"][ONE_A_DAY:]
    daily = [
        {"user_id": number, "letters": DIGEST, "digest_hour": 17, "by_push": False}
        | {"quiet_from": time(21), "quiet_until": time(7)}
        for number in active[::ONE_A_DAY]
    ]
    in_portal = [
        {"user_id": number, "letters": PORTAL, "digest_hour": 17, "by_push": False}
        for number in active[1::IN_PORTAL]
        if number not in {one["user_id"] for one in daily}
    ]
    for rows in (daily, in_portal):
        if rows:
            db.session.execute(insert(NoticeChoice), rows)
    bounced = [one.id for one in plan.guardians if one.way_in == "bounced"]
    addresses = db.session.execute(
        select(User.id, User.email).where(User.id.in_(bounced), User.email.is_not(None)).order_by(User.id)
    )
    troubles = [
        {"user_id": number, "address": address, "code": BOUNCE, "times": 1}
        | {"first_at": now, "last_at": now, "hard_at": now}
        for number, address in addresses
    ]
    if troubles:
        db.session.execute(insert(MailTrouble), troubles)
