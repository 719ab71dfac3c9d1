"""The people of the tests, and their school.

Anna   mother of Bram (groep 3/4) and Noor (groep 6)
Daan   father of Bram, separated from Anna; they hide their data from each other
Gert   father of Noor without authority over her
Dora   was a guardian of Bram; no more
Carl   another family: father of Sem (groep 6)
Tess   teacher of 3/4 together with Tim, and mother of Lotte (groep 6)
Tim    teacher of 3/4
Yara   teacher of 6
Otto   office
Hedy   head of school
Bea    administrator of the portal
Inge   guardian of Sem too, invited and not yet activated
"""

from dataclasses import dataclass
from datetime import date, datetime, timedelta

from portal import clock
from portal.domain.photos import prepare
from portal.extensions import db, start_writing
from portal.models.accounts import StaffMember, User
from portal.models.albums import Album, Photo, PhotoFile, PhotoRequest
from portal.models.groups import GroupNews, WeekItem
from portal.models.roster import Group, Guardianship, Membership, Pupil, Teaching
from portal.models.school import AbsenceKind, FreeDay, School, SchoolYear
from portal.names import sort_key
from tests.albums.pictures import jpeg

PASSWORD = "zonnebloem-4"
# argon2id of PASSWORD, so that no test waits for it to be made.
PASSWORD_HASH = (
    "$argon2id$v=19$m=19456,t=2,p=1$klXtARWIWjepKsIdumMRVA$J6GygYZ3MnDYsdMoscswKs9w4dFtpn0xYHrGU3vyfzE"
)


@dataclass(frozen=True)
class Person:
    """An adult of the cast."""

    id: int
    given_name: str
    surname: str
    email: str | None

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.surname}"


@dataclass(frozen=True)
class Child:
    """A pupil of the cast."""

    id: int
    given_name: str
    surname: str

    @property
    def name(self) -> str:
        return f"{self.given_name} {self.surname}"


@dataclass(frozen=True)
class Cast:
    """Everybody, by name; groups, kinds of absence, and what 3/4 has (gym, news, photos) by number."""

    anna: Person
    daan: Person
    gert: Person
    dora: Person
    carl: Person
    inge: Person
    tess: Person
    tim: Person
    yara: Person
    otto: Person
    hedy: Person
    bea: Person
    bram: Child
    noor: Child
    sem: Child
    lotte: Child
    group_34: int
    group_6: int
    kinds: dict[str, int]
    gym: int
    news: int
    album: int
    photo: int
    password: str = PASSWORD


def make() -> Cast:
    """Put the school into the empty database of the current app."""
    start_writing()
    now = clock.now()
    school = _School(now)
    guardians = {
        name: school.adult(name, surname)
        for name, surname in [
            ("Anna", "Bakker"),
            ("Daan", "Visser"),
            ("Gert", "Smit"),
            ("Dora", "Mulder"),
            ("Carl", "Peters"),
        ]
    }
    inge = school.adult("Inge", "Dekker", activated=False)
    tess = school.adult("Tess", "Jansen", role="teacher", called="juf Tess")
    tim = school.adult("Tim", "Kok", role="teacher", called="meester Tim")
    yara = school.adult("Yara", "Demir", role="teacher", called="juf Yara")
    otto = school.adult("Otto", "Vos", role="office")
    hedy = school.adult("Hedy", "Prins", role="head")
    bea = school.adult("Bea", "Blom", role="admin")
    group_34 = school.group("3/4", "3,4", [tess, tim])
    group_6 = school.group("6", "6", [yara])
    bram = school.pupil("Bram", "Visser", group_34, 3)
    noor = school.pupil("Noor", "Smit", group_6, 6)
    sem = school.pupil("Sem", "Peters", group_6, 6)
    lotte = school.pupil("Lotte", "Jansen", group_6, 6)
    school.guards(guardians["Dora"], bram, 2, revoked=True)
    school.guards(guardians["Anna"], bram, 1, hidden=True)
    school.guards(guardians["Daan"], bram, 2, hidden=True)
    school.guards(guardians["Anna"], noor, 1)
    school.guards(guardians["Gert"], noor, 2, authority=False)
    school.guards(guardians["Carl"], sem, 1)
    school.guards(inge, sem, 2)
    school.guards(tess, lotte, 1)
    kinds = school.kinds()
    gym, news = school.gym(group_34, tess), school.news(group_34, tess)
    album, photo = school.album(group_34, tess, guardians["Anna"])
    db.session.commit()
    made = Cast(
        **{name.lower(): _person(user) for name, user in guardians.items()},
        **{user.given_name.lower(): _person(user) for user in (inge, tess, tim, yara, otto, hedy, bea)},
        **{pupil.given_name.lower(): _child(pupil) for pupil in (bram, noor, sem, lotte)},
        group_34=group_34.id,
        group_6=group_6.id,
        kinds={kind.code: kind.id for kind in kinds},
        gym=gym.id,
        news=news.id,
        album=album.id,
        photo=photo.id,
    )
    db.session.rollback()
    return made


def _person(user: User) -> Person:
    return Person(user.id, user.given_name, user.surname, user.email)


def _child(pupil: Pupil) -> Child:
    return Child(pupil.id, pupil.given_name, pupil.surname)


