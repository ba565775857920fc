"""The state machines as Amazon States Language: JSONPath, states named in short sentences.

Every machine keeps three things in its data: `$.journey.run_id` or `$.run.run_id` from the
start, `$.next` what the planner said, `$.failure` the error that was caught. The input is
read from the context (`$$.Execution.Input`), so that a field nobody knows reaches the
function that refuses it.
"""
