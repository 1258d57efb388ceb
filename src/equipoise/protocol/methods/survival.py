"""Named analyses of survival curves: probabilities, medians and means by a time."""

from equipoise.protocol.methods.spec import BOTH, MethodSpec, Use, WithMargin

METHODS = (
    MethodSpec(
        name="milestone",
        title="Probabilities at a time",
        source="Klein et al. 2007; Zou, Donner 2008",
        options=WithMargin,
        grains=BOTH,
        times=Use.MUST,
        strata=Use.IGNORED,
    ),
    MethodSpec(
        name="median",
        title="Median",
        source="Brookmeyer, Crowley 1982",
        grains=BOTH,
        times=Use.IGNORED,
        strata=Use.IGNORED,
    ),
    MethodSpec(
        name="rmst",
        title="Restricted mean",
        source="Uno et al. 2014",
        options=WithMargin,
        grains=BOTH,
        times=Use.MUST,
        strata=Use.IGNORED,
    ),
    MethodSpec(
        name="kaplan_meier",
        title="Kaplan-Meier curves",
        source="Kaplan, Meier 1958; Greenwood 1926",
        grains=BOTH,
        times=Use.IGNORED,
        strata=Use.IGNORED,
    ),
)
