"""The first day of a new installation: the school and its first administrator."""

from datetime import datetime

from portal import names
from portal.domain import free_days
from portal.domain.contact import email_typed
from portal.domain.invitations import invitation_link, invite
from portal.domain.roster import PersonName
from portal.domain.roster_guardians import adult_with_email, new_adult
from portal.domain.roster_staff import (
    add_staff,
    edit_staff,
    member_of,
    somebody_leads,
    version_of_member,
    works_here,
)
from portal.domain.school import school_facts
from portal.domain.school_days import school_years
from portal.domain.settings import name_school, set_up_school
from portal.errors import Refused
from portal.models.accounts import User
from portal.words import gettext as _


def open_school(name: str, region: str, admin_email: str, admin_name: str, now: datetime) -> str:
    """Set up the school with this year's holidays, and return the link of its first administrator.

    A school whose roster was read in before gets its name, its region and its administrator now. Said again
    with the same address before the link was used, it only makes the link again. Raises Refused when there is
    a school already that somebody leads.
    """
    email = email_typed(admin_email)
    if email is None:
        raise Refused(_("Fill in an e-mail address."))
    person = adult_with_email(email)
    if person is None or not works_here(person) or not somebody_leads():
        _name_school(names.clean(name), region, now)
        for year in school_years():
            free_days.load_holidays(year, region, None)
        person = person or new_adult(
            PersonName(*names.split_full(names.clean(admin_name))), email, ("", ""), "nl", now
        )
        _let_lead(person)
    return invitation_link(invite(person, None, now))


def _name_school(name: str, region: str, now: datetime) -> None:
    """Set up the school, or name the one that an import began and that nobody leads yet."""
    if school_facts().exists and not somebody_leads():
        name_school(name, region)
    else:
        set_up_school(name, now, region=region)


def _let_lead(person: User) -> None:
    """Make somebody the administrator: somebody new, a guardian, or a teacher of the roster."""
    if works_here(person):
        member = member_of(person)
        edit_staff(member, "admin", member.called, version_of_member(member), None)
    else:
        add_staff(person, "admin", "", None)
