"""Models of customers' order days and spend, fitted one currency at a time.

medallion.models and its libraries are loaded where this runs, and only there. Numbers are rounded to the digits that
are the same on every machine.
"""

from __future__ import annotations

import json
import math
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from medallion.grouped_arrays import Arrays
    from medallion.models import BgNbd, GammaGamma, MbgNbd

    Model = BgNbd | MbgNbd

BG_NBD, MBG_NBD = "BG/NBD", "MBG/NBD"
# Which of the histories of a currency: all that is known, or what was known when the hold-out began.
KNOWN, CALIBRATION = 0, 1
CALIBRATION_SHARE = 7, 10  # of a currency's days
DIGITS = 10  # significant ones of what is published
OF_DAYS, OF_SPEND = ("r", "alpha", "a", "b"), ("p", "q", "v")
NAMES = (
    *("customer_count", "repeat_customer_count", "cell_count", "model", "model_reason", "reason", "converged"),
    *(name for one in (*OF_DAYS, *OF_SPEND) for name in (one, f"{one}_standard_error")),
    *("log_likelihood", "bg_nbd_log_likelihood", "mbg_nbd_log_likelihood"),
    *("spend_customer_count", "spend_converged", "spend_reason", "spend_log_likelihood", "repeat_value_correlation"),
    *("holdout_days", "holdout_customer_count", "holdout_actual_orders", "holdout_predicted_orders"),
    *("holdout_error_pct", "holdout_decile_error_pct", "holdout_deciles", "holdout_reason"),
)
_SPEND_STEP = 200  # mean spend within half a percent counts as equal
_DECILES = 10


def fitted(_: Mapping[str, Any], histories: Arrays) -> Mapping[str, Sequence[Any]]:
    """All that clv_model says of a currency, in one row.

    Of histories: `part`, `x`, `t_x`, `age` (order days after the first, days to the last of them and to the end),
    `value` (mean spend of the days after the first, 0 without), `customers` with all of this in common, and `later`,
    the order days that these had in the hold-out.
    """
    import numpy as np

    # In one order, whatever the engine's: sums come out the same to the last digit.
    order = np.lexsort([histories[name] for name in ("value", "age", "t_x", "x", "part")])
    known, before = (
        {name: values[order[histories["part"][order] == part]] for name, values in histories.items()}
        for part in (KNOWN, CALIBRATION)
    )
    came_back = known["x"] > 0
    found = _purchases(known)
    model = found.pop("fitted")
    row = {
        "customer_count": int(known["customers"].sum()),
        "repeat_customer_count": int(known["customers"][came_back].sum()),
        **found,
        **_spend({name: values[came_back] for name, values in known.items()}),
        **_hold_out(model, known, before),
    }
    return {name: [row.get(name)] for name in NAMES}


def _purchases(known: Arrays) -> dict[str, Any]:
    """The more likely of the two models of order days."""
    from medallion.models import fit_bg_nbd, fit_mbg_nbd

    given = known["x"], known["t_x"], known["age"], known["customers"]
    models: dict[str, Model] = {BG_NBD: fit_bg_nbd(*given), MBG_NBD: fit_mbg_nbd(*given)}
    likelihoods = {name: _number(one.log_likelihood) for name, one in models.items()}
    ready = [name for name, one in models.items() if one.converged]
    best = max(ready, key=lambda name: models[name].log_likelihood, default=None)
    found: dict[str, Any] = {
        "model": best,
        "model_reason": _why(best, likelihoods),
        "reason": None if best else _reason(models),
        "converged": best is not None,
        "cell_count": models[MBG_NBD].cells,
        "log_likelihood": likelihoods[best] if best else None,
        "bg_nbd_log_likelihood": likelihoods[BG_NBD],
        "mbg_nbd_log_likelihood": likelihoods[MBG_NBD],
        "fitted": models[best] if best else None,
    }
    return {**found, **(_parameters(models[best], OF_DAYS) if best else {})}


def _why(best: str | None, likelihoods: Mapping[str, float | None]) -> str | None:
    if best is None:
        return None
    other = BG_NBD if best == MBG_NBD else MBG_NBD
    if likelihoods[other] is None:
        return f"{other} has no maximum of its likelihood"
    return f"its log-likelihood is greater than that of {other}, which has as many parameters"


def _reason(models: Mapping[str, Model]) -> str:
    """Why there is neither model."""
    reasons = dict.fromkeys(one.reason for one in models.values())
    return next(iter(reasons)) if len(reasons) == 1 else "; ".join(f"{n}: {one.reason}" for n, one in models.items())


