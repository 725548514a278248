//! The monitor against the real system, and its end.

use super::*;
use crate::sample::SYSTEM_CPU;
use crate::tests::{busy_for, logged, record_log, scalars};
use std::sync::mpsc;

fn builder() -> SystemMonitorBuilder {
    let builder = SystemMonitor::builder().interval(Duration::from_secs(1));
    builder.sample_interval(Duration::from_millis(100))
}

/// A source with a value that a test sets, and may make wait.
struct Fake {
    value: f64,
    wait: Option<mpsc::Receiver<()>>,
}

impl Source for Fake {
    fn sample(&mut self, _: Duration, sample: &mut Sample) {
        sample.add(SYSTEM_CPU, self.value);
        if let Some(wait) = &self.wait {
            let _ = wait.recv();
        }
    }
}

fn fake(writer: &SummaryWriter, wait: Option<mpsc::Receiver<()>>) -> SystemMonitor {
    SystemMonitor::run(writer, builder(), vec![Box::new(Fake { value: 50.0, wait })]).unwrap()
}

#[test]
fn intervals_are_checked() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    let start = |interval, sample| {
        let builder = SystemMonitor::builder().interval(interval).sample_interval(sample);
        builder.start(&writer).map(drop).map_err(|error| error.to_string())
    };
    let (second, short) = (Duration::from_secs(1), Duration::from_millis(999));
    assert_eq!(
        start(short, short).unwrap_err(),
        "invalid interval of system metrics: 999ms (expected at least 1s)"
    );
    assert_eq!(
        start(second, Duration::ZERO).unwrap_err(),
        "invalid sample interval of system metrics: 0ns (expected 10ms to 1s)"
    );
    assert_eq!(
        start(second, Duration::from_secs(2)).unwrap_err(),
        "invalid sample interval of system metrics: 2s (expected 10ms to 1s)"
    );
    assert!(!dir.path().join(RUN).exists());
    start(Duration::MAX, Duration::MAX).unwrap();
}

#[test]
fn a_closed_writer_is_an_error_with_its_cause() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    writer.close().unwrap();
    let error = SystemMonitor::start(&writer).unwrap_err();
    let cause = std::error::Error::source(&error).unwrap().to_string();
    assert!(matches!(error, StartError::Run(_)) && cause.contains("closed"), "{cause}");
    assert!(!error.to_string().contains(&cause));
}

#[test]
fn a_disabled_writer_has_no_monitor() {
    let monitor = SystemMonitor::start(&SummaryWriter::disabled()).unwrap();
    assert!(monitor.shared.lock().is_none());
}

/// A source that cannot be read.
struct Broken;

impl Source for Broken {
    fn sample(&mut self, _: Duration, sample: &mut Sample) {
        sample.add(SYSTEM_CPU, 1.0);
        sample.problems.push(Problem::new("/proc/broken", "unexpected content"));
    }
}

#[test]
fn a_source_that_cannot_be_read_is_named_once() {
    record_log();
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    let monitor = SystemMonitor::run(&writer, builder(), vec![Box::new(Broken)]).unwrap();
    // Several samples later there is a point.
    let run = dir.path().join(RUN);
    while scalars_so_far(&writer, &run) == 0 {
        std::thread::yield_now();
    }
    drop(monitor);
    let expected = "system metrics: skipping /proc/broken: unexpected content (logged once)";
    assert_eq!(logged("/proc/broken"), [expected]);
}

/// Returns the number of points of the CPU.
fn scalars_so_far(writer: &SummaryWriter, run: &std::path::Path) -> usize {
    writer.flush().unwrap();
    let found = Run::open(run).ok().and_then(|run| run.all_scalars().ok());
    found.and_then(|all| Some(all.get("system/cpu")?.len())).unwrap_or(0)
}

#[test]
fn dropping_the_monitor_logs_the_rest_and_releases_the_writer() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    // The source hangs in its first sample after this one.
    let (go_on, wait) = mpsc::channel();
    go_on.send(()).unwrap();
    let monitor = fake(&writer, Some(wait));
    while monitor.shared.lock().as_ref().is_some_and(|window| !window.has_samples()) {
        std::thread::yield_now();
    }
    let stopped = Instant::now();
    drop(monitor);
    // The last clone of the writer: this waits until everything is written.
    drop(writer);
    assert!(stopped.elapsed() < Duration::from_secs(4));
    assert_eq!(scalars(dir.path().join(RUN))["system/cpu"], [(0, 50.0)]);
    drop(go_on);
}

#[test]
fn closing_the_writer_stops_the_monitor() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    // The source hangs for ever.
    let (go_on, wait) = mpsc::channel();
    let hanging = fake(&writer, Some(wait));
    let monitor = fake(&writer, None);
    let closed = Instant::now();
    writer.close().unwrap();
    assert!(closed.elapsed() < Duration::from_secs(4));
    while monitor.shared.lock().is_some() {
        assert!(closed.elapsed() < Duration::from_secs(30));
        std::thread::yield_now();
    }
    drop((monitor, hanging));
    assert_eq!(writer.stats().dropped, 0);
    drop(go_on);
}

