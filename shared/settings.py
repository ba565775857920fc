"""What a deployed function is told by its environment variables, as one frozen model."""

from collections.abc import Mapping

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from shared.model.declaration import Mode
from shared.model.errors import InvalidInput

PREFIX = "CUTOVER_"


class Settings(BaseModel):
    """The settings of one function; each field is read from `CUTOVER_<FIELD>`."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    migration: str = Field(min_length=1)
    account: str = Field(pattern=r"^\d{12}$")
    region: str = Field(min_length=1)
    control_table: str = Field(min_length=1)
    ledger_table: str = Field(min_length=1)
    archive_bucket: str = Field(min_length=1)
    notifications_topic: str = Field(min_length=1)
    mode: Mode | None = None
    """The mode that was deployed, which its queue is part of; None: the one that is declared."""
    digest: str | None = None
    """The digest of the migration's code that was deployed: here an operator reads it."""
    cursor_secret: str | None = None
    """The ARN of the secret that signs list cursors; only the API has it."""


def read_settings(environ: Mapping[str, str]) -> Settings:
    """Return the settings; raise InvalidInput naming the variable that is missing or wrong."""
    given = {
        name.removeprefix(PREFIX).lower(): value
        for name, value in environ.items()
        if name.startswith(PREFIX)
    }
    try:
        return Settings.model_validate(given)
    except ValidationError as error:
        first = error.errors()[0]
        variable = PREFIX + str(first["loc"][0]).upper()
        raise InvalidInput(
            f"environment variable {variable}: {first['msg']}", field=variable
        ) from error


CONTROL_TABLE = "cutover-control"
LEDGER_TABLE = "cutover-ledger"
NOTIFICATIONS_TOPIC = "cutover-notifications"


def archive_bucket(account: str, region: str) -> str:
    """Return the name of the archive bucket of an account and region."""
    return f"cutover-archive-{account}-{region}"


def function_name(migration: str, name: str) -> str:
    """Return the deployed name of the function in `functions/<name>`."""
    return f"cutover-{migration}-{name.replace('_', '-')}"


SNAPSHOTS = "snapshots/"
"""Where snapshots lie in the archive bucket."""


def snapshot_prefix(migration: str) -> str:
    """Return where a migration's snapshots lie in the archive bucket."""
    return f"{SNAPSHOTS}{migration}/"


def machine_name(migration: str, kind: str) -> str:
    """Return the name of a migration's state machine of a kind."""
    return f"cutover-{migration}-{kind}"


def sync_queue(migration: str) -> str:
    """Return the name of a migration's queue of records that their replica has yet to follow."""
    return f"cutover-{migration}-syncs"


def shadow_queue(migration: str) -> str:
    """Return the name of a migration's queue of reads that are to be compared in both tables."""
    return f"cutover-{migration}-shadow-reads"


def deployed_settings(migration: str, account: str, region: str) -> Settings:
    """Return the settings of what is deployed, for an operator who has only credentials."""
    return Settings(
        migration=migration,
        account=account,
        region=region,
        control_table=CONTROL_TABLE,
        ledger_table=LEDGER_TABLE,
        archive_bucket=archive_bucket(account, region),
        notifications_topic=NOTIFICATIONS_TOPIC,
    )
