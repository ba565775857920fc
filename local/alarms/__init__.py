"""Alarms that are evaluated: moto keeps their declarations and leaves them in one state for ever.

`alarm`       an alarm, what it declares and the state it is in
`declared`    a metric alarm's declaration, read once and refused where it cannot be kept
`rules`       the rule of a composite alarm
`evaluation`  which state a metric alarm's values mean
`book`        all alarms; a change of one is told to those that depend on it, and to the announcer
`announcer`   the event and the notifications of a change
`evaluator`   looks every second
`cloudwatch`  the API's operations on alarms
"""
