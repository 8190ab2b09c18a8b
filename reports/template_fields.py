"""The language of Word templates: named fields, loops over known lists, and conditions.

A template may come from anybody. Only the parts of jinja that are listed here are accepted; all
else is refused by name, before anything is compiled. So a template calls, computes or repeats
nothing but the rows of the report, and the sandbox is a second barrier.

Like the other programs that run in a process of their own, this module knows no Django.
"""

from collections.abc import Iterable

from jinja2 import StrictUndefined, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

from reports.field_schema import FORMATTED, PICTURE, TEXT, Names, Problem, Schema

FILTERS = ("upper", "lower", "capitalize", "trim")
LOOP: Names = {"index": TEXT, "length": TEXT, "first": TEXT, "last": TEXT}
MOST_NODES = 20_000
UNKNOWN = object()

# How the refused parts are written in a template.
WRITTEN: dict[type[nodes.Node], str] = {
    nodes.Assign: "{% set %}",
    nodes.AssignBlock: "{% set %}",
    nodes.Block: "{% block %}",
    nodes.CallBlock: "{% call %}",
    nodes.Extends: "{% extends %}",
    nodes.FilterBlock: "{% filter %}",
    nodes.FromImport: "{% from %}",
    nodes.Import: "{% import %}",
    nodes.Include: "{% include %}",
    nodes.Macro: "{% macro %}",
    nodes.Scope: "{% autoescape %}",
    nodes.With: "{% with %}",
    nodes.Add: "+",
    nodes.Concat: "~",
    nodes.CondExpr: "if … else",
    nodes.Dict: "{…}",
    nodes.Div: "/",
    nodes.FloorDiv: "//",
    nodes.Getitem: "[…]",
    nodes.List: "[…]",
    nodes.Mod: "%",
    nodes.Mul: "*",
    nodes.Pow: "**",
    nodes.Sub: "-",
    nodes.Tuple: "(…, …)",
}


