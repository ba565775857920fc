"""Event source mappings of SQS queues, polled as Lambda does it.

moto calls the function inside the sender's request, once, with all that it then receives, and loses
messages when two callers work on one queue. Here a thread for each mapping receives through the
queue's own API; a message that was not dealt with comes back when its visibility timeout ends,
until the queue's redrive policy moves it away.

`storage`   a queue that several callers may use at once, and that keeps its policy
`moving`    dead letters that are sent back
`events`    what the function is sent for a batch
`delivery`  which messages of a batch are done
`poller`    receives batches and runs several at once
"""
