"""The claims of an explanation as a table of pandas."""

from typing import TYPE_CHECKING

from finexl.errors import InvalidInputError
from finexl.explanation import ExplainedClaim, Explanation

if TYPE_CHECKING:
    import pandas

COLUMNS = (
    "concept", "other_names", "amount", "low", "high", "p_value", "verdict", "inseparable", "most_moved", "least_moved",
)  # fmt: skip


def to_frame(explanation: Explanation) -> "pandas.DataFrame":
    """One row per claim, with the columns of `COLUMNS`; no claims give a table without rows.

    Raises:
        InvalidInputError: pandas is not installed.
    """
    try:
        import pandas
    except ModuleNotFoundError as reason:
        raise InvalidInputError(
            "`to_frame` needs pandas. It is not installed. Install it: pip install 'finexl[tables]'."
        ) from reason
    return pandas.DataFrame([_row(claim) for claim in explanation.claims], columns=list(COLUMNS))


def _row(claim: ExplainedClaim) -> tuple[object, ...]:
    low, high = claim.interval
    return (
        claim.concept, claim.other_names, claim.amount, low, high, claim.p_value, str(claim.verdict),
        claim.inseparable, claim.most_moved, claim.least_moved,
    )  # fmt: skip
