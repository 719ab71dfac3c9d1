"""/profile/hiding: one's data are nowhere for the other guardian of a child (R22)."""

import re

import pytest
from sqlalchemy import select

from portal import clock
from portal.extensions import db
from portal.models.audit import AuditEntry
from portal.models.outbox import OutgoingMessage
from portal.models.roster import Guardianship, Pupil
from tests.meetings.making import make_round


def choose(client, child, hidden):
    return client.post("/profile/hiding", data={"pupil": child.id, "hidden": hidden})


def own(rows, person, child) -> Guardianship:
    return next(
        row
        for row in rows(Guardianship)
        if (row.user_id, row.pupil_id) == (person.id, child.id) and row.revoked_at is None
    )


def switch(page: str, child) -> str:
    found = re.search(rf'id="hidden-{child.id}"[^>]*aria-pressed="(\w+)"', page)
    return found[1] if found else "none"


class TestChoose:
    def test_one_tap_hides_at_once_and_everywhere(self, client_for, scene, school, rows, listed):
        scene.nobody_hides()
        scene.shows(school.anna, school.group_34, "email", "phone")
        assert "Anna Bakker" in listed(school.daan, school.group_34)
        anna = client_for(school.anna)
        answer = choose(anna, school.bram, "yes")
        assert answer.status_code == 303
        assert answer.location == f"/profile?saved=hiding-{school.bram.id}#hide-{school.bram.id}"
        assert own(rows, school.anna, school.bram).hidden_at == clock.now()
        page = anna.get(answer.location).text
        assert switch(page, school.bram) == "true"
        assert "De andere ouder van Bram ziet niets van u: geen naam, geen gegevens." in page
        assert "Anna" not in listed(school.daan, school.group_34)

    def test_it_ends_with_one_tap(self, client_for, scene, school, rows, listed):
        scene.shows(school.anna, school.group_34, "email")
        anna = client_for(school.anna)
        choose(anna, school.bram, "no")
        assert own(rows, school.anna, school.bram).hidden_at is None
        assert switch(anna.get("/profile").text, school.bram) == "false"
        assert "Anna Bakker" in listed(school.daan, school.group_34)

    def test_it_is_about_one_child_and_about_oneself(self, client_for, scene, school, rows):
        scene.nobody_hides()
        choose(client_for(school.anna), school.noor, "yes")
        hidden = [(row.user_id, row.pupil_id) for row in rows(Guardianship) if row.hidden_at]
        assert hidden == [(school.anna.id, school.noor.id)]

    def test_it_is_in_the_record_once_and_nobody_gets_a_message(self, client_for, scene, school, rows):
        scene.nobody_hides()
        anna = client_for(school.anna)
        for hidden in ("yes", "yes", "no", "no"):
            choose(anna, school.bram, hidden)
        number = own(rows, school.anna, school.bram).id
        assert [(e.verb, e.actor_id, e.subject, e.subject_id) for e in rows(AuditEntry)] == [
            ("hid_from_other", school.anna.id, "guardianship", number),
            ("stopped_hiding", school.anna.id, "guardianship", number),
        ]
        assert rows(OutgoingMessage) == []

    @pytest.mark.parametrize(
        "data", [{}, {"hidden": "maybe"}, {"pupil": "x", "hidden": "yes"}, {"pupil": "1", "hidden": "maybe"}]
    )
    def test_what_cannot_be_chosen_is_refused(self, client_for, school, data):
        answer = client_for(school.anna).post("/profile/hiding", data=data)
        assert answer.status_code == 422
        assert "Kies voor welk kind." in answer.text

    @pytest.mark.parametrize("stranger", ["carl", "dora", "tess", "otto", "gert"])
    def test_somebody_elses_child_does_not_exist(self, client_for, school, stranger):
        assert choose(client_for(getattr(school, stranger)), school.bram, "yes").status_code == 404


