"""CloudWatch metrics that are counted from what happens here, and answered as CloudWatch answers.

moto keeps what is put, mixes metrics whose dimensions differ, knows no percentile and no metric
math, and makes no metric itself: neither from the log lines in Embedded Metric Format nor of its
own services.

`samples`         values of one moment: their sum, extremes, count, percentiles
`store`           every metric's samples by the second
`embedded`        metrics in the lines that functions print
`function_usage`  what AWS counts of functions by itself
`table_usage`     what it counts of tables
`sampler`         what it counts of queues and of executions
`expressions`     metric math: the text of an expression as a tree
`functions`       metric math: what a tree's functions give
`queries`         metrics and expressions over the same periods
`cloudwatch`      the API's operations on metrics
"""
