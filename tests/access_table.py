"""The access matrix: who gets an answer from which route, one line per route and method.

Whoever a line does not admit gets 404, or the login page when nobody is signed in.
"""

from dataclasses import dataclass, field
from typing import Any

GUARDIANS = ("anna", "daan", "gert", "carl", "dora")
TEACHERS = ("tess", "tim", "yara")
OFFICE = ("otto", "hedy", "bea")
ACTORS = (*GUARDIANS, *TEACHERS, *OFFICE)

EVERYBODY = frozenset(("anonymous", *ACTORS))
SIGNED_IN = frozenset(ACTORS)
STAFF = frozenset((*TEACHERS, *OFFICE))
THE_OFFICE = frozenset(OFFICE)
LEADERS = frozenset(("hedy", "bea"))
# Everything below is about Bram of groep 3/4, whose parents are Anna and Daan, and about Anna.
HIS_PARENTS = frozenset(("anna", "daan"))
HIS_TEACHERS = frozenset(("tess", "tim"))
HIS_SCHOOL = HIS_TEACHERS | THE_OFFICE
DECIDING = frozenset(("anna", "daan", "carl", "tess"))
HER = frozenset(("anna",))
# Gert is the father of Noor without authority: what school tells about her one by one is his alone.
GERT = frozenset(("gert",))
# Otto is named on Bram's short list of who reads care information.
HIS_CARE = frozenset(("anna", "daan", "tess", "tim", "otto"))


@dataclass(frozen=True)
class Line:
    """Who is admitted, who sees the thing but may not change it (403), and what the form sends.

    `unknown`: the secret in the address is nobody's, so that nobody gets more than that there is nothing.
    """

    admitted: frozenset[str]
    refused: frozenset[str] = frozenset()
    data: dict[str, Any] = field(default_factory=dict)
    query: str = ""
    unknown: bool = False


def form(admitted: frozenset[str], **data: Any) -> Line:
    return Line(admitted, data=data)