class TestAllChildren:
    def test_one_tap_is_for_all_own_children(self, client_for, scene, school, rows):
        scene.nobody_hides()
        anna = client_for(school.anna)
        page = anna.get("/profile").text
        assert re.search(r'id="hidden-all"[^>]*aria-pressed="false"', page)
        assert "Mijn gegevens verbergen voor de andere ouder van Noor en Bram" in page
        assert '<details class="per-group" id="per-child">' in page
        for hidden in ("yes", "no"):
            answer = anna.post("/profile/hiding", data={"hidden": hidden})
            assert (answer.status_code, answer.location) == (303, "/profile?saved=hiding-all#hide-all")
            of_anna = [row for row in rows(Guardianship) if row.user_id == school.anna.id]
            assert len(of_anna) == 2
            assert {row.hidden_at is not None for row in of_anna} == {hidden == "yes"}
            assert not any(row.hidden_at for row in rows(Guardianship) if row.user_id != school.anna.id)
            page = anna.get(answer.location).text
            assert page.count('class="kept"') == 1
            assert switch(page, school.noor) == switch(page, school.bram)

    def test_what_school_has_fixed_stays(self, client_for, scene, school, rows):
        scene.nobody_hides()
        of_anna = (Guardianship.user_id == school.anna.id, Guardianship.pupil_id == school.bram.id)
        scene.change(Guardianship, *of_anna, hiding_locked_at=clock.now())
        anna = client_for(school.anna)
        assert 'id="hidden-all"' not in anna.get("/profile").text
        assert anna.post("/profile/hiding", data={"hidden": "yes"}).status_code == 303
        assert own(rows, school.anna, school.noor).hidden_at == clock.now()
        assert own(rows, school.anna, school.bram).hidden_at is None
        scene.change(Guardianship, Guardianship.user_id == school.anna.id, hiding_locked_at=clock.now())
        assert anna.post("/profile/hiding", data={"hidden": "no"}).status_code == 403

    def test_who_has_no_children_has_nothing_to_hide(self, client_for, school):
        assert client_for(school.otto).post("/profile/hiding", data={"hidden": "yes"}).status_code == 404


class TestForEverybody:
    def test_it_is_offered_whether_or_not_there_is_another_parent(self, client_for, scene, school):
        """Noor's other guardian has no authority, Sem's is not in yet, Lotte has none, Bram's is there."""
        scene.nobody_hides()
        of_anna = (Guardianship.user_id == school.anna.id, Guardianship.pupil_id == school.bram.id)
        scene.change(Guardianship, *of_anna, revoked_at=clock.now())
        said = {}
        for person, child in (
            ("anna", "noor"),
            ("carl", "sem"),
            ("tess", "lotte"),
            ("daan", "bram"),
        ):
            pupil = getattr(school, child)
            page = client_for(getattr(school, person)).get("/profile").text
            part = page[page.index('id="hiding"') :]
            part = part[: part.index("</section>")]
            part = re.sub(r'value="[^"]+"|id="[^"]+"', "", part).replace(pupil.given_name, "X")
            said[child] = " ".join(part.split())
        assert switch(client_for(school.tess).get("/profile").text, school.lotte) == "false"
        assert said["sem"] == said["lotte"] == said["bram"] == said["noor"]

    def test_also_without_authority(self, client_for, school, rows):
        gert = client_for(school.gert)
        page = gert.get("/profile").text
        assert switch(page, school.noor) == "false"
        assert "Wat u van school krijgt, blijft hetzelfde." in page
        assert choose(gert, school.noor, "yes").status_code == 303
        assert own(rows, school.gert, school.noor).hidden_at == clock.now()

    def test_the_page_says_nothing_of_the_other_parent(self, client_for, scene, school):
        def page():
            text = client_for(school.daan).get("/profile").text
            return re.sub(r'name="csrf_token" value="[^"]+"|/sessions/\d+/', "", text).split('id="devices"')[
                0
            ]

        scene.nobody_hides()
        before = page()
        scene.hides(school.anna, school.bram)
        scene.shows(school.anna, school.group_34, "email")
        assert page() == before
        assert "Anna" not in before

    def test_who_hides_beside_one_child_reads_that_it_may_hold_for_the_other_too(self, client_for, school):
        page = client_for(school.anna).get("/profile").text
        assert "De andere ouder van Noor ziet van u alleen wat u met de ouders van de groep deelt." in page
        assert "Is dat ook de andere ouder van Bram? Dan ziet die ouder niets." in page
        assert '<details class="per-group" id="per-child" open>' in page

    def test_who_has_no_children_is_not_asked(self, client_for, school):
        page = client_for(school.otto).get("/profile").text
        assert 'id="hiding"' not in page
        assert "Hoe u te bereiken bent" in page


