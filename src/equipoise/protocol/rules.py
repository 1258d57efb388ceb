"""Rules of the protocol: SQL expressions, checked before use and evaluated by polars.

One meaning for one record and for a million; a null is "not yet known". No rule text reaches an
interpreter or a database: it is parsed, held against an allow-list, and compiled to a polars
expression. The difference of two dates is a number of days; what is divided by nothing, and a
number too large to be whole, is unknown.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache

import polars as pl
import sqlglot
from sqlglot import exp
from sqlglot.errors import SqlglotError

from equipoise.protocol.form_model import ItemType
from equipoise.protocol.rule_kinds import Kind, check_kinds, kind_of

POLARS_TYPES: dict[ItemType, pl.DataType] = {
    ItemType.INTEGER: pl.Int64(),
    ItemType.DECIMAL: pl.Float64(),
    ItemType.TEXT: pl.String(),
    ItemType.DATE: pl.Date(),
    ItemType.PARTIAL_DATE: pl.String(),
    ItemType.CODE: pl.String(),
    ItemType.YES_NO: pl.Boolean(),
}

_ALLOWED: tuple[type[exp.Expression], ...] = (
    *(exp.Column, exp.Identifier, exp.Literal, exp.Boolean, exp.Null, exp.Paren, exp.Var),
    *(exp.And, exp.Or, exp.Not, exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE),
    *(exp.Between, exp.In, exp.Is, exp.Case, exp.If, exp.Coalesce),
    *(exp.Add, exp.Sub, exp.Mul, exp.Div, exp.Neg, exp.Abs, exp.Least, exp.Greatest),
    *(exp.Cast, exp.DataType, exp.Extract),
)
_CAST_TARGETS = ("INT", "DOUBLE", "DATE", "TEXT", "VARCHAR")
_COMPARISONS = (exp.EQ, exp.NEQ, exp.LT, exp.LTE, exp.GT, exp.GTE)


@dataclass(frozen=True, slots=True, kw_only=True)
class RuleItem:
    """What a rule may know of an item: its type, and its codes when it has a list."""

    type: ItemType
    codes: frozenset[str] = field(default_factory=frozenset)


Scope = Mapping[str, RuleItem]


@lru_cache(maxsize=4096)
def items_of(rule: str) -> frozenset[str]:
    """The names of the items that `rule` uses; empty when it cannot be parsed."""
    tree = _parse(rule)
    return frozenset() if tree is None else frozenset(c.name for c in tree.find_all(exp.Column))


def texts_given(rule: str) -> frozenset[str]:
    """The texts written in `rule` that its value may be: `'Y'` of `CASE WHEN x THEN 'Y' END`."""
    tree = _parse(rule)
    return frozenset() if tree is None else frozenset(_given(tree))


def _given(node: exp.Expr) -> Iterator[str]:
    if isinstance(node, exp.Literal) and node.is_string:
        yield node.name
    elif isinstance(node, exp.Case):
        for branch in node.args["ifs"]:
            yield from _given(branch.args["true"])
        if node.args.get("default") is not None:
            yield from _given(node.args["default"])
    elif isinstance(node, (exp.Paren, exp.Coalesce, exp.Least, exp.Greatest)):
        for each in (node.this, *node.expressions):
            yield from _given(each)


def check_rule(rule: str, *, scope: Scope, expects: ItemType = ItemType.YES_NO) -> tuple[str, ...]:
    """What is wrong with `rule`, each problem in one sentence; empty when it may be used.

    Refused are: aggregates, windows, queries, aliases, clock functions and every function not on
    the allow-list; unknown items; a string where a date belongs; a code outside the item's list;
    kinds of values that do not belong together; a result of another type than `expects`.
    """
    return _check(rule, tuple(_reach(rule, scope)), expects)


@lru_cache(maxsize=4096)  # the same rules are read for every trial
def _check(
    rule: str, reach: tuple[tuple[str, RuleItem], ...], expects: ItemType
) -> tuple[str, ...]:
    """What is wrong with a rule; `reach` are the items that it names, as far as they are there."""
    tree, scope = _parse(rule), dict(reach)
    if tree is None:
        return ("cannot be read as an expression",)
    problems = [*_check_nodes(tree), *_check_items(tree, scope), *_check_literals(tree, scope)]
    problems = problems or [*check_kinds(tree, items=_types(scope))]
    return tuple(dict.fromkeys(problems)) or _check_result(tree, scope, expects)


def _reach(rule: str, scope: Scope) -> Iterator[tuple[str, RuleItem]]:
    return ((name, scope[name]) for name in sorted(items_of(rule)) if name in scope)


def compile_rule(rule: str, *, scope: Scope) -> pl.Expr:
    """The polars expression of a rule that `check_rule` found no fault with."""
    if _parse(rule) is None:
        raise ValueError(f"rule was not checked: {rule}")
    return _compile(rule, tuple((name, item.type.value) for name, item in _reach(rule, scope)))


@lru_cache(maxsize=4096)  # the same rules are read for every trial; nobody changes an expression
def _compile(rule: str, types: tuple[tuple[str, str], ...]) -> pl.Expr:
    """The polars expression of a rule; `types` are those of the items that it names."""
    tree = _parse(rule)
    assert tree is not None
    named = {name: ItemType(kind) for name, kind in types}
    return pl.sql_expr(_to_polars(tree, named).sql())


@lru_cache(maxsize=4096)  # the same rules are read for every trial; nobody changes a tree
def _parse(rule: str) -> exp.Expr | None:
    try:
        tree = sqlglot.parse_one(rule)
        tree.sql()
    except (SqlglotError, RecursionError):  # brackets in brackets without end
        return None
    return tree


def _types(scope: Scope) -> dict[str, ItemType]:
    return {name: item.type for name, item in scope.items()}


def _check_nodes(tree: exp.Expr) -> Iterator[str]:
    for node in tree.walk():
        if isinstance(node, exp.Anonymous):
            yield f"uses the function {node.name}, which is not on the list of allowed functions"
        elif not isinstance(node, _ALLOWED):
            yield (
                f"uses {node.key.upper()}, which a rule may not (no aggregates, windows, clock "
                "functions, queries or aliases)"
            )
        elif isinstance(node, exp.Cast) and node.to.this.name not in _CAST_TARGETS:
            yield f"casts to {node.to.sql()}; only INTEGER, DOUBLE, DATE and TEXT are allowed"


def _check_items(tree: exp.Expr, scope: Scope) -> Iterator[str]:
    for column in tree.find_all(exp.Column):
        if column.args.get("table"):
            yield f"writes {column.sql()}; an item of another form is written form__item"
        elif column.name not in scope:
            yield f"names the item {column.name}, which is not within its reach"


def _check_literals(tree: exp.Expr, scope: Scope) -> Iterator[str]:
    for node in tree.walk():
        if isinstance(node, _COMPARISONS):
            yield from _check_pair(node.this, [node.expression], scope)
            yield from _check_pair(node.expression, [node.this], scope)
        elif isinstance(node, exp.In):
            yield from _check_pair(node.this, node.expressions, scope)
        elif isinstance(node, exp.Between):
            yield from _check_pair(node.this, [node.args["low"], node.args["high"]], scope)
        elif isinstance(node, exp.Case) and node.this is not None:
            yield from _check_pair(node.this, [each.this for each in node.args["ifs"]], scope)
        elif isinstance(node, exp.Cast) and node.to.this.name == "DATE":
            yield from _check_date_literal(node.this)


def _check_pair(left: exp.Expr, others: list[exp.Expr], scope: Scope) -> Iterator[str]:
    left = left.unnest()
    item = scope.get(left.name) if isinstance(left, exp.Column) else None
    if item is None:
        return
    for literal in (each.unnest() for each in others):
        if not (isinstance(literal, exp.Literal) and literal.is_string):
            continue
        if item.type is ItemType.DATE:
            yield f"compares the date {left.name} with a string; write DATE '{literal.name}'"
        elif item.codes and literal.name not in item.codes:
            known = ", ".join(sorted(item.codes)[:12])
            yield f"compares {left.name} with '{literal.name}', which is not in its list ({known})"


def _check_date_literal(node: exp.Expr) -> Iterator[str]:
    if isinstance(node, exp.Literal) and not _is_day(node.name):
        yield f"writes DATE '{node.name}', which is no date (YYYY-MM-DD)"


def _is_day(text: str) -> bool:
    try:
        return date.fromisoformat(text).isoformat() == text
    except ValueError:
        return False


def _check_result(tree: exp.Expr, scope: Scope, expects: ItemType) -> tuple[str, ...]:
    names = {column.name for column in tree.find_all(exp.Column)}
    empty = pl.DataFrame(schema={name: POLARS_TYPES[scope[name].type] for name in sorted(names)})
    try:
        made = empty.select(pl.sql_expr(_to_polars(tree, _types(scope)).sql()).alias("result"))
        found = made.schema["result"]
    except (pl.exceptions.PolarsError, TypeError) as error:
        return (f"cannot be evaluated: {str(error).splitlines()[0]}",)
    wanted = POLARS_TYPES[expects]
    is_number = wanted.is_float() and found.is_numeric()
    is_whole = wanted.is_integer() and found.is_integer()
    fits = found in (wanted, pl.Null) or is_number or is_whole
    return () if fits else (f"gives {found}, where {expects.value} is expected",)


def _to_polars(tree: exp.Expr, types: Mapping[str, ItemType]) -> exp.Expr:
    """The same expression with date differences as integer days, and nothing that can fail."""
    root = exp.Paren(this=tree.copy())
    for node in reversed(list(root.walk())):  # inner parts first
        made = _rewritten(node, types)
        if made is not node:
            node.replace(made)
    whole: exp.Expr = root.this
    return whole


def _rewritten(node: exp.Expr, types: Mapping[str, ItemType]) -> exp.Expr:
    if isinstance(node, exp.Sub):
        sides = (node.this, node.expression)
        if all(kind_of(side, items=types) is Kind.DATE for side in sides):
            return exp.Paren(this=exp.Sub(this=_day(sides[0]), expression=_day(sides[1])))
    if isinstance(node, exp.Div):
        # A divisor that is the same in each row would be turned over and multiplied with, which may
        # miss by the last digit, and not where there is one row: so it is bound to the row.
        divisor = exp.Nullif(this=node.expression.copy(), expression=exp.Literal.number(0))
        nothing = exp.Mul(this=exp.Literal.number(0), expression=exp.Paren(this=node.this.copy()))
        bound = exp.Paren(this=exp.Add(this=divisor, expression=nothing))
        return exp.Div(this=node.this.copy(), expression=bound)
    if isinstance(node, exp.Cast) and node.to.this.name == "INT":
        return exp.TryCast(this=node.this.copy(), to=exp.DataType.build("BIGINT"))
    return node


def _day(node: exp.Expr) -> exp.Expr:
    return exp.cast(node.copy(), "INT")
