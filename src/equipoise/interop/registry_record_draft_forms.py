"""The forms of a draft protocol: the fewest with which its endpoints can be counted."""

_RECORD = """
[[item]]
name = "record"
label = "Record"
type = "integer"
required = true
min = 1
"""

_RANDOMISATION = """form = "rand"
title = "Randomisation"
grain = "subject"
date_item = "randomised_date"

[[item]]
name = "randomised_date"
label = "Date of randomisation"
type = "date"
required = true
"""

_CONTACT = """form = "surv"
title = "Survival contact"
grain = "visit"
key = ["visit"]
date_item = "alive_date"

[[item]]
name = "visit"
label = "Contact"
type = "text"
required = true

[[item]]
name = "alive_date"
label = "Known to be alive on"
type = "date"
required = true

[[check]]
id = "alive-after-death"
refuse_when = "alive_date > dth__death_latest_date"
message = "Known to be alive after the date of death."
item = "alive_date"
"""

_DEATH = """form = "dth"
title = "Death"
grain = "subject"
date_item = "death_date"

[[item]]
name = "death_date"
label = "Date of death"
type = "partial_date"
required = true

[[check]]
id = "death-before-randomisation"
refuse_when = "death_latest_date < rand__randomised_date"
message = "Death lies before randomisation."
item = "death_date"
"""

_TREATMENT = (
    """form = "treatment"
title = "Study treatment"
grain = "event"
key = ["record"]
date_item = "start_date"
"""
    + _RECORD
    + """
[[item]]
name = "treatment"
label = "Treatment given"
type = "text"
required = true

[[item]]
name = "start_date"
label = "Start"
type = "date"
required = true

[[item]]
name = "end_date"
label = "End"
type = "date"
"""
)

_ADVERSE_EVENT = (
    """form = "ae"
title = "Adverse event"
grain = "event"
key = ["record"]
date_item = "onset_date"
"""
    + _RECORD
    + """
[[item]]
name = "term"
label = "Term (CTCAE v5.0)"
type = "code"
code_list = "ctcae_v5"
required = true

[[item]]
name = "grade"
label = "Grade"
type = "integer"
min = 1
max = 5
required = true
graded_by = "term"

[[item]]
name = "onset_date"
label = "Onset"
type = "partial_date"
required = true
"""
)

_EVENT = (
    """form = "event"
title = "Clinical event"
grain = "event"
key = ["record"]
date_item = "event_date"
"""
    + _RECORD
    + """
[[item]]
name = "outcome"
label = "Outcome of the registry record to which the event belongs"
type = "text"
required = true

[[item]]
name = "event_date"
label = "Date of the event"
type = "date"
required = true
"""
)

ALWAYS = ("rand", "surv", "dth")
FORMS: dict[str, str] = {
    "rand": _RANDOMISATION,
    "surv": _CONTACT,
    "dth": _DEATH,
    "treatment": _TREATMENT,
    "ae": _ADVERSE_EVENT,
    "event": _EVENT,
}


def write_forms(frames: frozenset[str]) -> dict[str, str]:
    """The forms that a draft needs, as texts by file name; `frames` are those its endpoints "
    "name."""
    wanted = [name for name in FORMS if name in ALWAYS or name in frames]
    return {f"forms/{name}.toml": FORMS[name] for name in wanted}
