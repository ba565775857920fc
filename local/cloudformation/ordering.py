"""Which resource needs which, read from the template, and the order that follows."""

from __future__ import annotations

import re
from collections.abc import Mapping
from graphlib import TopologicalSorter
from typing import Any

_SUBSTITUTION = re.compile(r"\$\{([^!}.]+)[^}]*\}")


def references(node: Any) -> set[str]:
    """Collect the names that a part of a template refers to by Ref, GetAtt or Sub."""
    if isinstance(node, list):
        return {name for part in node for name in references(part)}
    if not isinstance(node, dict):
        return set()
    found = {name for part in node.values() for name in references(part)}
    if isinstance(node.get("Ref"), str):
        found.add(node["Ref"])
    if "Fn::GetAtt" in node:
        target = node["Fn::GetAtt"]
        found.add(target.split(".")[0] if isinstance(target, str) else target[0])
    if "Fn::Sub" in node:
        text = node["Fn::Sub"] if isinstance(node["Fn::Sub"], str) else node["Fn::Sub"][0]
        found.update(_SUBSTITUTION.findall(text))
    return found


def dependency_order(resources: Mapping[str, Any]) -> list[str]:
    """List the resources so that each comes after those it needs; raises CycleError."""
    sorter: TopologicalSorter[str] = TopologicalSorter()
    for name, resource in resources.items():
        explicit = resource.get("DependsOn", [])
        needed = references(resource) | ({explicit} if isinstance(explicit, str) else set(explicit))
        sorter.add(name, *(other for other in needed if other in resources))
    return list(sorter.static_order())
