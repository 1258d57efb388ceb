"""Parts of a story made by hand, for the pages that show it."""

from datetime import date
from typing import Any

from equipoise.report.story.values import (
    AssessmentTold,
    BaselineLesion,
    EventTold,
    Further,
    LesionReading,
    LesionTold,
    Person,
    Story,
    Treatment,
)

RANDOMISED = date(2024, 4, 2)


def scan(visit: str, response: str = "", **more: Any) -> AssessmentTold:
    """An assessment of which only what is named is known."""
    plain: dict[str, Any] = {
        "visit": visit, "label": visit.lower(), "first_date": None, "last_date": None, "day": None,
        "baseline": visit == "BL", "readings": (), "new_lesions": (), "sum_tenths_mm": None,
        "nadir_tenths_mm": None, "nadir_label": "", "from_baseline": None, "from_nadir": None,
        "target_response": "", "non_target_response": "", "response": response, "adequate": True,
        "why": (), "progression_date": None, "counts": None, "hold": None, "earlier": "",
        "entries": (),
    }  # fmt: skip
    return AssessmentTold(**{**plain, **more})


def reading(lesion: str, words: str) -> LesionReading:
    """What a scan says of a lesion."""
    return LesionReading(
        lesion=lesion, role="target", status="", tenths_mm=None, words=words, entry=""
    )


def lesion(name: str, *, failed: date | None = None, failure: str = "") -> LesionTold:
    """A target of the lung that would be irradiated."""
    at_baseline = BaselineLesion(
        lesion=name, site="lung", kind="non_nodal", role="target", index=True, scan_date=None,
        tenths_mm=280, entry="",
    )  # fmt: skip
    return LesionTold(lesion=at_baseline, steps=(), failure_date=failed, failure=failure)


def treatment(kind: str, start: date, **more: Any) -> Treatment:
    """A treatment that starts on a day."""
    plain: dict[str, Any] = {
        "kind": kind, "lane": "", "start_date": start, "stop_date": None, "day": None,
        "action": "given", "words": kind, "dates": (), "entries": (),
    }  # fmt: skip
    return Treatment(**{**plain, **more})


def event(term: str, *, onset: date | None, grade: int | None = 2) -> EventTold:
    """An adverse event."""
    return EventTold(
        term=term, grade=grade, onset_date=onset, end_date=None, day=None, treatment_emergent=None,
        windows=(), words="", entries=(),
    )  # fmt: skip


def story(*, person: dict[str, Any] | None = None, **parts: Any) -> Story:
    """A story of a man randomised on 2024-04-02, with these parts."""
    who: dict[str, Any] = {
        "subject": "01-001", "site": "01", "sex": "male", "age_years": 62,
        "randomised_date": RANDOMISED, "strata": (), "arm": "", "arm_label": "",
        "last_alive_date": None, "death_date": None, "facts": (), **(person or {}),
    }  # fmt: skip
    plain: dict[str, Any] = {
        "trial": "", "cut": "", "cutoff_date": None, "endpoint": "pfs", "endpoint_label": "PFS",
        "person": Person(**who), "lesions": (), "treatments": (), "assessments": (), "missed": (),
        "verdicts": (), "occurrences": (), "adverse_events": (), "entries": (),
        "further": Further(),
    }  # fmt: skip
    return Story(**{**plain, **parts})
