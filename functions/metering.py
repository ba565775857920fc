"""Tells what the engine measured, in CloudWatch's embedded metric format."""

from aws_lambda_powertools import Metrics

from shared.engine.meter import Meter
from shared.model.metrics import NAMESPACE, Metric


def metrics_of(migration: str) -> Metrics:
    """Return what collects one migration's metrics; `service` is a dimension by itself."""
    metrics = Metrics(namespace=NAMESPACE)
    metrics.set_default_dimensions(migration=migration)
    return metrics


def tell(metrics: Metrics, meter: Meter) -> None:
    """Add everything that was measured since the last time; the phase goes along as metadata."""
    for metric, values in meter.drain().items():
        for value in values:
            add(metrics, metric, value)
    if meter.phase is not None:
        metrics.add_metadata("phase", meter.phase.value)


def add(metrics: Metrics, metric: Metric, value: float) -> None:
    """Add one value of a metric in the metric's own unit."""
    metrics.add_metric(name=metric.value, unit=metric.unit.value, value=value)
