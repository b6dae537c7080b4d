"""Models against published figures, through Python."""

import copy
import pickle
import warnings
from array import array
from pathlib import Path
from typing import Any

import numpy
import pandas
import polars
import pyarrow
import pytest

import strata

DATA = Path(__file__).parents[2] / "strata-models" / "tests" / "data" / "clv"
WEEKS = 39


@pytest.fixture(scope="module")
def cdnow() -> pandas.DataFrame:
    """Fader and Hardie's CDNOW summary: 2,357 customers over 39 weeks, in weeks, as lifetimes ships it."""
    return pandas.read_csv(DATA / "cdnow_customers_summary.csv")


@pytest.fixture(scope="module")
def purchases() -> pandas.DataFrame:
    orders = pandas.read_csv(
        Path(__file__).parents[2] / "examples" / "cdnow" / "data" / "purchases.csv", parse_dates=["date"]
    )
    return strata.rfm_summary(
        orders, "customer", "date", "dollars", observation_end="1997-09-30", time_scaler=7
    )


@pytest.mark.parametrize(
    ("model", "published", "log_likelihood"),
    [
        # Fader, Hardie and Lee (2005), table 2.
        (strata.BetaGeoModel, {"r": 0.243, "alpha": 4.414, "a": 0.793, "b": 2.426}, -9582.4),
        (strata.ParetoNBDModel, {"r": 0.553, "alpha": 10.578, "s": 0.606, "beta": 11.669}, -9595.0),
        # BTYDplus, as in the tests of lifetimes.
        (strata.ModifiedBetaGeoModel, {"r": 0.525, "alpha": 6.183, "a": 0.891, "b": 1.614}, -9582.1),
    ],
)
def test_cdnow_fits_to_the_published_parameters(
    cdnow: pandas.DataFrame, model: Any, published: dict[str, float], log_likelihood: float
) -> None:
    fitted = model().fit(cdnow)
    assert fitted.params_ == pytest.approx(published, rel=2e-3)
    assert fitted.log_likelihood_ == pytest.approx(log_likelihood, abs=0.05)
    assert fitted.converged_ and not fitted.at_boundary_ and not fitted.not_identified_
    assert all(error > 0 for error in fitted.standard_errors_.values())


def test_standard_errors_are_those_of_the_literature(cdnow: pandas.DataFrame) -> None:
    """CLVTools, test_correctness_pnbd.R."""
    errors = strata.ParetoNBDModel().fit(cdnow).standard_errors_
    assert errors == pytest.approx({"r": 0.0476, "alpha": 0.8427, "s": 0.1873, "beta": 6.2105}, rel=2e-3)


def test_spend_fits_to_the_published_parameters(purchases: pandas.DataFrame) -> None:
    """Fader and Hardie (2013), note 025: 946 repeat buyers."""
    repeaters = purchases[purchases["frequency"] > 0]
    model = strata.GammaGammaModel().fit(repeaters)
    assert model.params_ == pytest.approx({"p": 6.25, "q": 3.74, "v": 15.44}, rel=2e-3)
    spend = model.expected_customer_spend(purchases)
    assert spend[:5].round(1).tolist() == [24.7, 18.9, 35.2, 35.2, 35.2]
    assert model.expected_new_customer_spend() == pytest.approx(35.2, abs=0.1)


def test_donors_fit_to_the_published_parameters() -> None:
    """Fader, Hardie and Shang (2010): 11,104 donors in 22 cells."""
    donors = pandas.read_csv(DATA / "donations_bgbb.csv", comment="#")
    donors.columns = ["frequency", "recency", "T", "customers"]
    model = strata.BetaGeoBetaBinomModel().fit(donors, weights="customers")
    assert model.params_ == pytest.approx(
        {"alpha": 1.204, "beta": 0.750, "gamma": 0.657, "delta": 2.783}, rel=2e-3
    )
    assert model.log_likelihood_ == pytest.approx(-33225.6, abs=0.1)
    expected = model.expected_purchases(donors, future_t=5)
    assert (expected * donors["customers"]).sum() == pytest.approx(12884, abs=2)


