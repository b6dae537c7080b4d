"""From a table of orders to what each customer is worth, held against what happened.

    pip install . pandas
    python python/examples/clv_from_dataframe.py examples/cdnow/data/purchases.csv
"""

import sys

import pandas

import strata

orders = pandas.read_csv(sys.argv[1], parse_dates=["date"])
who = ("customer", "date", "dollars")
seen = strata.rfm_summary(orders, *who, observation_end="1997-09-30", time_scaler=7)
timing = strata.BetaGeoModel().fit(seen)
spend = strata.GammaGammaModel().fit(seen[seen["frequency"] > 0])
print(timing, spend, sep="\n")

# Nine months on: how many orders were foretold of each group, and how many came?
seen["foretold"] = timing.expected_purchases(seen, future_t=39)
later = orders[orders["date"] > "1997-09-30"].drop_duplicates(["customer", "date"]).groupby("customer").size()
seen["came"] = seen["customer"].map(later).fillna(0)
print(seen.groupby(seen["frequency"].clip(upper=7))[["foretold", "came"]].mean().round(2).T)

seen["value"] = timing.expected_customer_lifetime_value(spend, seen, time_unit="W", discount_rate=0.01)
print(seen.nlargest(3, "value").round(2).to_string(index=False))
