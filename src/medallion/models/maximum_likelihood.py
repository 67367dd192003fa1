"""Maximum likelihood over positive parameters: several starts, Newton's steps to the end, errors from the curvature.

The search is over the logarithms of the parameters, which keeps them positive and makes steps relative. Whether a
maximum was found is decided by Newton's next step from it: close to a maximum it vanishes, where the likelihood still
rises towards infinity it does not.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import numpy as np

from medallion.models.arguments import F64

# The mean log-likelihood of a unit of weight, and its gradient, at the logarithms of the parameters.
MeanLikelihood = Callable[[F64], tuple[float, F64]]

LARGEST_LOG = 15.0  # parameters between 3e-7 and 3e6, in units in which they are of the order of one
NEWTON_STEPS, LONGEST_STEP, LAST_STEP, SMALL_STEP = 30, 1.0, 1e-7, 1e-5
DIFFERENCE = 1e-4
DESCENT_STEPS, HALVINGS, LEAST_RISE, SMALL_SLOPE = 400, 40, 1e-4, 1e-5


@dataclass(frozen=True)
class Maximum:
    """Parameters at the maximum with their covariance; NaN throughout, and a reason, where none was found."""

    parameters: F64  # (k,)
    covariance: F64  # (k, k)
    log_likelihood: float
    reason: str = ""

    @staticmethod
    def missing(parameters: int, reason: str) -> Maximum:
        """No maximum, for a reason."""
        return Maximum(np.full(parameters, np.nan), np.full((parameters, parameters), np.nan), float("nan"), reason)


def maximise(
    likelihood: MeanLikelihood,
    starts: Iterable[Sequence[float]],
    names: Sequence[str],
    n: float,
    sample: MeanLikelihood | None = None,
) -> Maximum:
    """The maximum over positive parameters of a mean log-likelihood of `n` observations, from the best of the starts.

    Which start is best may be found on a likelihood of a sample, which is cheaper; from its maximum, that of all is a
    few of Newton's steps away. The covariance is the inverse of the
    observed information in the logarithms, by the delta method.
    """
    tried = [_descend(sample or likelihood, np.log(np.asarray(start, dtype=np.float64))) for start in starts]
    logs = min(tried, key=lambda found: found[0])[1]
    end = _newton(likelihood, _approached(likelihood, sample, logs) if sample else logs)
    reason = _why_not(end, names)
    if reason and sample:
        end = _newton(likelihood, _descend(likelihood, logs)[1])
        reason = _why_not(end, names)
    if reason:
        return Maximum.missing(len(names), reason)
    parameters = np.exp(end.logs)
    covariance = np.linalg.inv(n * end.information) * np.outer(parameters, parameters)
    return Maximum(parameters, covariance, n * likelihood(end.logs)[0])


@dataclass(frozen=True)
class _End:
    """Where Newton's steps end, the last of them (None where the likelihood is not curved downwards), and what it was
    made with.
    """

    logs: F64
    step: F64 | None
    information: F64


def curvature(likelihood: MeanLikelihood, logs: F64) -> F64:
    """The negative second derivatives (k, k) of a likelihood, from central differences of its gradient."""
    rows = []
    for shift in np.eye(len(logs)) * DIFFERENCE:
        rows.append((likelihood(logs - shift)[1] - likelihood(logs + shift)[1]) / (2 * DIFFERENCE))
    matrix: F64 = np.array(rows)
    return (matrix + matrix.T) / 2


def _descend(likelihood: MeanLikelihood, start: F64) -> tuple[float, F64]:
    """(value, place) of the least negative log-likelihood found from a start, by the method of Broyden, Fletcher,
    Goldfarb and Shanno (Nocedal, Wright 2006, Numerical Optimization, algorithm 6.1) with halved steps.

    Not SciPy's: loading it takes longer than the search, and its L-BFGS-B starts threads for each of these tiny
    systems, which wait for each other on a busy machine.
    """
    place = start
    value, slope = likelihood(_within(place))
    inverse = np.eye(len(start)) / max(1.0, float(np.abs(slope).max()))
    for _ in range(DESCENT_STEPS):
        step = inverse @ slope
        found = _rise(likelihood, place, value, step, float(slope @ step))
        if found is None or np.abs(slope).max() < SMALL_SLOPE:
            break
        step, value, new_slope = found
        place, change = place + step, slope - new_slope
        slope = new_slope
        curved = float(step @ change)
        if curved > 0.0:
            rest = np.eye(len(start)) - np.outer(step, change) / curved
            inverse = np.asarray(rest @ inverse @ rest.T + np.outer(step, step) / curved, dtype=np.float64)
    return -value, _within(place)


def _approached(likelihood: MeanLikelihood, sample: MeanLikelihood, logs: F64) -> F64:
    """From the maximum of a sample towards that of all, by Newton's steps with the sample's curvature.

    It differs from that of all by little, so each step is a fraction of the one before; where it is not, no further.
    """
    information = curvature(sample, logs)
    longest = LONGEST_STEP
    for _ in range(NEWTON_STEPS):
        step = _step(information, likelihood(logs)[1])
        if step is None or np.abs(step).max() > longest / 2.0:
            break
        logs, longest = logs + step, float(np.abs(step).max())
        if longest < LAST_STEP:
            break
    return logs


def _rise(
    likelihood: MeanLikelihood, place: F64, value: float, step: F64, slope: float
) -> tuple[F64, float, F64] | None:
    """The step, halved until the likelihood rises by a part of what its slope promises; value and gradient there."""
    for _ in range(HALVINGS):
        new_value, new_slope = likelihood(_within(place + step))
        if new_value >= value + LEAST_RISE * slope:
            return step, new_value, new_slope
        step, slope = step / 2.0, slope / 2.0
    return None


def _within(logs: F64) -> F64:
    return np.clip(logs, -LARGEST_LOG, LARGEST_LOG)


def _newton(likelihood: MeanLikelihood, logs: F64) -> _End:
    """Newton's steps to a maximum, or to where there is none to go to."""
    for _ in range(NEWTON_STEPS):
        information = curvature(likelihood, logs)
        step = _step(information, likelihood(logs)[1])
        if step is None or np.abs(logs + step).max() > LARGEST_LOG:
            break
        longest = np.abs(step).max()
        logs = logs + step / max(1.0, longest / LONGEST_STEP)
        if longest < LAST_STEP:
            break
    return _End(logs, step, information)


def _step(information: F64, gradient: F64) -> F64 | None:
    try:
        np.linalg.cholesky(information)  # of nothing but a positive definite one
        step: F64 = np.linalg.solve(information, gradient).astype(np.float64)
    except np.linalg.LinAlgError:
        return None
    return step if np.isfinite(step).all() else None


def _why_not(end: _End, names: Sequence[str]) -> str:
    """Empty for a maximum."""
    if end.step is not None and np.abs(end.step).max() < SMALL_STEP and np.abs(end.logs).max() < LARGEST_LOG:
        return ""
    extreme = names[int(np.argmax(np.abs(end.logs)))]
    return f"the likelihood has no maximum that these data determine: {extreme} runs off while it still rises"
