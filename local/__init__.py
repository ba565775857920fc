"""The local cloud: the real deployment, run on a moto server in one process.

Each module closes one gap between moto and AWS, and has a test in `tests/local` that shows it.

`places`           where a local cloud keeps its state: all of it under one folder, `.cutover/`
`clients`          how parts of this cloud call its own APIs
`mend`             the one way moto is changed: an attribute that must exist is replaced
`lifecycle`        up, down, status, deploy, destroy, environment, token: what `cutover local` calls
`server`           the process that holds moto, the workers and the HTTP front, and ends all of them
`front`            moto's server closes each connection; this keeps it, and adds our paths
`faults`           a database that always answers proves little; this throttles, loses and delays
`forgetting`       moto keeps every object it ever made; this lets go of those that are gone
`lambdas`          moto runs a function in Docker or not at all; this runs it in worker processes
`streams`          moto calls a stream's functions inside the writer's request; this polls
`queues`           moto calls a queue's functions inside the sender's request; this polls
`mappings`         starts and ends the pollers of streams and queues with their mappings
`metrics`          moto counts nothing by itself, and knows no percentile and no metric math
`alarms`           moto leaves every alarm in one state for ever; this evaluates and tells
`events`           moto's rules reach neither functions, state machines nor topics
`pace`             what is declared in minutes, for rules and alarms, passes in seconds
`schedules`        moto keeps rules with a rate and fires none; this fires them
`stepfunctions`    moto has two backends and CloudFormation uses the one that executes nothing
`inventory`        what is deployed, for the status page
`cloudformation`   types moto skips, updates it forgets, failures it hides
`http_apis`        moto stores an HTTP API but nothing answers at its address
`tokens`, `roles`  an issuer of the tokens that the APIs' authorizer checks
`emptying`         buckets that go with their stack are emptied before `destroy`
`toolkit`          the real CDK CLI, pointed at the local cloud
`dynamodb`         moto's DynamoDB made faithful and fast enough to migrate through
`dynamodb_local`   AWS's DynamoDB Local in its place, where it is asked for
"""
