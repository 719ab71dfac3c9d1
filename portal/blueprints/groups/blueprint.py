"""The group pages: read by the parents of the group, written by its teachers and the office."""

from flask import Blueprint

from portal import access
from portal.access import one_and_whether, one_to_change, viewer
from portal.models.roster import Group

bp = Blueprint("groups", __name__)


def read_group(group_id: int) -> tuple[Group, bool]:
    """Return a group whose page the viewer reads, and whether the viewer writes it too; else answer 404."""
    person = viewer()
    return one_and_whether(Group, group_id, access.groups_visible_to(person), access.groups_of_school(person))


def kept_group(group_id: int) -> Group:
    """Return a group whose page the viewer writes; 403 for who only reads it, 404 for anybody else."""
    person = viewer()
    return one_to_change(Group, group_id, access.groups_visible_to(person), access.groups_of_school(person))
