"""The JSON Schema knows every block, every method and the options of each."""

import json
from typing import Any

import pytest
from click.testing import CliRunner

from equipoise.cli.protocol import protocol as command
from equipoise.protocol.methods.families import METHODS
from equipoise.protocol.model import Protocol
from equipoise.protocol.schema import build_schema

SCHEMA = build_schema()


def references(value: Any) -> list[str]:
    """Every `$ref` below a value."""
    if isinstance(value, dict):
        own = [value["$ref"]] if isinstance(value.get("$ref"), str) else []
        return own + [ref for each in value.values() for ref in references(each)]
    return [ref for each in value for ref in references(each)] if isinstance(value, list) else []


def test_every_block_and_every_method_is_in_it() -> None:
    assert set(SCHEMA["properties"]) == set(Protocol.model_fields)
    analysis = SCHEMA["$defs"]["Analysis"]
    assert analysis["properties"]["method"]["enum"] == list(METHODS)
    assert [case["if"]["properties"]["method"]["const"] for case in analysis["allOf"]] == list(
        METHODS
    )


@pytest.mark.parametrize("name", METHODS)
def test_the_options_of_a_method_are_those_of_its_model(name: str) -> None:
    options = SCHEMA["$defs"][METHODS[name].options.__name__]
    assert set(options.get("properties", {})) == set(METHODS[name].options.model_fields)
    assert options["additionalProperties"] is False


def test_every_reference_leads_somewhere() -> None:
    assert set(references(SCHEMA)) <= {f"#/$defs/{name}" for name in SCHEMA["$defs"]}


def test_options_of_one_name_are_of_one_model() -> None:
    models = {spec.options for spec in METHODS.values()}
    assert len({model.__name__ for model in models}) == len(models)


def test_the_command_prints_it() -> None:
    done = CliRunner().invoke(command, ["schema"])
    assert done.exit_code == 0
    assert json.loads(done.stdout) == SCHEMA
