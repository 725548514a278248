//! The source on a fake `/proc` and `/sys`.

use super::*;
use std::fs;
use std::path::Path;

const STAT_BEFORE: &str =
    "cpu  0 0 0 0\ncpu0 100 0 50 800 50 0 0 0 10 0\ncpu1 100 0 50 800 50 0 0 0\nintr 1 2 3\n";
// CPU 0 was busy for 80 of 100 ticks, CPU 1 for 20.
const STAT_AFTER: &str =
    "cpu  0 0 0 0\ncpu0 160 5 60 815 55 0 5 0 20 0\ncpu1 110 0 60 880 50 0 0 0\nintr 4 5 6\n";
const MEMINFO_TEXT: &str =
    "MemTotal:        8388608 kB\nMemFree:          100 kB\nMemAvailable:    6291456 kB\n";
const STATUS: &str = "Name:\tfake\nVmRSS:\t  102400 kB\nThreads:\t7\nCpus_allowed_list:\t0-1\n";

struct Root(tempfile::TempDir);

impl Root {
    fn new() -> Self {
        let root = Self(tempfile::tempdir().unwrap());
        root.write(STAT, STAT_BEFORE);
        root.write(MEMINFO, MEMINFO_TEXT);
        root.write(SELF_STATUS, STATUS);
        root.write(SELF_STAT, self_stat(100, 50));
        root.write(DISKSTATS, disks(1000, 2000));
        root.write("sys/block/nvme0n1/device/model", "");
        root.write("sys/block/loop0/size", "");
        root.write(NET_DEV, interfaces(1 << 20, 2 << 20));
        root.write("sys/class/net/eth0/device/vendor", "");
        root
    }

    fn path(&self) -> &Path {
        self.0.path()
    }

    fn write(&self, name: &str, text: impl AsRef<[u8]>) {
        let path = self.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }

    fn remove(&self, name: &str) {
        fs::remove_file(self.path().join(name)).unwrap();
    }
}

/// A program may choose a name that looks like other fields.
fn self_stat(user: u64, system: u64) -> String {
    format!("1 (a) R 9 9) S 0 1 1 0 -1 4194304 98 0 0 0 {user} {system} 7 7 20 0 1 0 551296\n")
}

fn disks(read: u64, written: u64) -> String {
    format!(
        "   7       0 loop0 9 9 99999 9 9 9 99999 9 0 9 9\n \
         259       0 nvme0n1 5 5 {read} 5 5 5 {written} 5 0 5 5\n \
         259       1 nvme0n1p1 5 5 {read} 5 5 5 {written} 5 0 5 5\n"
    )
}

fn interfaces(received: u64, sent: u64) -> String {
    format!(
        "Inter-|   Receive | Transmit\n face |bytes packets |bytes packets\n    lo: {received} 0 0 0 0 0 0 0 {sent} 0\n\
         docker0: {received} 0 0 0 0 0 0 0 {sent} 0\n  eth0: {received} 10 0 0 0 0 0 0 {sent} 10\n"
    )
}

fn sample(source: &mut Linux, seconds: u64) -> (Vec<(String, f64)>, Vec<String>) {
    let mut sample = Sample::default();
    source.sample(Duration::from_secs(seconds), &mut sample);
    let values = sample.values.into_iter().map(|(series, value)| (series.tag.into(), value));
    let names = sample.problems.into_iter().map(|problem| problem.name);
    (values.collect(), names.collect())
}

fn value(values: &[(String, f64)], tag: &str) -> Option<f64> {
    values.iter().find(|(name, _)| name == tag).map(|(_, value)| *value)
}

#[test]
fn two_samples_of_a_whole_system() {
    let root = Root::new();
    let mut source = Linux::new(root.path());
    let (values, problems) = sample(&mut source, 0);
    // Rates need a second sample.
    let tags: Vec<&str> = values.iter().map(|(tag, _)| &tag[..]).collect();
    assert_eq!(tags, ["system/memory", "system/memory_mib", "process/rss_mib", "process/threads"]);
    assert!(problems.is_empty(), "{problems:?}");

    root.write(STAT, STAT_AFTER);
    root.write(SELF_STAT, self_stat(250, 100));
    root.write(DISKSTATS, disks(1000 + 4096, 2000 + 2 * 4096));
    root.write(NET_DEV, interfaces(5 << 20, 4 << 20));
    let (values, problems) = sample(&mut source, 2);
    assert!(problems.is_empty(), "{problems:?}");
    let expected = [
        ("system/cpu", 50.0),
        ("system/memory", 25.0),
        ("system/memory_mib", 2048.0),
        ("process/cpu", 100.0),
        ("process/rss_mib", 100.0),
        ("process/threads", 7.0),
        ("disk/read_mib_per_s", 1.0),
        ("disk/write_mib_per_s", 2.0),
        ("network/received_mib_per_s", 2.0),
        ("network/sent_mib_per_s", 1.0),
    ];
    assert_eq!(values, expected.map(|(tag, value)| (tag.to_owned(), value)));
}

