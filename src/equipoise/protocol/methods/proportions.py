"""Named analyses of shares: who had the event in a window."""

from typing import Literal

from pydantic import Field

from equipoise.protocol.methods.spec import (
    BOTH,
    Compared,
    MethodSpec,
    OwnSide,
    Use,
    WithMargin,
    WithMarginOfRatio,
)


class RiskDifferenceOptions(WithMargin):
    """Which interval, and how strata are weighed."""

    margin: float | None = Field(
        default=None,
        gt=-1,
        lt=1,
        description="the difference that is compared with instead of 0; for one side",
    )
    interval: Literal["miettinen_nurminen", "newcombe", "agresti_caffo", "chan_zhang", "wald"] = (
        Field(
            default="miettinen_nurminen",
            description="the interval of the difference without strata",
        )
    )
    arm_interval: Literal["wilson", "clopper_pearson", "mid_p", "jeffreys", "agresti_coull"] = (
        Field(default="wilson", description="the interval of each arm's own share")
    )
    weights: Literal[
        "miettinen_nurminen",
        "mantel_haenszel",
        "inverse_variance",
        "minimum_risk",
        "sato",
        "klingenberg",
        "newcombe",
    ] = Field(
        default="miettinen_nurminen",
        description="how strata are weighed, and the limits that go with it, where stratified",
    )


class GComputationOptions(WithMargin):
    """What the standardised risks are compared by, and against what they vary."""

    measure: Literal["difference", "ratio", "odds_ratio"] = Field(
        default="difference", description="how the two risks are compared"
    )
    variance: Literal["randomised", "stacked", "sandwich", "model"] = Field(
        default="randomised",
        description="by randomisation alone (Ye et al. 2023), by stacked equations, by the "
        "sandwich of the model, or by the model (Ge et al. 2011)",
    )
    interaction: bool = Field(
        default=False, description="whether the covariates may act differently in each arm"
    )


class LogisticOptions(WithMarginOfRatio):
    """How the odds ratio is estimated where data are sparse, and its interval."""

    estimate: Literal["likelihood", "firth"] = Field(
        default="likelihood", description="by the likelihood, or by Firth's for sparse data"
    )
    interval: Literal["wald", "profile"] = Field(
        default="wald", description="Wald's interval, or that of the profile likelihood"
    )


class FisherOptions(OwnSide):
    """Whether the two-sided p is the mid-p."""

    mid_p: bool = Field(default=False, description="less half the chance of the observed table")


class BarnardOptions(OwnSide):
    """What makes a table extreme."""

    ordering: Literal["score", "fisher"] = Field(
        default="score", description="the score (Barnard), or Fisher's p (Boschloo)"
    )


METHODS = (
    MethodSpec(
        name="risk_difference",
        title="Risk difference",
        source="Miettinen, Nurminen 1985; Newcombe 1998",
        options=RiskDifferenceOptions,
        kinds=("occurrence",),
        grains=BOTH,
        times=Use.MAY,
        strata=Use.MAY,
    ),
    MethodSpec(
        name="risk_ratio",
        title="Risk ratio",
        source="Miettinen, Nurminen 1985; over strata Greenland, Robins 1985",
        options=WithMarginOfRatio,
        kinds=("occurrence",),
        times=Use.MAY,
        strata=Use.MAY,
    ),
    MethodSpec(
        name="odds_ratio",
        title="Odds ratio",
        source="Miettinen, Nurminen 1985; over strata Mantel, Haenszel 1959, Tarone 1985",
        options=WithMarginOfRatio,
        kinds=("occurrence",),
        times=Use.MAY,
        strata=Use.MAY,
    ),
    MethodSpec(
        name="fisher",
        title="Fisher's exact test",
        source="Fisher 1935; Cornfield 1956",
        options=FisherOptions,
        kinds=("occurrence",),
        times=Use.MAY,
    ),
    MethodSpec(
        name="barnard",
        title="Unconditional exact test",
        source="Barnard 1947; Boschloo 1970",
        options=BarnardOptions,
        kinds=("occurrence",),
        times=Use.MAY,
    ),
    MethodSpec(
        name="cmh",
        title="Cochran-Mantel-Haenszel test",
        source="Mantel, Haenszel 1959; Tarone 1985",
        options=Compared,
        kinds=("occurrence",),
        times=Use.MAY,
        strata=Use.MUST,
    ),
    MethodSpec(
        name="g_computation",
        title="Standardised risks",
        source="Ge et al. 2011; Ye et al. 2023",
        options=GComputationOptions,
        kinds=("occurrence",),
        times=Use.MAY,
        strata=Use.MAY,
        covariates=Use.MAY,
    ),
    MethodSpec(
        name="logistic",
        title="Odds ratio by logistic regression",
        source="Nelder, Wedderburn 1972; Firth 1993",
        options=LogisticOptions,
        kinds=("occurrence",),
        times=Use.MAY,
        covariates=Use.MAY,
    ),
)