class TestLocked:
    @pytest.mark.parametrize("hidden", [True, False])
    def test_school_has_fixed_it(self, client_for, scene, school, rows, hidden):
        scene.hides(school.anna, school.bram, hidden=hidden)
        scene.change(
            Guardianship,
            Guardianship.user_id == school.anna.id,
            Guardianship.pupil_id == school.bram.id,
            hiding_locked_at=clock.now(),
        )
        anna = client_for(school.anna)
        page = anna.get("/profile").text
        assert switch(page, school.bram) == "none"
        assert switch(page, school.noor) == "false"
        assert "School heeft vastgezet" in page
        assert 'href="tel:+31305550123"' in page
        assert choose(anna, school.bram, "no" if hidden else "yes").status_code == 403
        assert (own(rows, school.anna, school.bram).hidden_at is not None) is hidden

    def test_a_lock_on_the_one_is_not_seen_by_the_other(self, client_for, scene, school):
        before = client_for(school.daan).get("/profile").text
        scene.change(Guardianship, Guardianship.user_id == school.anna.id, hiding_locked_at=clock.now())
        after = client_for(school.daan).get("/profile").text
        assert "vastgezet" not in after
        assert switch(after, school.bram) == switch(before, school.bram) == "true"


class TestTalks:
    """A talk that both had becomes one guardian's own; the other one is told of it, as the page says."""

    def test_the_page_says_it_before_the_tap_to_everybody_alike(self, client_for, scene, school, talks):
        """Whether a talk is shared is not told: that would tell whether the other one hides (R22)."""
        said = "Hebt u samen een gesprek? Dat blijft bij wie het heeft gekozen."

        def part(person):
            page = client_for(person).get("/profile").text
            part = page[page.index('id="hiding"') :].split("</section>")[0]
            return re.sub(r'value="[^"]+"', "", part)

        scene.nobody_hides()
        before = part(school.daan)
        assert said in before and "krijgt geen bericht dat u zich verbergt" in before
        scene.hides(school.anna, school.bram)
        assert part(school.daan) == before
        assert said in part(school.carl)
        assert said not in part(school.gert), "who does not decide has no talks"

    def test_who_loses_the_talk_is_told_of_it_and_not_of_the_hiding(
        self, app, client_for, scene, school, rows
    ):
        scene.nobody_hides()
        talks = make_round(app, school)
        talks.book(school.anna, talks.invitee(school.bram, school.anna), talks.host_34, "2026-12-01 15.20")
        choose(client_for(school.anna), school.bram, "yes")
        mails = [one for one in rows(OutgoingMessage) if one.user_id == school.daan.id and not one.sent_at]
        assert {one.kind for one in mails} == {"meeting_changed"}


