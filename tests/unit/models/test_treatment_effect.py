"""Difference in differences: planted effects are recovered, none is found where none was, matching matters."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt
import pytest

from medallion.errors import ModelError
from medallion.models import difference_in_differences

F64 = npt.NDArray[np.float64]


def panel(seed: int, effect: float, units: int = 120) -> dict[str, npt.NDArray[np.generic]]:
    """Two rows a unit, of large and small units in two strata; large ones are treated more often, and grow more."""
    rng = np.random.default_rng(seed)
    large = rng.random(units) < 0.5
    treated = rng.random(units) < np.where(large, 0.7, 0.3)
    level = rng.normal(np.where(large, 60.0, 20.0), 10.0)
    before = level + rng.normal(0.0, 2.0, units)
    after = level + np.where(large, 9.0, 3.0) + effect * treated + rng.normal(0.0, np.where(treated, 5.0, 2.0))
    return {
        "outcome": np.concatenate([before, after]),
        "treated": np.tile(treated, 2),
        "after": np.repeat([0, 1], units),
        "unit": np.tile(np.arange(units), 2),
        "strata": np.tile(np.where(large, "large", "small"), 2),
    }


def unmatched(seed: int, effect: float) -> dict[str, npt.NDArray[np.generic]]:
    return {name: column for name, column in panel(seed, effect).items() if name != "strata"}


def test_it_is_the_difference_of_the_mean_changes() -> None:
    found = difference_in_differences(
        [10, 20, 11, 23, 5, 6, 9, 8], [0, 0, 0, 0, 1, 1, 1, 1], [0, 0, 1, 1] * 2, list("ababcdcd")
    )

    assert found.estimate == pytest.approx((8.5 - 5.5) - (17.0 - 15.0))
    assert (found.clusters, found.treated_clusters, found.left_out) == (4, 2, 0)


def test_the_error_is_that_of_a_regression_clustered_by_unit() -> None:
    rows = unmatched(1, 4.0)
    weights = np.tile(np.random.default_rng(9).uniform(0.5, 2.0, 120), 2)

    found = difference_in_differences(**rows, weights=weights)

    treated, after = rows["treated"].astype(float), rows["after"].astype(float)
    design = np.column_stack([np.ones(240), treated, after, treated * after])
    bread = np.linalg.inv((design.T * weights) @ design)
    slopes = bread @ (design.T * weights) @ rows["outcome"]
    scores = design * (weights * (rows["outcome"] - design @ slopes))[:, np.newaxis]
    by_unit = np.array([scores[rows["unit"] == unit].sum(axis=0) for unit in range(120)])
    covariance = bread @ by_unit.T @ by_unit @ bread * (120 / 119) * (239 / 236)
    assert (found.estimate, found.standard_error) == pytest.approx((slopes[3], np.sqrt(covariance[3, 3])))


@pytest.mark.parametrize("effect", [0.0, 4.0])
def test_an_effect_is_recovered_among_matched_units(effect: float) -> None:
    found = [difference_in_differences(**panel(seed, effect)) for seed in range(300)]

    assert np.mean([one.estimate for one in found]) == pytest.approx(effect, abs=0.15)
    assert np.mean([one.low <= effect <= one.high for one in found]) == pytest.approx(0.95, abs=0.035)


def test_without_matching_growth_of_large_units_passes_for_an_effect() -> None:
    found = [difference_in_differences(**unmatched(seed, 0.0)) for seed in range(40)]

    assert np.mean([one.estimate for one in found]) > 1.5


def test_levels_of_units_make_no_difference() -> None:
    rows, other = panel(1, 4.0), panel(1, 4.0)
    other["outcome"] = rows["outcome"] + 1e6 * np.tile(np.arange(120), 2)

    assert difference_in_differences(**other).estimate == pytest.approx(difference_in_differences(**rows).estimate)
    assert difference_in_differences(**other).standard_error == pytest.approx(
        difference_in_differences(**rows).standard_error
    )


def test_the_order_of_rows_and_the_scale_of_weights_make_no_difference() -> None:
    rows = panel(1, 4.0)
    order = np.random.default_rng(0).permutation(240)

    found = difference_in_differences(**{name: one[order] for name, one in rows.items()}, weights=np.full(240, 7.0))

    plain = difference_in_differences(**rows)
    assert (found.estimate, found.standard_error) == pytest.approx((plain.estimate, plain.standard_error))


def test_strata_without_both_groups_and_units_without_weight_are_left_out() -> None:
    rows = panel(1, 4.0)
    rows["strata"] = np.where(np.isin(rows["unit"], [3, 4]), "alone" + rows["treated"].astype(str), rows["strata"])

    found = difference_in_differences(**rows, weights=(rows["unit"] != 7).astype(float))

    assert (found.clusters, found.left_out) == (117, 3)


@pytest.mark.parametrize(
    ("treated", "unit", "reason"),
    [
        ([], [], "a group has 0 units with rows before and after; at least 2 are needed"),
        ([1, 1, 1, 1], [1, 1, 2, 2], "a group has 0 units with rows before and after; at least 2 are needed"),
        (
            [1, 1, 0, 0, 0, 0],
            [1, 1, 2, 2, 3, 3],
            "a group has 1 units with rows before and after; at least 2 are needed",
        ),
    ],
)
def test_too_few_units_give_a_reason_and_no_number(treated: list[int], unit: list[int], reason: str) -> None:
    found = difference_in_differences(np.arange(len(unit)), treated, [0, 1] * (len(unit) // 2), unit)

    assert found.reason == reason
    assert np.isnan([found.estimate, found.standard_error, found.low, found.high, found.p_value]).all()


def in_strata(seed: int, sizes: list[tuple[int, int]]) -> dict[str, npt.NDArray[np.generic]]:
    """Two rows a unit, without an effect, of strata that have as many treated and other units as given."""
    rng = np.random.default_rng(seed)
    treated = np.concatenate([np.repeat([1, 0], pair) for pair in sizes])
    strata = np.repeat(np.arange(len(sizes)), [sum(pair) for pair in sizes])
    return {
        "outcome": rng.normal(size=2 * len(treated)),
        "treated": np.tile(treated, 2),
        "after": np.repeat([0, 1], len(treated)),
        "unit": np.tile(np.arange(len(treated)), 2),
        "strata": np.tile(strata, 2),
    }


@pytest.mark.parametrize("single", [(1, 3), (3, 1)])
def test_a_single_unit_of_a_group_is_not_compared_as_it_has_no_error(single: tuple[int, int]) -> None:
    few = in_strata(1, [(4, 6), (2, 2)])
    rows = in_strata(2, [(4, 6), (2, 2), *[single] * 9])
    is_few = rows["strata"] < 2
    rows["outcome"][is_few] = few["outcome"]

    found, alone = difference_in_differences(**rows), difference_in_differences(**few)

    assert (found.estimate, found.standard_error, found.p_value) == pytest.approx(
        (alone.estimate, alone.standard_error, alone.p_value)
    )
    assert (found.clusters, found.treated_clusters, found.left_out, alone.left_out) == (14, 6, 36, 0)


def test_a_unit_that_counts_for_nothing_leaves_the_other_single() -> None:
    rows = in_strata(1, [(4, 6), (2, 3)])

    found = difference_in_differences(**rows, weights=(rows["unit"] != 10).astype(float))

    assert (found.clusters, found.left_out) == (10, 5)


def test_single_treated_units_do_not_make_an_interval_too_narrow() -> None:
    found = [difference_in_differences(**in_strata(seed, [(8, 8), *[(1, 3)] * 30])) for seed in range(400)]

    assert np.mean([one.low <= 0.0 <= one.high for one in found]) == pytest.approx(0.95, abs=0.035)


def test_single_units_in_every_stratum_give_a_reason_and_no_number() -> None:
    found = difference_in_differences(**in_strata(1, [(1, 3)] * 30))

    assert found.reason == "no stratum has 2 units of each group, and rows of both before and after"
    assert (found.clusters, found.treated_clusters, found.left_out) == (0, 0, 120)
    assert np.isnan([found.estimate, found.standard_error, found.low, found.high, found.p_value]).all()


def test_units_seen_in_one_period_alone_leave_an_effect_without_an_error() -> None:
    found = difference_in_differences(
        [1, 2, 1, 5] * 2, [0, 0, 1, 1] * 2, [0, 1] * 4, np.arange(8), strata=np.repeat(["a", "b"], 4)
    )

    assert (found.estimate, found.reason) == (3.0, "2 strata leave no variation to take an error from; use fewer")
    assert np.isnan(found.standard_error)


@pytest.mark.parametrize(
    ("rows", "line"),
    [
        (([1.0], [0, 1], [0, 1], [1, 1]), "treated: has 2 rows, outcome has 1; give one value a row"),
        (([1.0], [2], [0], [1]), "treated: 2 in row 0 is neither 0 nor 1"),
        (([np.nan], [1], [0], [1]), "outcome: nan in row 0 is not a finite number; leave such rows out"),
        (([1.0], [1], [0], [[1]]), "unit: has 2 dimensions; give one value a row"),
        (
            ([1.0, 2.0], [0, 1], [0, 1], ["ann", "ann"]),
            "unit: ann is in both groups or in two strata; a unit belongs to one of each",
        ),
        (([1.0], [1], [0], [1], [-1.0]), "weights: -1 in row 0 is negative; it must be zero or more"),
    ],
)
def test_panels_that_make_no_sense_are_refused_in_one_line(rows: tuple[object, ...], line: str) -> None:
    with pytest.raises(ModelError) as refused:
        difference_in_differences(*rows)
    assert str(refused.value) == line
