"""How every stack of the app is placed: its account and region, and how it is synthesised."""

from typing import TypedDict

from aws_cdk import DefaultStackSynthesizer, Environment, IStackSynthesizer

from infra.names import Place


class Placing(TypedDict):
    """The properties that all stacks have."""

    env: Environment
    synthesizer: IStackSynthesizer
    description: str


def placing(place: Place, description: str) -> Placing:
    """Return the properties of a stack in a place."""
    return {
        "env": Environment(account=place.account, region=place.region),
        # the rule reads an SSM parameter at every deploy, which the local cloud cannot answer twice
        "synthesizer": DefaultStackSynthesizer(generate_bootstrap_version_rule=False),
        "description": description,
    }
