"""One synthesis per environment and session; every test reads the same templates."""

from dataclasses import replace

import pytest

from shared import catalogue
from shared.model.environment import LOCAL, Thresholds, Timing
from tests.in_place import toy
from tests.infra.assembly import Assembly, placed, synthesise

PRODUCTION = {
    "name": "production",
    "account": "210987654321",
    "region": "eu-central-1",
    "issuer": "https://login.example.com/staff",
    "certificate_age": 24 * 3600.0,
    "stream_lag": 300.0,
    "thresholds": Thresholds(),
}
WATCHED = Thresholds(creates_succeed=98.0)
"""The runbooks' thresholds, and that of creates, which nobody watches unless it is declared."""


@pytest.fixture(scope="session")
def personnel():
    return catalogue.load("personnel")


@pytest.fixture(scope="session")
def local(tmp_path_factory, personnel) -> Assembly:
    """The app of a migration between two tables as the local cloud deploys it."""
    environment = personnel.environment("123456789012", "us-east-1")
    return synthesise(tmp_path_factory.mktemp("local"), [personnel], environment)


@pytest.fixture(scope="session")
def everything(tmp_path_factory) -> Assembly:
    """The app of every migration as the local cloud deploys it."""
    declared = [catalogue.load(name) for name in catalogue.names()]
    return synthesise(tmp_path_factory.mktemp("everything"), declared, LOCAL)


@pytest.fixture(scope="session")
def in_place(tmp_path_factory) -> Assembly:
    """The app of a migration in place where data is kept."""
    kept = {"removal": "retain", "concurrency": 7, "source": "created"}
    changed, environment = placed(toy.MIGRATION, **{**PRODUCTION, **kept, "thresholds": WATCHED})
    return synthesise(tmp_path_factory.mktemp("in_place"), [changed], environment)


@pytest.fixture(scope="session")
def in_place_adopted(tmp_path_factory) -> Assembly:
    """The app of a migration in place whose tables were there before."""
    changed, environment = placed(toy.MIGRATION, **PRODUCTION, removal="retain", source="adopted")
    return synthesise(tmp_path_factory.mktemp("in_place_adopted"), [changed], environment)


@pytest.fixture(scope="session")
def production(tmp_path_factory, personnel) -> Assembly:
    """The app where data is kept."""
    changed, environment = placed(personnel, **PRODUCTION, removal="retain", concurrency=7)
    return synthesise(tmp_path_factory.mktemp("production"), [changed], environment)


@pytest.fixture(scope="session")
def dropped(tmp_path_factory, personnel) -> Assembly:
    """The app where v1 is deleted and declared so."""
    changed, environment = placed(personnel, **PRODUCTION, removal="retain", source="deleted")
    return synthesise(tmp_path_factory.mktemp("dropped"), [changed], environment)


@pytest.fixture(scope="session")
def adopted(tmp_path_factory, personnel) -> Assembly:
    """The app where v1 was there before and is taken as it is."""
    changed, environment = placed(personnel, **PRODUCTION, removal="retain", source="adopted")
    return synthesise(tmp_path_factory.mktemp("adopted"), [changed], environment)


@pytest.fixture(scope="session")
def following(tmp_path_factory, personnel) -> Assembly:
    """The app of a migration in the availability-first mode, of which everything is deployed."""
    declared = replace(personnel, mode="availability_first")
    changed, environment = placed(declared, **PRODUCTION, removal="retain", timing=Timing())
    return synthesise(tmp_path_factory.mktemp("following"), [changed], environment)
