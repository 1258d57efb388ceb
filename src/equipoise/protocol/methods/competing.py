"""Named analyses of an event with others competing."""

from equipoise.protocol.methods.spec import BOTH, MethodSpec, Use, WithMargin

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
)
