"""The first day of a new installation: the school and its first administrator."""

from datetime import datetime

from portal import names
from portal.domain import free_days
from portal.domain.contact import email_typed
from portal.domain.invitations import invitation_link, invite
from portal.domain.roster import PersonName
from portal.domain.roster_guardians import adult_with_email, new_adult
from portal.domain.roster_staff import add_staff, works_here
from portal.domain.school_days import school_years
from portal.domain.settings import set_up_school
from portal.errors import Refused
from portal.words import gettext as _


def open_school(name: str, region: str, admin_email: str, admin_name: str, now: datetime) -> str:
    """Set up the school with this year's holidays, and return the link of its first administrator.

    Said again with the same address before the link was used, it only makes the link again. Raises Refused
    when there is a school already.
    """
    email = email_typed(admin_email)
    if email is None:
        raise Refused(_("Fill in an e-mail address."))
    person = adult_with_email(email)
    if person is None or not works_here(person):
        set_up_school(names.clean(name), now, region=region)
        for year in school_years():
            free_days.load_holidays(year, region, None)
        person = new_adult(PersonName(*names.split_full(names.clean(admin_name))), email, ("", ""), "nl", now)
        add_staff(person, "admin", "", None)
    return invitation_link(invite(person, None, now))
