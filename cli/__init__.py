"""The operator's command `cutover`: it reads the same ports as the deployed functions.

`main`        the verbs, put together, and the entry point
`cloud`       which account, region and endpoint it talks to, and the world of a migration there
`session`     what one command works with: the cloud, the screen, and who asks
`endings`     exit codes, and errors as one block that says what to do
`commands`    one module for each group of verbs
`views`       what people see; `documents` is what `--json` prints of the same things
`following`   a workflow shown until it ends
`estimate`    what a migration will cost, from the numbers that the tables give of themselves
"""
