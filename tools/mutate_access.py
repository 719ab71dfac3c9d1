"""Removes each rule of portal/access one at a time and says which removal no test notices (SAFETY 37).

    python tools/mutate_access.py                   every rule of every module
    python tools/mutate_access.py absence groups    those of some modules
    python tools/mutate_access.py --fast            leaves out the slow tests: only what the scopes hold

A rule is a condition of a scope, an alternative, a "not", a part of a predicate, a branch. Each mutant first
meets `tests/privacy/scopes.py`, in a process of its own that knows nothing but the policy and a filled
database; what survives there meets the tests of the area, on SQLite, in a copy of the tree. Exits with 1 when
one survives.
"""

import ast
import importlib
import importlib.util
import os
import pickle
import shutil
import subprocess
import sys
import tempfile
import types
import warnings
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from copy import deepcopy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parent.parent
ACCESS = ROOT / "portal" / "access"
JOBS = 2
SECONDS = 900
NOW = "2026-11-24 07:55"
EQUIVALENT = {
    "albums not viewer.is_staff always False": "who does not work here has no group of school either",
    "directory not viewer.is_staff always False": "the same; it saves the query a condition",
    "letter_writers and_(): without Letter.notice_asked_at.is_not(None)": "who asked goes with the moment",
    "viewers or: without g._get_current_object().get('_login_user')": "the same person, by a longer way",
}
"""Rules without which nothing changes, and why."""
AREAS = {
    "absence": ("absence", "home", "staff"),
    "adults": ("school", "outbox", "accounts"),
    "albums": ("albums",),
    "arrangements": ("arrangements", "releases", "school"),
    "attachments": ("letters", "conversations", "releases"),
    "letter_releases": ("releases",),
    "letter_writers": ("letters",),
    "directory": ("directory", "groups"),
    "groups": ("groups", "home", "staff"),
    "pupil_pages": ("pupils",),
    "pupils": ("home", "staff", "absence"),
    "sessions": ("accounts", "home"),
    "slips": ("letters",),
    "viewers": ("accounts",),
}
"""The tests that know a module's rules, beside tests/test_access.py, which knows them all."""


@dataclass(frozen=True)
class Mutant:
    """The policy without one rule."""

    module: str
    line: int
    what: str
    source: str

    @property
    def name(self) -> str:
        return f"{self.module}:{self.line} {self.what}"

    @property
    def rule(self) -> str:
        return f"{self.module} {self.what}"


def short(node: ast.AST) -> str:
    text = " ".join(ast.unparse(node).split())
    return text if len(text) < 90 else text[:87] + "..."


def call_to(name: str) -> ast.Call:
    return ast.Call(ast.Name(name, ast.Load()), [], [])


def joined(node: ast.AST) -> str:
    """Return and_, or_ or where, for a call of them, and constant for true() and false()."""
    if not isinstance(node, ast.Call):
        return ""
    if isinstance(node.func, ast.Name):
        kinds = {"and_": "and_", "or_": "or_", "true": "constant", "false": "constant"}
        return kinds.get(node.func.id, "")
    return "where" if isinstance(node.func, ast.Attribute) and node.func.attr == "where" else ""


def changes(node: ast.AST) -> Iterator[tuple[str, ast.AST]]:
    """Yield what a node of the policy may be replaced by, with words for it."""
    kind = joined(node)
    if kind == "constant":
        other = "false" if ast.unparse(node) == "true()" else "true"
        yield f"{other}() instead", call_to(other)
    elif isinstance(node, ast.Call) and kind:
        for place, argument in enumerate(node.args):
            less = deepcopy(node)
            del less.args[place]
            if less.args or kind == "where":
                yield f"{kind}(): without {short(argument)}", less
            if kind == "or_":
                open_ = deepcopy(node)
                open_.args[place] = call_to("true")
                yield f"or_(): always {short(argument)}", open_
    elif isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.Invert, ast.Not)):
        yield f"without the not of {short(node.operand)}", node.operand
    elif isinstance(node, ast.BoolOp):
        for place, value in enumerate(node.values):
            rest = node.values[:place] + node.values[place + 1 :]
            yield (
                f"{type(node.op).__name__.lower()}: without {short(value)}",
                rest[0] if len(rest) == 1 else ast.BoolOp(node.op, rest),
            )
    elif isinstance(node, ast.BinOp) and isinstance(node.op, (ast.BitOr, ast.BitAnd)):
        yield f"without {short(node.left)}", node.right
        yield f"without {short(node.right)}", node.left
    elif isinstance(node, ast.IfExp):
        yield f"always {short(node.body)}", node.body
        yield f"always {short(node.orelse)}", node.orelse


