//! System metrics for TensorBoard: CPU, memory, disk, network and GPUs beside a training's curves.
//!
//! ```no_run
//! use tfevents::SummaryWriter;
//! use tfevents_system::SystemMonitor;
//!
//! # fn train(_: &SummaryWriter) {}
//! let writer = SummaryWriter::new("runs/mnist")?;
//! let monitor = SystemMonitor::start(&writer)?;
//! train(&writer);
//! drop(monitor); // logs the rest
//! writer.close()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! [`SystemMonitor`] measures once a second on a thread of its own, and logs the means of ten seconds
//! into the child run `system`. Its steps are seconds since the start, so they are never mixed with
//! the steps of the training: on the time axis (Horizontal Axis: Relative or Wall) TensorBoard
//! shows both together.
//!
//! | tag | value | unit |
//! |---|---|---|
//! | `system/cpu` | CPU time used of that available to the process | % |
//! | `system/memory`, `system/memory_mib` | memory used of that available to the process | %, MiB |
//! | `process/cpu` | CPU time of the process; 100 is one core | % |
//! | `process/rss_mib` | memory of the process (resident set) | MiB |
//! | `process/threads` | threads of the process (Linux) | |
//! | `disk/read_mib_per_s`, `disk/write_mib_per_s` | transfers of all disks | MiB/s |
//! | `network/received_mib_per_s`, `network/sent_mib_per_s` | transfers of all network interfaces | MiB/s |
//! | `gpu/0/utilization` … | time in which a kernel was running | % |
//! | `gpu/0/memory_mib` … | memory used on the device | MiB |
//! | `gpu/0/power_w` … | power draw | W |
//! | `gpu/0/temperature` … | temperature | °C |
//!
//! # Containers
//!
//! On Linux, limits of cgroup v2 count: with a limit of two CPUs and 4 GiB, `system/cpu` and
//! `system/memory` are the usage of the control group relative to these. CPUs to which the process
//! may not be scheduled do not count.
//!
//! A value that the system hides, as containers do, is missing: it is never logged as 0. Each source
//! that cannot be read is skipped, with one warning that names it through the
//! [`log`](https://docs.rs/log) facade.
//!
//! # GPUs
//!
//! The feature `nvml` adds the GPUs of NVIDIA, numbered as `nvidia-smi` does, whatever
//! `CUDA_VISIBLE_DEVICES` says. It loads the library of the driver at run time: the program builds
//! and starts without it, and logs no `gpu/` tags then.
//!
//! # Platforms
//!
//! Linux is read from `/proc` and `/sys`, without a further crate; macOS and Windows through
//! [`sysinfo`](https://docs.rs/sysinfo).
//!
//! # Compatibility
//!
//! | tfevents-system | tfevents | Rust |
//! |---|---|---|
//! | 0.1 | 0.1 | 1.85 |
//!
//! The crate re-exports [`tfevents`], in the version whose types it takes.

#![forbid(unsafe_code)]

#[cfg(any(target_os = "linux", test))]
mod linux;
mod monitor;
mod sample;
#[cfg(any(not(target_os = "linux"), test))]
mod sysinfo_source;
mod window;

#[cfg(any(feature = "nvml", test))]
mod gpu;

pub use monitor::{StartError, SystemMonitor, SystemMonitorBuilder};
pub use tfevents;

#[cfg(test)]
mod tests;

/// Compiles the example in the README.
#[cfg(doctest)]
#[doc = include_str!("../README.md")]
struct Readme;
