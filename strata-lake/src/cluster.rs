//! Sessions whose plans run on Ballista.

use ballista::prelude::{SessionConfigExt, SessionContextExt};
use datafusion::execution::SessionState;
use datafusion::prelude::{SessionConfig, SessionContext};

use crate::engine::Mode;
use crate::error::{Result, failed};

/// Applies a cluster's settings. They come first, so that the engine's own stand over them.
pub(crate) fn prepare(mode: &Mode, config: SessionConfig) -> SessionConfig {
    match mode {
        Mode::Embedded => config,
        Mode::Standalone | Mode::Remote { .. } => config.upgrade_for_ballista(),
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
    match mode {
        Mode::Embedded => Ok(SessionContext::new_with_state(state)),
        Mode::Standalone => SessionContext::standalone_with_state(state)
            .await
            .map_err(failed("start", "a standalone cluster")),
        Mode::Remote { url } => SessionContext::remote_with_state(url, state)
            .await
            .map_err(failed("connect to", format!("the cluster at {url}"))),
    }
}
