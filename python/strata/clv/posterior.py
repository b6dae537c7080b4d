"""How sure one can be of a model's parameters: draws from their posterior."""

from __future__ import annotations

from .. import _native
from ..table import Table


class Posterior:
    """Draws of a model's parameters given the data, by the no-U-turn sampler.

    ================== ==============================================================================================
    ``draws``          by letter, the draws of all chains one after another
    ``chains``         by letter, those of each chain
    ``n_divergences``  draws at which the sampler lost its way; more than a few are a warning
    ================== ==============================================================================================

    The prior of each parameter p, relative to its unit, is :math:`\\ln p \\sim Normal(0, 2^2)`: between a fiftieth and fifty times its
    unit with 95 %. Source: Hoffman and Gelman (2014), The No-U-Turn Sampler, Journal of Machine Learning Research 15, 1593–1623.
    """

    def __init__(self, drawn: _native.Draws) -> None:
        self.chains = {name: [chain[place] for chain in drawn.chains] for place, name in enumerate(drawn.names)}
        self.draws = {name: [draw for chain in chains for draw in chain] for name, chains in self.chains.items()}
        self.n_divergences = drawn.n_divergences
        self._summary = drawn.summary

    def summary(self) -> Table:
        """Each parameter with its mean, standard deviation, median, the interval that holds 90 % of the draws, R-hat (below 1.01 the
        chains agree) and the effective number of draws (Vehtari et al. 2021)."""
        names = ["mean", "standard_deviation", "median", "q05", "q95", "r_hat", "effective_draws"]
        columns = {name: [row[place] for row in self._summary] for place, name in enumerate(names)}
        return Table.from_columns({"parameter": list(self.draws), **columns})

    def __repr__(self) -> str:
        means = ", ".join(f"{name}={row[0]:.4g} ± {row[1]:.2g}" for name, row in zip(self.draws, self._summary))
        return f"<strata.Posterior {means}>"
