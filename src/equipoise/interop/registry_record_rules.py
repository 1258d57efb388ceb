"""Every rule for registry records by the code of its finding, and the check that runs them all."""

from collections.abc import Callable, Iterator

from equipoise.interop import registry_record_clock_rules as clock
from equipoise.interop import registry_record_design_rules as design
from equipoise.interop import registry_record_event_rules as event
from equipoise.interop import registry_record_measure_rules as measure
from equipoise.interop import registry_record_window_rules as window
from equipoise.interop.registry_record import RegistryRecord
from equipoise.interop.registry_record_outcome import RecordReading, read_record
from equipoise.vocab.finding import Finding

Rule = Callable[[RecordReading], Iterator[Finding]]

RULES: dict[str, Rule] = {
    "outcome-time-frame-words-another-endpoint": event.check_time_frame_events,
    "outcome-definition-words-another-endpoint": event.check_definition_events,
    "milestone-time-frame-is-a-data-cut-rule": clock.check_milestone_clock,
    "assessor-or-criteria-absent": measure.check_criteria,
    "comparison-clocked-from-event-one-arm-never-has": clock.check_clock_in_both_arms,
    "irradiated-site-undefined-in-comparator": measure.check_treated_site,
    "unit-of-analysis-open": measure.check_unit,
    "grade-open": measure.check_grade,
    "window-starts-after-risk-period": window.check_risk_period,
    "window-origin-ambiguous": clock.check_origin_words,
    "window-gap": window.check_window_gap,
    "horizons-need-separate-cuts": clock.check_horizons,
    "time-frame-absent": window.check_time_frame_present,
    "comparator-intervention-not-listed": design.check_comparator_listed,
    "role-of-primary-tumour-open": design.check_local_target,
    "sample-size-absent": design.check_size,
    "allocation-ratio-absent": design.check_ratio,
    "eligibility-absent": design.check_eligibility,
    "outcomes-absent": design.check_outcomes_present,
    "term-not-standard": design.check_terms,
    "spelling": design.check_spelling,
}


def check_registry_record(record: RegistryRecord) -> tuple[Finding, ...]:
    """Everything the rules find in a record, in the order of the rules, then of the outcomes."""
    reading = read_record(record)
    return tuple(finding for rule in RULES.values() for finding in rule(reading))