class TestEnded:
    """Who hid stays hidden when the access of one of the two ends, until that guardian ends it."""

    @pytest.fixture
    def ended(self, client_for, scene, school):
        """Ends a place beside Bram by the office's page; both have another child in his group."""
        scene.pupil("Roos", school.group_34, school.daan)
        scene.pupil("Fien", school.group_34, school.anna)
        scene.shows(school.anna, school.group_34, "email")
        scene.hides(school.daan, school.bram, hidden=False)

        def end(person):
            office = client_for(school.otto)
            with office.application.app_context():
                place = db.session.scalars(
                    select(Guardianship).where(
                        Guardianship.user_id == person.id,
                        Guardianship.pupil_id == school.bram.id,
                        Guardianship.revoked_at.is_(None),
                    )
                ).one()
                address = f"/school/guardianships/{place.id}/revocation"
            said = "Wie als ouder of verzorger van Bram Visser verborgen is voor de andere, blijft dat"
            assert said in office.get(address).text
            assert office.post(address, data={"reason": "Op verzoek."}).status_code == 303

        return end

    @pytest.mark.parametrize("who", ["daan", "anna"])
    def test_the_other_one_finds_nothing_of_who_hid(self, ended, school, listed, who):
        ended(getattr(school, who))
        assert "Anna" not in listed(school.daan, school.group_34)
        assert "anna@lindeboog.example" in listed(school.tess, school.group_34)

    def test_who_hid_ends_it_when_the_other_ones_access_ended(self, client_for, ended, school, listed):
        ended(school.daan)
        anna = client_for(school.anna)
        assert switch(anna.get("/profile").text, school.bram) == "true"
        choose(anna, school.bram, "no")
        assert "anna@lindeboog.example" in listed(school.daan, school.group_34)

    @pytest.mark.parametrize("alone", ["", "yes"])
    def test_who_hid_ends_it_when_the_own_access_ended(self, client_for, ended, school, rows, listed, alone):
        anna = client_for(school.anna)
        said = "U blijft ook verborgen voor wie de andere ouder was van een kind"
        assert said not in anna.get("/profile").text
        ended(school.anna)
        assert said in anna.get("/profile").text
        assert said in anna.get("/profile/visibility").text
        answer = anna.post("/profile/hiding", data={"left": "yes", "hidden": "no", "alone": alone})
        page = "/profile/visibility" if alone else "/profile"
        assert (answer.status_code, answer.location) == (303, f"{page}?saved=hiding-left#hiding")
        assert "Bewaard" in anna.get(answer.location).text
        assert said not in anna.get("/profile").text
        assert "anna@lindeboog.example" in listed(school.daan, school.group_34)
        assert rows(AuditEntry)[-1].verb == "stopped_hiding"

    def test_who_hid_ends_it_when_the_child_has_left(self, client_for, ended, scene, school, listed):
        scene.change(Pupil, Pupil.id == school.bram.id, archived_at=clock.now())
        anna = client_for(school.anna)
        assert "Anna" not in listed(school.daan, school.group_34)
        assert "U blijft ook verborgen" in anna.get("/profile").text
        anna.post("/profile/hiding", data={"left": "yes", "hidden": "no"})
        assert "U blijft ook verborgen" not in anna.get("/profile").text
        assert "anna@lindeboog.example" in listed(school.daan, school.group_34)

    def test_what_school_fixed_is_not_ended_so(self, client_for, ended, scene, school, listed):
        ended(school.anna)
        of_bram = Guardianship.pupil_id == school.bram.id
        scene.change(Guardianship, of_bram, hiding_locked_at=clock.now())
        anna = client_for(school.anna)
        assert "U blijft ook verborgen" not in anna.get("/profile").text
        anna.post("/profile/hiding", data={"left": "yes", "hidden": "no"})
        assert "Anna" not in listed(school.daan, school.group_34)

    def test_who_comes_back_hides_as_before(self, client_for, ended, school, rows):
        before = own(rows, school.anna, school.bram).hidden_at
        ended(school.anna)
        form = {"email": school.anna.email, "given_name": "Anna", "surname": "Bakker", "language": "nl"}
        answer = client_for(school.otto).post(
            f"/school/pupils/{school.bram.id}/guardians/new",
            data=form | {"has_authority": "y", "known": str(school.anna.id)},
        )
        assert answer.status_code == 303
        assert own(rows, school.anna, school.bram).hidden_at == before
        anna = client_for(school.anna)
        page = anna.get("/profile").text
        assert switch(page, school.bram) == "true"
        assert "U blijft ook verborgen" not in page
        choose(anna, school.bram, "no")
        of_bram = [row for row in rows(Guardianship) if row.pupil_id == school.bram.id]
        assert not any(row.hidden_at for row in of_bram if row.user_id == school.anna.id)

    def test_a_teacher_who_was_the_other_guardian_stays_unknowing(self, client_for, scene, school):
        child = scene.pupil("Kees", school.group_34, school.anna, school.tim)
        scene.hides(school.anna, child)
        ended = (Guardianship.user_id == school.tim.id, Guardianship.pupil_id == child.id)
        scene.change(Guardianship, *ended, revoked_at=clock.now())
        page = client_for(school.tim).get(f"/pupils/{child.id}").text
        assert "Kees" in page
        assert "Anna" not in page and "06 5550 1234" not in page
        assert "Anna Bakker" in client_for(school.tess).get(f"/pupils/{child.id}").text
