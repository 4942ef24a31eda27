"""Hashes of what every law and function makes of fixed arguments, as JSON; run as a program on any Python and CPU."""

import json
from hashlib import sha256

import numpy as np

from datagen.random import distributions
from datagen.random.count_distributions import geometric, negative_binomial, poisson
from datagen.random.discrete_inverse_cdf import Categories
from datagen.random.integers import Permutation, uniform_below
from datagen.random.math import beta, elementary, gamma, normal
from datagen.random.streams import Stream, child_identities, mix
from datagen.random.zipf import Zipf

IDS = np.arange(30_000, dtype=np.uint64)
STREAM = Stream.named(42, "golden", "words")
WORDS = np.append(STREAM.words(IDS), np.array([0, 1, 2**63, 2**64 - 1], np.uint64))
OTHER = STREAM.substream(1).words(np.arange(len(WORDS), dtype=np.uint64))
X = (WORDS >> np.uint64(11)) * 2.0**-53 * 40.0 - 20.0
POSITIVE = np.abs(X) + 1e-9
P = ((WORDS >> np.uint64(11)).astype(np.float64) + 0.5) * 2.0**-53 * 0.5
SPECIAL = np.array([0.0, -0.0, 1, -1, np.inf, -np.inf, np.nan, 1e308, -1e308, 5e-324, 800, -800])
MEANS = np.resize([0.0, 0.2, 1.5, 7.0, 12.0, 28.0, 31.0, 500.0, 1e7], len(WORDS))


def streams():
    return {
        "words": STREAM.words(IDS),
        "uniforms": STREAM.uniforms(IDS),
        "negative seed": Stream.named(-(10**30), "t", "").words(IDS),
        "identities": child_identities(IDS, (IDS % np.uint64(7)).view(np.int64)),
        "mix": mix(IDS, 99),
    }


def functions():
    names = [name for name in elementary.__all__ if name != "power"]
    out = {name: getattr(elementary, name)(np.concatenate([X, POSITIVE, SPECIAL])) for name in names}
    out["power"] = elementary.power(np.append(POSITIVE, SPECIAL), np.append(X, SPECIAL[::-1]))
    out |= {f.__name__: f(X) for f in (normal.erf, normal.erfc, normal.normal_cdf, gamma.log_gamma)}
    out |= {"normal_ppf": normal.normal_ppf(P)}
    for shape in (0.05, 3.0, 250.0):
        out[f"gamma {shape}"] = gamma.gamma_ppf(P[:3000], shape, upper=True)
        out[f"beta {shape}"] = beta.beta_ppf(P[:3000], shape, 2.0 * shape)
    return out


def continuous():
    return {
        "normal": distributions.normal(3, 2).at(WORDS),
        "lognormal": distributions.lognormal(10, 1.5).sample(STREAM, IDS),
        "exponential": distributions.exponential(3).at(WORDS),
        "gamma": distributions.gamma(0.3, 2).at(WORDS),
        "beta": distributions.beta(2, 5).at(WORDS),
        "weibull": distributions.weibull(0.6, 2).at(WORDS),
        "pareto": distributions.pareto(1, 1.2).at(WORDS),
        "log_logistic": distributions.log_logistic(3, 2).at(WORDS),
        "gompertz": distributions.gompertz(0.01, 0.1).at(WORDS),
    }


def discrete():
    return {
        "few": Categories.of([5, 70, 25.5]).codes(WORDS),
        "many": Categories.of([1.0 / k for k in range(1, 200)]).codes(WORDS),
        "poisson": poisson(WORDS, 4.2),
        "poissons": poisson(WORDS, MEANS),
        "geometric": geometric(WORDS, MEANS + 1, 1),
        "negative binomial": negative_binomial(OTHER, WORDS, MEANS, 0.8),
        "zipf": Zipf.of(10**8, 0.9, 2.5).ranks(WORDS),
        "permutation": Permutation.of(STREAM, 10**9 + 7)(np.arange(len(WORDS))),
        "below": uniform_below(WORDS, 10**12 + 39),
    }


def fingerprints():
    values = {}
    for part in (streams, functions, continuous, discrete):
        values |= {f"{part.__name__}: {name}": array for name, array in part().items()}
    return {name: sha256(array.dtype.str.encode() + array.tobytes()).hexdigest()[:16] for name, array in values.items()}


if __name__ == "__main__":
    print(json.dumps(fingerprints(), indent=1))