class _School:
    """Makes the rows of the school, one after the other."""

    def __init__(self, now: datetime) -> None:
        self.now = now
        self.year = SchoolYear(name="2026-2027", first_day=date(2026, 8, 24), last_day=date(2027, 7, 9))
        self.add(
            School(
                name="De Lindeboog",
                short_name="De Lindeboog",
                phone="030 555 01 23",
                email="info@lindeboog.example",
                created_at=now,
            )
        )
        self.add(self.year)
        self.add(
            FreeDay(
                kind="holiday",
                name="Kerstvakantie",
                first_day=date(2026, 12, 19),
                last_day=date(2027, 1, 3),
            )
        )

    def add(self, thing):
        db.session.add(thing)
        db.session.flush()
        return thing

    def adult(self, given_name: str, surname: str, role: str = "", called: str = "", activated=True) -> User:
        user = self.add(
            User(
                given_name=given_name,
                surname=surname,
                sort_key=sort_key(given_name, "", surname),
                email=f"{given_name.lower()}@lindeboog.example",
                phone="06 5550 1234",
                password_hash=PASSWORD_HASH if activated else None,
                created_at=self.now,
                activated_at=self.now if activated else None,
            )
        )
        if role:
            self.add(StaffMember(user_id=user.id, role=role, called=called))
        return user

    def group(self, name: str, year_groups: str, teachers: list[User]) -> Group:
        group = self.add(
            Group(school_year_id=self.year.id, name=name, year_groups=year_groups, sort_key=name)
        )
        for teacher in teachers:
            self.add(Teaching(user_id=teacher.id, group_id=group.id, started_on=self.year.first_day))
        return group

    def pupil(self, given_name: str, surname: str, group: Group, year_group: int) -> Pupil:
        pupil = self.add(
            Pupil(
                given_name=given_name,
                surname=surname,
                sort_key=sort_key(given_name, "", surname),
                birth_date=date(2020 - year_group + 3, 3, 14),
                year_group=year_group,
                created_at=self.now,
            )
        )
        self.add(Membership(pupil_id=pupil.id, group_id=group.id, home=True, started_on=self.year.first_day))
        return pupil

    def guards(
        self, user: User, pupil: Pupil, seat: int, authority=True, hidden=False, revoked=False
    ) -> None:
        self.add(
            Guardianship(
                pupil_id=pupil.id,
                user_id=user.id,
                seat=seat,
                has_authority=authority,
                hidden_at=self.now if hidden else None,
                created_at=self.now,
                revoked_at=self.now if revoked else None,
            )
        )

    def gym(self, group: Group, teacher: User) -> WeekItem:
        """Gym on Fridays, every week."""
        return self.add(
            WeekItem(
                group_id=group.id,
                weekday=5,
                kind="gym",
                first_week=date(2026, 8, 24),
                made_by=teacher.id,
                made_at=self.now,
            )
        )

    def news(self, group: Group, teacher: User) -> GroupNews:
        """A message of some weeks ago."""
        return self.add(
            GroupNews(
                group_id=group.id,
                title="Herfst",
                text="Wij zoeken kastanjes.\n\nHelpt u mee? Zie https://herfst.example/bos",
                author_id=teacher.id,
                posted_at=self.now - timedelta(weeks=6),
            )
        )

    def kinds(self) -> list[AbsenceKind]:
        """Return the kinds of absence; the first four are for parents."""
        kinds = [
            ("sick", "Ziek", "Sick", True, True),
            ("doctor", "Dokter of tandarts", "Doctor or dentist", True, False),
            ("late", "Te laat", "Late", True, False),
            ("other", "Anders", "Other", True, True),
            ("unauthorised", "Ongeoorloofd", "Unauthorised", False, True),
        ]
        return [
            self.add(
                AbsenceKind(
                    code=code,
                    label_nl=dutch,
                    label_en=english,
                    position=position,
                    parent_selectable=for_parents,
                    whole_day=whole_day,
                )
            )
            for position, (code, dutch, english, for_parents, whole_day) in enumerate(kinds)
        ]

    def album(self, group: Group, teacher: User, parent: User) -> tuple[Album, Photo]:
        """Return an album that parents see, with two photos, one that failed and one that waits; and the
        first photo, which a parent wants gone.
        """
        times = {"made_at": self.now, "shown_at": self.now}
        album = self.add(Album(group_id=group.id, title="Naar het bos", made_by=teacher.id, **times))
        photos = [
            self.add(
                Photo(
                    album_id=album.id,
                    fingerprint=f"{number:064}",
                    position=number,
                    added_by=teacher.id,
                    added_at=self.now,
                    ready_at=self.now if number < 2 else None,
                    failure="broken" if number == 2 else "",
                    width=40 if number < 2 else 0,
                    height=30 if number < 2 else 0,
                )
            )
            for number in range(4)
        ]
        made = prepare(jpeg(width=40, height=30))
        for photo in photos[:2]:
            self.add(PhotoFile(photo_id=photo.id, size="picture", content=made.picture))
            self.add(PhotoFile(photo_id=photo.id, size="thumbnail", content=made.thumbnail))
        self.add(PhotoFile(photo_id=photos[3].id, size="incoming", content=jpeg(width=40, height=30)))
        self.add(PhotoRequest(photo_id=photos[0].id, asked_by=parent.id, asked_at=self.now))
        return album, photos[0]
