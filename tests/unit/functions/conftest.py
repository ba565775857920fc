"""A world in RAM in the place of the deployed one."""

import pytest

from functions import entry
from shared import bootstrap, catalogue
from shared.memory.world import memory_world


@pytest.fixture
def deployed_world(monkeypatch):
    """The world that workflow handlers find; personnel in its local environment."""
    migration = catalogue.load("personnel")
    world = memory_world(migration, migration.environments[0])
    monkeypatch.setattr(bootstrap, "world", lambda _environ: world)
    monkeypatch.setenv("POWERTOOLS_SERVICE_NAME", "test")
    monkeypatch.setenv("CUTOVER_MIGRATION", "personnel")
    for built in (entry.logger, entry.metrics, entry.instrumented):
        built.cache_clear()  # a test before may have built them for another migration
    return world
