"""Templates compiled once for each language, with all that is the same on every showing worked out before.

A sentence without slots becomes text of the template itself, one with slots a format; the addresses of static
files and the icons are looked up then too (decision 014).
"""

from collections.abc import Callable, MutableMapping
from typing import Any

import flask.templating
from flask import Flask
from jinja2 import Template, nodes
from jinja2.visitor import NodeTransformer

from portal import static_files, words

GETTEXT = ("_", "gettext")
SAME_ON_EVERY_SHOWING: dict[str, Callable[..., str]] = {
    "static": static_files.static_address,
    "icon": static_files.icon,
}


def init_app(app: Flask) -> None:
    """Let the app use these templates; before anything else looks at its templates."""
    app.jinja_environment = Templates
    # There are as many as there are files: none is ever put out, and none waits to note that it was used.
    app.jinja_options = {**app.jinja_options, "cache_size": -1}


class Templates(flask.templating.Environment):
    """The templates of all languages. `spoken` is the one they are compiled in, '' before that is known."""

    spoken = ""

    def get_template(
        self,
        name: str | Template,
        parent: str | None = None,
        globals: MutableMapping[str, Any] | None = None,  # noqa: A002
    ) -> Template:
        """Return a template in the reader's language."""
        if self.spoken:
            return super().get_template(name, parent, globals)
        return self.spoken_in(words.language()).get_template(name, parent, globals)

    def spoken_in(self, language: str) -> "Templates":
        """Return the templates in one language."""
        known: dict[str, Templates] = self.__dict__.setdefault("languages", {})
        if language not in known:
            one = self.overlay()
            one.spoken = language
            known[language] = one
        return known[language]

    def make_globals(self, d: MutableMapping[str, Any] | None) -> MutableMapping[str, Any]:
        """Return what every template knows; no more is added once there are templates."""
        return {**self.globals, **(d or {})}

    def _generate(
        self, source: nodes.Template, name: str | None, filename: str | None, defer_init: bool = False
    ) -> str:
        # Jinja's own hook; under `flask --debug` the files may change while the app runs.
        if self.spoken:
            known = {} if self.app.debug else SAME_ON_EVERY_SHOWING
            source = _Compiling(self.spoken, known).visit(source)
            source.set_environment(self)
        return super()._generate(source, name, filename, defer_init)


class _Compiling(NodeTransformer):
    """Puts in the place of a call what it returns, where that is known already."""

    def __init__(self, language: str, known: dict[str, Callable[..., str]]) -> None:
        self.language = language
        self.known = known

    def visit_Call(self, node: nodes.Call) -> nodes.Node:
        """Look at what the call is given first, then at the call itself."""
        self.generic_visit(node)
        called = node.node.name if isinstance(node.node, nodes.Name) else ""
        given = [argument.value for argument in node.args if isinstance(argument, nodes.Const)]
        if len(given) < len(node.args) or node.dyn_args or node.dyn_kwargs:
            return node
        if called in GETTEXT:
            return self._sentence(given[0], node)
        if called in self.known and not node.kwargs:
            return nodes.Const(self.known[called](*given), lineno=node.lineno)
        return node

    def _sentence(self, sentence: str, node: nodes.Call) -> nodes.Expr:
        """Return what Jinja's own 'new style' gettext makes of it: always a format, and escaped already."""
        said = nodes.Const(words.in_language(self.language, sentence), lineno=node.lineno)
        slots = [nodes.Pair(nodes.Const(slot.key), slot.value) for slot in node.kwargs]
        return nodes.Mod(
            nodes.MarkSafeIfAutoescape(said), nodes.Dict(slots, lineno=node.lineno), lineno=node.lineno
        )
