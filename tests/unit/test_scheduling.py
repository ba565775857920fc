"""Which tests run side by side: what brings up a cloud of its own goes to whoever is free."""

from pathlib import Path

from tests.conftest import ALONE

E2E = Path(__file__).parents[1] / "e2e"
OWN_CLOUD = ("deployed_alone(", "deployed_apart(", "copy_repository(")


def test_alone_are_exactly_the_modules_that_bring_up_a_cloud_of_their_own() -> None:
    own = {
        f"tests/e2e/{each.name}"
        for each in E2E.glob("test_*.py")
        if any(word in each.read_text(encoding="utf-8") for word in OWN_CLOUD)
    }
    assert own == ALONE
