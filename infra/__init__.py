"""What is deployed and where: stacks, the constructs they compose, and the state machines."""
