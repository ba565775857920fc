"""Event source mappings of DynamoDB streams, polled as Lambda does it.

moto stores a mapping and calls its function inside the writer's request, which then fails with the
function. Here a thread for each mapping reads the stream through the streams API, so it works for
both engines, and a write never waits for a function.

`settings`  what a mapping says, read anew before each attempt
`shards`    where a mapping stands in each shard of its stream
`events`    what the function is sent, and what a dead letter says
`delivery`  batches, retries, bisecting, partial failures, giving up
`poller`    one thread for each mapping; `local.mappings` starts and ends it
"""
