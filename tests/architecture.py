"""The rules of the house, each a function from a file's name and source to what breaks the rule."""

import ast
import re
from collections.abc import Iterator
from pathlib import PurePath

LAYERS = {
    "aliases": 0,
    "clock": 0,
    "errors": 0,
    "logs": 0,
    "names": 0,
    "paging": 0,
    "statements": 0,
    "settings": 0,
    "routing": 0,
    "static_files": 0,
    "turns": 0,
    "waiting_room": 0,
    "words": 0,
    "config": 1,
    "extensions": 1,
    "formatting": 1,
    "forms": 1,
    "imap": 1,
    "mailer": 1,
    "templating": 1,
    "tokens": 1,
    "models": 2,
    "access": 3,
    "domain": 4,
    "navigation": 5,
    "blueprints": 6,
    "handlers": 6,
    "mailbox": 5,
    "file_checker": 6,
    "photo_maker": 6,
    "plan_maker": 6,
    "postman": 6,
    "worker": 6,
    "serving": 7,
    "cli": 7,
    "": 8,
    "__main__": 9,
}
"""A module imports from its own layer and from those with a lower number; a new one gets its place here."""

COMMITTING = (
    "blueprints",
    "cli",
    "file_checker",
    "mailbox",
    "photo_maker",
    "plan_maker",
    "postman",
    "worker",
)
ENDING_WHAT_READS = ("_commit_if_only_read", "_give_back")
"""What only read ends with COMMIT, so that Postgres keeps what it prepared (decision 045)."""

QUERYING = {"select", "insert", "update", "delete", "text", "exists", "union", "func"}
DUMPING_GROUNDS = {"utils", "util", "helpers", "helper", "common", "base", "misc", "tools", "lib"}
CLOCKS = {
    ("datetime", "now"),
    ("datetime", "today"),
    ("datetime", "utcnow"),
    ("date", "today"),
    ("time", "time"),
}
LONGEST_FACTORY = 60

Breach = tuple[int, str]


def layer_of(name: str) -> str:
    """Return the part of `portal` that a file belongs to: 'portal/domain/absence.py' → 'domain'."""
    part = PurePath(name).parts[1]
    return "" if part == "__init__.py" else part.removesuffix(".py")


def wrong_imports(name: str, source: str) -> Iterator[Breach]:
    """Imports point one way."""
    own = layer_of(name)
    if own not in LAYERS:
        yield 1, f"portal/{own} has no place in LAYERS of tests/architecture.py"
        return
    for line, imported in imports(name, ast.parse(source)):
        if imported not in LAYERS:
            yield line, f"imports portal.{imported}, which has no place in LAYERS of tests/architecture.py"
        elif LAYERS[imported] > LAYERS[own]:
            yield line, f"{own or 'portal'} imports {imported or 'portal'}"