def _spend(repeaters: Arrays) -> dict[str, Any]:
    """The model of spend, and whether spend goes with the number of days, which it takes to be independent."""
    import numpy as np

    from medallion.models import fit_gamma_gamma

    x, value, customers = (repeaters[name] for name in ("x", "value", "customers"))
    spent = value > 0
    steps = np.round(np.log(value[spent]) * _SPEND_STEP)
    worth: GammaGamma = fit_gamma_gamma(x[spent], np.exp(steps / _SPEND_STEP), customers[spent])
    return {
        "spend_customer_count": int(customers[spent].sum()),
        "spend_converged": worth.converged,
        "spend_reason": worth.reason or None,
        "spend_log_likelihood": _number(worth.log_likelihood),
        "repeat_value_correlation": _correlation(x, value, customers),
        **(_parameters(worth, OF_SPEND) if worth.converged else {}),
    }


def _correlation(x: Any, value: Any, customers: Any) -> float | None:
    """Pearson's, of customers; None where one of the two does not vary."""
    import numpy as np

    if len(x) == 0 or np.ptp(x) == 0 or np.ptp(value) == 0:
        return None
    matrix = np.cov(np.stack([x, value]), aweights=customers, ddof=0)
    return _number(matrix[0, 1] / math.sqrt(matrix[0, 0] * matrix[1, 1]))


def _hold_out(model: Model | None, known: Arrays, before: Arrays) -> dict[str, Any]:
    """The model fitted on the first days only, and what it says of the rest against what came."""
    days = calibration_days(int(known["age"].max(initial=0.0)))
    length = int(known["age"].max(initial=0.0)) - days
    customers, later = before["customers"], before["later"]
    found: dict[str, Any] = {
        "holdout_days": length,
        "holdout_customer_count": int(customers.sum()),
        "holdout_actual_orders": int(later.sum()),
    }
    if model is None:
        return {**found, "holdout_reason": "there is no model to check"}
    given = before["x"], before["t_x"], before["age"]
    early = type(model).fitted(*given, customers)
    if not early.converged:
        return {**found, "holdout_reason": f"of the first days: {early.reason}"}
    from medallion.models.purchases_of_many import purchases_if_active

    (if_active,) = purchases_if_active(early, [float(length)], before["x"], before["age"])
    expected = early.p_alive(*given) * if_active
    predicted, actual = float(customers @ expected), float(later.sum())
    deciles = _deciles(expected, customers, later)
    return {
        **found,
        "holdout_predicted_orders": _number(predicted),
        "holdout_error_pct": _number((predicted - actual) / actual * 100.0) if actual else None,
        "holdout_decile_error_pct": _number(sum(abs(p - y) for _, p, y in deciles) / actual * 100) if actual else None,
        "holdout_deciles": json.dumps(
            [
                {"decile": n, "customers": int(who), "predicted": round(p / who, 4), "actual": round(y / who, 4)}
                for n, (who, p, y) in enumerate(deciles, 1)
            ],
            separators=(",", ":"),
        ),
    }


def calibration_days(days: int) -> int:
    """Of a currency's days, how many a hold-out check calibrates on."""
    part, whole = CALIBRATION_SHARE
    return days * part // whole


def _deciles(expected: Any, customers: Any, later: Any) -> list[tuple[float, float, float]]:
    """(customers, predicted, actual) of tenths of the customers, least expected first; empty ones are left out.

    Customers of one history stay together, in the tenth that the middle one of them belongs to.
    """
    import numpy as np

    order = np.argsort(np.round(expected, DIGITS), kind="stable")
    who = customers[order]
    middle = (np.cumsum(who) - who / 2) / who.sum()
    tenth = np.minimum((middle * _DECILES).astype(np.int64), _DECILES - 1)
    sums = [np.bincount(tenth, one, _DECILES) for one in (who, who * expected[order], later[order])]
    return [(n, p, y) for n, p, y in zip(*(one.tolist() for one in sums), strict=True) if n]


def _parameters(model: Model | GammaGamma, names: Sequence[str]) -> dict[str, float | None]:
    """Each parameter and its standard error."""
    errors = model.standard_errors._asdict()
    return {name: _number(getattr(model, name)) for name in names} | {
        f"{name}_standard_error": _number(errors[name]) for name in names
    }


def _number(value: float) -> float | None:
    """To the digits that are published; None for what is not a number."""
    return float(f"{value:.{DIGITS}g}") if math.isfinite(value) else None
