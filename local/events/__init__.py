"""EventBridge: an event reaches the targets of every rule that it matches.

moto matches patterns, but fires disabled rules and those with a schedule too, and fails the sender
where a target is a function, a state machine or a topic.

`inputs`   what a target is sent of an event
`targets`  sends it, again where that fails, and at last to the target's dead-letter queue
`bus`      which rules an event matches
"""
