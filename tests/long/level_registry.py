"""Every check, by family, in the order of the page."""

from long import (
    competing_checks,
    cox_checks,
    curve_checks,
    interval_checks,
    lesion_checks,
    rank_checks,
    regression_checks,
    sensitivity_checks,
    share_checks,
)
from long.level_checks import Check

FAMILIES: dict[str, tuple[Check, ...]] = {
    "Rank tests": rank_checks.CHECKS,
    "Curves, medians, milestones and means": curve_checks.CHECKS,
    "Cox's model and parametric survival": cox_checks.CHECKS,
    "Competing risks and states": competing_checks.CHECKS,
    "Lesions in patients": lesion_checks.CHECKS,
    "Interval-censored times": interval_checks.CHECKS,
    "Shares": share_checks.SHARE_CHECKS,
    "Rates": share_checks.RATE_CHECKS,
    "Regression of shares and counts": regression_checks.CHECKS,
    "Readers": share_checks.READER_CHECKS,
    "Sensitivity": sensitivity_checks.CHECKS,
}
CHECKS: tuple[Check, ...] = tuple(check for family in FAMILIES.values() for check in family)
