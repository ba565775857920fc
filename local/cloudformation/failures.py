"""A stack that fails says so and is rolled back, so that the next deployment can mend it.

moto answers the call with a server error and leaves the stack in progress for ever.
"""

from __future__ import annotations

import logging
from typing import Any

from moto.cloudformation.models import CloudFormationBackend, Stack

from local.mend import replace

_log = logging.getLogger(__name__)


def install() -> None:
    """Put a guard around creation, update and deletion."""
    create: Any = Stack.create_resources
    update: Any = Stack.update
    delete: Any = CloudFormationBackend.delete_stack

    def create_or_roll_back(self: Any) -> None:
        try:
            create(self)
        except Exception as error:  # noqa: BLE001 - whatever went wrong is the stack's reason
            _fail(self, "CREATE_FAILED", error)
            self.status = _undo(self, self.resource_map.delete, "ROLLBACK")

    def update_or_roll_back(
        self: Any,
        template: str,
        role_arn: str | None = None,
        parameters: dict[str, Any] | None = None,
        tags: dict[str, str] | None = None,
    ) -> None:
        before, old_parameters = self.template, dict(self.resource_map.input_parameters)
        try:
            update(self, template, role_arn, parameters, tags)
        except Exception as error:  # noqa: BLE001 - whatever went wrong is the stack's reason
            _fail(self, "UPDATE_FAILED", error)
            self.template = before
            self._parse_template()
            self.status = _undo(
                self,
                lambda: self.resource_map.update(self.template_dict, old_parameters),
                "UPDATE_ROLLBACK",
            )

    def delete_or_keep(self: Any, name_or_id: str) -> None:
        stack = self.stacks.get(name_or_id)
        try:
            delete(self, name_or_id)
        except Exception as error:
            if stack is None:
                raise
            _fail(stack, "DELETE_FAILED", error)
            stack.status = "DELETE_FAILED"
            self.stacks[name_or_id] = stack

    replace(Stack, "create_resources", create_or_roll_back)
    replace(Stack, "update", update_or_roll_back)
    replace(CloudFormationBackend, "delete_stack", delete_or_keep)


def _fail(stack: Any, status: str, error: Exception) -> None:
    """Record why; the whole trace goes to the server's log."""
    _log.error("stack %s: %s", stack.name, status, exc_info=error)
    reason = getattr(error, "message", None) or str(error) or type(error).__name__
    stack._add_stack_event(status, resource_status_reason=reason)


def _undo(stack: Any, undo: Any, name: str) -> str:
    """Go back, and give the status the stack then has."""
    try:
        undo()
    except Exception as error:  # noqa: BLE001 - a failed rollback is a status of its own
        _fail(stack, f"{name}_FAILED", error)
        return f"{name}_FAILED"
    stack._add_stack_event(f"{name}_COMPLETE")
    return f"{name}_COMPLETE"