def whole_rules(tree: ast.Module) -> Iterator[tuple[ast.AST, str, ast.AST]]:
    """Yield the branches of functions, each taken always and never, and what scopes return, thrown open."""
    for function in ast.walk(tree):
        if not isinstance(function, ast.FunctionDef) or function.returns is None:
            continue
        is_scope = ast.unparse(function.returns) == "ColumnElement[bool]"
        for node in ast.walk(function):
            if isinstance(node, ast.If):
                for always in (True, False):
                    yield node.test, f"{short(node.test)} always {always}", ast.Constant(always)
            if (
                is_scope
                and isinstance(node, ast.Return)
                and node.value is not None
                and joined(node.value) != "constant"
            ):
                yield node.value, f"{function.name} open to all", call_to("true")


def types_in(node: ast.AST) -> Iterator[ast.AST]:
    """Yield all of what only says of which type something is."""
    for name in ("annotation", "returns"):
        if isinstance(said := getattr(node, name, None), ast.AST):
            yield from ast.walk(said)


class Replace(ast.NodeTransformer):
    """Puts one node in the place of another."""

    def __init__(self, place: int, new: ast.AST) -> None:
        self.place = place
        self.new = new

    def visit(self, node: ast.AST) -> Any:
        if getattr(node, "place", None) == self.place:
            return self.new
        return self.generic_visit(node)


def mutants_of(module: str) -> Iterator[Mutant]:
    """Yield the module without each of its rules."""
    tree = ast.parse((ACCESS / f"{module}.py").read_text())
    for place, node in enumerate(ast.walk(tree)):
        node.place = place  # type: ignore[attr-defined]
    types_ = {id(node) for part in ast.walk(tree) for node in types_in(part)}
    rules = (node for node in ast.walk(tree) if id(node) not in types_)
    found = [(node, what, new) for node in rules for what, new in changes(node)]
    seen = set()
    for node, what, new in [*found, *whole_rules(tree)]:
        source = ast.unparse(ast.fix_missing_locations(Replace(node.place, new).visit(deepcopy(tree))))  # type: ignore[attr-defined]
        source = source.replace("\n\n\n", "\n", 1)
        if source not in seen:
            seen.add(source)
            yield Mutant(module, node.lineno, what, with_names(source))  # type: ignore[attr-defined]


def with_names(source: str) -> str:
    """Make sure that what a mutant says instead is imported."""
    head, rest = source.split("\nfrom ", 1)
    return f"{head}\nfrom sqlalchemy import false, true\nfrom {rest}"


# --- what the scopes hold, in a process that forks for each mutant -----------------------------------------