#[test]
fn only_allowed_cpus_count() {
    let root = Root::new();
    root.write(SELF_STATUS, STATUS.replace("0-1", "1"));
    let mut source = Linux::new(root.path());
    sample(&mut source, 0);
    root.write(STAT, STAT_AFTER);
    assert_eq!(value(&sample(&mut source, 1).0, "system/cpu"), Some(20.0));

    assert_eq!(allowed_cpus("Cpus_allowed_list:\t0-2,8\n").unwrap().len(), 4);
    for poisoned in ["", "x", "0-", "3-1,", "0-99999999999999999999", "0-4294967295"] {
        assert_eq!(allowed_cpus(&format!("Cpus_allowed_list:\t{poisoned}\n")), None, "{poisoned}");
    }
}

/// Writes the files of a container whose group is two levels below the mount.
fn container(cpu: &str, memory: &str) -> Root {
    let root = Root::new();
    root.write("proc/self/cgroup", "0::/pod/box\n");
    root.write("sys/fs/cgroup/cgroup.controllers", "cpu memory\n");
    root.write("sys/fs/cgroup/pod/cpu.max", cpu);
    root.write("sys/fs/cgroup/pod/cpu.stat", "usage_usec 1000000\nuser_usec 5\n");
    root.write("sys/fs/cgroup/pod/box/cpu.max", "max 100000\n");
    root.write("sys/fs/cgroup/pod/memory.max", "max\n");
    root.write("sys/fs/cgroup/pod/box/memory.max", memory);
    root.write("sys/fs/cgroup/pod/box/memory.current", format!("{}\n", 600 << 20));
    root.write(
        "sys/fs/cgroup/pod/box/memory.stat",
        format!("anon 5\ninactive_file {}\n", 88 << 20),
    );
    root
}

#[test]
fn limits_of_control_groups_count() {
    let root = container("150000 100000\n", &format!("{}\n", 1024 << 20));
    let mut source = Linux::new(root.path());
    let (values, problems) = sample(&mut source, 0);
    assert_eq!(value(&values, "system/memory"), Some(50.0));
    assert_eq!(value(&values, "system/memory_mib"), Some(512.0));
    assert_eq!(problems, [""; 0]);

    root.write(STAT, STAT_AFTER);
    // 3 of 1.5 × 4 seconds.
    root.write("sys/fs/cgroup/pod/cpu.stat", "usage_usec 4000000\n");
    assert_eq!(value(&sample(&mut source, 4).0, "system/cpu"), Some(50.0));
}

#[test]
fn limits_beyond_the_system_do_not_count() {
    let root = container("400000 100000\n", &format!("{}\n", 64u64 << 30));
    let mut source = Linux::new(root.path());
    assert_eq!(value(&sample(&mut source, 0).0, "system/memory"), Some(25.0));
    root.write(STAT, STAT_AFTER);
    assert_eq!(value(&sample(&mut source, 1).0, "system/cpu"), Some(50.0));
}

#[test]
fn a_group_outside_of_the_container_is_the_mount() {
    let root = container("max 100000\n", "max\n");
    root.write("proc/self/cgroup", "0::/../../elsewhere\n");
    root.write("sys/fs/cgroup/cpu.max", "50000 100000\n");
    root.write("sys/fs/cgroup/cpu.stat", "usage_usec 0\n");
    let mut source = Linux::new(root.path());
    sample(&mut source, 0);
    root.write("sys/fs/cgroup/cpu.stat", "usage_usec 500000\n");
    assert_eq!(value(&sample(&mut source, 2).0, "system/cpu"), Some(50.0));
}

#[test]
fn poisoned_limits_are_reported_and_the_system_counts() {
    for (cpu, memory) in
        [("lots", "-1"), ("100000 0", "0x10"), ("100000", ""), ("\u{fffd}", "max max")]
    {
        let root = container(cpu, memory);
        let mut source = Linux::new(root.path());
        let (values, problems) = sample(&mut source, 0);
        assert_eq!(
            problems,
            ["/sys/fs/cgroup/pod/cpu.max", "/sys/fs/cgroup/pod/box/memory.max"],
            "{cpu:?} {memory:?}"
        );
        assert_eq!(value(&values, "system/memory"), Some(25.0));
        root.write(STAT, STAT_AFTER);
        assert_eq!(value(&sample(&mut source, 1).0, "system/cpu"), Some(50.0));
    }
}

