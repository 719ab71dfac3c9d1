"""The house keeps its shape: the rules are read from the source, and the login gate from the running app."""

import pytest

from portal.handlers import OPEN_ENDPOINTS
from tests import architecture
from tools.messages import ROOT

MODULES = {
    path.relative_to(ROOT).as_posix(): path.read_text() for path in sorted((ROOT / "portal").rglob("*.py"))
}
TEMPLATES = {
    path.relative_to(ROOT).as_posix(): path.read_text()
    for path in sorted((ROOT / "portal" / "templates").rglob("*"))
    if path.suffix in (".html", ".txt")
}
OTHERS = [
    path.relative_to(ROOT).as_posix()
    for folder in ("tests", "tools", "bench")
    for path in sorted((ROOT / folder).rglob("*.py"))
]


@pytest.mark.parametrize("rule", architecture.SOURCE_RULES, ids=lambda rule: rule.__name__)
def test_every_module_keeps_the_rule(rule):
    assert [
        f"{name}:{line}: {problem}"
        for name, source in MODULES.items()
        for line, problem in rule(name, source)
    ] == []


def test_every_template_keeps_the_rules():
    found = [
        f"{name}:{line}: {problem}"
        for name, source in TEMPLATES.items()
        for line, problem in architecture.template_breaches(name, source)
    ]
    assert not found, "\n".join(found)


def test_tests_and_tools_have_topics_too():
    assert [
        f"{name}: {problem}" for name in OTHERS for _, problem in architecture.dumping_grounds(name, "")
    ] == []


BAD_MODULES = [
    ("wrong_imports", "portal/models/roster.py", "from portal.access import Viewer"),
    ("wrong_imports", "portal/models/roster.py", "from portal import access"),
    ("wrong_imports", "portal/domain/absence.py", "import portal.blueprints.absence"),
    ("wrong_imports", "portal/access/absence.py", "from portal.domain import absence"),
    ("wrong_imports", "portal/domain/absence.py", "from portal import create_app"),
    ("wrong_imports", "portal/domain/absence.py", "from .roster import move_pupil"),
    ("wrong_imports", "portal/nowhere.py", ""),
    ("wrong_imports", "portal/domain/absence.py", "from portal.nowhere import x"),
    ("imports_inside_functions", "portal/cli.py", "def f():\n    if x:\n        import json"),
    (
        "imports_inside_functions",
        "portal/cli.py",
        "class A:\n    async def f(self):\n        from json import loads",
    ),
    ("queries_in_blueprints", "portal/blueprints/home/views.py", "from sqlalchemy import select"),
    ("queries_in_blueprints", "portal/blueprints/home/views.py", "db.session.get(Pupil, 1)"),
    ("queries_in_blueprints", "portal/blueprints/home/views.py", "db.session.scalars(pupils)"),
    ("queries_in_blueprints", "portal/blueprints/home/views.py", "Pupil.query.all()"),
    ("commits_below_the_view", "portal/domain/absence.py", "def f():\n    db.session.commit()"),
    ("commits_below_the_view", "portal/extensions.py", "def start_writing():\n    db.session.commit()"),
    ("commits_below_the_view", "portal/handlers.py", "with db.session.begin(): pass"),
    ("queries_in_models", "portal/models/roster.py", "from sqlalchemy import String, select"),
    ("queries_in_models", "portal/models/roster.py", "from portal.extensions import Base, db"),
    ("queries_in_models", "portal/models/roster.py", "def f(self): return self.session.x"),
    ("dumping_grounds", "portal/domain/utils.py", ""),
    ("dumping_grounds", "portal/helpers/dates.py", ""),
    (
        "writing_without_saying",
        "portal/blueprints/home/views.py",
        "def f():\n    verb()\n    db.session.commit()",
    ),
    (
        "writing_without_saying",
        "portal/blueprints/home/views.py",
        "def f():\n    db.session.commit()\n    start_writing()",
    ),
    ("other_clocks", "portal/domain/absence.py", "datetime.utcnow()"),
    ("other_clocks", "portal/domain/absence.py", "datetime.datetime.now(UTC)"),
    ("other_clocks", "portal/domain/absence.py", "date.today()"),
    ("long_factory", "portal/__init__.py", "def create_app():\n" + "    x = 1\n" * 59),
    ("class_views", "portal/blueprints/home/views.py", "class Today(MethodView): pass"),
    ("unescaped_markup", "portal/formatting.py", "def f(x): return Markup(x)"),
]
GOOD_MODULES = [
    ("portal/models/roster.py", "from portal.extensions import Base\nfrom sqlalchemy import String, text"),
    ("portal/domain/absence.py", "from portal import access, clock\nfrom portal.models.roster import Pupil"),
    (
        "portal/blueprints/home/views.py",
        "def f():\n    start_writing()\n    thing = one_or_404(Pupil, 1, scope)\n    db.session.commit()",
    ),
    ("portal/worker.py", "def run():\n    start_writing()\n    db.session.commit()\n    clock.now()"),
]


