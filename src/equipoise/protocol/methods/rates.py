"""Named analyses of rates: events by time at risk."""

from typing import Literal

from pydantic import Field

from equipoise.protocol.methods.spec import (
    MethodSpec,
    Use,
    WithMargin,
    WithMarginOfRatio,
)

Events = Literal["first", "all"]
_SAYS = "the first event of a patient, or all of them in the window"


class RateRatioOptions(WithMarginOfRatio):
    """Which events count, and the limits of a ratio."""

    events: Events = Field(default="first", description=_SAYS)
    limits: Literal["exact", "mid_p", "score"] = Field(
        default="exact", description="the limits and p of the ratio without strata"
    )


class RateDifferenceOptions(WithMargin):
    """Which events count, and the limits of a difference."""

    events: Events = Field(default="first", description=_SAYS)
    limits: Literal["score", "wald"] = Field(
        default="score", description="the limits and test of the difference without strata"
    )


class RateRegressionOptions(WithMarginOfRatio):
    """Which events count, their law and the variance."""

    events: Events = Field(default="first", description=_SAYS)
    law: Literal["poisson", "negative_binomial"] = Field(
        default="poisson", description="the law of the counts"
    )
    variance: Literal["model", "robust"] = Field(
        default="model", description="the inverse information, or the sandwich"
    )


METHODS = (
    MethodSpec(
        name="rate_ratio",
        title="Ratio of rates",
        source="Przyborowski, Wilenski 1940; over strata Greenland, Robins 1985",
        options=RateRatioOptions,
        kinds=("time_to_event", "occurrence"),
        strata=Use.MAY,
    ),
    MethodSpec(
        name="rate_difference",
        title="Difference of rates",
        source="Miettinen, Nurminen 1985; over strata Greenland, Robins 1985",
        options=RateDifferenceOptions,
        kinds=("time_to_event", "occurrence"),
        strata=Use.MAY,
    ),
    MethodSpec(
        name="rate_regression",
        title="Ratio of rates by regression",
        source="McCullagh, Nelder 1989; Lawless 1987",
        options=RateRegressionOptions,
        kinds=("time_to_event", "occurrence"),
        covariates=Use.MAY,
    ),
)
