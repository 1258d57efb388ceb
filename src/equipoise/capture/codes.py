"""The closed set of findings that capture makes by itself; edit checks add their own ids."""

from enum import StrEnum


class Code(StrEnum):
    """What is wrong with a file, a cell, an entry or a trial (docs/reference/findings.md)."""

    # files
    EMPTY_FILE = "empty-file"
    OTHER_ENCODING = "other-encoding"
    NOT_CSV = "not-csv"
    NOT_PARQUET = "not-parquet"
    RAGGED_ROW = "ragged-row"
    COLUMN_TWICE = "column-twice"
    COLUMN_MISSING = "column-missing"
    UNNAMED_COLUMN = "unnamed-column"
    FILE_MISSING = "file-missing"
    FILE_UNREADABLE = "file-unreadable"
    FILE_TWICE = "file-twice"
    UNKNOWN_FILE = "unknown-file"
    CUT_UNREADABLE = "cut-unreadable"
    CUT_OTHER_PROTOCOL = "cut-other-protocol"
    CUT_CHANGED = "cut-changed"
    CUT_BLINDED = "cut-blinded"
    # cells
    UNKNOWN_ITEM = "unknown-item"
    WRONG_TYPE = "wrong-type"
    WRONG_UNIT = "wrong-unit"
    IMPOSSIBLE_DATE = "impossible-date"
    PARTIAL_DATE_NOT_ALLOWED = "partial-date-not-allowed"
    UNKNOWN_MISSING_KIND = "unknown-missing-kind"
    NOT_IN_CODE_LIST = "not-in-code-list"
    OUT_OF_RANGE = "out-of-range"
    UNUSUAL_VALUE = "unusual-value"
    PATTERN_MISMATCH = "pattern-mismatch"
    REQUIRED_MISSING = "required-missing"
    # entries
    GRADE_NOT_ALLOWED = "grade-not-allowed"
    NOT_APPLICABLE_ANSWERED = "not-applicable-answered"
    DUPLICATE_KEY = "duplicate-key"
    # the trial
    RANDOMISED_TWICE = "randomised-twice"
    ALLOCATED_TWICE = "allocated-twice"
    UNKNOWN_ARM = "unknown-arm"
    UNKNOWN_SUBJECT = "unknown-subject"
    RANDOMISED_WITHOUT_DATE = "randomised-without-date"
    RANDOMISED_WITHOUT_ALLOCATION = "randomised-without-allocation"
    ALLOCATION_WITHOUT_RANDOMISATION = "allocation-without-randomisation"
    CRITERION_NOT_MET = "criterion-not-met"
