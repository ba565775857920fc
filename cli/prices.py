"""What AWS asks, as the plan reckons with it: list prices of one region at one time, no discounts.

They are assumptions, printed with every plan. Each names the page on which to look it up.
"""

from dataclasses import dataclass

from shared.model.prices import DOLLARS_PER_READ_UNIT, DOLLARS_PER_WRITE_UNIT

REGION = "us-east-1"
AS_OF = "November 2026"
MONTH = 30 * 86400.0
GB = 1024**3


@dataclass(frozen=True, slots=True)
class Price:
    """Dollars for one unit of something, and the page that says so."""

    dollars: float
    unit: str
    page: str


ON_DEMAND = "aws.amazon.com/dynamodb/pricing/on-demand"
LAMBDA = "aws.amazon.com/lambda/pricing"
STEP_FUNCTIONS = "aws.amazon.com/step-functions/pricing"
S3 = "aws.amazon.com/s3/pricing"

WRITE_UNIT = Price(DOLLARS_PER_WRITE_UNIT, "write request unit", ON_DEMAND)
READ_UNIT = Price(DOLLARS_PER_READ_UNIT, "read request unit", ON_DEMAND)
TABLE_MONTH = Price(0.25, "GB of a table a month", ON_DEMAND)
RECOVERY_MONTH = Price(0.20, "GB of point-in-time recovery a month", ON_DEMAND)
EXPORT = Price(0.10, "GB exported to S3", ON_DEMAND)
ARCHIVE_MONTH = Price(0.023, "GB in S3 Standard a month", S3)
FUNCTION_SECOND = Price(1.33334e-5, "GB second of Lambda on arm64", LAMBDA)
TRANSITION = Price(2.5e-5, "state transition of a Standard workflow", STEP_FUNCTIONS)

PRICES = (
    WRITE_UNIT,
    READ_UNIT,
    TABLE_MONTH,
    RECOVERY_MONTH,
    EXPORT,
    ARCHIVE_MONTH,
    FUNCTION_SECOND,
    TRANSITION,
)
