"""Deployed HTTP APIs, answering where their stacks' outputs say.

`routing` finds the route, `authorizer` checks the token, `payload` speaks format 2.0 with the
function, and `gateway` is the application that the server's front calls.
"""
