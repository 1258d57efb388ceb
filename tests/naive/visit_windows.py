"""Which visits of a trial have an entry outside their window: counted row by row."""

from collections.abc import Mapping
from datetime import timedelta

import polars as pl

from equipoise.protocol.model import Protocol


def visits_outside(frames: Mapping[str, pl.DataFrame], protocol: Protocol) -> set[tuple[str, str]]:
    """Subject and code of each visit after randomisation with a dated entry outside its window."""
    start = dict(frames["rand"].select("subject", "randomised_date").iter_rows())
    found = set()
    for visit in protocol.schedule.visit:
        if visit.day <= 0 or visit.origin:
            continue
        for name in visit.form:
            form = protocol.form_named(name)
            if "visit" not in form.key or not form.date_item:
                continue
            rows = frames[name].filter(pl.col("visit") == visit.code)
            for subject, day in rows.select("subject", form.date_item).iter_rows():
                if subject not in start or day is None:
                    continue
                planned = start[subject] + timedelta(days=visit.day)
                early = planned - timedelta(days=visit.before_days)
                late = planned + timedelta(days=visit.after_days)
                if day < early or day > late:
                    found.add((subject, visit.code))
    return found


def visits_without_entry(
    frames: Mapping[str, pl.DataFrame], protocol: Protocol
) -> set[tuple[str, str]]:
    """Subject and code of each visit after randomisation of which nothing was entered."""
    found = set()
    for subject in frames["rand"]["subject"].to_list():
        for visit in protocol.schedule.visit:
            if visit.day <= 0 or visit.origin:
                continue
            heights = [
                frames[name]
                .filter((pl.col("subject") == subject) & (pl.col("visit") == visit.code))
                .height
                for name in visit.form
            ]
            if not any(heights):
                found.add((subject, visit.code))
    return found