TABLE: dict[tuple[str, str], Line] = {
    # open pages
    ("GET", "/healthz"): Line(EVERYBODY),
    ("GET", "/readyz"): Line(EVERYBODY),
    ("GET", "/school.css"): Line(EVERYBODY),
    ("GET", "/static/<path:filename>"): Line(EVERYBODY),
    ("GET", "/login"): Line(EVERYBODY),
    ("POST", "/login"): Line(EVERYBODY),
    ("POST", "/login/mail"): Line(EVERYBODY),
    ("GET", "/login/code"): Line(EVERYBODY),
    ("POST", "/login/code"): Line(EVERYBODY),
    ("GET", "/login/link/<token>"): Line(EVERYBODY),
    ("POST", "/login/link/<token>"): Line(EVERYBODY),
    ("GET", "/password/forgot"): Line(EVERYBODY),
    ("POST", "/password/forgot"): Line(EVERYBODY),
    ("GET", "/password/reset/<token>"): Line(EVERYBODY),
    ("POST", "/password/reset/<token>"): Line(EVERYBODY),
    ("GET", "/invitation/<token>"): Line(EVERYBODY, unknown=True),
    ("POST", "/invitation/<token>"): Line(EVERYBODY, unknown=True),
    ("GET", "/invitation/resend"): Line(EVERYBODY),
    ("POST", "/invitation/resend"): Line(EVERYBODY),
    ("GET", "/profile/email/<token>"): Line(EVERYBODY),
    ("POST", "/profile/email/<token>"): Line(EVERYBODY),
    ("POST", "/language"): Line(EVERYBODY),
    # one's own
    ("GET", "/"): Line(SIGNED_IN),
    ("GET", "/logout"): Line(SIGNED_IN),
    ("POST", "/logout"): Line(SIGNED_IN),
    ("POST", "/side"): Line(SIGNED_IN),
    ("GET", "/profile"): Line(SIGNED_IN),
    ("GET", "/profile/contact"): Line(SIGNED_IN),
    ("POST", "/profile/contact"): Line(SIGNED_IN),
    ("GET", "/profile/email"): Line(SIGNED_IN),
    ("POST", "/profile/email"): Line(SIGNED_IN),
    ("POST", "/profile/email/confirmation"): Line(SIGNED_IN),
    ("GET", "/profile/reach"): Line(STAFF),
    ("POST", "/profile/reach"): Line(STAFF),
    ("GET", "/profile/notices"): Line(SIGNED_IN),
    ("POST", "/profile/notices"): Line(SIGNED_IN),
    ("GET", "/profile/password"): Line(SIGNED_IN),
    ("POST", "/profile/password"): Line(SIGNED_IN),
    ("GET", "/profile/visibility"): Line(SIGNED_IN),
    ("POST", "/profile/visibility"): Line(SIGNED_IN),
    ("POST", "/profile/visibility/copy"): form(HIS_PARENTS, group="{group_id}", like="1"),
    ("POST", "/profile/hiding"): form(HIS_PARENTS, pupil="{pupil_id}", hidden="no"),
    ("GET", "/profile/address"): Line(SIGNED_IN),
    ("POST", "/profile/address"): Line(SIGNED_IN),
    ("GET", "/profile/spoken"): Line(SIGNED_IN),
    ("POST", "/profile/spoken"): Line(SIGNED_IN),
    ("GET", "/profile/line"): Line(SIGNED_IN),
    ("POST", "/profile/line"): Line(SIGNED_IN),
    # to take along, as long as school does not let parents
    ("GET", "/groups/<int:group_id>/list"): Line(HIS_SCHOOL),
    ("GET", "/groups/<int:group_id>/list.csv"): Line(HIS_SCHOOL),
    ("GET", "/groups/<int:group_id>/list.xlsx"): Line(HIS_SCHOOL),
    ("POST", "/profile/sessions/ending"): Line(SIGNED_IN),
    ("POST", "/profile/sessions/<int:session_id>/ending"): Line(HER),
    # what became of a letter of Tess to his group, as school sees it
    ("GET", "/staff/letters/<int:letter_id>/paper"): Line(HIS_SCHOOL),
    ("POST", "/staff/letters/<int:letter_id>/reminders"): Line(
        HIS_SCHOOL - {"tim"}, refused=frozenset(("tim",))
    ),
    # letters, for who received them: Bram's group did
    ("GET", "/attachments/<key>"): Line(HIS_PARENTS | HIS_SCHOOL),
    ("GET", "/letters"): Line(SIGNED_IN),
    ("GET", "/letters/<int:letter_id>"): Line(HIS_PARENTS),
    ("POST", "/letters/<int:letter_id>/receipt"): form(HIS_PARENTS, state="read"),
    ("POST", "/letters/<int:letter_id>/keeping"): form(HIS_PARENTS, state="kept"),
    ("POST", "/letters/<int:letter_id>/reply"): Line(HIS_PARENTS),
    # absence, for guardians
    ("GET", "/absence"): Line(SIGNED_IN),
    ("GET", "/absence/report"): Line(SIGNED_IN),
    ("POST", "/absence/report"): Line(SIGNED_IN),
    ("GET", "/absence/<int:absence_id>"): Line(HIS_PARENTS),
    ("GET", "/absence/<int:absence_id>/correction"): Line(HER, refused=frozenset(("daan",))),
    ("POST", "/absence/<int:absence_id>/correction"): Line(HER, refused=frozenset(("daan",))),
    ("POST", "/absence/<int:absence_id>/withdrawal"): Line(HER, refused=frozenset(("daan",))),
    ("POST", "/absence/<int:absence_id>/recovery"): Line(HIS_PARENTS),
    ("POST", "/absence/<int:absence_id>/extension"): Line(HIS_PARENTS),
    ("GET", "/pupils/<int:pupil_id>/absences"): Line(HIS_PARENTS | HIS_SCHOOL),
    # the page of a group
    ("GET", "/groups"): Line(frozenset(("anna", "daan", "carl", *STAFF))),
    ("GET", "/groups/<int:group_id>"): Line(HIS_PARENTS | HIS_SCHOOL),
    ("GET", "/groups/<int:group_id>/news"): Line(HIS_PARENTS | HIS_SCHOOL),
    ("POST", "/groups/<int:group_id>/news"): Line(HIS_SCHOOL, refused=HIS_PARENTS),
    ("GET", "/groups/<int:group_id>/news/new"): Line(HIS_SCHOOL, refused=HIS_PARENTS),
    ("GET", "/groups/<int:group_id>/news/<int:news_id>/correction"): Line(HIS_SCHOOL, refused=HIS_PARENTS),
    ("POST", "/groups/<int:group_id>/news/<int:news_id>/correction"): Line(HIS_SCHOOL, refused=HIS_PARENTS),
    ("POST", "/groups/<int:group_id>/news/<int:news_id>/withdrawal"): Line(HIS_SCHOOL, refused=HIS_PARENTS),
    ("GET", "/groups/<int:group_id>/week/items/new"): Line(
        HIS_SCHOOL, refused=HIS_PARENTS, query="?day=2026-11-25"
    ),
    ("POST", "/groups/<int:group_id>/week/items"): Line(
        HIS_SCHOOL, refused=HIS_PARENTS, data={"day": "2026-11-25", "kind": "gym"}
    ),
    ("GET", "/groups/<int:group_id>/week/items/<int:item_id>"): Line(HIS_SCHOOL, refused=HIS_PARENTS),
    ("POST", "/groups/<int:group_id>/week/items/<int:item_id>"): Line(HIS_SCHOOL, refused=HIS_PARENTS),
    ("POST", "/groups/<int:group_id>/week/items/<int:item_id>/removal"): Line(
        HIS_SCHOOL, refused=HIS_PARENTS
    ),
    # information on request, for a guardian without authority
    ("GET", "/pupils/<int:pupil_id>/information"): Line(GERT),
    ("GET", "/pupils/<int:pupil_id>/information/requests/new"): Line(GERT),
    ("POST", "/pupils/<int:pupil_id>/information/requests/new"): Line(GERT),
    ("GET", "/releases/<int:release_id>"): Line(GERT),
    ("POST", "/releases/<int:release_id>/file"): Line(GERT),
    # a pupil
    ("GET", "/pupils/<int:pupil_id>"): Line(HIS_PARENTS | HIS_SCHOOL),
    ("GET", "/pupils/<int:pupil_id>/requests"): Line(HIS_PARENTS),
    ("POST", "/pupils/<int:pupil_id>/requests"): form(HIS_PARENTS, field="surname", wanted="Vis"),
    ("POST", "/requests/<int:change_id>/withdrawal"): Line(HER),
    ("GET", "/pupils/<int:pupil_id>/contacts"): Line(HIS_PARENTS | HIS_SCHOOL),
    ("POST", "/pupils/<int:pupil_id>/contacts"): form(HIS_PARENTS | HIS_SCHOOL, name="Oma", phone="06 1"),
    ("GET", "/contacts/<int:contact_id>"): Line(HER | HIS_SCHOOL),
    ("POST", "/contacts/<int:contact_id>"): Line(HER | HIS_SCHOOL),
    ("POST", "/contacts/<int:contact_id>/position"): Line(HER | HIS_SCHOOL),
    ("POST", "/contacts/<int:contact_id>/removal"): Line(HER | HIS_SCHOOL),
    ("GET", "/care"): Line(STAFF),
    ("GET", "/pupils/<int:pupil_id>/care"): Line(HIS_CARE),
    ("POST", "/pupils/<int:pupil_id>/care"): form(HIS_CARE, kind="allergy", what="noten"),
    ("POST", "/pupils/<int:pupil_id>/care/readings"): Line(HIS_CARE - HIS_PARENTS),
    ("GET", "/care/<int:note_id>"): Line(HIS_CARE),
    ("POST", "/care/<int:note_id>"): Line(HIS_CARE),
    ("POST", "/care/<int:note_id>/removal"): Line(HIS_CARE),
    ("GET", "/groups/<int:group_id>/trip"): Line(HIS_SCHOOL),
    ("POST", "/groups/<int:group_id>/trip/readings"): form(HIS_SCHOOL, pupil="{pupil_id}"),
    # absence, for school
    ("GET", "/staff/today"): Line(STAFF),
    ("POST", "/staff/attendance"): form(HIS_SCHOOL, pupil="{pupil_id}", state="present"),
    ("POST", "/staff/sightings"): form(HIS_SCHOOL, pupil="{pupil_id}"),
    ("GET", "/staff/pupils/<int:pupil_id>/absences/new"): Line(HIS_SCHOOL),
    ("POST", "/staff/pupils/<int:pupil_id>/absences/new"): Line(HIS_SCHOOL),
    ("GET", "/staff/absences/<int:absence_id>"): Line(HIS_SCHOOL),
    ("POST", "/staff/absences/<int:absence_id>/withdrawal"): Line(HIS_SCHOOL),
    ("POST", "/staff/absences/<int:absence_id>/recovery"): Line(HIS_SCHOOL),
}

