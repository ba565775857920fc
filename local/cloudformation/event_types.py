"""AWS::Events::Rule: moto's gets another name at every update, and keeps targets that left."""

from __future__ import annotations

import json

from moto.cloudformation.exceptions import ValidationError
from typing_extensions import override

from local.cloudformation.resource import Made, Properties, ResourceType
from local.events.targets import SERVICES, service_of

_OF_THE_RULE = ("Description", "EventBusName", "RoleArn", "ScheduleExpression", "State")


class Rule(ResourceType):
    """A rule with its targets; Ref gives its name."""

    type_name = "AWS::Events::Rule"
    name_property = "Name"

    @override
    def create(self, name: str, properties: Properties) -> Made:
        """Put the rule and exactly these targets."""
        targets = properties.get("Targets", [])
        _refuse_unreached(targets)
        client = self.clients("events")
        rule = {key: properties[key] for key in _OF_THE_RULE if key in properties}
        if "EventPattern" in properties:
            rule["EventPattern"] = json.dumps(properties["EventPattern"])
        arn = client.put_rule(Name=name, **rule)["RuleArn"]
        made = Made(name, {"Arn": arn, "Bus": properties.get("EventBusName", "default")})
        kept = {target["Id"] for target in targets}
        self._remove(made, [target for target in self._targets(made) if target not in kept])
        if targets:
            client.put_targets(**_place(made), Targets=targets)
        return made

    @override
    def update(self, made: Made, name: str, properties: Properties) -> Made:
        """Change the rule in place; a new name or bus is a new rule."""
        bus = properties.get("EventBusName", "default")
        if bus != made.attributes["Bus"] and name == made.physical_id:
            self.delete(made)
        return super().update(made, name, properties)

    @override
    def delete(self, made: Made) -> None:
        """Delete the rule after its targets."""
        self._remove(made, self._targets(made))
        place = _place(made)
        self.clients("events").delete_rule(Name=place.pop("Rule"), **place)

    def _targets(self, made: Made) -> list[str]:
        listed = self.clients("events").list_targets_by_rule(**_place(made))["Targets"]
        return [target["Id"] for target in listed]

    def _remove(self, made: Made, ids: list[str]) -> None:
        if ids:
            self.clients("events").remove_targets(**_place(made), Ids=ids)


def _place(made: Made) -> dict[str, str]:
    """Say in the API's words which rule is meant."""
    return {"Rule": made.physical_id, "EventBusName": made.attributes["Bus"]}


def _refuse_unreached(targets: list[Properties]) -> None:
    """Refuse a target that events would silently not reach."""
    for target in targets:
        if service_of(target["Arn"]) not in SERVICES:
            message = f"the local cloud's rules do not reach {target['Arn']}"
            raise ValidationError(message=message)


TYPES = (Rule,)
