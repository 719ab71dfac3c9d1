"""What happens around every request: errors as pages that help, headers, the gate, the log."""

import html
import logging
import re

import pytest
from sqlalchemy import text
from sqlalchemy.orm.exc import StaleDataError

from portal import clock, create_app
from portal.domain import operations
from portal.domain.sessions import end_sessions
from portal.extensions import db, start_writing
from portal.handlers import HEADERS
from portal.models.absence import Absence, AbsenceNote
from tests.clients import client_of
from tests.postgres_server import free_port

LIMITS = {"lock_timeout": "1s", "idle_in_transaction_session_timeout": "5min"}
HTMX = {"HX-Request": "true"}
OTHER_HOSTS = [
    "evil.example",
    "evil.example:443",
    "127.0.0.1.evil.example",
    "localhost@evil.example",
    "x" * 300,
]


@pytest.mark.parametrize("host", OTHER_HOSTS)
def test_another_host_name_gets_400_and_no_address_of_it(client_for, school, host):
    for path in ("/", "/login", "/nothing"):
        answer = client_for().get(path, headers={"Host": host})
        assert answer.status_code == 400
        assert "evil" not in answer.text + str(answer.headers)


def test_forwarded_hosts_change_no_link(client_for, school):
    headers = {
        "X-Forwarded-Host": "evil.example",
        "X-Forwarded-Proto": "https",
        "Forwarded": "host=evil.example",
    }
    answer = client_for().get("/", headers=headers)
    assert answer.location == "/login?next=/" or answer.location == "/login?next=%2F"


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [("GET", "/nothing", 404), ("DELETE", "/profile", 405), ("GET", "/pupils/99/absences", 404)],
)
def test_an_error_is_a_page_of_the_portal_and_a_fragment_for_htmx(client_for, school, method, path, status):
    anna = client_for(school.anna)
    page = anna.open(path, method=method)
    part = anna.open(path, method=method, headers=HTMX)
    assert (page.status_code, part.status_code) == (status, status)
    assert '<html lang="nl"' in page.text
    assert "<html" not in part.text
    assert 'id="error"' in part.text
    (heading,) = re.findall(r"<h1>(.+?)</h1>", page.text)
    assert f"<title>{heading} – " in page.text


def test_errors_speak_the_readers_language(client_for, school):
    anna = client_for(school.anna)
    dutch = anna.get("/nothing").text
    anna.post("/language", data={"language": "en"})
    english = anna.get("/nothing").text
    assert '<html lang="en"' in english
    assert re.search("<h1>(.*?)<", dutch).group(1) != re.search("<h1>(.*?)<", english).group(1)


def test_a_row_that_somebody_else_changed_first_is_no_failure_of_ours(app, school):
    with app.test_request_context("/"):
        answer = app.make_response(app.handle_user_exception(StaleDataError("0 rows")))
    assert answer.status_code == 409
    assert "Iemand anders heeft dit net gewijzigd." in answer.get_data(as_text=True)


def test_too_much_is_413_with_a_page(client_for, school):
    answer = client_for(school.anna).post("/absence/report", data={"note": "x" * 1_100_000})
    assert answer.status_code == 413
    assert "<html" in answer.text


def test_a_form_whose_time_is_up_keeps_what_was_typed_and_changes_nothing(client_for, school, rows):
    anna = client_for(school.anna, sends_token=False)
    with anna.session_transaction() as session:
        session["csrf_token"] = "new"
    form = {"csrf_token": "old", "pupil": school.bram.id, "kind": "sick", "note": "Bij <oma>"}
    answer = anna.post("/absence/report", data=form)
    assert answer.status_code == 400
    assert "<title>Deze pagina stond te lang open" in answer.text
    assert 'name="note" value="Bij &lt;oma&gt;"' in answer.text
    assert rows(Absence) == []


