"""The one clock that is not AWS's: what is declared for rules and alarms passes faster here.

AWS's shortest rate is a minute and its shortest period ten seconds. Here a declared minute lasts
six seconds, for the periods that alarms are evaluated over and for rules with a rate alike, so that
an alarm on a metric that a rule makes sees as many values as on AWS. Nothing else is compressed.
"""

SPEED = 10


def lasting(declared: float) -> float:
    """Give the seconds that a declared time lasts here."""
    return declared / SPEED
