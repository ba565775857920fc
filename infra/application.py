"""Puts the app together: the Control stack once, three stacks for each migration."""

from collections.abc import Iterable
from pathlib import Path

from aws_cdk import App

from infra.names import Place
from infra.stacks.api import ApiStack
from infra.stacks.control import ControlStack
from infra.stacks.data import DataStack
from infra.stacks.workflow import WorkflowStack
from shared.model.declaration import Environment, TableToTable
from shared.model.errors import InvalidInput


def add_stacks(
    app: App,
    *,
    migrations: Iterable[TableToTable],
    account: str | None,
    region: str | None,
    layer: Path,
) -> None:
    """Add the stacks of all migrations to an app, in the environment of these credentials.

    `layer` is the archive of third-party packages. Raises InvalidInput when the credentials
    name no account and region, or a migration declares no environment for them.
    """
    place = _place(account, region)
    chosen = [(each, each.environment(place.account, place.region)) for each in migrations]
    if not chosen:
        raise InvalidInput("no migration is declared", mend="add a folder under migrations/")
    ControlStack(app, place=place, environment=chosen[0][1])
    for migration, environment in chosen:
        _add_migration(app, migration, place, environment, layer)


def _add_migration(
    app: App, migration: TableToTable, place: Place, environment: Environment, layer: Path
) -> None:
    DataStack(app, migration=migration, place=place, environment=environment)
    WorkflowStack(app, migration=migration, place=place, environment=environment, layer=layer)
    if migration.api is not None:
        ApiStack(
            app,
            migration=migration,
            api=migration.api,
            place=place,
            environment=environment,
            layer=layer,
        )


def _place(account: str | None, region: str | None) -> Place:
    if not account or not region:
        raise InvalidInput(
            "the account and region are unknown",
            mend="use credentials that the CDK CLI can resolve, and set a region; the local "
            "cloud's are printed by `cutover local env`",
        )
    return Place(account, region)