IN_HIS_GROUP = """
GET /albums/<int:album_id>
GET /groups/<int:group_id>/albums
GET /photos/<int:photo_id>
GET /photos/<int:photo_id>/picture
GET /photos/<int:photo_id>/thumbnail
"""

# What teachers and the office do with an album that the parents of the group look at.
WITH_AN_ALBUM = """
GET POST /albums/<int:album_id>/details
POST /albums/<int:album_id>/photos
GET POST /albums/<int:album_id>/photos/removal
GET /albums/<int:album_id>/progress
GET POST /albums/<int:album_id>/removal
GET POST /groups/<int:group_id>/albums/new
POST /photos/<int:photo_id>/answer
"""

# What the teachers of 3/4 and the office do with a talk of Anna's about Bram, and with their table's times.
AT_HIS_TABLE = """
GET POST /staff/meetings/tables/<int:host_id>/extra
GET /staff/meetings/tables/<int:host_id>
GET /staff/meetings/tables/<int:host_id>/evening
GET /staff/meetings/tables/<int:host_id>/print
GET /staff/meetings/tables/<int:host_id>/schedule.xlsx
GET /staff/meetings/tables/<int:host_id>/sheets
POST /staff/meetings/tables/<int:host_id>/lateness
GET POST /staff/meetings/tables/<int:host_id>/times
POST /staff/meetings/slots/<int:slot_id>/state
GET POST /staff/meetings/slots/<int:slot_id>/booking
GET /staff/meetings/talks/<int:invitee_id>
GET POST /staff/meetings/talks/<int:invitee_id>/booking
POST /staff/meetings/talks/<int:invitee_id>/notes
GET POST /staff/meetings/talks/<int:invitee_id>/report
POST /staff/meetings/talks/<int:invitee_id>/wish
POST /staff/meetings/bookings/<int:booking_id>/cancellation
POST /staff/meetings/bookings/<int:booking_id>/outcome
"""