def test_contracts_fit_to_the_published_parameters() -> None:
    """Fader and Hardie (2007), How to project customer retention: high-end customers, seven years."""
    active = [1000, 869, 743, 653, 593, 551, 517, 491]
    rows = [(year, True, active[year - 1] - active[year]) for year in range(1, 8)] + [(7, False, active[7])]
    period, churned, customers = (list(column) for column in zip(*rows))
    data = {"period": period, "churned": churned, "customers": customers}
    model = strata.ShiftedBetaGeoModel().fit(data, weights="customers")
    assert model.params_ == pytest.approx({"alpha": 0.668, "beta": 3.806}, rel=2e-3)
    assert model.expected_lifetime_new_customer() is None
    assert model.survival(0) == 1.0
    alive = model.probability_alive(data, future_t=1)
    assert alive[0] == pytest.approx(model.retention_rate(2))
    assert len(model.expected_residual_lifetime(discount_rate=0.1)) == 8


def test_a_year_of_cdnow_is_worth_what_lifetimes_says(purchases: pandas.DataFrame) -> None:
    """2,089.4 orders in 52 weeks (lifetimes' fit), and the value of orders × spend without a discount."""
    timing = strata.BetaGeoModel().fit(purchases)
    assert timing.expected_purchases(future_t=52).sum() == pytest.approx(2089.4, rel=1e-3)
    spend = strata.GammaGammaModel().fit(purchases[purchases["frequency"] > 0])
    value = timing.expected_customer_lifetime_value(spend, future_t=12, time_unit="W")
    product = timing.expected_purchases(future_t=12 * 4.345) * spend.expected_customer_spend(purchases)
    pandas.testing.assert_series_equal(value, product, check_names=False)
    discounted = spend.expected_customer_lifetime_value(timing, purchases, discount_rate=0.01, time_unit="W")
    assert 0.93 < discounted.sum() / value.sum() < 0.96


def test_value_is_discounted_month_by_month(purchases: pandas.DataFrame) -> None:
    """The sum that lifetimes' ``_customer_lifetime_value`` makes, in Python."""
    timing = strata.ParetoNBDModel().fit(purchases)
    spend = strata.GammaGammaModel().fit(purchases[purchases["frequency"] > 0])
    some = purchases.head(50)
    months = [timing.expected_purchases(some, future_t=4.345 * month) for month in range(7)]
    each = sum((months[k] - months[k - 1]) / 1.02**k for k in range(1, 7))
    expected = each * spend.expected_customer_spend(some) * 0.3
    value = timing.expected_customer_lifetime_value(
        spend, some, future_t=6, discount_rate=0.02, time_unit="W", margin=0.3
    )
    numpy.testing.assert_allclose(value, expected, rtol=1e-9)


@pytest.mark.parametrize("model", [strata.BetaGeoModel, strata.ModifiedBetaGeoModel, strata.ParetoNBDModel])
def test_probabilities_add_up(cdnow: pandas.DataFrame, model: Any) -> None:
    fitted = model().fit(cdnow)
    some = cdnow.head(20)
    each = [fitted.probability_of_n_purchases(some, n=n, future_t=WEEKS) for n in range(120)]
    numpy.testing.assert_allclose(sum(each), 1.0, atol=1e-6)
    expected = fitted.expected_purchases(some, future_t=WEEKS)
    numpy.testing.assert_allclose(sum(n * of for n, of in enumerate(each)), expected, rtol=1e-3)
    new = [fitted.probability_of_n_purchases_new_customer(n, WEEKS) for n in range(120)]
    assert sum(n * of for n, of in enumerate(new)) == pytest.approx(
        fitted.expected_purchases_new_customer(WEEKS), rel=1e-3
    )
    assert (fitted.discounted_expected_purchases(some, discount_rate=0.0027) > expected).all()


