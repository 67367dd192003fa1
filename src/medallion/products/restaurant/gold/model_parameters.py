"""The columns of clv_model that hold what was fitted: each parameter, and how exactly it is known."""

from __future__ import annotations

from medallion.contracts import Column

_DAYS = (  # name, that of its standard error, of what
    ("r", "r_standard_error", "shape of the gamma distributed rates of order days"),
    ("alpha", "alpha_standard_error", "days: the mean rate is r / alpha a day"),
    ("a", "a_standard_error", "of the beta distributed chance to stop, whose mean is a / (a + b)"),
    ("b", "b_standard_error", "of the beta distributed chance to stop"),
)
_SPEND = (
    ("p", "p_standard_error", "shape of an order day's gamma distributed spend"),
    ("q", "q_standard_error", "shape of its rate over customers"),
    ("v", "v_standard_error", "scale of that rate; the mean spend of all is p v / (q - 1)"),
)


def _parameters(parameters: tuple[tuple[str, str, str], ...], reason: str) -> tuple[Column, ...]:
    return tuple(
        column
        for name, error, meaning in parameters
        for column in (
            Column(
                name,
                "double",
                f"Parameter {name}: {meaning}; NULL with a {reason}.",
                minimum=0,
                formula="where the likelihood is greatest",
            ),
            Column(
                error,
                "double",
                f"Standard error of {name}, from the observed information; a 95 % interval is 1.96 of it to both sides "
                "of the logarithm, relative to the estimate.",
                minimum=0,
                formula="root of the diagonal of the inverse observed information",
            ),
        )
    )


ORDER_DAYS = _parameters(_DAYS, "reason")
SPEND = _parameters(_SPEND, "spend_reason")
