"""The rules of the portal's addresses.

Werkzeug compiles two functions for each that write an address of it, which is five sixths of the time that it
takes to make an app. A process writes addresses of a few: here each function is compiled at its first use.
"""

from collections.abc import Callable

from flask import Flask
from werkzeug.routing import Rule


class LateRule(Rule):
    """A rule whose functions that write an address are compiled when there is one to write."""

    def _compile_builder(self, append_unknown: bool = True) -> Callable[..., tuple[str, str]]:
        at_once = super()._compile_builder
        compiled: list[Callable[..., tuple[str, str]]] = []

        # Werkzeug makes it a method of the rule.
        def write(rule: Rule, **values: object) -> tuple[str, str]:
            if not compiled:
                compiled.append(at_once(append_unknown))
            return compiled[0](rule, **values)

        return write


def init_app(app: Flask) -> None:
    """Let the app make its rules so; before any are made."""
    app.url_rule_class = LateRule
