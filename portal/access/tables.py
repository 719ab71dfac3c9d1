"""Aliases of their own, so that a scope means the same inside a query that joins these tables itself.

`correlate_except` lets a condition stand at any depth: what it does not look up itself it has from outside.
"""

from sqlalchemy.orm import aliased

from portal.models.accounts import StaffMember
from portal.models.arrangements import Barring
from portal.models.roster import Guardianship, Membership, Pupil, Teaching

guardianship = aliased(Guardianship)
teaching = aliased(Teaching)
membership = aliased(Membership)
pupil = aliased(Pupil)
staff = aliased(StaffMember)
barring = aliased(Barring)
