"""The simulation of migrations within one table, over the same scheduler, judge and reports."""
