"""Estimates with standard errors, by statsmodels, lifelines and scipy, of what a document declares."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import autograd.numpy as anp
import numpy as np
import pandas as pd
import statsmodels.api as sm
from lifelines.fitters import ParametricUnivariateFitter
from scipy.optimize import brentq, curve_fit, minimize
from scipy.special import betaln
from scipy.stats import gamma
from statsmodels.tools.numdiff import approx_hess
from statsmodels.tsa.statespace.sarimax import SARIMAX

MONTH = pd.Timedelta(hours=730.5)
DAY = pd.Timedelta(days=1)
YEAR = pd.Timedelta(hours=8766)


@dataclass(frozen=True, slots=True)
class Estimate:
    """A planted parameter of a kind, and what an estimator finds for it."""

    kind: str
    parameter: str
    planted: float
    found: float
    error: float

    @property
    def z(self) -> float:
        return (self.found - self.planted) / self.error


Found = list[Estimate]
Planted = Mapping[str, float]


def named(kind: str, planted: Planted, found: Sequence[float], covariance: np.ndarray) -> Found:
    """The estimates of parameters in the order of `planted`."""
    errors = np.sqrt(np.diag(covariance))
    return [
        Estimate(kind, name, value, float(one), float(error))
        for (name, value), one, error in zip(planted.items(), found, errors, strict=True)
    ]


def of_fit(kind: str, planted: Planted, fit: Any) -> Found:
    """The coefficients of a statsmodels fit that are planted, by the name of their column."""
    return [Estimate(kind, name, value, fit.params[name], fit.bse[name]) for name, value in planted.items()]


def indices(kind: str, factor: str, planted: Mapping[Any, float], fit: Any) -> Found:
    """Each level's coefficient against the mean of all, for levels in the design and the one that it refers to."""
    names = [f"{factor}_{level}" for level in planted]
    contrasts = np.zeros((len(names), len(fit.params)))
    for row, name in enumerate(names):
        for other in names:
            if other in fit.params.index:
                contrasts[row, fit.params.index.get_loc(other)] += (other == name) - 1 / len(names)
    test, values = fit.t_test(contrasts), np.log(list(planted.values()))
    return [
        Estimate(kind, *one)
        for one in zip(names, values - values.mean(), np.ravel(test.effect), np.ravel(test.sd), strict=True)
    ]


def shares(kind: str, weights: Sequence[float], counts: np.ndarray) -> Found:
    """Shares of categories, as of a multinomial law."""
    planted, total = np.array(weights) / np.sum(weights), counts.sum()
    error = np.sqrt(planted * (1 - planted) / total)
    return [Estimate(kind, f"share {k}", planted[k], counts[k] / total, error[k]) for k in range(len(planted))]


def logs(planted: Planted) -> dict[str, float]:
    """Multipliers as the coefficients of a model with a logarithmic link."""
    return {name: float(np.log(value)) for name, value in planted.items()}


# --- counts ----------------------------------------------------------------------------------------------------------


def dummies(cells: pd.DataFrame, references: Mapping[str, Any]) -> pd.DataFrame:
    """A design with a constant and a column `factor_level` for each level but the reference."""
    parts = [
        pd.get_dummies(cells[factor].astype(str), prefix=factor).drop(columns=f"{factor}_{level}")
        for factor, level in references.items()
    ]
    return sm.add_constant(pd.concat(parts, axis=1).astype(float))


def poisson(counts: Any, design: pd.DataFrame, exposure: Any = None) -> Any:
    """A generalized linear model of counts with a logarithmic link."""
    return sm.GLM(counts, design, family=sm.families.Poisson(), exposure=exposure).fit()


def negative_binomial(counts: Any, design: pd.DataFrame, exposure: Any) -> Any:
    """A regression of counts whose variance is mean + alpha mean^2."""
    return sm.NegativeBinomial(counts, design, exposure=exposure).fit(disp=0, maxiter=100)


