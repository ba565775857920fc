"""One shared deployment of the local cloud, used as an operator without our command would."""
