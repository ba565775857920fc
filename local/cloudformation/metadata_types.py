"""AWS::CDK::Metadata, which tells AWS which constructs a stack uses and makes nothing."""

from __future__ import annotations

from typing_extensions import override

from local.cloudformation.resource import Made, Properties, ResourceType


class Metadata(ResourceType):
    """A note in the template."""

    type_name = "AWS::CDK::Metadata"

    @override
    def create(self, name: str, properties: Properties) -> Made:
        """Take note."""
        return Made(name)

    @override
    def update(self, made: Made, name: str, properties: Properties) -> Made:
        """Take note again."""
        return made

    @override
    def delete(self, made: Made) -> None:
        """Forget."""


TYPES = (Metadata,)
