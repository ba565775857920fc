"""How long the stateful tests may search; a longer search is a profile away."""

import os

from hypothesis import HealthCheck, settings

settings.register_profile(
    "quick",
    max_examples=200,
    stateful_step_count=60,
    deadline=None,
    print_blob=True,
    suppress_health_check=list(HealthCheck),
)
settings.register_profile(
    "long", settings.get_profile("quick"), max_examples=3000, stateful_step_count=80
)
settings.load_profile(os.environ.get("CUTOVER_SEARCH", "quick"))