def test_what_another_site_posts_is_not_offered_for_sending(client_for, school):
    anna = client_for(school.anna, sends_token=False)
    answer = anna.post("/absence/report", data={"note": "not mine"}, headers={"Sec-Fetch-Site": "cross-site"})
    assert answer.status_code == 400
    assert "not mine" not in answer.text


OURS = {"Sec-Fetch-Site": "same-origin"}


def hidden_fields(page):
    fields = re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', page)
    return {name: html.unescape(value) for name, value in fields}


def test_a_form_sent_after_the_session_ended_is_sent_again_after_logging_in(app, client_for, school, rows):
    anna = client_for(school.anna, sends_token=False)
    with app.app_context():
        start_writing()
        end_sessions(school.anna.id, clock.now())
        db.session.commit()
    form = {"pupil": school.bram.id, "kind": "sick", "days": "one", "note": "Bij <oma>"}
    answer = anna.post("/absence/report", data=form, headers=OURS)
    assert answer.status_code == 400
    assert "<title>U bent niet meer ingelogd" in answer.text
    assert 'href="/login" target="_blank"' in answer.text
    assert "Bram" not in answer.text
    assert rows(Absence) == []
    kept = hidden_fields(answer.text)
    again = anna.post("/absence/report", data=kept, headers=OURS)
    assert hidden_fields(again.text).keys() == kept.keys()
    token = hidden_fields(anna.get("/login").text)["csrf_token"]
    login = {"email": school.anna.email, "password": school.password, "csrf_token": token}
    assert anna.post("/login", data=login).status_code == 303
    once_more = anna.post("/absence/report", data=kept, headers=OURS)
    assert "<title>Deze pagina stond te lang open" in once_more.text
    assert anna.post("/absence/report", data=hidden_fields(once_more.text), headers=OURS).status_code == 303
    assert [note.text for note in rows(AbsenceNote)] == ["Bij <oma>"]


def test_what_was_typed_is_kept_also_when_a_script_sends_the_form(client_for):
    stranger = client_for(sends_token=False)
    script = OURS | {"HX-Request": "true", "HX-Current-URL": "http://localhost/meetings/1"}
    answer = stranger.post("/meetings/1/booking", data={"talk": "1", "subjects": "Rekenen"}, headers=script)
    assert answer.status_code == 400
    assert hidden_fields(answer.text)["subjects"] == "Rekenen"
    assert 'id="error"' in answer.text and "<title>" not in answer.text
    assert 'action="/meetings/1/booking"' in answer.text
    for headers in (script | {"Sec-Fetch-Site": "cross-site"}, OURS | {"HX-Request": "true"}):
        answer = stranger.post("/meetings/1/booking", data={"subjects": "Rekenen"}, headers=headers)
        assert (answer.status_code, answer.headers["HX-Redirect"][:12]) == (204, "/login?next=")
    assert stranger.get("/meetings/1", headers=script).status_code == 204


def test_what_was_typed_is_kept_only_for_a_form_of_our_own_and_never_a_secret(client_for, school):
    stranger = client_for(sends_token=False)
    typed = {"note": "not mine", "current_password": "geheim", "code": "123456"}
    for headers in ({}, {"Sec-Fetch-Site": "cross-site"}, {"Origin": "https://elsewhere.example"}):
        answer = stranger.post("/absence/report", data=typed, headers=headers)
        assert answer.status_code == 303
        assert answer.location.startswith("/login?next=")
    ours = stranger.post("/absence/report", data=typed, headers=OURS).text
    old = stranger.post("/absence/report", data=typed, headers={"Origin": "http://localhost"}).text
    for page in (ours, old):
        assert 'value="not mine"' in page
        assert "geheim" not in page
        assert "123456" not in page
    assert stranger.post("/logout", data={"csrf_token": "x"}, headers=OURS).status_code == 303


