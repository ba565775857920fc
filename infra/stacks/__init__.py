"""The stacks: Control once; Data, Api, Workflow and Observability for each migration."""