# What Anna does with her talk about Bram; Daan has his own. The round itself has every guardian who decides.
HER_TALK = """
POST /meetings/talks/<int:invitee_id>/joining
POST /meetings/talks/<int:invitee_id>/need
POST /meetings/bookings/<int:booking_id>/cancellation
POST /meetings/bookings/<int:booking_id>/details
POST /meetings/bookings/<int:booking_id>/objection
POST /meetings/<int:round_id>/booking
POST /meetings/<int:round_id>/proposal
"""
IN_THE_ROUND = """
GET /meetings/<int:round_id>
GET /meetings/<int:round_id>/history
GET /meetings/<int:round_id>/talks.ics
GET /meetings/<int:round_id>/proposal
POST /meetings/<int:round_id>/wishes
"""

FOR_THE_OFFICE = """
GET /school/meetings
GET POST /school/meetings/new
POST /school/meetings/fit
GET POST /school/meetings/<int:round_id>
GET /school/meetings/<int:round_id>/look
POST /school/meetings/<int:round_id>/publication
POST /school/meetings/<int:round_id>/copy
GET POST /school/meetings/<int:round_id>/withdrawal
GET POST /school/meetings/<int:round_id>/tables/new
GET POST /school/meetings/<int:round_id>/tables/<int:host_id>
POST /school/meetings/<int:round_id>/tables/<int:host_id>/removal
GET /school/
GET /school/accounts
GET POST /school/accounts/<int:user_id>/email
POST /school/accounts/<int:user_id>/invitation
GET POST /school/accounts/<int:user_id>/letter
GET /school/calendar
GET POST /school/calendar/free-days/<int:free_day_id>
GET POST /school/calendar/free-days/<int:free_day_id>/removal
GET POST /school/calendar/free-days/new
POST /school/calendar/holidays
GET POST /school/calendar/years/<int:year_id>
GET POST /school/calendar/years/new
GET /school/groups
GET /school/groups/<int:group_id>
POST /school/groups/<int:group_id>/closing
GET POST /school/groups/<int:group_id>/details
POST /school/groups/<int:group_id>/opening
GET POST /school/groups/<int:group_id>/teachers
GET POST /school/groups/new
GET /school/guardians/<int:user_id>
GET POST /school/guardians/<int:user_id>/details
GET POST /school/barrings/<int:barring_id>/lifting
GET POST /school/guardianships/<int:guardianship_id>
GET POST /school/guardianships/<int:guardianship_id>/authority
GET POST /school/guardianships/<int:guardianship_id>/hiding
GET POST /school/guardianships/<int:guardianship_id>/revocation
GET /school/meetings/<int:round_id>/evening
GET /school/meetings/<int:round_id>/families
GET /school/meetings/<int:round_id>/families/<int:invitee_id>
GET POST /school/meetings/<int:round_id>/families/<int:invitee_id>/booking
POST /school/meetings/<int:round_id>/families/<int:invitee_id>/cancellation
GET POST /school/meetings/<int:round_id>/plan
POST /school/meetings/<int:round_id>/plan/acceptance
POST /school/meetings/<int:round_id>/plan/enough
GET /school/meetings/<int:round_id>/plan/progress
POST /school/meetings/<int:round_id>/plan/removal
POST /school/meetings/<int:round_id>/reminders
GET POST /school/import
GET /school/import/<int:import_id>
POST /school/import/<int:import_id>/acceptance
POST /school/import/<int:import_id>/cancellation
GET POST /school/import/<int:import_id>/mapping
GET /school/import/<int:import_id>/rows/<section>
GET /school/information
GET POST /school/information/<int:request_id>
GET POST /school/invitations
GET POST /school/invitations/letters
POST /school/care-readers/<int:reader_id>/removal
GET /school/pupils
GET /school/pupils/<int:pupil_id>
GET /school/pupils/<int:pupil_id>/arrangement
GET POST /school/pupils/<int:pupil_id>/arrangement/apart
GET POST /school/pupils/<int:pupil_id>/barrings/new
GET POST /school/pupils/<int:pupil_id>/care-readers
GET POST /school/pupils/<int:pupil_id>/details
GET POST /school/pupils/<int:pupil_id>/groups
GET POST /school/pupils/<int:pupil_id>/guardians/new
GET POST /school/pupils/<int:pupil_id>/leaving
GET POST /school/pupils/<int:pupil_id>/releases/new
POST /school/pupils/<int:pupil_id>/return
GET POST /school/pupils/new
POST /school/releases/<int:release_id>/file
GET POST /school/releases/<int:release_id>/withdrawal
GET /school/requests
POST /school/requests/<int:change_id>/acceptance
GET POST /school/requests/<int:change_id>/refusal
GET POST /school/settings
GET /school/unreachable
POST /school/unreachable/<int:user_id>/trial
GET /school/settings/hues.css
GET /school/settings/kinds
GET POST /school/settings/kinds/<int:kind_id>
POST /school/settings/kinds/<int:kind_id>/position
GET POST /school/letters/lists
GET POST /school/letters/lists/<int:list_id>
POST /school/letters/lists/<int:list_id>/members
POST /school/letters/lists/<int:list_id>/removal
GET POST /school/settings/kinds/<int:kind_id>/removal
GET POST /school/settings/kinds/new
"""

