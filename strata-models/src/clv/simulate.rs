//! Futures drawn from a timing model, purchase by purchase: what an interval of counts or values is made of, and what a
//! model is tested on.

use super::draw;
use super::purchases::{Customer, Horizon};
use super::timing::TimingModel;
use rand_chacha::rand_core::RngCore;

/// Draws the future of a customer of whom something is known: whether alive, at which rate buying, when leaving. `times` is
/// emptied and receives when each purchase is made, from now on until the horizon, ascending.
///
/// It follows the model exactly, but for customers of more than 100,000 purchases, which are cut there.
pub fn simulate_future(
    model: &TimingModel,
    customer: &Customer,
    horizon: Horizon,
    generator: &mut impl RngCore,
    times: &mut Vec<f64>,
) {
    times.clear();
    if draw::uniform(generator) < model.p_alive(customer) {
        simulate_new(&model.alive_after(customer), horizon, generator, times);
    }
}

/// Draws the repeat purchases of a new customer until the horizon, from the first purchase on; as [`simulate_future`].
pub fn simulate_new(
    model: &TimingModel,
    horizon: Horizon,
    generator: &mut impl RngCore,
    times: &mut Vec<f64>,
) {
    times.clear();
    // When a customer leaves by the clock, and with which probability after a purchase.
    let (rate, leaves_at, leaves) = match model {
        TimingModel::BetaGeo(model) => {
            let [r, alpha, a, b] = model.parameters();
            (draw::gamma(generator, r) / alpha, f64::INFINITY, draw::beta(generator, a, b))
        }
        TimingModel::ModifiedBetaGeo(model) => {
            let [r, alpha, a, b] = model.parameters();
            let leaves = draw::beta(generator, a, b);
            // The first purchase, too, may have been the last.
            let leaves_at = if draw::uniform(generator) < leaves { 0.0 } else { f64::INFINITY };
            (draw::gamma(generator, r) / alpha, leaves_at, leaves)
        }
        TimingModel::Pareto(model) => {
            let [r, alpha, s, beta] = model.parameters();
            let lifetime = -draw::uniform(generator).ln() * beta / draw::gamma(generator, s);
            (draw::gamma(generator, r) / alpha, lifetime, 0.0)
        }
    };
    let end = horizon.0.min(leaves_at);
    let mut time = 0.0;
    while times.len() < MOST_PURCHASES {
        time -= draw::uniform(generator).ln() / rate;
        if time > end {
            return;
        }
        times.push(time);
        if leaves > 0.0 && draw::uniform(generator) < leaves {
            return;
        }
    }
}

const MOST_PURCHASES: usize = 100_000;