def test_every_answer_has_the_security_headers_and_personal_pages_are_kept_by_no_cache(client_for, school):
    for person, path in ((None, "/login"), (school.anna, "/"), (school.anna, "/nothing"), (None, "/")):
        answer = client_for(person).get(path)
        for name, value in HEADERS.items():
            assert answer.headers[name] == value
        assert answer.headers["Cache-Control"] == "no-store"
    policy = HEADERS["Content-Security-Policy"]
    assert "unsafe" not in policy
    assert policy.startswith("default-src 'none'")


def test_not_signed_in_goes_to_the_login_page_and_comes_back(client_for, school):
    answer = client_for().get("/absence/report?pupil=1")
    assert answer.status_code == 303
    assert answer.location == "/login?next=%2Fabsence%2Freport%3Fpupil%3D1"
    part = client_for().get("/staff/today", headers=HTMX | {"HX-Current-URL": "http://localhost/staff/today"})
    assert (part.status_code, part.headers["HX-Redirect"]) == (204, "/login?next=%2Fstaff%2Ftoday")


def test_the_log_names_pages_and_no_people(client_for, school, caplog):
    caplog.set_level(logging.INFO)
    anna = client_for(school.anna)
    anna.post("/absence/report", data={"pupil": school.bram.id, "kind": "sick", "note": "Kanarie"})
    anna.get("/invitation/geheimgeheimgeheim?naam=Kanarie")
    client_for().post("/login", data={"email": "kanarie@example.org", "password": "Kanarie-1"})
    text = caplog.text.casefold()
    assert "absence.create_report" in text
    for trace in ("kanarie", "geheim", "bram", "anna", "example.org"):
        assert trace not in text


def test_the_session_cookie_is_for_this_host_and_for_https_only():
    settings = {"SECRET_KEY": "x", "DATABASE_URL": "sqlite://", "BASE_URL": "https://ouders.example"}
    config = create_app(settings).config
    assert config["SESSION_COOKIE_NAME"] == "__Host-portal"
    assert (config["SESSION_COOKIE_SECURE"], config["SESSION_COOKIE_HTTPONLY"]) == (True, True)
    assert config["SESSION_COOKIE_SAMESITE"] == "Lax"


def test_whether_it_is_ready_is_told_without_reading_every_migration_again(school, anonymous):
    assert anonymous.get("/readyz").status_code == 200
    before = operations.heads_in.cache_info().misses
    assert anonymous.get("/readyz").status_code == 200
    assert operations.heads_in.cache_info().misses == before


@pytest.mark.parametrize("engine", ["postgres"], indirect=True)
def test_a_row_that_is_held_for_long_is_not_waited_for_without_end(app, school, databases):
    here = {"DATABASE_URL": app.config["DATABASE_URL"], "POSTGRES_OPTIONS": "-c lock_timeout=1s"}
    impatient = create_app(databases.settings | here)
    client = client_of(impatient)
    with app.app_context(), db.engine.connect() as other:
        other.exec_driver_sql("LOCK TABLE login_attempts IN ACCESS EXCLUSIVE MODE")
        answer = client.post("/login", data={"email": school.anna.email, "password": school.password})
        other.rollback()
    assert answer.status_code == 503
    assert "<html" in answer.text
    assert client.post("/login", data={"email": school.anna.email, "password": "x"}).status_code == 422
    with impatient.app_context():
        shown = {name: db.session.scalar(text(f"SHOW {name}")) for name in LIMITS}
        db.session.rollback()
        db.engine.dispose()
    assert shown == LIMITS


def test_a_database_that_does_not_answer_gets_a_page_that_asks_for_patience():
    nowhere = f"postgresql://postgres@127.0.0.1:{free_port()}/portal"
    app = create_app({"TESTING": False, "SECRET_KEY": "x", "DATABASE_URL": nowhere})
    client = app.test_client()
    with client.session_transaction() as session:
        session["_user_id"] = "somebody"
    for path in ("/", "/login"):
        answer = client.get(path)
        assert answer.status_code == 503
        assert "<html" in answer.text
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 503
