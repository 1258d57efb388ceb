"""What a random number is for: the closed set of names under which chance is drawn."""

from enum import Enum, unique


@unique
class Purpose(Enum):
    """The purposes of draws; a value is never used again for another purpose."""

    SITE_RATE = 1
    ARRIVAL = 2
    ALLOCATION = 3
    PATIENT = 10
    IMDC = 11
    HISTORY = 12
    LABS = 13
    SCREENING = 14
    FRAILTY = 20
    LESION_COUNT = 21
    LESION_SITE = 22
    LESION_BIOLOGY = 23
    LESION_DETAIL = 24
    NEW_LESION = 25
    DEATH = 26
    SBRT = 30
    SBRT_LESION = 31
    CONTAMINATION = 32
    LEAVING = 33
    AFTER_SBRT = 34
    SCAN_DAY = 40
    SCAN_MISSED = 41
    READING = 42
    BASELINE_READING = 43
    NOT_EVALUABLE = 44
    CONFIRMATION = 45
    CONTACT = 46
    SYSTEMIC = 50
    NEXT_LINE = 51
    SURGERY = 52
    ADVERSE_COUNT = 60
    ADVERSE_EVENT = 61
    ADVERSE_LOW_GRADE = 62
    ADVERSE_SBRT = 63
    ADVERSE_FATAL = 64
    LABORATORY = 65
    SERIOUS = 66
    VITALS = 70
    QUESTIONNAIRE = 71
    BACKGROUND = 72
    PLAN = 73
    ANSWER = 74
    VITAL_VALUE = 75
    DIRT = 90
    REPLICATE = 100
    REPLICATE_COURSE = 101
