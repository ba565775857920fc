"""AWS::Lambda types: moto's drop layers, tags and versions' ids, and have no aliases."""

from __future__ import annotations

from moto.cloudformation.exceptions import ValidationError
from typing_extensions import override

from local.cloudformation.resource import Made, Properties, ResourceType

_LONGEST_NAME = 64
_CODE_KEYS = ("S3Bucket", "S3Key", "S3ObjectVersion", "ZipFile")


class Function(ResourceType):
    """A function; only Python ones, since the workers run nothing else."""

    type_name = "AWS::Lambda::Function"
    name_property = "FunctionName"

    @override
    def create(self, name: str, properties: Properties) -> Made:
        """Create the function from the archive in the bucket."""
        runtime = properties.get("Runtime", "")
        if not runtime.startswith("python"):
            raise ValidationError(message=f"the local cloud runs Python functions, not {runtime}")
        name = name if len(name) <= _LONGEST_NAME else name[:51] + name[-13:]
        settings, reserved, tags = _settings(properties)
        client = self.clients("lambda")
        answer = client.create_function(
            **settings | {"FunctionName": name, "Code": properties["Code"], "Tags": tags}
        )
        self._reserve(name, reserved)
        return Made(name, {"Arn": answer["FunctionArn"]})

    @override
    def update(self, made: Made, name: str, properties: Properties) -> Made:
        """Change code and settings in place; a new name is a new function."""
        if properties.get("FunctionName", made.physical_id) != made.physical_id:
            return super().update(made, name, properties)
        settings, reserved, tags = _settings(properties)
        settings.pop("Architectures", None)  # goes with the code
        settings.pop("PackageType", None)
        client = self.clients("lambda")
        client.update_function_configuration(
            **{"Environment": {"Variables": {}}, "Layers": []} | settings,
            FunctionName=made.physical_id,
        )
        code = {key: value for key, value in properties["Code"].items() if key in _CODE_KEYS}
        client.update_function_code(FunctionName=made.physical_id, **code)
        client.tag_resource(Resource=made.attributes["Arn"], Tags=tags)
        self._reserve(made.physical_id, reserved)
        return made

    @override
    def delete(self, made: Made) -> None:
        """Delete the function with all its versions."""
        self.clients("lambda").delete_function(FunctionName=made.physical_id)

    def _reserve(self, name: str, reserved: int | None) -> None:
        client = self.clients("lambda")
        if reserved is None:
            client.delete_function_concurrency(FunctionName=name)
        else:
            client.put_function_concurrency(
                FunctionName=name, ReservedConcurrentExecutions=int(reserved)
            )


class LayerVersion(ResourceType):
    """A layer; its content is stored, while workers use this environment's packages."""

    type_name = "AWS::Lambda::LayerVersion"
    name_property = "LayerName"

    @override
    def create(self, name: str, properties: Properties) -> Made:
        """Publish a version."""
        answer = self.clients("lambda").publish_layer_version(**properties | {"LayerName": name})
        arn = answer["LayerVersionArn"]
        return Made(arn, {"LayerVersionArn": arn})

    @override
    def delete(self, made: Made) -> None:
        """Delete the version."""
        layer, _, version = made.physical_id.rpartition(":")
        self.clients("lambda").delete_layer_version(LayerName=layer, VersionNumber=int(version))


class Version(ResourceType):
    """A published version; Ref gives its ARN."""

    type_name = "AWS::Lambda::Version"

    @override
    def create(self, name: str, properties: Properties) -> Made:
        """Publish what the function is now."""
        answer = self.clients("lambda").publish_version(FunctionName=properties["FunctionName"])
        arn = answer["FunctionArn"]
        return Made(arn, {"Version": answer["Version"], "FunctionArn": arn})

    @override
    def delete(self, made: Made) -> None:
        """Delete the version, not the function."""
        self.clients("lambda").delete_function(FunctionName=made.physical_id)


class Alias(ResourceType):
    """A name for a version."""

    type_name = "AWS::Lambda::Alias"

    @override
    def create(self, name: str, properties: Properties) -> Made:
        """Create the alias."""
        answer = self.clients("lambda").create_alias(**_alias(properties))
        return Made(answer["AliasArn"], {"AliasArn": answer["AliasArn"]})

    @override
    def update(self, made: Made, name: str, properties: Properties) -> Made:
        """Point the alias at another version, unless it moved to another function or name."""
        wanted = _alias(properties)
        function, _, alias = made.physical_id.rpartition(":")
        if alias != wanted["Name"] or function.split(":")[-1] not in wanted["FunctionName"]:
            return super().update(made, name, properties)
        self.clients("lambda").update_alias(**wanted)
        return made

    @override
    def delete(self, made: Made) -> None:
        """Delete the alias."""
        function, _, alias = made.physical_id.rpartition(":")
        self.clients("lambda").delete_alias(FunctionName=function, Name=alias)


