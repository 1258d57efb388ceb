"""The JSON Schema of a protocol: for editors and for programs that write one."""

from typing import Any

from equipoise.protocol.methods.families import METHODS
from equipoise.protocol.model import Protocol

_REFERENCE = "#/$defs/{model}"


def build_schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of what `trial.toml` says, the forms as its list `form`.

    The options of an analysis are those of its method.
    """
    schema = Protocol.model_json_schema(ref_template=_REFERENCE)
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    analysis = schema["$defs"]["Analysis"]
    cases = []
    for name, spec in METHODS.items():
        options = spec.options.model_json_schema(ref_template=_REFERENCE)
        schema["$defs"] |= options.pop("$defs", {})
        schema["$defs"][spec.options.__name__] = options
        reference = {"$ref": _REFERENCE.format(model=spec.options.__name__)}
        cases.append(
            {
                "if": {"properties": {"method": {"const": name}}, "required": ["method"]},
                "then": {"properties": {"options": reference}},
            }
        )
    analysis["allOf"] = cases
    return schema
