"""How the tests of a plan share the level: a family of analyses and the procedure, as a value."""

from typing import Literal

from pydantic import Field

from equipoise.protocol.form_model import Frozen


class Multiplicity(Frozen):
    """A family of analyses whose error is held together, in the order of `analyses`.

    The level is the sum of their alphas. `weights` share it at the start (default: by the alphas);
    `transitions` say which part of a rejected analysis' weight goes to which other (graphical).
    """

    procedure: Literal[
        "bonferroni", "holm", "hochberg", "hommel", "fixed_sequence", "fallback", "graphical"
    ]
    analyses: tuple[str, ...] = Field(min_length=2)
    weights: tuple[float, ...] = ()
    transitions: dict[str, dict[str, float]] = Field(default_factory=dict)
    words: str = ""
    provenance: str = ""
