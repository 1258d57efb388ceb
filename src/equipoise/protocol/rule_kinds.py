"""The kind of value each part of a rule gives, and where kinds meet that do not belong."""

from collections.abc import Iterator, Mapping
from enum import Enum

from sqlglot import exp

from equipoise.protocol.form_model import ItemType


class Kind(Enum):
    """The kind of a value, in the words of a complaint."""

    NUMBER = "a number"
    TEXT = "a text"
    DATE = "a date"
    YES_NO = "yes or no"
    NULL = "NULL"


KINDS: dict[ItemType, Kind] = {
    ItemType.INTEGER: Kind.NUMBER,
    ItemType.DECIMAL: Kind.NUMBER,
    ItemType.TEXT: Kind.TEXT,
    ItemType.DATE: Kind.DATE,
    ItemType.PARTIAL_DATE: Kind.TEXT,
    ItemType.CODE: Kind.TEXT,
    ItemType.YES_NO: Kind.YES_NO,
}
_LOGIC = (exp.And, exp.Or, exp.Not, exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE)
_YES_NO = (*_LOGIC, exp.Boolean, exp.Between, exp.In, exp.Is)
_SUMS = (exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Neg, exp.Abs)
_CHOICES = (exp.Case, exp.If, exp.Coalesce, exp.Least, exp.Greatest)
_COMPARED = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE)


def kind_of(node: exp.Expr, *, items: Mapping[str, ItemType]) -> Kind:
    """The kind of value that a part of a rule gives; `items` are the types of the items by name."""
    if isinstance(node, exp.Column):
        return KINDS[items[node.name]] if node.name in items else Kind.NULL
    if isinstance(node, exp.Paren):
        return kind_of(node.this, items=items)
    if isinstance(node, exp.Cast):
        return _cast_kind(node)
    if isinstance(node, _CHOICES):
        found = (kind_of(each, items=items) for each in _choices(node))
        return next((kind for kind in found if kind is not Kind.NULL), Kind.NULL)
    if isinstance(node, (*_YES_NO, exp.Null)):
        return Kind.NULL if isinstance(node, exp.Null) else Kind.YES_NO
    return Kind.TEXT if isinstance(node, exp.Literal) and node.is_string else Kind.NUMBER


def check_kinds(tree: exp.Expr, *, items: Mapping[str, ItemType]) -> Iterator[str]:
    """A complaint for each place of a rule where kinds of values meet that do not belong together.

    A number is no yes or no, a date is no number, and no text is read as a number or a date: what
    a person types could then stop the rule.
    """
    for node in tree.walk():
        if isinstance(node, exp.Is) and not isinstance(node.expression, exp.Null):
            yield "uses IS with something else than NULL; write COALESCE(x, FALSE) for 'x is true'"
        elif isinstance(node, (exp.Cast, exp.Extract)):
            yield from _check_source(node, items)
        else:
            yield from _check_sides(node, items)
        yield from _check_conditions(node, items)


def _check_sides(node: exp.Expr, items: Mapping[str, ItemType]) -> Iterator[str]:
    sides = {kind_of(each, items=items) for each in _sides(node)} - {Kind.NULL}
    if len(sides) > 1 and not isinstance(node, _SUMS):
        words = "chooses between" if isinstance(node, _CHOICES) else "compares"
        yield f"{words} {' and '.join(sorted(kind.value for kind in sides))}"
    is_days = isinstance(node, exp.Sub) and sides == {Kind.DATE}
    if isinstance(node, _SUMS) and not is_days:
        wrong = sorted(kind.value for kind in sides - {Kind.NUMBER})
        yield from (f"counts with {kind}" for kind in wrong)


def _check_conditions(node: exp.Expr, items: Mapping[str, ItemType]) -> Iterator[str]:
    for each in _conditions(node):
        kind = kind_of(each, items=items)
        if kind not in (Kind.YES_NO, Kind.NULL):
            yield f"takes {kind.value} for yes or no"


def _check_source(node: exp.Cast | exp.Extract, items: Mapping[str, ItemType]) -> Iterator[str]:
    if isinstance(node, exp.Extract):
        kind = kind_of(node.expression, items=items)
        if kind is not Kind.DATE:
            yield f"extracts a part of {kind.value}, which is no date"
        return
    kind, target = kind_of(node.this, items=items), _cast_kind(node)
    is_written = isinstance(node.this, exp.Literal) and target is Kind.DATE
    is_counted = target is Kind.NUMBER and kind is Kind.YES_NO
    fits = kind in (Kind.NULL, target) or target is Kind.TEXT
    if not (fits or (is_written and kind is Kind.TEXT) or is_counted):
        yield f"casts {kind.value} to {target.value}"


def _cast_kind(node: exp.Cast) -> Kind:
    named = {"DATE": Kind.DATE, "TEXT": Kind.TEXT, "VARCHAR": Kind.TEXT}
    return named.get(node.to.this.name, Kind.NUMBER)


def _choices(node: exp.Expr) -> Iterator[exp.Expr]:
    """The values of which a CASE, COALESCE, LEAST or GREATEST gives one."""
    if isinstance(node, exp.If):
        yield node.args["true"]
        yield from (node.args[key] for key in ("false",) if node.args.get(key) is not None)
    elif isinstance(node, exp.Case):
        yield from (branch.args["true"] for branch in node.args["ifs"])
        yield from (node.args[key] for key in ("default",) if node.args.get(key) is not None)
    else:
        yield from (node.this, *node.expressions)


def _sides(node: exp.Expr) -> Iterator[exp.Expr]:
    """The values that a part of a rule brings together: they must be of one kind."""
    if isinstance(node, _CHOICES):
        yield from _choices(node)
    elif isinstance(node, exp.Between):
        yield from (node.this, node.args["low"], node.args["high"])
    elif isinstance(node, exp.In):
        yield from (node.this, *node.expressions)
    elif isinstance(node, (exp.Neg, exp.Abs)):
        yield node.this
    elif isinstance(node, (*_COMPARED, exp.Add, exp.Sub, exp.Mul, exp.Div)):
        yield from (node.this, node.expression)


def _conditions(node: exp.Expr) -> Iterator[exp.Expr]:
    """The parts that must be yes or no; those of `CASE x WHEN` are values, not conditions."""
    if isinstance(node, (exp.And, exp.Or)):
        yield from (node.this, node.expression)
    elif isinstance(node, (exp.Not, exp.If)) and not _is_value(node):
        yield node.this


def _is_value(node: exp.Expr) -> bool:
    parent = node.parent
    is_branch = isinstance(node, exp.If) and isinstance(parent, exp.Case)
    return is_branch and parent is not None and parent.this is not None
