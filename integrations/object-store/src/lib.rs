//! TensorBoard logging straight to S3, Google Cloud Storage and Azure.
//!
//! ```no_run
//! use tfevents_object_store::ObjectStorage;
//!
//! let storage = ObjectStorage::from_url("s3://bucket/experiments")?;
//! let writer = storage.writer("mlp/7").build()?;
//! writer.add_scalar("loss", 0.5, 0);
//! writer.close()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! Then `tensorboard --logdir s3://bucket/experiments` follows the training. The features `aws`, `gcp`
//! and `azure` add the stores; none of them is on by default. Credentials come from the environment,
//! as [`object_store`] finds them; any other store is passed to [`ObjectStorage::new`].
//!
//! # How a run lies in the store
//!
//! An object is put as a whole, so a run is a series of objects whose names sort by time. The last
//! one is put again, longer, whenever there is something new, and sealed after 16 uploads or 4 MiB;
//! TensorBoard reads that as growth. An upload is due after 1 % of the writer's age, at least 10 s and
//! at most 300 s. So the bytes that are sent are linear in those that are logged (at most 8.5 times,
//! for a run of 1 kB/s), a run of a day has about 45 objects, and a point shows within 36 s in the
//! first hour and within 300 s later. [`Settings`] changes all of it.
//!
//! # Guarantees
//!
//! Those of [`tfevents`], with these differences:
//!
//! - **`flush` and `close`.** When they return `Ok`, every event that was logged before is in an object
//!   whose upload was answered, and everyone who reads the object sees it.
//! - **Delay.** A process that is killed loses what was logged since the last upload: up to 300 s, where
//!   a local file loses 1 s. Call `flush` when the process receives SIGTERM; most schedulers wait 30 s
//!   after it.
//! - **Order, and each point once.** An upload that had no answer is repeated with the same name and the
//!   same bytes in front, after 1, 2, 4 ... 60 s. Other runs go on.
//! - **Bounded memory and waiting.** Unwritten events use up to 128 MiB (small ones 80 MiB), objects
//!   that may be put again 16 MiB, and the bodies of uploads under way 80 MiB. `flush`, `close` and
//!   dropping the writer wait up to 30 s; logging waits only while the buffer is full, as always.
//! - **Nothing is deleted or merged** while a run is live, because a reader may be at the end of any
//!   object.
//!
//! To keep events when the process and the store fail together, log into a local directory and
//! [mirror](ObjectStorage::mirror) it.
//!
//! Requests are made on a thread of their own, so a writer works inside and outside of async code.

mod client;
mod error;
mod file;
mod keys;
mod mirror;
mod reader;
mod settings;
mod storage;
mod upload;
mod url;

pub use error::Error;
pub use mirror::Mirror;
pub use object_store;
pub use settings::Settings;
pub use storage::ObjectStorage;
pub use tfevents;
