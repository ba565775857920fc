"""The inputs of the state machines, as people write them: flat, and nothing unknown."""

from typing import Annotated, Any, Literal, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.model.errors import InvalidInput
from shared.model.phases import Phase

KeyList = list[str] | str | None
"""Keys as text, or the S3 URI of a JSON list of them, which is under `lists_prefix`."""


def lists_prefix(migration: str) -> str:
    """Return where in the archive a migration's lists of keys are: workflows read no others."""
    return f"inputs/{migration}/"


Percent = Annotated[int, Field(ge=1, le=100)]


class RunInput(BaseModel):
    """What every input names: the migration. Unknown fields are refused."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    migration: str = Field(min_length=1)


class BackfillInput(RunInput):
    """The input of the backfill state machine; `max_wcu` bounds write units per second."""

    dry_run: bool = False
    batch_size: int = Field(default=100, ge=1, le=1000)
    total_segments: int | None = Field(default=None, ge=1, le=10_000)
    keys: KeyList = None
    exclude: KeyList = None
    resume_run_id: str | None = None
    max_wcu: float | None = Field(default=None, gt=0)


class ValidateInput(RunInput):
    """The input of the validate state machine."""

    mode: Literal["full", "sample"] = "full"
    sample_size: int = Field(default=1000, ge=1)
    repair: bool = False


class RestoreInput(RunInput):
    """The input of a restore, which a rollback in place is made of.

    `keys` is the stored set of what to restore (None: everything), and `lower` says whether what
    was changed since is to be lowered, as OFF needs it.
    """

    keys: dict[str, Any] | None = None
    lower: bool = False
    batch_size: int = Field(default=100, ge=1, le=1000)
    max_wcu: float | None = Field(default=None, gt=0)


class MigrateInput(RunInput):
    """The input of the migrate state machine; `ramp` is the percentage of keys by step.

    Beyond the phase with a share (READ_N, WRITE_NEW) the last step is 100, whether it is named or
    not. Without `ramp` the shares are the environment's, and without `until` it leads to the
    migration's own goal: READ_V2, or DONE in place.
    """

    approve: Literal["manual", "auto"] = "manual"
    ramp: list[Percent] | None = Field(default=None, min_length=1)
    until: Phase | None = None
    exclude: KeyList = None


class RollbackInput(RunInput):
    """The input of the rollback state machine."""

    to_phase: Phase = Phase.OFF
    keys: KeyList = None
    reason: str = "no reason given"


Input = TypeVar("Input", bound=RunInput)
WRONG_NAMES = ("extra_forbidden", "missing")
"""What pydantic calls the faults for which the names of the fields are a help."""


def read_input(model: type[Input], given: Any, migration: str) -> Input:
    """Return the input as its model; raise InvalidInput naming the field that is wrong."""
    if not isinstance(given, dict):
        raise InvalidInput(
            "the input must be a JSON object",
            field="input",
            mend=f'send at least {{"migration": "{migration}"}}',
        )
    try:
        parsed = model.model_validate(given)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        field = ".".join(str(part) for part in first["loc"]) or "input"
        known = f"the fields are: {', '.join(model.model_fields)}"
        mend = known if first["type"] in WRONG_NAMES else f"correct {field}, or leave it out"
        raise InvalidInput(f"{field}: {first['msg']}", field=field, mend=mend) from error
    if parsed.migration != migration:
        raise InvalidInput(
            f"this state machine runs {migration!r}, not {parsed.migration!r}",
            field="migration",
            mend=f'send "migration": "{migration}", or start the other one\'s state machine',
        )
    if isinstance(parsed, MigrateInput) and parsed.ramp and parsed.ramp != _rising(parsed.ramp):
        raise InvalidInput("ramp: each step must be above the one before", field="ramp")
    return parsed


def _rising(steps: list[int]) -> list[int]:
    return sorted(set(steps))
