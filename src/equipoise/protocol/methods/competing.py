"""Named analyses of an event with others competing."""

from typing import Literal

from pydantic import Field

from equipoise.protocol.methods.spec import (
    BOTH,
    Compared,
    MethodSpec,
    Use,
    WithMargin,
    WithMarginOfRatio,
)


class FineGrayOptions(WithMarginOfRatio):
    """How the Fine-Gray model takes censoring."""

    censoring: Literal["crr", "finegray"] = Field(
        default="crr",
        description="whose handling of ties with a censoring and of the variance: that of "
        "cmprsk::crr, or that of survival::finegray",
    )


class GrayOptions(Compared):
    """How early and late events count."""

    rho: float = Field(
        default=0.0, description="weight (1 - incidence)^rho: above 0 early events count more"
    )


METHODS = (
    MethodSpec(
        name="cumulative_incidence",
        title="Cumulative incidence",
        source="Aalen, Johansen 1978; Field, Welsh 2007",
        options=WithMargin,
        kinds=("time_to_event", "occurrence"),
        grains=BOTH,
        times=Use.MAY,
        strata=Use.IGNORED,
    ),
    MethodSpec(
        name="fine_gray",
        title="Subdistribution hazard ratio",
        source="Fine, Gray 1999; Zhou et al. 2012",
        options=FineGrayOptions,
        kinds=("time_to_event", "occurrence"),
        grains=BOTH,
        strata=Use.MAY,
        covariates=Use.MAY,
        competing=True,
    ),
    MethodSpec(
        name="gray",
        title="Gray's test",
        source="Gray 1988",
        options=GrayOptions,
        kinds=("time_to_event", "occurrence"),
        strata=Use.MAY,
        competing=True,
        whole=True,
    ),
)