FOR_STAFF_WITH_LETTERS = """
GET /staff/letters
GET POST /staff/letters/new
GET /staff/letters/people
GET /staff/letters/recipients
POST /staff/letters/look
"""

WITH_HER_LETTER = """
POST /staff/letters/<int:letter_id>
POST /staff/letters/<int:letter_id>/attachments
GET POST /staff/letters/<int:letter_id>/correction
POST /staff/letters/<int:letter_id>/correction/look
POST /staff/letters/<int:letter_id>/removal
POST /staff/letters/<int:letter_id>/return
GET POST /staff/letters/<int:letter_id>/withdrawal
GET POST /staff/letters/<int:letter_id>/slip
GET /staff/letters/<int:letter_id>/answers
GET /staff/letters/<int:letter_id>/answers.xlsx
POST /staff/letters/<int:letter_id>/answers/reminders
GET POST /staff/letters/<int:letter_id>/answers/<int:user_id>
"""

# Anna's conversation about Bram, as school has it, and as she has it.
AT_SCHOOL_WITH_ANNA = """
GET POST /staff/messages/<int:conversation_id>
POST /staff/messages/<int:conversation_id>/receipt
GET POST /staff/messages/<int:conversation_id>/guests
POST /staff/messages/<int:conversation_id>/guests/removal
POST /staff/messages/<int:conversation_id>/closing
"""
ANNA_WITH_SCHOOL = """
GET POST /messages/<int:conversation_id>
POST /messages/<int:conversation_id>/receipt
"""

