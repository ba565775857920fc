"""What a CloudFormation type of ours is, and the shape in which moto's parser meets it."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar

from moto.cloudformation import parsing
from moto.cloudformation.exceptions import ValidationError

from local.clients import Clients
from local.mend import replace

Properties = dict[str, Any]


@dataclass(frozen=True)
class Made:
    """A resource that exists: what Ref gives, and what GetAtt gives by name."""

    physical_id: str
    attributes: Mapping[str, str] = field(default_factory=dict)


class ResourceType(ABC):
    """One CloudFormation type; `create` must be an upsert where the resource has a name."""

    type_name: ClassVar[str]
    name_property: ClassVar[str | None] = None

    def __init__(self, clients: Clients) -> None:
        self.clients = clients

    @abstractmethod
    def create(self, name: str, properties: Properties) -> Made:
        """Make the resource; `name` is its own or a generated one."""

    def update(self, made: Made, name: str, properties: Properties) -> Made:
        """Change the resource; by default by replacement, the old one going last."""
        new = self.create(name, properties)
        if new.physical_id != made.physical_id:
            self.delete(made)
        return new

    @abstractmethod
    def delete(self, made: Made) -> None:
        """Remove the resource."""


def install(types: Iterable[ResourceType]) -> None:
    """Make moto's parser ask our types first, and refuse a type that nobody knows."""
    ours = {kind.type_name: _class_for(kind) for kind in types}
    moto_class = parsing.resource_class_from_type
    moto_name = parsing.resource_name_property_from_type

    def class_of(type_name: str) -> Any:
        found: Any = ours.get(type_name) or moto_class(type_name)
        if found is None and type_name not in parsing.NULL_MODELS:
            raise ValidationError(
                message=f"{type_name} is unknown to the local cloud: add it to local/cloudformation"
                " or leave it out of the stacks of environment `local`"
            )
        return found

    def name_of(type_name: str) -> str | None:
        known = ours.get(type_name)
        return moto_name(type_name) if known is None else known.kind.name_property

    replace(parsing, "resource_class_from_type", class_of)
    replace(parsing, "resource_name_property_from_type", name_of)


class Adapted:
    """A made resource with the methods that moto's parser calls."""

    kind: ClassVar[ResourceType]
    cf_resource_type: str
    logical_resource_id: str

    def __init__(self, name: str, made: Made) -> None:
        self.name = name
        self.made = made

    @property
    def physical_resource_id(self) -> str:
        """Give what Ref gives."""
        return self.made.physical_id

    @property
    def identity(self) -> tuple[str, tuple[tuple[str, str], ...]]:
        """Give all that other resources can refer to."""
        return self.made.physical_id, tuple(sorted(self.made.attributes.items()))

    @classmethod
    def has_cfn_attr(cls, _attribute: str) -> bool:
        """Leave it to `get_cfn_attribute`, which knows once the resource exists."""
        return True

    def get_cfn_attribute(self, attribute: str) -> str:
        """Give what GetAtt gives; raises ValidationError for an attribute the type has not."""
        if attribute not in self.made.attributes:
            raise ValidationError(message=f"{self.kind.type_name} has no attribute {attribute}")
        return self.made.attributes[attribute]

    def is_created(self) -> bool:
        """Nothing here is made in the background."""
        return True

    @classmethod
    def create_from_cloudformation_json(
        cls, resource_name: str, cloudformation_json: Any, *_place: str, **_ids: str
    ) -> Adapted:
        """Create the resource."""
        properties = dict(cloudformation_json["Properties"])
        return cls(resource_name, cls.kind.create(resource_name, properties))

    @classmethod
    def update_from_cloudformation_json(
        cls,
        original_resource: Adapted,
        new_resource_name: str,
        cloudformation_json: Any,
        **_place: str,
    ) -> Adapted:
        """Update the resource; a generated name is kept, though moto generates another."""
        properties = dict(cloudformation_json["Properties"])
        named = cls.kind.name_property in properties
        name = new_resource_name if named else original_resource.name
        return cls(name, cls.kind.update(original_resource.made, name, properties))

    def delete(self, _account_id: str, _region_name: str) -> None:
        """Delete the resource."""
        self.kind.delete(self.made)


def _class_for(kind: ResourceType) -> type[Adapted]:
    return type(f"Adapted{kind.type_name.replace('::', '')}", (Adapted,), {"kind": kind})