class TemplateRefused(Exception):
    """A template with parts that are not accepted; `problems` holds each with its code."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = list(problems)
        super().__init__(self.problems)


def problem(code: str, what: object = "") -> Problem:
    return {"code": code, "what": str(what)[:120]}


class FieldEnvironment(ImmutableSandboxedEnvironment):
    """A sandbox that refuses to compile what it would otherwise have to guard against, and that
    knows nothing but the fields."""

    def __init__(self, schema: Names) -> None:
        super().__init__(autoescape=True, undefined=StrictUndefined, cache_size=0)
        self.schema = schema
        self.globals.clear()
        self.tests.clear()
        self.filters = {name: self.filters[name] for name in FILTERS}

    def _parse(self, source: str, name: str | None, filename: str | None) -> nodes.Template:
        """Check the tree of a text: jinja makes every tree here, whichever way a text is
        compiled."""
        try:
            tree = super()._parse(source, name, filename)
        except TemplateSyntaxError as error:
            raise TemplateRefused([problem("syntax", near(source, error))]) from None
        except RecursionError:
            raise TemplateRefused([problem("complex")]) from None
        if found := TemplateReader(self.schema).problems_in(tree):
            raise TemplateRefused(found)
        return tree


def near(source: str, error: TemplateSyntaxError) -> str:
    """Return the words of the line with the error, without the tags of the file around them."""
    lines = source.splitlines()
    line = lines[error.lineno - 1] if 0 < error.lineno <= len(lines) else ""
    words, inside = [], False
    for sign in line[:20_000]:
        if sign in "<>":
            inside = sign == "<"
        elif not inside:
            words.append(sign)
    text = " ".join("".join(words).split())
    start = max(text.find("{"), 0)
    return text[start : start + 60] or str(error.message)


class TemplateReader:
    """Walks the tree of a template, and collects what is not accepted."""

    def __init__(self, schema: Names) -> None:
        self.schema = schema
        self.problems: list[Problem] = []
        self.count = 0

    def problems_in(self, tree: nodes.Template) -> list[Problem]:
        try:
            self._statements(tree.body, {}, ())
        except RecursionError:
            self._note("complex")
        return self.problems

    def _note(self, code: str, what: object = "") -> None:
        found = problem(code, what)
        if found not in self.problems and len(self.problems) < 40:
            self.problems.append(found)

    def _refuse(self, node: nodes.Node) -> None:
        self._note("refused", written(node))

    def _statements(self, body: list[nodes.Node], scope: Names, loops: tuple[str, ...]) -> None:
        """`scope` holds the names of the loops around and what each means; `loops` those over
        rows."""
        for node in body:
            self.count += 1
            if self.count > MOST_NODES:
                return self._note("complex")
            if isinstance(node, nodes.Output):
                for each in node.nodes:
                    self._shown(each, scope)
            elif isinstance(node, nodes.For):
                self._loop(node, scope, loops)
            elif isinstance(node, nodes.If):
                self._condition(node, scope, loops)
            else:
                self._refuse(node)
        return None

    def _shown(self, node: nodes.Node, scope: Names) -> None:
        """Check that what is written into the document is a text."""
        if isinstance(node, nodes.TemplateData):
            return
        is_filtered = isinstance(node, nodes.Filter)
        while isinstance(node, nodes.Filter):
            if node.node is None or node.name not in FILTERS:
                return self._refuse(node)
            if node.args or node.kwargs or node.dyn_args:
                return self._refuse(node)
            node = node.node
        found = self._named(node, scope)
        # A picture or a formatted text is written as it is; a filter would lose it.
        is_whole = found in (PICTURE, FORMATTED) and not is_filtered
        if found is not UNKNOWN and found != TEXT and not is_whole:
            self._note("not_a_text", written(node))
        return None

    def _loop(self, node: nodes.For, scope: Names, loops: tuple[str, ...]) -> None:
        """Check that a loop goes over a list of the report, or directly within it over a list of
        its row.

        So loops never multiply each other.
        """
        if node.test or node.recursive or not isinstance(node.target, nodes.Name):
            return self._note("refused", "{% for … if %}" if node.test else "{% for … %}")
        found = self._named(node.iter, scope)
        if found is UNKNOWN:
            found = []
        elif not isinstance(found, list):
            self._note("not_a_list", written(node.iter))
            found = []
        elif loops and root_of(node.iter) != loops[-1]:
            self._note("loop_in_loop", written(node.iter))
        name = node.target.name
        row = found[0] if found else UNKNOWN
        inside = {**scope, name: row, "loop": LOOP}
        self._statements(node.body, inside, (*loops, name))
        return self._statements(node.else_, scope, loops)

    def _condition(self, node: nodes.If, scope: Names, loops: tuple[str, ...]) -> None:
        self._asked(node.test, scope)
        self._statements(node.body, scope, loops)
        for other in node.elif_:
            self._condition(other, scope, loops)
        self._statements(node.else_, scope, loops)

    def _asked(self, node: nodes.Node, scope: Names) -> None:
        """Check a condition: whether a field is not empty, or whether a text equals another."""
        if isinstance(node, nodes.Not):
            self._asked(node.node, scope)
        elif isinstance(node, nodes.And | nodes.Or):
            self._asked(node.left, scope)
            self._asked(node.right, scope)
        elif isinstance(node, nodes.Compare):
            self._compared(node, scope)
        else:
            self._named(node, scope)

    def _compared(self, node: nodes.Compare, scope: Names) -> None:
        if any(each.op not in ("eq", "ne") for each in node.ops):
            return self._note("refused", "< >")
        for each in (node.expr, *(one.expr for one in node.ops)):
            if not (isinstance(each, nodes.Const) and isinstance(each.value, str)):
                self._named(each, scope)
        return None

    def _named(self, node: nodes.Node, scope: Names) -> Schema:
        """Return the schema of a name; UNKNOWN if there is none, which is noted once."""
        if not isinstance(node, nodes.Name | nodes.Getattr):
            self._refuse(node)
            return UNKNOWN
        path = path_of(node)
        if path is None:
            self._refuse(node)
            return UNKNOWN
        found: Schema = {**self.schema, **scope}
        for name in path:
            if found is UNKNOWN:  # part of a row that is noted already
                return UNKNOWN
            if not isinstance(found, dict) or name not in found:
                self._note("unknown", ".".join(path))
                return UNKNOWN
            found = found[name]
        return found


def path_of(node: nodes.Node) -> list[str] | None:
    """Return `a.b.c` as its names; None if it begins with something else."""
    names: list[str] = []
    while isinstance(node, nodes.Getattr):
        names.insert(0, node.attr)
        node = node.node
    return [node.name, *names] if isinstance(node, nodes.Name) else None


def root_of(node: nodes.Node) -> str:
    return (path_of(node) or [""])[0]


def written(node: nodes.Node) -> str:
    """Return how the node is written in the template, precisely enough for a sentence."""
    if path := path_of(node):
        return ".".join(path)
    if isinstance(node, nodes.Getattr):
        return f"….{node.attr}"
    if isinstance(node, nodes.Filter):
        return f"|{node.name}"
    if isinstance(node, nodes.Test):
        return f"is {node.name}"
    if isinstance(node, nodes.Call):
        return f"{written(node.node)}(…)"
    if isinstance(node, nodes.Const):
        return repr(node.value)[:40]
    return WRITTEN.get(type(node), type(node).__name__)
