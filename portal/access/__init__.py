"""Who may see and do what: the one policy, for parents, teachers and the office alike.

Three kinds of things live here. A *scope* (`pupils_visible_to(viewer)`) is a condition for a query; every
query for somebody's data has one. A *predicate* (`may_withdraw(viewer, absence)`) answers for one thing that
is already visible; view and template ask the same one. `one_or_404` is how a single object reaches a view.

What is out of scope does not exist for the viewer: 404, never 403.
"""

from portal.access.absence import (
    ReportedAbsence,
    absences_of_children,
    absences_of_school,
    absences_visible_to,
    guardians_called_by,
    may_correct,
    may_end,
    may_withdraw,
    notes_readable_by,
)
from portal.access.adults import (
    admitted,
    adults_known_to,
    adults_managed_by,
    of_leaders,
    of_office,
    own_account,
    own_sessions,
    staff_of_school,
)
from portal.access.albums import (
    albums_made_by,
    albums_visible_to,
)
from portal.access.arrangements import (
    barrings_kept_by,
    current_guardianships,
    guardianships_arranged_by,
    guardianships_known_to,
    history_known_to,
    information_requests_answered_by,
    own_information_requests,
    pupils_arranged_by,
    pupils_informed_of,
    releases_kept_by,
    releases_visible_to,
)
from portal.access.directory import (
    hides_from,
    own_guardianships,
    own_shared_fields,
    shared_fields_visible_to,
)
from portal.access.groups import (
    groups_of_children,
    groups_of_school,
    groups_visible_to,
    news_kept_by,
    news_visible_to,
    week_items_kept_by,
    week_items_visible_to,
)
from portal.access.pupil_pages import (
    care_visible_to,
    contacts_given_by,
    contacts_visible_to,
    requests_decided_by,
    requests_visible_to,
)
from portal.access.pupils import (
    pupils_guarded_by,
    pupils_in_authority_of,
    pupils_of_school,
    pupils_visible_to,
)
from portal.access.viewers import (
    LEADING_ROLES,
    OFFICE_ROLES,
    Viewer,
    all_or_404,
    anyone_with,
    hash_of,
    one_and_whether,
    one_or_404,
    one_to_change,
    viewer,
    viewer_of_session,
    viewer_or_none,
)

__all__ = [
    "releases_kept_by",
    "pupils_informed_of",
    "hides_from",
    "guardianships_arranged_by",
    "barrings_kept_by",
    "LEADING_ROLES",
    "OFFICE_ROLES",
    "ReportedAbsence",
    "Viewer",
    "absences_of_children",
    "absences_of_school",
    "absences_visible_to",
    "admitted",
    "adults_known_to",
    "adults_managed_by",
    "albums_made_by",
    "albums_visible_to",
    "all_or_404",
    "anyone_with",
    "care_visible_to",
    "contacts_given_by",
    "contacts_visible_to",
    "current_guardianships",
    "groups_of_children",
    "groups_of_school",
    "groups_visible_to",
    "guardians_called_by",
    "guardianships_known_to",
    "hash_of",
    "history_known_to",
    "information_requests_answered_by",
    "may_correct",
    "may_end",
    "may_withdraw",
    "news_kept_by",
    "news_visible_to",
    "notes_readable_by",
    "of_leaders",
    "of_office",
    "one_and_whether",
    "one_or_404",
    "one_to_change",
    "own_account",
    "own_guardianships",
    "own_information_requests",
    "own_sessions",
    "own_shared_fields",
    "pupils_arranged_by",
    "pupils_guarded_by",
    "pupils_in_authority_of",
    "pupils_of_school",
    "pupils_visible_to",
    "releases_visible_to",
    "requests_decided_by",
    "requests_visible_to",
    "shared_fields_visible_to",
    "staff_of_school",
    "viewer",
    "viewer_of_session",
    "viewer_or_none",
    "week_items_kept_by",
    "week_items_visible_to",
]
