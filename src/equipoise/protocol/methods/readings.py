"""Named analyses of how far two readings of the same patients agree."""

from typing import Literal

from pydantic import Field

from equipoise.protocol.methods.spec import MethodSpec, Second, SecondEndpoint, Use


class KappaOptions(SecondEndpoint):
    """What two readings are compared by, and what a disagreement counts."""

    compared: Literal["event", "period"] = Field(
        default="event",
        description="whether the event was seen at all, or in which of the periods that end at "
        "the times of the plan",
    )
    weights: Literal["none", "linear", "quadratic"] = Field(
        default="none",
        description="any disagreement is whole, or counts by the number of periods apart",
    )


METHODS = (
    MethodSpec(
        name="kappa",
        title="Agreement of two readings (kappa)",
        source="Cohen 1960, 1968; Fleiss, Cohen, Everitt 1969",
        options=KappaOptions,
        times=Use.MAY,
        second=Second.READING,
        whole=True,
    ),
)