def test_predictions_come_as_the_data_do(cdnow: pandas.DataFrame) -> None:
    model = strata.BetaGeoModel().fit(cdnow)
    some = cdnow.head(3).set_index("ID")
    alive = model.probability_alive(some)
    assert isinstance(alive, pandas.Series) and alive.index.equals(some.index)
    expected = alive.tolist()
    columns = {name: some[name].tolist() for name in some}
    of_polars = model.probability_alive(polars.DataFrame(columns))
    assert isinstance(of_polars, polars.Series) and of_polars.to_list() == expected
    assert model.probability_alive(pyarrow.table(columns)).to_pylist() == expected
    of_dict = model.probability_alive(columns)
    assert isinstance(of_dict, array) and of_dict.tolist() == expected
    columns["tenure"] = columns.pop("T")
    assert model.probability_alive(columns).tolist() == expected


def test_rows_with_weights_count_as_so_many_customers(cdnow: pandas.DataFrame) -> None:
    distinct = cdnow.groupby(["frequency", "recency", "T"]).size().reset_index(name="customers")
    weighted = strata.BetaGeoModel().fit(distinct, weights="customers")
    assert weighted.params_ == pytest.approx(strata.BetaGeoModel().fit(cdnow).params_, rel=1e-6)


def test_a_penalty_draws_parameters_towards_one(cdnow: pandas.DataFrame) -> None:
    plain, penalised = strata.BetaGeoModel().fit(cdnow), strata.BetaGeoModel(penalty=50.0).fit(cdnow)
    assert plain.params_["r"] < penalised.params_["r"] < 1
    assert penalised.log_likelihood_ < plain.log_likelihood_


def test_a_fit_that_means_little_says_so() -> None:
    """Nobody leaves: the share of those who do goes to zero, and the likelihood rises all the way."""
    generator = numpy.random.default_rng(1)
    rate = generator.gamma(2.0, 0.5, 2000)
    frequency = generator.poisson(rate * 40)
    recency = numpy.where(frequency > 0, 40.0 * generator.beta(numpy.maximum(frequency, 1), 1), 0.0)
    data = {"frequency": frequency, "recency": recency, "T": numpy.full(2000, 40.0)}
    with pytest.warns(strata.FitWarning, match="BetaGeoModel: "):
        model = strata.BetaGeoModel().fit(data)
    assert model.at_boundary_ or model.not_identified_
    assert numpy.isfinite(model.expected_purchases(future_t=10)).all()


def test_a_regular_fit_does_not_warn(cdnow: pandas.DataFrame) -> None:
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        strata.BetaGeoModel().fit(cdnow)


def test_a_model_is_stored_as_its_figures(cdnow: pandas.DataFrame) -> None:
    model = strata.BetaGeoModel().fit(cdnow)
    stored = pickle.dumps(model)
    assert len(stored) < 2000
    again = pickle.loads(stored)
    assert again.params_ == model.params_ == copy.copy(model).params_
    assert again.probability_alive(cdnow.head(3)).tolist() == model.probability_alive(cdnow.head(3)).tolist()
    with pytest.raises(strata.InvalidInputError, match="no customers to speak of"):
        again.probability_alive()


GOOD = {"frequency": [1.0] * 12, "recency": [3.0] * 12, "T": [9.0] * 12}


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"recency": [-1.0] * 12}, "row 0, column `recency`: -1 is negative"),
        ({"recency": [10.0] * 12}, "row 0, column `recency`: 10 is longer than the tenure"),
        ({"frequency": [0.5] * 12}, "row 0, column `frequency`"),
        ({"T": [float("nan")] * 12}, "row 0, column `tenure`"),
        ({"T": [None] * 12}, "column `T` has no value in row 0"),
        ({"frequency": [0.0] * 12, "recency": [0.0] * 12}, "0 customers with a repeat purchase"),
    ],
)
def test_customers_that_cannot_be_are_refused(change: dict[str, Any], says: str) -> None:
    for model in (strata.BetaGeoModel, strata.ParetoNBDModel):
        with pytest.raises(strata.InvalidInputError) as caught:
            model().fit({**GOOD, **change})
        assert says in str(caught.value)


def test_customers_that_were_refused_are_not_taken_for_those_before(cdnow: pandas.DataFrame) -> None:
    model = strata.BetaGeoModel().fit(cdnow)
    wrong = cdnow.astype(float)
    wrong.loc[5, "recency"] = wrong.loc[5, "T"] + 1
    for ask in (model.fit, model.probability_alive, model.probability_alive):
        with pytest.raises(strata.InvalidInputError, match="row 5"):
            ask(wrong)
    alive = strata.BetaGeoModel().fit(cdnow).probability_alive()
    assert model.probability_alive(cdnow).equals(alive)


