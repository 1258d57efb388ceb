"""Named analyses that ask how far a comparison rests on what cannot be seen."""

from typing import Literal

from pydantic import Field

from equipoise.protocol.methods.spec import MethodOptions, MethodSpec, Use

Measure = Literal["cox", "milestone", "rmst"]


class RerandomisationOptions(MethodOptions):
    """What is compared over the allocations that the scheme might have given."""

    statistic: Literal["logrank", "milestone", "rmst"] = Field(
        default="logrank", description="what is compared: by ranks, or at a time of the plan"
    )
    draws: int = Field(
        default=4999, ge=99, le=1_000_000, description="how often the scheme is drawn again"
    )


class MeasuredOptions(MethodOptions):
    """Which measure a sensitivity analysis looks at."""

    compared: Measure = Field(
        default="milestone",
        description="the measure looked at: `cox`, or `milestone` or `rmst` at the plan's time",
    )


class ImputationOptions(MeasuredOptions):
    """How times censored before the plan's time are completed."""

    donors: Literal["own", "reference"] = Field(
        default="own",
        description="whose hazard follows a censoring: of the own arm, or of the reference arm",
    )
    worsened: Literal["experimental", "reference", "both"] = Field(
        default="experimental", description="in which arm the hazard after a censoring is changed"
    )
    imputations: int = Field(default=20, ge=2, le=1000, description="how many data sets are drawn")


class DeltaOptions(ImputationOptions):
    """By how much the hazard is changed after a censoring."""

    hazard_ratio: float = Field(
        default=1.0, gt=0, description="by what the hazard after a censoring is multiplied"
    )


class TippingOptions(ImputationOptions):
    """Which changes are tried until the conclusion tips."""

    hazard_ratios: tuple[float, ...] = Field(
        default=(1.0, 1.5, 2.0, 3.0, 5.0),
        min_length=1,
        description="the factors of the hazard after a censoring, tried in this order",
    )


class SwitchOptions(MethodOptions):
    """After what a patient counts as crossed over."""

    event: str = Field(
        default="",
        description="the intercurrent event of the endpoint with which a patient crosses over",
    )


class StayersOptions(SwitchOptions):
    """What is compared among those who stay."""

    compared: Literal["cox", "milestone"] = Field(
        default="milestone",
        description="the measure looked at: `cox`, or `milestone` at the plan's time",
    )


METHODS = (
    MethodSpec(
        name="rerandomisation",
        title="Re-randomisation test",
        source="Rosenberger, Lachin 2016; Simon, Simon 2011",
        options=RerandomisationOptions,
        times=Use.MAY,
        strata=Use.MAY,
        replay=True,
    ),
    MethodSpec(
        name="delta_adjusted",
        title="Imputation of censored times",
        source="Lipkovich et al. 2016; Rubin 1987",
        options=DeltaOptions,
        times=Use.MUST,
        strata=Use.IGNORED,
    ),
    MethodSpec(
        name="tipping_point",
        title="Tipping point",
        source="Lipkovich et al. 2016",
        options=TippingOptions,
        times=Use.MUST,
        strata=Use.IGNORED,
    ),
    MethodSpec(
        name="censoring_extremes",
        title="Worst and best case of the censored",
        source="EMA 2012 (PFS appendix 1)",
        options=MeasuredOptions,
        times=Use.MUST,
        strata=Use.IGNORED,
    ),
    MethodSpec(
        name="weighted_stayers",
        title="Weighed for crossing over",
        source="Robins, Finkelstein 2000",
        options=StayersOptions,
        times=Use.MAY,
        strata=Use.MAY,
        covariates=Use.MUST,
        switch=True,
    ),
    MethodSpec(
        name="rank_preserving",
        title="Crossing over undone",
        source="Robins, Tsiatis 1991; White et al. 1999",
        options=SwitchOptions,
        strata=Use.MAY,
        switch=True,
    ),
    MethodSpec(
        name="leave_one_site_out",
        title="Each site left out",
        source="ICH E9 1998, 3.2",
        options=MeasuredOptions,
        times=Use.MUST,
        strata=Use.IGNORED,
    ),
)
