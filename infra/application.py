"""Puts the app together: the Control stack once, four stacks for each migration."""

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from aws_cdk import App, Stack

from infra.kinds import kind_of
from infra.names import Place
from infra.stacks.api import ApiStack
from infra.stacks.control import ControlStack
from infra.stacks.data import DataStack
from infra.stacks.observability import ObservabilityStack
from infra.stacks.workflow import WorkflowStack
from shared.model.declaration import Migration
from shared.model.environment import Environment
from shared.model.errors import InvalidInput


def add_stacks(
    app: App,
    *,
    migrations: Iterable[Migration],
    account: str | None,
    region: str | None,
    layer: Path,
    endpoint: str | None = None,
) -> None:
    """Add the stacks of all migrations to an app, in the environment of these credentials.

    `layer` is the archive of third-party packages; `endpoint` is where the deployment goes
    when that is not AWS, and completes an issuer that is only a path. Raises InvalidInput when
    the credentials name no account and region, or a migration has no environment for them.
    """
    place = _place(account, region)
    chosen = [
        (each, _issued(each.environment(place.account, place.region), endpoint))
        for each in migrations
    ]
    if not chosen:
        raise InvalidInput("no migration is declared", mend="add a folder under migrations/")
    _refuse_shared(chosen)
    kept = {each.name: kind_of(each, environment).snapshot_days for each, environment in chosen}
    control = ControlStack(
        app,
        place=place,
        environment=chosen[0][1],
        snapshots={name: days for name, days in kept.items() if days is not None},
    )
    for migration, environment in chosen:
        _add_migration(app, control, migration, place, environment, layer)


def _add_migration(
    app: App,
    control: Stack,
    migration: Migration,
    place: Place,
    environment: Environment,
    layer: Path,
) -> None:
    """Add a migration's stacks; what runs goes up after the tables it needs, and down before."""
    tables = DataStack(app, migration=migration, place=place, environment=environment, layer=layer)
    tables.add_stack_dependency(control)
    running: list[Stack] = [
        ObservabilityStack(app, migration=migration, place=place, environment=environment),
        WorkflowStack(app, migration=migration, place=place, environment=environment, layer=layer),
    ]
    if migration.api is not None:
        running.append(
            ApiStack(
                app,
                migration=migration,
                api=migration.api,
                place=place,
                environment=environment,
                layer=layer,
            )
        )
    for stack in running:
        stack.add_stack_dependency(control)
        stack.add_stack_dependency(tables)


def _refuse_shared(chosen: Iterable[tuple[Migration, Environment]]) -> None:
    """Raise InvalidInput when two migrations would both make a table of one name."""
    makers: dict[str, str] = {}
    for migration, environment in chosen:
        for table in kind_of(migration, environment).made.values():
            maker = makers.setdefault(table.name, migration.name)
            if maker != migration.name:
                raise InvalidInput(
                    f"{maker} and {migration.name} would both make the table {table.name}",
                    field="source",
                    mend="let one of them adopt it, or give it another name",
                )


def _issued(environment: Environment, endpoint: str | None) -> Environment:
    """Return the environment with its issuer as a URL."""
    if not environment.issuer.startswith("/"):
        return environment
    if endpoint is None:
        raise InvalidInput(
            f"the issuer of {environment.name} is only a path",
            field="issuer",
            mend="deploy it with `cutover local deploy`, or declare the issuer's URL",
        )
    return replace(environment, issuer=endpoint.rstrip("/") + environment.issuer)


def _place(account: str | None, region: str | None) -> Place:
    if not account or not region:
        raise InvalidInput(
            "the account and region are unknown",
            mend="use credentials that the CDK CLI can resolve, and set a region; the local "
            "cloud's are printed by `cutover local env`",
        )
    return Place(account, region)