def test_one_time_buyers_are_refused_by_the_spend_model() -> None:
    with pytest.raises(strata.InvalidInputError, match="frequency"):
        strata.GammaGammaModel().fit({"frequency": [1, 0], "monetary_value": [5.0, 0.0]})


def test_a_missing_column_is_named() -> None:
    with pytest.raises(strata.InvalidInputError, match="no column `frequency`") as caught:
        strata.BetaGeoModel().fit({"frequncy": [1], "recency": [1], "T": [1]})
    assert caught.value.hint == "did you mean `frequncy`?"


def test_a_model_is_fitted_before_it_is_asked() -> None:
    model = strata.BetaGeoModel()
    assert repr(model) == "<strata.BetaGeoModel, not fitted>"
    with pytest.raises(strata.InvalidDefinitionError, match="is not fitted"):
        model.probability_alive(GOOD)
    with pytest.raises(strata.InvalidDefinitionError, match="has the parameters r, alpha, a, b"):
        strata.BetaGeoModel.from_params(r=1.0)
    with pytest.raises(strata.InvalidInputError, match="`r` of BG/NBD is -1"):
        strata.BetaGeoModel.from_params(r=-1.0, alpha=1.0, a=1.0, b=1.0).probability_alive(GOOD)
    with pytest.raises(strata.InvalidInputError, match="horizon"):
        strata.BetaGeoModel.from_params(r=1.0, alpha=1.0, a=1.0, b=1.0).expected_purchases(GOOD, future_t=-1)


def test_customers_that_have_changed_are_not_taken_for_those_before(cdnow: pandas.DataFrame) -> None:
    model = strata.BetaGeoModel().fit(cdnow)
    some = cdnow.head(100).copy()
    before = model.probability_alive(some)
    some["recency"] = 0.5 * some["recency"]
    after = model.probability_alive(some)
    assert (after[some["frequency"] > 0] < before[some["frequency"] > 0]).all()
    pandas.testing.assert_series_equal(after, strata.BetaGeoModel.from_params(**model.params_).probability_alive(some))


def test_the_posterior_of_cdnow_is_about_the_published_parameters(cdnow: pandas.DataFrame) -> None:
    """Standard errors of CLVTools and of the own fit: .0126, .378, .186, .705."""
    model = strata.BetaGeoModel().fit(cdnow)
    posterior = model.sample(draws=1000, chains=2, seed=1)
    summary = posterior.summary().to_pandas().set_index("parameter")
    for letter, published, error in [("r", 0.243, 0.0126), ("alpha", 4.414, 0.378)]:
        assert summary.loc[letter, "mean"] == pytest.approx(published, abs=error / 3)
        assert summary.loc[letter, "standard_deviation"] == pytest.approx(error, rel=0.15)
    assert (summary["r_hat"] < 1.01).all() and (summary["effective_draws"] > 400).all()
    assert posterior.n_divergences == 0 and len(posterior.draws["b"]) == 2000
    assert posterior.draws == model.sample(draws=1000, chains=2, seed=1).draws
    assert posterior.draws != model.sample(draws=1000, chains=2, seed=2).draws
    with pytest.raises(strata.InvalidInputError, match="pass the data"):
        strata.BetaGeoModel().sample()


def test_intervals_of_value_hold_the_value(purchases: pandas.DataFrame) -> None:
    timing = strata.BetaGeoModel().fit(purchases)
    spend = strata.GammaGammaModel().fit(purchases[purchases["frequency"] > 0])
    some = purchases.head(50)
    value = spend.expected_customer_lifetime_value(timing, some, time_unit="W")
    known = spend.customer_lifetime_value_intervals(timing, some, time_unit="W", draws=200)
    assert list(known.columns) == ["value", "expected_low", "expected_high", "outcome_low", "outcome_high"]
    assert (known["expected_low"] < value).all() and (value < known["expected_high"]).all()
    assert (known["outcome_high"] > known["expected_high"]).all() and (known["outcome_low"] >= 0).all()
    numpy.testing.assert_allclose(known["value"], value, rtol=0.1)
    posterior = spend.sample(purchases[purchases["frequency"] > 0], draws=500)
    assert posterior.summary().to_pydict()["mean"] == pytest.approx([6.25, 3.74, 15.44], rel=0.2)
    given = strata.BetaGeoModel.from_params(**timing.params_)
    with pytest.raises(strata.InvalidDefinitionError, match="how sure"):
        spend.customer_lifetime_value_intervals(given, some, time_unit="W")


