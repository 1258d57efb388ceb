"""The forms of a trial as frozen values: items, derived items, aggregates, edit checks."""

from enum import Enum

from pydantic import BaseModel, ConfigDict, Field

from equipoise.vocab.role import Role


class Frozen(BaseModel):
    """A part of the protocol: frozen, and a key nobody knows is a problem."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=False)


class Grain(Enum):
    """What one entry of a form is about."""

    SUBJECT = "subject"
    VISIT = "visit"
    LESION = "lesion"
    FRACTION = "fraction"
    EVENT = "event"


class ItemType(Enum):
    """The type of an item's value."""

    INTEGER = "integer"
    DECIMAL = "decimal"
    TEXT = "text"
    DATE = "date"
    PARTIAL_DATE = "partial_date"
    CODE = "code"
    YES_NO = "yes_no"


class CheckSeverity(Enum):
    """Whether an edit check refuses (`hard`) or asks (`soft`)."""

    HARD = "hard"
    SOFT = "soft"


class Item(Frozen):
    """One question of a form, with type, unit, codes and ranges.

    `min`/`max` are the hard range (a value outside is refused), `soft_min`/`soft_max` the soft one.
    `show_if` is the branching rule; `derived` computes the item from others and nobody enters it;
    `graded_by` names the CTCAE term item whose allowed grades bind this grade; `renamed_from` the
    item of the version before whose values this one takes over. A partial date
    `x_date` has two companions in rules and frames: `x_earliest_date` and `x_latest_date`.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    label: str
    type: ItemType
    unit: str = ""
    codes: dict[str, str] = Field(default_factory=dict)
    code_list: str = ""
    required: bool = False
    min: float | None = None
    max: float | None = None
    soft_min: float | None = None
    soft_max: float | None = None
    pattern: str = ""
    show_if: str = ""
    derived: str = ""
    graded_by: str = ""
    renamed_from: str = ""
    provenance: str = ""


class AggregateFunction(Enum):
    """How rows of a finer form become one value of a subject."""

    COUNT = "count"
    COUNT_DISTINCT = "count_distinct"
    MIN = "min"
    MAX = "max"
    SUM = "sum"
    ANY = "any"


class Aggregate(Frozen):
    """A declared summary of another form: the only way a finer grain enters a rule.

    Per subject, or per subject and the items named in `by`: key items that both forms have, or
    any items of the form where it sums up itself.
    """

    name: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    label: str
    function: AggregateFunction
    form: str
    item: str = ""
    where: str = ""
    by: tuple[str, ...] = ()


class EditCheck(Frozen):
    """A rule that finds an entry when `refuse_when` is true; unknown is not true."""

    id: str = Field(pattern=r"^[a-z][a-z0-9-]*$")
    severity: CheckSeverity = CheckSeverity.HARD
    refuse_when: str
    message: str
    item: str = ""


class Form(Frozen):
    """A form: what one entry is about, which items make its key, what is asked and checked.

    `key` names the items that, with the subject, identify an entry; `date_item` says which date
    the entry is about (a data cut keeps what happened up to it). The dates of a form that is
    entered again and again say that the subject was alive, unless `proves_contact` is false: a
    review, a report or a decision needs nobody alive. A form that `reveals_arm` is hidden from who
    is blinded; `entered_by` names the roles that enter it (none named: those who treat,
    `capture/roles.py`); `verify` false: there is no source to compare it with. `arm`
    names the arms whose subjects have the form (none named: all). `note` is printed above it.
    """

    form: str = Field(pattern=r"^[a-z][a-z0-9_]*$")
    title: str
    grain: Grain
    key: tuple[str, ...] = ()
    date_item: str = ""
    proves_contact: bool = True
    note: str = ""
    sdtm: str = ""
    reveals_arm: bool = False
    entered_by: tuple[Role, ...] = ()
    verify: bool = True
    arm: tuple[str, ...] = ()
    aggregate: tuple[Aggregate, ...] = ()
    item: tuple[Item, ...] = Field(min_length=1)
    check: tuple[EditCheck, ...] = ()

    def item_named(self, name: str) -> Item:
        """The item of that name; KeyError when the form has none."""
        for item in self.item:
            if item.name == name:
                return item
        raise KeyError(f"form '{self.form}' has no item '{name}'")

    @property
    def entered_items(self) -> tuple[Item, ...]:
        """The items that a person enters, in order."""
        return tuple(item for item in self.item if not item.derived)

    @property
    def derived_items(self) -> tuple[Item, ...]:
        """The items that are computed, in the order in which they may use each other."""
        return tuple(item for item in self.item if item.derived)