#[test]
fn a_resumed_writer_continues_the_seconds() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    writer.child_run(RUN).unwrap().add_scalar("system/cpu", 1.0, 70);
    writer.close().unwrap();

    let writer = SummaryWriter::builder(dir.path()).resume().build().unwrap();
    assert_eq!(first_step(&writer.child_run(RUN).unwrap()), 71);
    writer.close().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    assert_eq!(first_step(&writer.child_run(RUN).unwrap()), 0);
}

#[test]
fn missed_times_are_skipped() {
    let secs = Duration::from_secs;
    assert_eq!(following(secs(10), secs(10), secs(10)), secs(20));
    assert_eq!(following(secs(10), secs(10), secs(19)), secs(20));
    assert_eq!(following(secs(10), secs(10), secs(20)), secs(30));
    assert_eq!(following(secs(10), secs(10), secs(3605)), secs(3610));
}

/// Counters that the test itself reads in `/proc`.
#[cfg(target_os = "linux")]
struct Counters {
    /// The busy and the total ticks of all CPUs, and the ticks of this process.
    busy: f64,
    total: f64,
    own: f64,
    /// The memory that is used, and the size of it.
    used_kib: f64,
    total_kib: f64,
    /// The sectors written to all devices.
    written: f64,
}

#[cfg(target_os = "linux")]
impl Counters {
    fn read() -> Self {
        let read = |path| std::fs::read_to_string(path).unwrap_or_default();
        let number = |field: &str| field.parse::<f64>().unwrap();
        let stat = read("/proc/stat");
        let all = stat.lines().next().unwrap().split_whitespace();
        let all: Vec<f64> = all.skip(1).take(8).map(number).collect();
        let total: f64 = all.iter().sum();
        let own = read("/proc/self/stat");
        let own: Vec<&str> = own.rsplit_once(')').unwrap().1.split_whitespace().collect();
        let meminfo = read("/proc/meminfo");
        let kib = |key: &str| {
            let line = meminfo.lines().find(|line| line.starts_with(key)).unwrap();
            number(line.split_whitespace().nth(1).unwrap())
        };
        let written = read("/proc/diskstats");
        let written = written.lines().map(|line| line.split_whitespace().collect::<Vec<_>>());
        let written = written.filter(|fields| {
            let device = format!("/sys/block/{}/device", fields[2]);
            std::path::Path::new(&device).exists()
        });
        Self {
            busy: total - all[3] - all[4],
            total,
            own: number(own[11]) + number(own[12]),
            used_kib: kib("MemTotal:") - kib("MemAvailable:"),
            total_kib: kib("MemTotal:"),
            written: written.map(|fields| number(fields[9])).sum(),
        }
    }
}

/// Threads compute, fill memory and write a file. The values must be those that the test itself
/// finds in `/proc`, as far as no control group limits the process.
#[test]
#[cfg(target_os = "linux")]
fn values_under_load_agree_with_proc() {
    let dir = tempfile::tempdir().unwrap();
    let writer = SummaryWriter::new(dir.path()).unwrap();
    // Memory that is written to is resident.
    let memory = vec![1u8; 200 << 20];
    let (before, started) = (Counters::read(), Instant::now());
    let monitor = builder().interval(Duration::from_secs(60)).start(&writer).unwrap();
    std::thread::scope(|scope| {
        for _ in 0..2 {
            scope.spawn(|| busy_for(Duration::from_millis(2500)));
        }
        scope.spawn(|| {
            std::thread::sleep(Duration::from_millis(500));
            let mut file = std::fs::File::create(dir.path().join("load")).unwrap();
            std::io::Write::write_all(&mut file, &memory[..64 << 20]).unwrap();
            file.sync_all().unwrap();
        });
    });
    // One more sample.
    std::thread::sleep(Duration::from_millis(300));
    let (after, elapsed) = (Counters::read(), started.elapsed().as_secs_f64());
    drop(monitor);
    writer.close().unwrap();
    assert!(memory.iter().all(|byte| *byte == 1));

    let found = scalars(dir.path().join(RUN));
    let point = |tag: &str| match &found[tag][..] {
        [(_, value)] => f64::from(*value),
        other => panic!("{tag}: {other:?}"),
    };
    let system = 100.0 * (after.busy - before.busy) / (after.total - before.total);
    let process = (after.own - before.own) / elapsed;
    assert!((point("system/cpu") - system).abs() < 20.0, "{system}: {found:?}");
    let difference = (point("process/cpu") - process).abs();
    assert!(difference < 0.25 * process, "{process}: {found:?}");
    assert!(point("process/rss_mib") > 200.0 && point("process/threads") >= 3.0, "{found:?}");
    assert!(point("system/memory_mib") > 200.0, "{found:?}");
    let memory = 100.0 * after.used_kib / after.total_kib;
    assert!((point("system/memory") - memory).abs() < 20.0, "{memory}: {found:?}");
    // Containers hide devices, and a file may lie in memory.
    if let (true, true) =
        (found.contains_key("disk/write_mib_per_s"), after.written > before.written)
    {
        let written = (after.written - before.written) * 512.0 / 1_048_576.0 / elapsed;
        let logged = point("disk/write_mib_per_s");
        // The mean of samples that may come late.
        assert!((0.4..2.5).contains(&(logged / written)), "{written}: {found:?}");
    }
}
