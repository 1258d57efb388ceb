"""The page of the manual that lists the named analyses with what they need and their options.

`python -m equipoise.cli.methods_page > docs/reference/plan-methods.md` (or `make docs`) writes it.
"""

from collections.abc import Iterator
from typing import Any

import click

from equipoise.protocol.form_model import Frozen
from equipoise.protocol.methods.families import METHODS
from equipoise.protocol.methods.spec import MethodOptions, MethodSpec, Second, Use, WithMargin

HEAD = """# The methods that a plan can name

Written by `make docs` from the methods themselves; do not edit.
`method` of an `[[analysis]]` names one, `options` is a table of the keys below; without it the
defaults hold. `equipoise protocol check` tells a plan that asks for what a method cannot do.
With `once = true` an analysis is made of the real trial and of one rehearsed, but left out where
`rehearse --trials` sends many through the plan: for those that draw thousands of resamples.
What each gives: [analyses](analysis-methods.md).

| method | what it is | for | takes | source |
|---|---|---|---|---|
"""
OPTIONS = """
## Options

A method that takes a side has `alternative`, one that takes a margin also `margin`:

| option | may be | default | says |
|---|---|---|---|
"""
OWN_OPTIONS = """
The others are those of one method:

| method | option | may be | default | says |
|---|---|---|---|---|
"""
_KINDS = {"time_to_event": "times", "occurrence": "occurrences"}


def render_methods_page() -> str:
    """A Markdown page: a row a method, then a row an option."""
    rows = "".join(_row(spec) for spec in METHODS.values())
    shared = "".join(f"| {' | '.join(cells)} |\n" for cells in _option_cells(WithMargin))
    own = "".join(
        f"| `{spec.name}` | {' | '.join(cells)} |\n"
        for spec in METHODS.values()
        for cells in _option_cells(spec.options)
        if cells[0] not in shared
    )
    return f"{HEAD}{rows}{OPTIONS}{shared}{OWN_OPTIONS if own else ''}{own}"


def _row(spec: MethodSpec) -> str:
    cells = (f"`{spec.name}`", spec.title, _fits(spec), _takes(spec), spec.source)
    return f"| {' | '.join(cells)} |\n"


def _fits(spec: MethodSpec) -> str:
    words = [" and ".join(_KINDS[kind] for kind in spec.kinds)]
    words.append("of " + " or ".join(f"{grain}s" for grain in spec.grains))
    words += ["with competing events"] if spec.competing else []
    words += ["seen at assessments"] if spec.intervals else []
    return " ".join(words)


def _takes(spec: MethodSpec) -> str:
    used = {"at_months": spec.times, "strata": spec.strata, "covariates": spec.covariates}
    words = [
        name if use is Use.MAY else f"{name} (must)"
        for name, use in used.items()
        if use in (Use.MAY, Use.MUST)
    ]
    words += ["a second endpoint"] if spec.second is not Second.NONE else []
    words += [f"at least {spec.least_arms} arms"] if spec.least_arms > 1 else []
    words += ["all arms at once"] if spec.whole else []
    words += ["a side"] if "alternative" in spec.options.model_fields else []
    words += ["a margin"] if issubclass(spec.options, WithMargin) else []
    return ", ".join(words) or "-"


def _option_cells(options: type[MethodOptions]) -> Iterator[tuple[str, ...]]:
    described = options.model_json_schema()
    for name, field in options.model_fields.items():
        shape = _shape(described["properties"][name], described.get("$defs", {}))
        yield f"`{name}`", shape, _write(field.default), field.description or ""


def _shape(field: dict[str, Any], inner: dict[str, Any]) -> str:
    """What a value may be, from its JSON Schema."""
    if "$ref" in field:
        parts = inner[field["$ref"].rsplit("/", 1)[-1]]["properties"]
        return "table of " + ", ".join(f"`{key}`" for key in parts)
    if "anyOf" in field:
        kinds = [_shape(each, inner) for each in field["anyOf"] if each.get("type") != "null"]
        return " or ".join(kinds)
    if "enum" in field:
        return ", ".join(f"`{value}`" for value in field["enum"])
    if field.get("type") == "array":
        return f"list of {_shape(field['items'], inner)}" if "items" in field else "list"
    names = {
        "integer": "whole number",
        "number": "number",
        "string": "text",
        "boolean": "yes or no",
    }
    words = names.get(field.get("type", ""), "value")
    bounds = {"minimum": "from", "exclusiveMinimum": "above", "maximum": "to"}
    bounds["exclusiveMaximum"] = "below"
    limits = [f"{words} {field[key]:g}" for key, words in bounds.items() if key in field]
    return " ".join([words, *limits])


def _write(value: object) -> str:
    if value is None:
        return "none"
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, tuple):
        return "; ".join(_write(each) for each in value) or "none"
    if isinstance(value, Frozen):
        return ", ".join(f"{key} {_write(each)}" for key, each in value)
    return f"{value:g}" if isinstance(value, float) else f"`{value}`"


if __name__ == "__main__":
    click.echo(render_methods_page(), nl=False)
