"""AWS::SecretsManager::Secret, with a generated value where the template asks for one."""

from __future__ import annotations

import json

from typing_extensions import override

from local.cloudformation.resource import Made, Properties, ResourceType


class Secret(ResourceType):
    """A secret; its value is made once and survives updates."""

    type_name = "AWS::SecretsManager::Secret"
    name_property = "Name"

    @override
    def create(self, name: str, properties: Properties) -> Made:
        """Create the secret with the given or a generated value."""
        call = {key: properties[key] for key in ("Description", "KmsKeyId") if key in properties}
        answer = self.clients("secretsmanager").create_secret(
            Name=name, SecretString=self._value(properties), Tags=properties.get("Tags", []), **call
        )
        return Made(answer["ARN"], {"Id": answer["ARN"]})

    @override
    def update(self, made: Made, name: str, properties: Properties) -> Made:
        """Change the description, or the value when the template gives one."""
        changes = {
            key: properties[key] for key in ("Description", "SecretString") if key in properties
        }
        self.clients("secretsmanager").update_secret(SecretId=made.physical_id, **changes)
        return made

    @override
    def delete(self, made: Made) -> None:
        """Delete the secret at once, so that its name is free for the next deployment."""
        self.clients("secretsmanager").delete_secret(
            SecretId=made.physical_id, ForceDeleteWithoutRecovery=True
        )

    def _value(self, properties: Properties) -> str:
        if "SecretString" in properties:
            return str(properties["SecretString"])
        wish = dict(properties.get("GenerateSecretString", {}))
        template, key = wish.pop("SecretStringTemplate", None), wish.pop("GenerateStringKey", None)
        password = self.clients("secretsmanager").get_random_password(**wish)["RandomPassword"]
        if template is None:
            return str(password)
        return json.dumps(json.loads(template) | {key: password})


TYPES = (Secret,)
