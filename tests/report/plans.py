"""The outlook of the reference trial, without looks and with three, made once."""

from dataclasses import replace
from functools import cache

from equipoise.design.sequential_plan import SequentialPlan
from equipoise.design.spending import BoundRule
from equipoise.protocol.parse import shipped_protocol
from equipoise.report.page import DesignPage
from equipoise.report.plan.outlook import Outlook, gather_outlook, tell_looks
from equipoise.report.plan.sections import build_design_page

LOOKS = SequentialPlan(
    information=(0.5, 0.75, 1.0), futility=BoundRule(name="hwang-shih-decani", parameter=-2)
)


@cache
def plain() -> Outlook:
    """The outlook of the reference trial as its protocol has it."""
    return gather_outlook(shipped_protocol())


@cache
def with_looks() -> Outlook:
    """The same with three looks; everything else is the one of `plain`."""
    return replace(plain(), looks=tell_looks(plain().protocol, looks=LOOKS))


@cache
def page_of(*, looks: bool = False) -> DesignPage:
    """The page of either."""
    return build_design_page(with_looks() if looks else plain(), code_version="1.2.3")


@cache
def small(
    *,
    design: tuple[tuple[str, object], ...] = (),
    ratio: tuple[int, int] = (1, 1),
    planned: int = 88,
) -> Outlook:
    """The outlook of the reference trial without alternatives, its design changed."""
    trial = shipped_protocol()
    settings = {"alternative": (), **dict(design)}
    randomisation = trial.randomisation.model_copy(
        update={"ratio": {"A": ratio[0], "B": ratio[1]}, "planned_subjects": planned}
    )
    return gather_outlook(
        trial.model_copy(
            update={
                "design": trial.design.model_copy(update=settings),
                "randomisation": randomisation,
            }
        )
    )


@cache
def looked_at(*, design: tuple[tuple[str, object], ...] = (), **plan: object) -> Outlook:
    """The outlook of `small` with looks of this plan; its errors are those of the protocol."""
    outlook = small(design=design)
    looks = SequentialPlan(**plan)  # type: ignore[arg-type]
    return replace(outlook, looks=tell_looks(outlook.protocol, looks=looks))
