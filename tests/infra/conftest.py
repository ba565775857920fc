"""One synthesis per environment and session; every test reads the same templates."""

from dataclasses import replace

import pytest

from shared import catalogue
from shared.model.environment import Thresholds, Timing
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


@pytest.fixture(scope="session")
def migrations():
    return [catalogue.load(name) for name in catalogue.names()]


@pytest.fixture(scope="session")
def local(tmp_path_factory, migrations) -> Assembly:
    """The app as the local cloud deploys it."""
    environment = migrations[0].environment("123456789012", "us-east-1")
    return synthesise(tmp_path_factory.mktemp("local"), migrations, environment)


@pytest.fixture(scope="session")
def production(tmp_path_factory, migrations) -> Assembly:
    """The app where data is kept."""
    changed, environment = placed(migrations[0], **PRODUCTION, removal="retain", concurrency=7)
    return synthesise(tmp_path_factory.mktemp("production"), [changed], environment)


@pytest.fixture(scope="session")
def dropped(tmp_path_factory, migrations) -> Assembly:
    """The app where v1 is deleted and declared so."""
    changed, environment = placed(migrations[0], **PRODUCTION, removal="retain", source="deleted")
    return synthesise(tmp_path_factory.mktemp("dropped"), [changed], environment)


@pytest.fixture(scope="session")
def adopted(tmp_path_factory, migrations) -> Assembly:
    """The app where v1 was there before and is taken as it is."""
    changed, environment = placed(migrations[0], **PRODUCTION, removal="retain", source="adopted")
    return synthesise(tmp_path_factory.mktemp("adopted"), [changed], environment)


@pytest.fixture(scope="session")
def following(tmp_path_factory, migrations) -> Assembly:
    """The app of a migration in the availability-first mode, of which everything is deployed."""
    declared = replace(migrations[0], mode="availability_first")
    changed, environment = placed(declared, **PRODUCTION, removal="retain", timing=Timing())
    return synthesise(tmp_path_factory.mktemp("following"), [changed], environment)