def prepare(folder: Path) -> None:
    """Put the filled school into a database file, and what every scope should hold beside it."""
    from sqlalchemy import create_engine

    from portal import clock, create_app
    from portal.extensions import WRITING, Base, db
    from tests import cast
    from tests.privacy import predicates, scopes, world
    from tests.privacy.conftest import show_some
    from tests.privacy.rows import School
    from tests.setting_back import contents, fill

    clock.set_now(clock.at_local(NOW))
    url = f"sqlite:///{folder / 'school.sqlite'}"
    app = create_app({"TESTING": True, "SECRET_KEY": "x", "DATABASE_URL": url})
    with app.app_context():
        Base.metadata.create_all(db.engine)
        cast.make()
        made = world.extended(contents())
        world.fill(made)
        show_some(made)
        predicates.give_tokens(made)
        with db.engine.connect() as connection:
            writing = connection.execution_options(**{WRITING: True})
            fill(writing, made.rows)
            writing.commit()
        db.engine.dispose()
    create_engine(url).dispose()
    readers = {who: (viewer.id, viewer.role) for who, viewer in scopes.viewers(made).items()}
    school = School(made.rows, people=made.people)
    (folder / "expected.pickle").write_bytes(pickle.dumps((readers, scopes.expected(made), school)))


def load_all_but_the_policy() -> None:
    """Import once what each process that forks needs beside portal.access; without the rest of the portal."""
    package = types.ModuleType("portal")
    package.__path__ = [str(ROOT / "portal")]
    sys.modules["portal"] = package
    for name in ("flask_login", "flask_migrate", "flask_sqlalchemy", "flask_wtf", "portal.models"):
        importlib.import_module(name)
    importlib.import_module("sqlalchemy.orm").configure_mappers()


def bare_app(url: str) -> Any:
    """Return an app with a database and nothing else of the portal."""
    from flask import Flask

    from portal.access import viewer_of_session
    from portal.extensions import db, login_manager

    app = Flask("portal", root_path=str(ROOT / "portal"))
    app.config.update(SECRET_KEY=NOW, SQLALCHEMY_DATABASE_URI=url)
    db.init_app(app)
    login_manager.init_app(app)
    login_manager.session_protection = None
    login_manager.user_loader(viewer_of_session)
    return app


class Mutated:
    """Finds one module of the policy in its mutated form."""

    def __init__(self, mutant: Mutant) -> None:
        self.mutant = mutant

    def find_spec(self, name: str, _path: object, _target: object = None) -> Any:
        if name != f"portal.access.{self.mutant.module}":
            return None
        return importlib.util.spec_from_loader(name, self)  # type: ignore[arg-type]

    def create_module(self, _spec: object) -> None:
        return None

    def exec_module(self, module: types.ModuleType) -> None:
        exec(compile(self.mutant.source, self.mutant.module, "exec"), module.__dict__)  # noqa: S102


def is_noticed(folder: Path, mutant: Mutant | None) -> str:
    """Return the first scope that holds something else than it should, or why the mutant does not run."""
    # That tables are joined by nothing is what a rule less comes to.
    warnings.simplefilter("ignore")
    if mutant is not None:
        sys.meta_path.insert(0, Mutated(mutant))  # type: ignore[arg-type]
    try:
        from sqlalchemy import create_engine

        from portal import clock
        from portal.access import Viewer
        from tests.privacy import predicates, scopes

        clock.set_now(clock.at_local(NOW))
        readers, should, school = pickle.loads((folder / "expected.pickle").read_bytes())  # noqa: S301
        viewers = {who: Viewer(id=number, role=role) for who, (number, role) in readers.items()}
        url = f"sqlite:///{folder / 'school.sqlite'}"
        module = mutant.module if mutant else ""
        loaders = predicates.wrong_loaders(bare_app(url), school)
        with create_engine(url).connect() as connection:
            held = [predicates.wrong(), scopes.wrong(viewers, should, connection, module)]
            checks = [loaders, *held] if module == "viewers" else [*held, loaders]
            return next((found for check in checks for found in check), "")
    except Exception as error:
        return f"does not run: {type(error).__name__}: {error}"