class Permission(ResourceType):
    """A statement of a function's policy."""

    type_name = "AWS::Lambda::Permission"

    @override
    def create(self, name: str, properties: Properties) -> Made:
        """Add the statement under the generated name."""
        statement = name[-100:]
        self.clients("lambda").add_permission(**properties | {"StatementId": statement})
        return Made(statement, {"Id": statement, "FunctionName": properties["FunctionName"]})

    @override
    def delete(self, made: Made) -> None:
        """Remove the statement."""
        self.clients("lambda").remove_permission(
            FunctionName=made.attributes["FunctionName"], StatementId=made.physical_id
        )


class EventInvokeConfig(ResourceType):
    """How often an asynchronous event is tried, and where it goes then."""

    type_name = "AWS::Lambda::EventInvokeConfig"

    @override
    def create(self, name: str, properties: Properties) -> Made:
        """Store the settings."""
        settings = {key: value for key, value in properties.items() if key != "Qualifier"}
        self.clients("lambda").put_function_event_invoke_config(**settings)
        return Made(properties["FunctionName"])

    @override
    def delete(self, made: Made) -> None:
        """Forget the settings."""
        self.clients("lambda").delete_function_event_invoke_config(FunctionName=made.physical_id)


class EventSourceMapping(ResourceType):
    """What a poller reads for a function; Ref gives its id."""

    type_name = "AWS::Lambda::EventSourceMapping"

    @override
    def create(self, name: str, properties: Properties) -> Made:
        """Create the mapping; its poller starts by itself."""
        _refuse_unpolled(properties)
        call = properties | {
            "Tags": {tag["Key"]: tag["Value"] for tag in properties.get("Tags", [])}
        }
        return _mapping(self.clients("lambda").create_event_source_mapping(**call))

    @override
    def update(self, made: Made, name: str, properties: Properties) -> Made:
        """Change the mapping in place; another source is another mapping."""
        if properties["EventSourceArn"] != made.attributes["EventSource"]:
            return super().update(made, name, properties)
        _refuse_unpolled(properties)
        fixed = ("EventSourceArn", "StartingPosition", "Tags")
        changes = {key: value for key, value in properties.items() if key not in fixed}
        client = self.clients("lambda")
        client.update_event_source_mapping(**_UNSET | changes, UUID=made.physical_id)
        return made

    @override
    def delete(self, made: Made) -> None:
        """Delete the mapping, which ends its poller."""
        self.clients("lambda").delete_event_source_mapping(UUID=made.physical_id)


_UNSET: Properties = {
    "BisectBatchOnFunctionError": False,
    "DestinationConfig": {},
    "Enabled": True,
    "FunctionResponseTypes": [],
    "MaximumBatchingWindowInSeconds": 0,
    "MaximumRecordAgeInSeconds": -1,
    "MaximumRetryAttempts": -1,
    "ScalingConfig": {},
}
"""What a property goes back to when a template no longer has it."""


def _refuse_unpolled(properties: Properties) -> None:
    """Refuse what the local poller would silently leave out."""
    for name in ("FilterCriteria", "TumblingWindowInSeconds"):
        if properties.get(name):
            raise ValidationError(message=f"the local cloud's event source mappings have no {name}")


def _mapping(answer: Properties) -> Made:
    attributes = {"Id": "UUID", "EventSource": "EventSourceArn"}
    return Made(answer["UUID"], {name: answer[key] for name, key in attributes.items()})


def _settings(properties: Properties) -> tuple[Properties, int | None, dict[str, str]]:
    """Split a function's properties by the calls that take them."""
    settings = dict(properties)
    settings.pop("Code")
    settings.pop("FunctionName", None)
    reserved = settings.pop("ReservedConcurrentExecutions", None)
    tags = {tag["Key"]: tag["Value"] for tag in settings.pop("Tags", [])}
    return settings, reserved, tags


def _alias(properties: Properties) -> Properties:
    """Reduce the version's ARN, which Ref gives, to its number."""
    version = str(properties["FunctionVersion"]).rpartition(":")[2]
    return properties | {"FunctionVersion": version}


TYPES = (Function, LayerVersion, Version, Alias, Permission, EventInvokeConfig, EventSourceMapping)
