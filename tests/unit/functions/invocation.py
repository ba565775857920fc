"""What Lambda tells a function, as far as the handlers ask for it."""


class Context:
    """The context of one invocation with a minute left."""

    function_name = "step"
    memory_limit_in_mb = 512
    invoked_function_arn = "arn:aws:lambda:us-east-1:123456789012:function:step"
    aws_request_id = "request-1"

    def get_remaining_time_in_millis(self):
        return 60_000
