"""The coefficients of the kernels' tanh (squash.hpp), found anew.

    python benchmarks/fit_tanh.py

x P(x²) / Q(x²) with P of degree 3 and Q of degree 4, minimax in relative error on [0, 7.9]. For a
given error e the condition |x P − tanh(x) Q| ≤ e tanh(x) Q is linear in the coefficients, so a
linear program decides whether e is feasible, and bisection finds the least one.
"""

from __future__ import annotations

import numpy as np
from scipy.optimize import linprog

LIMIT, ABOVE, BELOW, POINTS = 7.9, 4, 5, 3000


def fit() -> tuple[float, np.ndarray, np.ndarray]:
    """The least relative error, and the coefficients of P and Q, lowest first, Q's first 1."""
    points = LIMIT / 2 * (1 - np.cos(np.pi * (np.arange(POINTS) + 0.5) / POINTS))
    points = points[points > 1e-3]
    wanted, t = np.tanh(points), 2 * (points / LIMIT) ** 2 - 1
    above = np.polynomial.chebyshev.chebvander(t, ABOVE - 1) * points[:, None]
    below = np.polynomial.chebyshev.chebvander(t, BELOW - 1)
    least, most, best = 1e-9, 1e-2, None
    while most / least > 1.01:
        error = np.sqrt(least * most)
        high, low = (wanted * (1 + error))[:, None], (wanted * (1 - error))[:, None]
        conditions = np.block(
            [[above, -high * below], [-above, low * below], [np.zeros_like(above), -below]]
        )
        bounds = np.concatenate([np.zeros(2 * len(points)), -np.ones(len(points))])
        done = linprog(np.zeros(ABOVE + BELOW), conditions, bounds, bounds=(None, None))
        if done.status == 0:
            most, best = error, done.x
        else:
            least = error
    assert best is not None
    of_t = np.polynomial.Polynomial([-1, 2 / LIMIT**2])  # from Chebyshev's t to x²
    p, q = (
        np.polynomial.Polynomial(np.polynomial.chebyshev.cheb2poly(part))(of_t).coef
        for part in (best[:ABOVE], best[ABOVE:])
    )
    return most, p / q[0], q / q[0]


def main() -> None:
    error, p, q = fit()
    print(f"relative error {error:.2e}")
    for name, coefficients in (("P", p), ("Q", q)):
        print(name, " ".join(f"{c:.9g}" for c in coefficients))


if __name__ == "__main__":
    main()
