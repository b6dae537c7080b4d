//! Sessions whose plans run on Ballista.

use ballista::prelude::{SessionConfigExt, SessionContextExt};
use datafusion::execution::{SessionState, SessionStateBuilder};
use datafusion::prelude::{SessionConfig, SessionContext};

use crate::engine::Mode;
use crate::error::{Result, failed};

/// Applies a cluster's settings. They come first, so that the engine's own stand over them.
pub(crate) fn prepare(mode: &Mode, config: SessionConfig) -> SessionConfig {
    match mode {
        Mode::Embedded => config,
        // The adaptive planner goes on making stages of a plan with many joins: a profile had 500 after four minutes.
        Mode::Standalone | Mode::Remote { .. } => {
            config.upgrade_for_ballista().with_ballista_adaptive_query_planner(false)
        }
    }
}

/// Tells a standalone executor how many tasks run at once.
pub(crate) fn set_parallelism(mode: &Mode, config: SessionConfig, tasks: usize) -> SessionConfig {
    match mode {
        Mode::Standalone => config.with_ballista_standalone_parallelism(tasks),
        Mode::Embedded | Mode::Remote { .. } => config,
    }
}

/// The session that runs plans where `mode` says.
pub(crate) async fn context(mode: &Mode, state: SessionState) -> Result<SessionContext> {
    let context = match mode {
        Mode::Embedded => return Ok(SessionContext::new_with_state(state)),
        Mode::Standalone => SessionContext::standalone_with_state(state)
            .await
            .map_err(failed("start", "a standalone cluster"))?,
        Mode::Remote { url } => SessionContext::remote_with_state(url, state)
            .await
            .map_err(failed("connect to", format!("the cluster at {url}")))?,
    };
    Ok(SessionContext::new_with_state(unoptimised(context.state())))
}

/// A session that sends plans as they are written. The scheduler optimises what it gets, and optimising twice goes wrong:
/// both times the elimination of common expressions begins to count its made-up names at one.
fn unoptimised(state: SessionState) -> SessionState {
    let rules =
        state.optimizers().iter().filter(|rule| CLIENT_RULES.contains(&rule.name())).cloned().collect();
    SessionStateBuilder::new_from_existing(state).with_optimizer_rules(rules).build()
}

/// What has to be done before a plan is sent: Ballista's own rewriting, and the removal of empty relations, which lose their
/// columns on the wire.
const CLIENT_RULES: [&str; 2] = ["not_in_subquery_rewrite", "propagate_empty_relation"];