def test_covariates_tell_who_buys_more_often() -> None:
    """Customers simulated at rates that differ by e^0.8 where a covariate is 1."""
    random = numpy.random.default_rng(4)
    n = 6000
    app = random.integers(0, 2, n).astype(float)
    rate = random.gamma(0.6, 1 / 10.0, n) * numpy.exp(0.8 * app)
    end = random.exponential(1 / random.gamma(0.6, 1 / 12.0, n))
    rows = []
    for i in range(n):
        times = numpy.cumsum(random.exponential(1 / rate[i], 400))
        times = times[times < min(39.0, end[i])]
        rows.append((len(times), times[-1] if len(times) else 0.0, 39.0))
    frequency, recency, tenure = zip(*rows)
    data = {"frequency": list(frequency), "recency": list(recency), "T": list(tenure), "app": app}
    model = strata.ParetoNBDCovariatesModel(purchase_covariates=["app"]).fit(data)
    error = model.standard_errors_["buying.app"]
    assert abs(model.params_["buying.app"] - 0.8) < 3 * error < 0.5
    alike = {"frequency": [1, 1], "recency": [20.0, 20.0], "T": [39.0, 39.0], "app": [0.0, 1.0]}
    alive, expected = model.probability_alive(alike), model.expected_purchases(alike, future_t=10)
    assert alive[0] > alive[1] and expected[0] > 0
    again = strata.ParetoNBDCovariatesModel.from_params(
        **{letter: model.params_[letter] for letter in model.letters},
        purchase_covariates={"app": model.params_["buying.app"]},
    )
    assert again.expected_purchases(alike, future_t=10).tolist() == expected.tolist()
    with pytest.raises(strata.InvalidInputError, match="one value for everybody"):
        strata.ParetoNBDCovariatesModel(dropout_covariates=["T"]).fit(data)


def test_cdnow_foretold_at_39_weeks_is_held_against_the_next_39() -> None:
    """Fader, Hardie and Lee (2005), figure 4: the conditional expectation by frequency follows the actual one."""
    orders = pandas.read_csv(
        Path(__file__).parents[2] / "examples" / "cdnow" / "data" / "purchases.csv", parse_dates=["date"]
    )
    split = strata.rfm_train_test_split(
        orders, "customer", "date", "dollars", train_end="1997-09-30", test_end="1998-06-30", time_scaler=7
    )
    assert len(split) == 2357 and split["test_T"].unique().tolist() == [39.0]
    assert split["test_frequency"].sum() == 1882 and split["frequency"].sum() == 2457
    model = strata.BetaGeoModel().fit(split)
    validation = strata.validate_purchases(model, split)
    assert validation.verdict in ("better", "no_worse")
    groups = validation.by_frequency.to_pandas()
    assert groups["customers"].sum() == 2357 and groups["frequency"].tolist() == list(range(8))
    assert (groups["expected"] - groups["actual"]).abs().max() < 1.2
    figures = validation.measures.to_pandas().set_index("measure")
    assert figures.loc["root_mean_squared_error", "model"] < figures.loc["root_mean_squared_error", "rate_so_far"]
    assert "strata.Validation" in repr(validation) and len(validation.comparisons) == 12
    with pytest.raises(strata.InvalidInputError, match="ends before it begins"):
        strata.rfm_train_test_split(orders, "customer", "date", train_end="1997-09-30", test_end="1997-01-01")
    with pytest.raises(strata.InvalidInputError, match="nobody bought after the end of training"):
        strata.rfm_train_test_split(orders, "customer", "date", train_end="1998-09-30")