FOR_LEADERS = """
GET /school/staff
GET POST /school/staff/<int:user_id>
GET POST /school/staff/<int:user_id>/leaving
POST /school/staff/<int:user_id>/return
GET POST /school/staff/new
"""

SENT_AT_HIS_TABLE = {
    **{"day": "2026-12-01", "for": "me", "minutes": "5", "outcome": "present", "slot": "{slot_id}"},
    **{"state": "blocked", "talk": "{invitee_id}", "text": "Goed."},
}

for lines, admitted in ((FOR_THE_OFFICE, THE_OFFICE), (FOR_LEADERS, LEADERS)):
    for line in lines.strip().splitlines():
        *methods, path = line.split()
        TABLE |= {(method, path): Line(admitted) for method in methods}


TABLE["POST", "/school/meetings/<int:round_id>/families/<int:invitee_id>/cancellation"] = form(
    THE_OFFICE, booking="{booking_id}"
)
TABLE["GET", "/school/invitations/letters"] = Line(THE_OFFICE, query="?group={group_id}")
TABLE["POST", "/school/invitations/letters"] = form(THE_OFFICE, group="{group_id}")


for line in IN_HIS_GROUP.strip().splitlines():
    TABLE["GET", line.removeprefix("GET ")] = Line(HIS_PARENTS | HIS_SCHOOL)
TABLE["GET", "/staff/meetings"] = Line(STAFF)
TABLE["GET", "/staff/meetings/feed"] = Line(STAFF)
TABLE["POST", "/staff/meetings/feed"] = form(STAFF, state="open")
TABLE["GET", "/staff/meetings/rounds/<int:round_id>/doors"] = Line(STAFF)
TABLE["GET", "/staff/meetings/rounds/<int:round_id>/families"] = Line(STAFF)
TABLE["GET", "/meetings/feed/<token>.ics"] = Line(EVERYBODY, unknown=True)
TABLE["GET", "/letters/digest/<token>"] = Line(EVERYBODY, unknown=True)
TABLE["POST", "/letters/digest/<token>"] = Line(EVERYBODY, unknown=True)
TABLE["GET", "/hall/<token>"] = Line(EVERYBODY, unknown=True)
TABLE["GET", "/school/meetings/<int:round_id>/hall"] = Line(THE_OFFICE)
TABLE["POST", "/school/meetings/<int:round_id>/hall"] = form(THE_OFFICE, state="open")
# Everybody whose child is invited to a talk: Tess as Lotte's mother.
TABLE["GET", "/meetings/<int:round_id>/now"] = Line(frozenset(("anna", "daan", "carl", "tess")))
# What Anna waits for, and the place that is held for her, is hers alone: Bram's parents come apart.
TABLE["GET", "/meetings/talks/<int:invitee_id>/waiting"] = Line(HER)
TABLE["POST", "/meetings/talks/<int:invitee_id>/waiting"] = form(HER, slot="{slot_id}")
TABLE["GET", "/meetings/offers/<int:offer_id>"] = Line(HER)
TABLE["POST", "/meetings/offers/<int:offer_id>/acceptance"] = Line(HER)
TABLE["POST", "/meetings/offers/<int:offer_id>/refusal"] = Line(HER)
TABLE["GET", "/meetings/reports/<int:report_id>"] = Line(HER)
for line in AT_HIS_TABLE.strip().splitlines():
    *methods, path = line.split()
    TABLE |= {(method, path): form(HIS_SCHOOL, **SENT_AT_HIS_TABLE) for method in methods}


