"""Named analyses of events that are known to lie between two assessments."""

from typing import Literal

from pydantic import Field

from equipoise.protocol.methods.spec import Compared, MethodSpec, Use, WithMarginOfRatio


class IntervalLogrankOptions(Compared):
    """Which alternative the test is strongest against."""

    scores: Literal["sun", "finkelstein", "wilcoxon"] = Field(
        default="sun",
        description="proportional hazards of discrete times, of grouped times, or "
        "proportional odds",
    )


class IntervalCoxOptions(WithMarginOfRatio):
    """The interval of the hazard ratio."""

    interval: Literal["wald", "profile"] = Field(
        default="wald", description="Wald's interval, or that of the profile likelihood"
    )


METHODS = (
    MethodSpec(
        name="turnbull",
        title="Survival between assessments",
        source="Turnbull 1976; Gentleman, Geyer 1994",
        times=Use.MAY,
        intervals=True,
        tests=False,
    ),
    MethodSpec(
        name="interval_logrank",
        title="Log-rank test between assessments",
        source="Finkelstein 1986; Sun 1996; Fay, Shaw 2010",
        options=IntervalLogrankOptions,
        strata=Use.MAY,
        intervals=True,
        whole=True,
    ),
    MethodSpec(
        name="interval_cox",
        title="Hazard ratio between assessments",
        source="Finkelstein 1986; Murphy, van der Vaart 2000",
        options=IntervalCoxOptions,
        strata=Use.MAY,
        covariates=Use.MAY,
        intervals=True,
    ),
)
