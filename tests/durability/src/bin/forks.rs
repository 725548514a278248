//! Logs, forks, and continues to log in both processes, into the directory of its argument. The
//! child reports the results of its calls on the writer of its parent.

#[cfg(unix)]
fn main() {
    use std::time::{Duration, Instant};
    use tfevents::{Error, SummaryWriter, summary::Scalar};

    let dir = std::env::args_os().nth(1).expect("a directory");
    let hour = Duration::from_secs(3600);
    let builder = SummaryWriter::builder(dir).flush_interval(hour).flush_timeout(hour);
    let writer = builder.build().expect("a directory");
    let run = writer.child_run("child run").expect("a directory");
    // Starts a thread too, which the child will not have.
    writer.add_deferred("loss", Scalar::new(0.5), 0);
    writer.flush().expect("a disk that works");
    writer.add_scalar("loss", 0.5, 1);
    while !others_sleep() {
        std::thread::yield_now();
    }
    // SAFETY: no other thread holds a lock now: they sleep, which none does while it holds one.
    // The child ends without destructors.
    let child = unsafe { libc::fork() };
    assert!(child >= 0, "{}", std::io::Error::last_os_error());
    if child == 0 {
        let begun = Instant::now();
        let forked = |result| matches!(result, Err(Error::Forked { .. }));
        // More than a block, and more than the buffer.
        for step in 0..300_000 {
            writer.add_scalar("loss", 0.5, step);
        }
        writer.add_text("text", &"x".repeat(100_000), 0);
        writer.add_deferred("loss", Scalar::new(0.5), 0);
        let dropped = writer.stats().drops.after_close > 100_000;
        let refused = forked(writer.flush()) && forked(run.close()) && forked(writer.close());
        let refused = refused && forked(writer.child_run("other").map(drop));
        drop((writer, run));
        let good = dropped && refused && begun.elapsed() < hour;
        // SAFETY: ends this process at once.
        unsafe { libc::_exit(if good { 7 } else { 8 }) }
    }
    let mut status = 0;
    // SAFETY: a child of this process, and a valid pointer for its status.
    let waited = unsafe { libc::waitpid(child, &mut status, 0) };
    assert!(waited == child && libc::WIFEXITED(status), "{status}");
    println!("the child ended with {}", libc::WEXITSTATUS(status));
    writer.add_scalar("loss", 0.5, 2);
    writer.close().expect("a disk that works");
}

/// Returns whether all other threads of this process sleep; `true` where the system does not report it.
#[cfg(unix)]
fn others_sleep() -> bool {
    let Ok(tasks) = std::fs::read_dir("/proc/self/task") else { return true };
    let own = std::process::id().to_string();
    tasks.filter_map(|task| Some(task.ok()?.path())).filter(|task| !task.ends_with(&own)).all(
        |task| {
            let stat = std::fs::read_to_string(task.join("stat")).unwrap_or_default();
            stat.rsplit_once(") ").is_none_or(|(_, rest)| rest.starts_with('S'))
        },
    )
}

#[cfg(not(unix))]
fn main() {
    panic!("there is no fork here");
}