@pytest.mark.parametrize(("rule", "name", "source"), BAD_MODULES)
def test_a_rule_bites(rule, name, source):
    assert list(getattr(architecture, rule)(name, source))


@pytest.mark.parametrize("rule", architecture.SOURCE_RULES, ids=lambda rule: rule.__name__)
def test_a_rule_is_known_to_bite(rule):
    assert rule.__name__ in {name for name, _, _ in BAD_MODULES}


@pytest.mark.parametrize(("name", "source"), GOOD_MODULES)
def test_the_rules_leave_a_good_module_alone(name, source):
    assert [list(rule(name, source)) for rule in architecture.SOURCE_RULES] == [
        [] for _ in architecture.SOURCE_RULES
    ]


@pytest.mark.parametrize(
    "source",
    [
        '<p style="color: red">',
        "<p class='a'\n style='color: red'>",
        "<style>p { color: red }</style>",
        "<script>alert(1)</script>",
        '<script type="module">x()</script>',
        '<button onclick="go()">',
        '<a href="javascript:go()">',
        '<div hx-get="/x">',
        "{{ text | safe }}",
        "{{ text|safe }}",
        "{% autoescape false %}",
        '<img src="https://elsewhere.example/x.png">',
        '<link rel="stylesheet" href="//elsewhere.example/x.css">',
        '<link rel="stylesheet" href="/static/portal.css">',
    ],
)
def test_a_template_rule_bites(source):
    assert list(architecture.template_breaches("portal/templates/x.html", source))


@pytest.mark.parametrize(
    "source",
    [
        '<div data-hx-get="/x" class="style">',
        "<script src=\"{{ static('portal.js') }}\" defer></script>",
        '{# no style="" here #}<p data-on="x">',
        "{{ '<bdi>'|safe ~ name ~ '</bdi>'|safe }}",
    ],
)
def test_the_template_rules_leave_a_good_template_alone(source):
    assert list(architecture.template_breaches("portal/templates/x.html", source)) == []


ARGUMENTS = {"IntegerConverter": 1, "UnicodeConverter": "x", "PathConverter": "x", "UUIDConverter": "x"}


def closed_addresses(app):
    """Yield the method and address of every endpoint behind the login gate."""
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            if rule.endpoint in OPEN_ENDPOINTS:
                continue
            values = {
                name: ARGUMENTS.get(type(converter).__name__, "1")
                for name, converter in rule._converters.items()
            }
            built = rule.build(values)
            assert built is not None, rule
            for method in sorted(rule.methods - {"OPTIONS"}):
                yield method, built[1]


class TestLoginGate:
    def test_every_other_endpoint_sends_a_stranger_to_the_login_page(self, app, anonymous):
        wrong = []
        for method, address in closed_addresses(app):
            answer = anonymous.open(address, method=method)
            if answer.status_code != 303 or not answer.location.startswith("/login?next="):
                wrong.append(f"{method} {address}: {answer.status_code} {answer.location}")
        assert not wrong, "\n".join(wrong)

    def test_a_part_of_a_page_sends_the_whole_page_there(self, app, anonymous):
        wrong = []
        for method, address in closed_addresses(app):
            answer = anonymous.open(address, method=method, headers={"HX-Request": "true"})
            if answer.status_code != 204 or not answer.headers["HX-Redirect"].startswith("/login?next="):
                wrong.append(f"{method} {address}: {answer.status_code}")
        assert not wrong, "\n".join(wrong)

    def test_the_list_of_open_endpoints_names_only_what_there_is(self, app):
        assert OPEN_ENDPOINTS - {rule.endpoint for rule in app.url_map.iter_rules()} == set()
