"""The stacks: Control once, and Data, Api and Workflow for each migration."""
