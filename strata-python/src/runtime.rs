//! Waiting for the engine without holding Python up: one runtime a process, the interpreter free meanwhile, Ctrl-C heard.

use std::future::Future;
use std::mem;
use std::process;
use std::sync::mpsc::{RecvTimeoutError, Sender, channel};
use std::sync::{Mutex, PoisonError};
use std::time::Duration;

use pyo3::prelude::*;
use strata_pipeline::error::Error;
use strata_spec::error::ErrorCode;
use tokio::runtime::{Builder, Handle, Runtime};

use crate::error::exception;

/// How long Python waits before it looks whether someone has pressed Ctrl-C.
const ATTENTION: Duration = Duration::from_millis(50);

/// Plans nest deeply, and planning recurses on the thread that plans.
const STACK_BYTES: usize = 16 << 20;

/// The runtime and the process that it was made in: the threads of a runtime do not follow into a forked process.
static RUNTIME: Mutex<Option<(u32, Runtime)>> = Mutex::new(None);

/// What work says while it is under way.
enum Message<T, N> {
    Note(N),
    End(Result<T, Error>),
}

/// Runs work on the runtime and returns what it comes to. Notes that it makes meanwhile are handed over in the calling thread.
/// When Ctrl-C is pressed, or handing over a note fails, the work is stopped.
pub(crate) fn wait<T, N, F>(
    py: Python<'_>,
    work: impl FnOnce(Box<dyn Fn(N) + Send + Sync>) -> F,
    mut note: impl FnMut(N) -> PyResult<()>,
) -> PyResult<T>
where
    T: Send + 'static,
    N: Send + 'static,
    F: Future<Output = Result<T, Error>> + Send + 'static,
{
    let (sender, mut messages) = channel();
    let notes: Mutex<Sender<Message<T, N>>> = Mutex::new(sender.clone());
    let work = work(Box::new(move |note| {
        // Nobody listens any more when the work is being stopped.
        let _ = notes.lock().unwrap_or_else(PoisonError::into_inner).send(Message::Note(note));
    }));
    let task = handle()?.spawn(async move {
        let _ = sender.send(Message::End(work.await));
    });
    loop {
        let messages = &mut messages;
        let heard = py.detach(move || messages.recv_timeout(ATTENTION));
        let handled = match heard {
            Ok(Message::End(outcome)) => return outcome.map_err(|error| raised(&error)),
            Ok(Message::Note(said)) => note(said),
            Err(RecvTimeoutError::Timeout) => Ok(()),
            Err(RecvTimeoutError::Disconnected) => {
                let defect = Error::new(ErrorCode::Internal, "a defect in Strata stopped the call");
                return Err(raised(&defect));
            }
        };
        if let Err(error) = handled.and_then(|()| py.check_signals()) {
            task.abort();
            return Err(error);
        }
    }
}

/// The exception for an error of the pipeline.
pub(crate) fn raised(error: &Error) -> PyErr {
    exception(error.code(), error, error.hint())
}

fn handle() -> PyResult<Handle> {
    let mut held = RUNTIME.lock().unwrap_or_else(PoisonError::into_inner);
    if let Some((process, runtime)) = held.as_ref()
        && *process == process::id()
    {
        return Ok(runtime.handle().clone());
    }
    let runtime = Builder::new_multi_thread().enable_all().thread_stack_size(STACK_BYTES).build();
    let runtime = runtime
        .map_err(|error| raised(&Error::new(ErrorCode::Internal, "cannot start threads").caused_by(error)))?;
    let handle = runtime.handle().clone();
    // To drop the parent's would be to wait for threads that are not here.
    mem::forget(held.replace((process::id(), runtime)));
    Ok(handle)
}
