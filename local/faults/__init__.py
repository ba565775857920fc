"""Faults at the wire, on demand: off until somebody asks for them.

`wish`       what was asked for: where, which faults, how often
`chaos`      decides by chance whether one happens now, and counts
`database`   DynamoDB's: before an operation, after its effect, or in a part of a batch
`services`   those of the other services, told apart by whom a request is signed for
`functions`  a function is called twice, or its answer is lost as at a timeout
`streams`    batches of stream records come late, or again
`everywhere` puts them all in place
`page`       where it is asked for: `/_cutover/faults`
"""