def forked(folder: Path, mutant: Mutant | None) -> str:
    """Ask `is_noticed` in a process of its own."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.close(reading)
        with os.fdopen(writing, "w") as pipe:
            pipe.write(is_noticed(folder, mutant))
        os._exit(0)
    os.close(writing)
    with os.fdopen(reading) as pipe:
        answer = pipe.read()
    os.waitpid(child, 0)
    return answer


# --- the tests of the area, in a copy of the tree ----------------------------------------------------------


def copy_tree(folder: Path) -> Path:
    """Return a copy of what the tests need."""
    tree = folder / "tree"
    kept_out = shutil.ignore_patterns("__pycache__", ".git", ".venv", "node_modules", "instance", "output")
    shutil.copytree(ROOT, tree, ignore=kept_out)
    return tree


def tests_for(module: str) -> list[str]:
    folders = [f"tests/{area}" for area in AREAS.get(module, (module,)) if (ROOT / "tests" / area).exists()]
    return [*folders, "tests/test_access.py"]


def survives_tests(tree: Path, mutant: Mutant) -> bool:
    """Whether no test of the area fails."""
    file = tree / "portal" / "access" / f"{mutant.module}.py"
    original = file.read_text()
    file.write_text(mutant.source)
    try:
        done = subprocess.run(
            [sys.executable, "-m", "pytest", "-x", "-q", "-p", "no:cacheprovider", *tests_for(mutant.module)],
            cwd=tree,
            env=os.environ | {"TEST_ENGINES": "sqlite", "PYTHONPATH": str(tree)},
            capture_output=True,
            timeout=SECONDS,
        )
    except subprocess.TimeoutExpired:
        return False
    finally:
        file.write_text(original)
    return done.returncode == 0


def main(arguments: list[str]) -> int:
    """Try every mutant and print the survivors."""
    fast = "--fast" in arguments
    wanted = [name for name in arguments if not name.startswith("--")]
    modules = wanted or sorted(
        path.stem for path in ACCESS.glob("*.py") if path.stem not in ("__init__", "tables")
    )
    mutants = [mutant for module in modules for mutant in mutants_of(module)]
    sys.path.insert(0, str(ROOT))
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        subprocess.run([sys.executable, __file__, "--prepare", name], check=True)
        load_all_but_the_policy()
        unmutated = forked(folder, None)
        if unmutated:
            print(f"without any mutation: {unmutated}")
            return 1
        with ThreadPoolExecutor(1 if fast else JOBS) as pool:
            noticed = list(pool.map(lambda mutant: forked(folder, mutant), mutants))
        left = [mutant for mutant, by in zip(mutants, noticed, strict=True) if not by]
        print(f"{len(mutants)} rules removed, {len(mutants) - len(left)} noticed by the scopes", flush=True)
        if not fast and left:
            left = survivors(folder, left)
    left = [mutant for mutant in left if mutant.rule not in EQUIVALENT]
    for mutant in left:
        print(f"SURVIVED {mutant.name}")
    gone = set() if wanted else EQUIVALENT.keys() - {mutant.rule for mutant in mutants}
    for rule in gone:
        print(f"NOT THERE ANY MORE, take it out of EQUIVALENT: {rule}")
    print(f"{len(mutants)} rules removed: {len(left)} not noticed; {len(EQUIVALENT)} known to change nothing")
    return 1 if left or gone else 0


def survivors(folder: Path, mutants: list[Mutant]) -> list[Mutant]:
    """Return those that the tests of their areas let live, each worker in a copy of its own."""
    trees = [copy_tree(folder / str(number)) for number in range(JOBS)]
    left: list[Mutant] = []

    def work(number: int) -> None:
        for mutant in mutants[number::JOBS]:
            if mutant.rule not in EQUIVALENT:
                survived = survives_tests(trees[number], mutant)
                print(f"{'survived' if survived else 'killed'} {mutant.name}", flush=True)
                if survived:
                    left.append(mutant)

    with ThreadPoolExecutor(JOBS) as pool:
        list(pool.map(work, range(JOBS)))
    return left


if __name__ == "__main__":
    if sys.argv[1:2] == ["--prepare"]:
        sys.path.insert(0, str(ROOT))
        prepare(Path(sys.argv[2]))
    else:
        sys.exit(main(sys.argv[1:]))
