"""Statistics on NumPy and SciPy alone: purchases to come, spend, and effects, each with its uncertainty.

Every function takes arrays (lists will do) of one row an observation. Data that do not determine an answer are no
error: the result is NaN and has a `reason`. Data that make no sense raise `medallion.errors.ModelError`, a ValueError.
"""

from medallion.models.bg_nbd import BgNbd, fit_bg_nbd
from medallion.models.gamma_gamma import GammaGamma, fit_gamma_gamma
from medallion.models.mbg_nbd import MbgNbd, fit_mbg_nbd
from medallion.models.mean_difference import MeanDifference, Sample, welch
from medallion.models.price_elasticity import Elasticity, log_log_elasticity
from medallion.models.treatment_effect import TreatmentEffect, difference_in_differences

__all__ = [
    "BgNbd",
    "Elasticity",
    "GammaGamma",
    "MbgNbd",
    "MeanDifference",
    "Sample",
    "TreatmentEffect",
    "difference_in_differences",
    "fit_bg_nbd",
    "fit_gamma_gamma",
    "fit_mbg_nbd",
    "log_log_elasticity",
    "welch",
]
