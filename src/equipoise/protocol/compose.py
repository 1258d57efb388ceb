"""Conventions composed of others: what one does not say it takes from the one it is based on."""

from collections.abc import Mapping
from typing import Any

_OWN = ("id", "label", "role", "provenance")  # said by each convention for itself


def compose_conventions(said: Mapping[str, Any]) -> dict[str, Any]:
    """The text of a trial with every convention in full.

    A convention takes each setting that it does not say from the convention that `based_on` names,
    one that stands before it in the same endpoint, and adds its words to the words of that one.
    What has another shape than expected is left for validation to refuse.
    """
    endpoints = said.get("endpoint")
    if not isinstance(endpoints, list):
        return dict(said)
    return {**said, "endpoint": [_compose_endpoint(endpoint) for endpoint in endpoints]}


def _compose_endpoint(endpoint: Any) -> Any:
    if not isinstance(endpoint, dict) or not isinstance(endpoint.get("convention"), list):
        return endpoint
    done: list[Any] = []
    for convention in endpoint["convention"]:
        base = _base_of(convention, done)
        done.append(convention if base is None else _filled(convention, base))
    return {**endpoint, "convention": done}


def _base_of(convention: Any, earlier: list[Any]) -> dict[str, Any] | None:
    if not isinstance(convention, dict):
        return None
    named = [
        c for c in earlier if isinstance(c, dict) and c.get("id") == convention.get("based_on")
    ]
    return named[0] if named else None


def _filled(convention: dict[str, Any], base: dict[str, Any]) -> dict[str, Any]:
    inherited = {name: value for name, value in base.items() if name not in _OWN}
    filled = {**inherited, **convention}
    words, own = base.get("words"), convention.get("words", {})
    if isinstance(words, dict) and isinstance(own, dict):
        filled["words"] = {**words, **own}
    return filled
