"""Entries of the forms and items that no endpoint needs, for a rehearsal of every form.

Not drawn are forms that a trial as planned does not use: consent given again, the blinded reader
and the adjudicators.
"""

import polars as pl

from equipoise.simulate.entries.background import (
    fill_further_items,
    write_background,
    write_earlier_irradiation,
)
from equipoise.simulate.entries.columns import People, in_order
from equipoise.simulate.entries.plan_forms import write_deviations, write_plan_forms
from equipoise.simulate.entries.visit_forms import write_visit_forms
from equipoise.simulate.entries.without_scan import (
    list_later_visits,
    write_later_visits,
    write_visit_after_sbrt,
)
from equipoise.simulate.setting import Setting
from equipoise.simulate.trial_course import Course


def write_further_forms(
    setting: Setting, *, written: dict[str, pl.DataFrame], course: Course, people: People
) -> dict[str, pl.DataFrame]:
    """The further forms by name, and those already `written` with their further items."""
    later = list_later_visits(course, written=written, people=people)
    visited = write_visit_forms(setting, course=course, people=people, later=later)
    filled = {**written, **visited}
    for further in (
        write_later_visits(later, course=course, people=people),
        write_visit_after_sbrt(setting, written=written, course=course, people=people),
    ):
        for name, rows in further.items():
            filled[name] = in_order(pl.concat([filled[name], rows]), people=people)
    filled |= fill_further_items(filled, course=course)
    return {
        **filled,
        **write_background(course, people=people),
        "prior_loc": write_earlier_irradiation(written["les_bl"]),
        **write_plan_forms(written, course=course, people=people),
        "dev": write_deviations(course, people=people),
    }