TABLE["GET", "/meetings"] = Line(SIGNED_IN)
for line in IN_THE_ROUND.strip().splitlines():
    method, path = line.split()
    TABLE[method, path] = Line(frozenset(("anna", "daan", "carl", "tess")))
for line in HER_TALK.strip().splitlines():
    method, path = line.split()
    TABLE[method, path] = form(HER, talk="{invitee_id}", slot="{slot_id}", seat="{invitee_id}:{slot_id}")
TABLE["POST", "/meetings/slots/<int:slot_id>/booking"] = form(HIS_PARENTS, pupil="{pupil_id}")


for line in WITH_AN_ALBUM.strip().splitlines():
    *methods, path = line.split()
    TABLE |= {(method, path): Line(HIS_SCHOOL, refused=HIS_PARENTS) for method in methods}
TABLE["POST", "/albums/<int:album_id>/showing"] = Line(HIS_SCHOOL, HIS_PARENTS, {"state": "shown"})
TABLE["POST", "/photos/<int:photo_id>/request"] = Line(HIS_PARENTS)


# Letters as school has them: Tess's to groep 3/4, which was sent, and Hedy's that waits for approval.
for line in FOR_STAFF_WITH_LETTERS.strip().splitlines():
    *methods, path = line.split()
    TABLE |= {(method, path): Line(STAFF) for method in methods}
for line in WITH_HER_LETTER.strip().splitlines():
    *methods, path = line.split()
    TABLE |= {(method, path): Line(HIS_SCHOOL - {"tim"}, frozenset(("tim",))) for method in methods}
TABLE["GET", "/staff/letters/<int:letter_id>"] = Line(HIS_SCHOOL)
TABLE["POST", "/staff/letters/<int:letter_id>/attachments/<int:attachment_id>"] = Line(
    HIS_SCHOOL - {"tim"}, frozenset(("tim",)), {"act": "up"}
)
TABLE["POST", "/staff/letters/<int:letter_id>/approval"] = Line(
    frozenset(("otto", "bea")), frozenset(("hedy",))
)
TABLE["POST", "/staff/letters/<int:letter_id>/notice"] = Line(
    THE_OFFICE - {"hedy"}, frozenset(("hedy", "tess", "tim")), {"answer": "no"}
)
TABLE["POST", "/school/letters/lists/<int:list_id>/members"] = form(THE_OFFICE, add="pupil:{pupil_id}")


# Private conversations: Anna's own, which at school the teachers of 3/4 have and the office has not.
for line in AT_SCHOOL_WITH_ANNA.strip().splitlines():
    *methods, path = line.split()
    TABLE |= {(method, path): form(HIS_TEACHERS, state="closed") for method in methods}
for line in ANNA_WITH_SCHOOL.strip().splitlines():
    *methods, path = line.split()
    TABLE |= {(method, path): Line(HER) for method in methods}
TABLE["GET", "/messages"] = Line(DECIDING)
TABLE["GET", "/messages/new"] = Line(DECIDING)
TABLE["POST", "/messages"] = form(HIS_PARENTS, about="{pupil_id}-{group_id}", text="Mag ik u bellen?")
TABLE["GET", "/staff/messages"] = Line(STAFF)
TABLE["GET", "/staff/messages/new"] = Line(frozenset(TEACHERS))
TABLE["POST", "/staff/messages"] = form(HIS_TEACHERS, pupil="{pupil_id}", guardian="{user_id}", text="Ja.")
