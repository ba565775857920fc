"""Updates and deletions of a stack, in the order and with the care that AWS takes.

moto deletes first, updates in any order, forgets resources whose own text is unchanged although
what they refer to was replaced, and deletes resources that are to be retained.
"""

from __future__ import annotations

from typing import Any

from moto.cloudformation import parsing
from moto.cloudformation.exceptions import ValidationError
from moto.cloudformation.parsing import ResourceMap

from local.cloudformation.ordering import dependency_order, references
from local.mend import replace


def install() -> None:
    """Put our creation, update and deletion in the place of moto's."""
    replace(ResourceMap, "create", _create)
    replace(ResourceMap, "update", _update)
    replace(ResourceMap, "delete", _delete)


def _create(self: Any, template: dict[str, Any]) -> bool:
    """Create every resource after those it needs."""
    self._template = template
    self._resource_json_map = template["Resources"]
    for name in dependency_order(self._resource_json_map):
        _ = self[name]  # the map creates what it is asked for
    return True


def _update(self: Any, template: dict[str, Any], parameters: dict[str, Any] | None = None) -> None:
    """Create and change in dependency order, then remove what is no longer there."""
    old, new = self._resource_json_map, template["Resources"]
    moved = _changed_parameters(self, parameters)
    self._template = template
    if parameters:
        self.input_parameters = parameters
    self.load_mapping()
    self.load_parameters()
    self.load_conditions()
    self._resource_json_map = new
    for name in dependency_order(new):
        if not _wanted(self, new[name]):
            continue
        if self._parsed_resources.get(name) is None:
            _ = self[name]
            moved.add(name)
        elif new[name] != old[name] or references(new[name]) & moved:
            moved.update(_change(self, name, old[name], new[name]))
    gone = [name for name in old if name not in new or not _wanted(self, new[name])]
    _remove(self, {name: old[name] for name in gone})


def _change(resources: Any, name: str, old: dict[str, Any], new: dict[str, Any]) -> set[str]:
    """Update one resource; its name is given back when those that refer to it have to follow."""
    if old["Type"] != new["Type"]:
        raise ValidationError(message=f"Update of resource type is not permitted: {name}")
    before = resources._parsed_resources[name]
    identity = _identity(before)
    after: Any = parsing.parse_and_update_resource(
        name,
        new,
        resources,
        account_id=resources._account_id,
        region_name=resources._region_name,
    )
    if after is None:
        raise ValidationError(message=f"{new['Type']} cannot be updated on the local cloud: {name}")
    resources._parsed_resources[name] = after
    return set() if _identity(after) == identity else {name}


def _delete(self: Any) -> None:
    """Delete the whole stack."""
    _remove(self, dict(self._resource_json_map))


def _remove(resources: Any, texts: dict[str, Any]) -> None:
    """Delete resources before those they need, but for the ones to be retained."""
    for name in reversed(dependency_order(texts)):
        resource = resources._parsed_resources.get(name)
        if resource is not None and texts[name].get("DeletionPolicy") != "Retain":
            resources._delete_resource(resource, texts[name])
        resources._parsed_resources.pop(name, None)


def _wanted(resources: Any, text: dict[str, Any]) -> bool:
    condition = text.get("Condition")
    return condition is None or bool(resources.lazy_condition_map[condition])


def _changed_parameters(resources: Any, parameters: dict[str, Any] | None) -> set[str]:
    given = parameters or {}
    return {name for name in given if resources.input_parameters.get(name) != given[name]}


def _identity(resource: Any) -> object:
    """Give what others may refer to; moto's own resources have little more than an id."""
    return getattr(resource, "identity", None) or getattr(resource, "physical_resource_id", None)