#[test]
fn hidden_files_are_reported_and_never_zero() {
    for (file, missing) in [
        (STAT, "system/cpu"),
        (MEMINFO, "system/memory"),
        (SELF_STAT, "process/cpu"),
        (SELF_STATUS, "process/rss_mib"),
        (DISKSTATS, "disk/read_mib_per_s"),
        (NET_DEV, "network/sent_mib_per_s"),
    ] {
        let root = Root::new();
        let mut source = Linux::new(root.path());
        sample(&mut source, 0);
        root.write(STAT, STAT_AFTER);
        root.remove(file);
        let (values, problems) = sample(&mut source, 1);
        assert_eq!(problems, [format!("/{file}")]);
        assert_eq!(value(&values, missing), None);
        assert!(values.len() >= 8, "{file}: {values:?}");
    }
    // Nothing at all.
    let dir = tempfile::tempdir().unwrap();
    let (values, problems) = sample(&mut Linux::new(dir.path()), 0);
    assert_eq!((values.len(), problems.len()), (0, 6));
}

#[test]
fn poisoned_files_are_reported_and_the_others_logged() {
    let poisons: [&[u8]; 6] = [
        b"",
        b"\xff\xfe\x00",
        b"cpu\ncpu0 x\nMemTotal: many kB\nVmRSS: -1 kB\nThreads: NaN\n 1 2 3\n a\n b",
        b"cpu0 1 2\nMemTotal: 1 kB\n1 (x) S 1 2\nVmRSS:\n259 0 nvme0n1\nh\nh\neth0: 1",
        b"cpu0 99999999999999999999 1 1 1\nMemTotal: 99999999999999999999 kB\n) 1 1 1 1 1 1 1 1 1 1 1 -5 1\nh\nh\n:",
        b"cpux 1 1 1 1\n1 1 d 1 1 -1 1 1 1 1\nh\neth0 1 2 3",
    ];
    for poison in poisons {
        for file in [STAT, MEMINFO, SELF_STAT, SELF_STATUS, DISKSTATS, NET_DEV] {
            let root = Root::new();
            let mut source = Linux::new(root.path());
            sample(&mut source, 0);
            root.write(file, poison);
            let (values, problems) = sample(&mut source, 1);
            assert!(values.iter().all(|(_, value)| value.is_finite() && *value >= 0.0));
            let name = format!("/{file}");
            // An empty list of devices is one without devices.
            let may_be_empty = file == DISKSTATS || file == NET_DEV;
            assert!(
                problems == [name] || may_be_empty && problems.is_empty(),
                "{file}, {:?}: {problems:?}",
                String::from_utf8_lossy(poison)
            );
        }
    }
}

#[test]
fn counters_that_go_back_and_new_devices_give_no_rate() {
    let root = Root::new();
    let mut source = Linux::new(root.path());
    sample(&mut source, 0);
    root.write(DISKSTATS, disks(0, 5000));
    root.write(NET_DEV, interfaces(0, 0));
    root.write(SELF_STAT, self_stat(0, 0));
    let (values, problems) = sample(&mut source, 1);
    assert!(problems.is_empty(), "{problems:?}");
    for tag in
        ["disk/read_mib_per_s", "disk/write_mib_per_s", "network/sent_mib_per_s", "process/cpu"]
    {
        assert_eq!(value(&values, tag), None, "{tag}");
    }
    // A disk with much behind it is plugged in.
    root.write("sys/block/sda/device/model", "");
    let with_sda = format!("{}8 0 sda 5 5 99999999 5 5 5 99999999 5 0 5 5\n", disks(0, 5000));
    root.write(DISKSTATS, &with_sda);
    assert_eq!(value(&sample(&mut source, 2).0, "disk/read_mib_per_s"), None);
    assert_eq!(value(&sample(&mut source, 3).0, "disk/read_mib_per_s"), Some(0.0));
}

#[test]
fn the_real_system_can_be_read() {
    let mut source = Linux::new("/");
    sample(&mut source, 0);
    let (values, _) = sample(&mut source, 1);
    assert!(value(&values, "system/memory").is_some_and(|used| (0.0..=100.0).contains(&used)));
    assert!(value(&values, "process/rss_mib").is_some_and(|mib| mib > 1.0));
}
