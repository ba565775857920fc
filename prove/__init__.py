"""Proves the engine in simulation: every interleaving we can afford, a crash at every step.

The real engine runs over the memory ports; at each port call a chooser decides who goes on
next. `python -m prove --help` says how to run it.
"""