def curve_of_counts(
    kind: str, planted: Planted, counts: np.ndarray, mean: Callable[..., np.ndarray], level: float
) -> Found:
    """Least squares on Poisson counts with weights that are renewed: the maximum of the likelihood (Nelder and
    Wedderburn 1972).

    `mean` takes a level and the parameters, and gives the expected counts.
    """
    start = [level, *planted.values()]
    found = np.array(start)
    for _ in range(4):
        sigma = np.sqrt(np.maximum(mean(*found), 1e-9))
        found, covariance = curve_fit(
            lambda _, *p: mean(*p), np.arange(len(counts)), counts, p0=found, sigma=sigma, absolute_sigma=True
        )
    return named(kind, planted, found[1:], covariance[1:, 1:])


def by_day(times: pd.Series, start: str, end: str) -> np.ndarray:
    """Events per day of a window."""
    days = ((times - pd.Timestamp(start)) // DAY).to_numpy()
    return np.bincount(days, minlength=(pd.Timestamp(end) - pd.Timestamp(start)).days)


def exposed(low: np.ndarray, high: np.ndarray, edges: np.ndarray) -> np.ndarray:
    """The time that entities spend between edges of age, from an age `low` to an age `high` each."""
    reached = [float(np.maximum(np.minimum(high, edge) - low, 0).sum()) for edge in edges]
    return np.diff(reached)


# --- lives and gaps --------------------------------------------------------------------------------------------------


class GompertzFitter(ParametricUnivariateFitter):
    """Hazard rate exp(growth t)."""

    _fitted_parameter_names = ["rate_", "growth_"]

    def _cumulative_hazard(self, params: Any, times: Any) -> Any:
        rate, growth = params
        return rate / growth * (anp.exp(growth * times) - 1)


class LomaxFitter(ParametricUnivariateFitter):
    """S(t) = (scale / (scale + t)) ^ shape."""

    _fitted_parameter_names = ["shape_", "scale_"]

    def _cumulative_hazard(self, params: Any, times: Any) -> Any:
        shape, scale = params
        return shape * anp.log1p(times / scale)


def lives(born: pd.Series, ended: pd.Series, end: str, unit: pd.Timedelta = MONTH) -> tuple[np.ndarray, np.ndarray]:
    """Units lived within the window, and whether the end was seen."""
    last = ended.fillna(pd.Timestamp(end))
    return np.maximum(((last - born) / unit).to_numpy(), 1e-6), ended.notna().to_numpy()


def of_lives(kind: str, planted: Planted, fitter: Any, durations: Any, seen: Any) -> Found:
    """The parameters of a law of lives by lifelines, on the scale of logarithms but for shares and
    means of logarithms.
    """
    fit = fitter.fit(durations, seen)
    found = []
    for name, value in planted.items():
        one, error = fit.summary.loc[name, "coef"], fit.summary.loc[name, "se(coef)"]
        plain = name in ("mu_", "cured_fraction_")
        found.append(
            Estimate(kind, name, *((value, one, error) if plain else (np.log(value), np.log(one), error / one)))
        )
    return found


def maximum(kind: str, planted: Planted, minus_log_likelihood: Callable[[np.ndarray], float]) -> Found:
    """The maximum of a likelihood over logarithms of positive parameters, and its curvature."""
    start = np.log(list(planted.values())) + 0.05
    fit = minimize(minus_log_likelihood, start, method="BFGS")
    return named(kind, logs(planted), fit.x, np.linalg.inv(approx_hess(fit.x, minus_log_likelihood)))


def shifted_beta_geometric(kind: str, planted: Planted, months: np.ndarray, seen: np.ndarray) -> Found:
    """Whole months lived (Fader and Hardie 2007); open lives are censored."""
    whole = np.where(seen, np.rint(months), np.floor(months))

    def loss(p: np.ndarray) -> float:
        a, b = np.exp(p)
        terms = np.where(seen, betaln(a + 1, b + whole - 1), betaln(a, b + whole))
        return float(len(whole) * betaln(a, b) - terms.sum())

    return maximum(kind, planted, loss)


def gaps(kind: str, planted: Planted, entity: pd.Series, at: pd.Series, end: str) -> Found:
    """Gamma gaps from the first event of each entity on; the gap under way at the end is censored."""
    between = (at.groupby(entity).diff().dropna() / DAY).to_numpy()
    open_ = ((pd.Timestamp(end) - at.groupby(entity).max()) / DAY).to_numpy()

    def loss(p: np.ndarray) -> float:
        shape, mean = np.exp(p)
        distribution = gamma(shape, scale=mean / shape)
        return -float(distribution.logpdf(np.maximum(between, 1e-9)).sum() + distribution.logsf(open_).sum())

    return maximum(kind, planted, loss)


def hawkes(kind: str, planted: Planted, entity: pd.Series, at: pd.Series, window: tuple[str, str]) -> Found:
    """Immigrants per day, branching and decay (days) of entities alike, by the likelihood of Ozaki (1979).

    The first thirtieth of the window is history only: what came before it is not seen.
    """
    start, end = (pd.Timestamp(one) for one in window)
    days = ((at - start) / DAY).to_numpy()
    length = (end - start) / DAY
    code = pd.factorize(entity)[0]
    rank = pd.Series(code).groupby(code).cumcount().to_numpy()
    times = np.full((rank.max() + 1, code.max() + 1), np.inf)
    times[rank, code] = days
    from_ = length / 30
    counted = (times >= from_) & np.isfinite(times)

    def loss(p: np.ndarray) -> float:
        mu, branching, decay = np.exp(p)
        level, last = np.zeros(times.shape[1]), np.full(times.shape[1], -np.inf)
        logarithms = 0.0
        for row, ours in zip(times, counted, strict=True):
            there = np.isfinite(row)
            faded = level * np.exp(-np.where(there, row - last, np.inf) / decay)
            logarithms += np.log(mu + branching / decay * faded[ours]).sum()
            level, last = np.where(there, faded + 1, level), np.where(there, row, last)
        due = np.exp(-np.maximum(from_ - days, 0) / decay) - np.exp(-(length - days) / decay)
        return float(mu * (length - from_) * times.shape[1] + branching * due.sum() - logarithms)

    return maximum(kind, planted, loss)


# --- noise, popularity, dependence -----------------------------------------------------------------------------------


def autoregression(kind: str, planted: tuple[float, float], series: np.ndarray, errors: float) -> Found:
    """An AR(1) process of logarithms that is seen with errors of a known variance, by the Kalman filter.

    `planted` are rho and the standard deviation of the multiplier, whose logarithm is the series.
    """
    model = SARIMAX(series - series.mean(), order=(1, 0, 0), measurement_error=True)
    fit = model.fit_constrained({"var.measurement_error": errors}, disp=0)
    order = [model.param_names.index(name) for name in ("ar.L1", "sigma2")]
    (found, variance), covariance = fit.params[order], fit.cov_params()[np.ix_(order, order)]
    gradient = np.array([2 * found / (1 - found**2), 1 / variance])
    total, error = np.log(variance / (1 - found**2)), np.sqrt(gradient @ covariance @ gradient)
    rho, sd = planted
    return [
        Estimate(kind, "rho", rho, float(found), float(np.sqrt(covariance[0, 0]))),
        Estimate(kind, "log variance", float(np.log(np.log1p(sd**2))), float(total), float(error)),
    ]


def popularity(kind: str, exponent: float, chosen: pd.Series, size: int, shift: float = 0) -> Found:
    """The exponent at which two choices meet as often as they do (Simpson 1949), by the delta method."""
    counts = chosen.value_counts().to_numpy()
    n = counts.sum()
    meet = float((counts * (counts - 1.0)).sum() / (n * (n - 1.0)))

    def expected(s: float, power: int = 2) -> float:
        weights = 1 / (np.arange(1, size + 1) + shift) ** s
        return float(((weights / weights.sum()) ** power).sum())

    found = brentq(lambda s: expected(s) - meet, 0.01, 9)
    two, three = expected(found), expected(found, 3)
    error = np.sqrt(4 * (three - two**2) / n + 2 * (two - 2 * three + two**2) / n**2)
    slope = (expected(found + 1e-4) - expected(found - 1e-4)) / 2e-4
    return [Estimate(kind, "exponent", exponent, found, float(error / slope))]


def correlation(kind: str, name: str, rho: float, scores: tuple[Any, Any]) -> Estimate:
    """Pearson's correlation of normal scores, after Fisher (1921)."""
    found = np.corrcoef(*scores)[0, 1]
    return Estimate(kind, name, float(np.arctanh(rho)), float(np.arctanh(found)), 1 / np.sqrt(len(scores[0]) - 3))