def imports(name: str, tree: ast.AST) -> Iterator[tuple[int, str]]:
    """Yield the parts of `portal` that a file imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            modules = [alias.name for alias in node.names]
        elif isinstance(node, ast.ImportFrom) and node.level == 0:
            modules = [node.module or ""]
            if node.module == "portal":
                modules = [
                    f"portal.{alias.name}" if alias.name in LAYERS else "portal" for alias in node.names
                ]
        elif isinstance(node, ast.ImportFrom):
            yield node.lineno, "(a relative import)"
            continue
        else:
            continue
        for module in modules:
            parts = module.split(".")
            if parts[0] == "portal":
                yield node.lineno, parts[1] if len(parts) > 1 else ""


def imports_inside_functions(_name: str, source: str) -> Iterator[Breach]:
    """All imports are at the top."""
    for function in functions(source):
        for node in ast.walk(function):
            if isinstance(node, ast.Import | ast.ImportFrom):
                yield node.lineno, f"import inside {function.name}"


def functions(source: str) -> Iterator[ast.FunctionDef | ast.AsyncFunctionDef]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            yield node


def queries_in_blueprints(name: str, source: str) -> Iterator[Breach]:
    """A view asks access for one object and the domain for a list; it makes no query itself."""
    if layer_of(name) != "blueprints":
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import | ast.ImportFrom):
            module = node.module or "" if isinstance(node, ast.ImportFrom) else node.names[0].name
            if module.split(".")[0] == "sqlalchemy":
                yield node.lineno, "a view imports sqlalchemy"
        if isinstance(node, ast.Attribute):
            on_session = isinstance(node.value, ast.Attribute) and ast.unparse(node.value) == "db.session"
            if on_session and node.attr not in ("commit", "rollback"):
                yield node.lineno, f"a view uses db.session.{node.attr}"
            if node.attr == "query" or ast.unparse(node) == "db.engine":
                yield node.lineno, f"a view uses {ast.unparse(node)}"


def commits_below_the_view(name: str, source: str) -> Iterator[Breach]:
    """Only a view, a command and the worker commit; the extensions may begin and end what only reads."""
    if layer_of(name) in COMMITTING:
        return
    extensions = layer_of(name) == "extensions"
    ending = [one for one in functions(source) if extensions and one.name in ENDING_WHAT_READS]
    ended = {line for one in ending for line in range(one.lineno, (one.end_lineno or 0) + 1)}
    forbidden = ("commit",) if extensions else ("commit", "begin", "begin_nested")
    for call in calls(source):
        if isinstance(call.func, ast.Attribute) and call.func.attr in forbidden and call.lineno not in ended:
            yield call.lineno, f"{ast.unparse(call.func)}() below the view"


def calls(source: str) -> Iterator[ast.Call]:
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call):
            yield node


def queries_in_models(name: str, source: str) -> Iterator[Breach]:
    """Models hold columns, constraints, relationships and tiny properties."""
    if layer_of(name) != "models":
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.ImportFrom):
            names = {alias.name for alias in node.names}
            if (node.module or "").startswith("sqlalchemy") and (
                found := names & (QUERYING | {"event"}) - {"text"}
            ):
                yield node.lineno, f"a model imports {', '.join(sorted(found))}"
            if node.module == "portal.extensions" and "db" in names:
                yield node.lineno, "a model imports db"
        if isinstance(node, ast.Attribute) and node.attr in ("session", "query"):
            yield node.lineno, f"a model uses .{node.attr}"


def dumping_grounds(name: str, _source: str) -> Iterator[Breach]:
    """A module has a topic."""
    for part in PurePath(name).parts[1:]:
        if PurePath(part).stem in DUMPING_GROUNDS:
            yield 1, f"'{part}' says nothing about what is in it"


def writing_without_saying(name: str, source: str) -> Iterator[Breach]:
    """A view that commits has called start_writing() before."""
    if layer_of(name) != "blueprints":
        return
    for function in functions(source):
        found = [call for call in ast.walk(function) if isinstance(call, ast.Call)]
        said = [call.lineno for call in found if ast.unparse(call.func) == "start_writing"]
        for call in found:
            commits = isinstance(call.func, ast.Attribute) and call.func.attr == "commit"
            if commits and not any(line < call.lineno for line in said):
                yield call.lineno, f"{function.name} commits without start_writing()"


def other_clocks(name: str, source: str) -> Iterator[Breach]:
    """Time comes from portal.clock."""
    if name == "portal/clock.py":
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Attribute):
            owner = ast.unparse(node.value).split(".")[-1]
            if (owner, node.attr) in CLOCKS or node.attr in ("utcnow", "utcfromtimestamp"):
                yield node.lineno, f"{ast.unparse(node)}: time comes from portal.clock"


def long_factory(name: str, source: str) -> Iterator[Breach]:
    """create_app() is a table of contents."""
    if name != "portal/__init__.py":
        return
    for function in functions(source):
        length = (function.end_lineno or function.lineno) - function.lineno + 1
        if function.name == "create_app" and length >= LONGEST_FACTORY:
            yield function.lineno, f"create_app() has {length} lines"


def class_views(name: str, source: str) -> Iterator[Breach]:
    """A view is a function under one route, with at most one `require_…` between."""
    if layer_of(name) != "blueprints":
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Name | ast.Attribute) and ast.unparse(node).split(".")[-1] in (
            "MethodView",
            "View",
        ):
            yield node.lineno, "a view is a function"


# What is marked as safe HTML, and why it is.
MARKED_SAFE: dict[str, str] = {
    "portal/static_files.py": "an icon: escapes the names it is made of",
    "portal/blueprints/school/sheets.py": "a template's own page, and a drawing that the QR library makes",
    "portal/navigation.py": "the menu: a template makes it",
    "portal/domain/letter_text.py": "a letter: nh3 leaves only the marks that letters have",
}
TEMPLATE_RULES = (
    (re.compile(r"""\sstyle\s*=\s*["'{]"""), "a style attribute: the content policy stops it"),
    (re.compile(r"<style\b"), "a style element: the content policy stops it"),
    (re.compile(r"<script\b(?![^>]*\ssrc=)"), "an inline script: the content policy stops it"),
    (re.compile(r"""\son[a-z]+\s*=\s*["'{]"""), "a script in an attribute: the content policy stops it"),
    (re.compile(r"javascript:"), "a script in an address"),
    (re.compile(r"(?<![\w-])hx-[a-z]"), "hx- without data-"),
    # A constant may be marked safe, anything else not.
    (re.compile(r"""[^"'\s]\s*\|\s*safe\b|autoescape\s+false"""), "HTML that nothing has escaped"),
    (re.compile(r"""\b(?:src|href|action)\s*=\s*["'](?:https?:)?//"""), "an address of another host"),
    (re.compile(r"""["']/static/"""), "a static file without its version: use static()"),
)


def template_breaches(name: str, source: str) -> Iterator[Breach]:
    """Templates hold neither style nor script, and escape everything."""
    source = re.sub(r"\{#.*?#\}", lambda comment: "\n" * comment[0].count("\n"), source, flags=re.DOTALL)
    for pattern, problem in TEMPLATE_RULES:
        # A mail is read elsewhere: there are no style sheets, and its addresses are whole ones.
        if "/mail/" in name and "content policy" in problem and "style" in problem:
            continue
        for found in pattern.finditer(source):
            yield source.count("\n", 0, found.start()) + 1, problem


def unescaped_markup(name: str, source: str) -> Iterator[Breach]:
    """Only what is listed with its reason makes HTML in Python."""
    if name in MARKED_SAFE:
        return
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and ast.unparse(node.func).split(".")[-1] == "Markup":
            yield node.lineno, "Markup(): add the file to MARKED_SAFE with the reason"


SOURCE_RULES = (
    wrong_imports,
    imports_inside_functions,
    queries_in_blueprints,
    commits_below_the_view,
    queries_in_models,
    dumping_grounds,
    writing_without_saying,
    other_clocks,
    long_factory,
    class_views,
    unescaped_markup,
)
