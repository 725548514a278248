//! Guides to read; the modules have no items.
//!
//! | to | read |
//! |---|---|
//! | port a training from torch's `SummaryWriter` or from tensorboardX | [`from_python`] |
//! | port `model.fit(callbacks=[...])` | [`from_keras`] |
//! | fill a dashboard, one after the other, with pictures | [`cookbook`] |
//! | log what a program records with `tracing` | [`tracing`] |
//! | log CPU, memory, GPUs and where a run came from | [`system_metrics`] |
//! | log weights and gradients of any framework | [`other_frameworks`] |
//! | log to S3, Google Cloud Storage or Azure, or from many machines | [`object_stores`] |
//! | read runs back in Rust | [`reading`] |
//! | see, export and check runs in a terminal | [`cli`] |
//! | find out why TensorBoard does not show what was logged | [`troubleshooting`] |
//! | know what is guaranteed, and what the guarantees rest on | [`guarantees`] |
//! | know what a call costs, and how that was measured | [`performance`] |
//! | compare with the other Rust crates | [`comparison`] |
//! | know what was tested where | [`platforms`] |

/// Link targets that differ between docs.rs and GitHub: of two definitions the first one counts.
macro_rules! links {
    () => {
        "
[cli]: crate::guide::cli
[comparison]: crate::guide::comparison
[cookbook]: crate::guide::cookbook
[from_keras]: crate::guide::from_keras
[from_python]: crate::guide::from_python
[guarantees]: crate::guide::guarantees
[object_stores]: crate::guide::object_stores
[other_frameworks]: crate::guide::other_frameworks
[performance]: crate::guide::performance
[platforms]: crate::guide::platforms
[reading]: crate::guide::reading
[system_metrics]: crate::guide::system_metrics
[tracing]: crate::guide::tracing
[troubleshooting]: crate::guide::troubleshooting
[`Error::RunName`]: crate::Error::RunName
[`SummaryWriter`]: crate::SummaryWriter
[audio.png]: https://raw.githubusercontent.com/tfevents/tfevents/main/docs/gallery/audio.png
[custom_scalars.png]: https://raw.githubusercontent.com/tfevents/tfevents/main/docs/gallery/custom_scalars.png
[distributions.png]: https://raw.githubusercontent.com/tfevents/tfevents/main/docs/gallery/distributions.png
[graphs.png]: https://raw.githubusercontent.com/tfevents/tfevents/main/docs/gallery/graphs.png
[histograms.png]: https://raw.githubusercontent.com/tfevents/tfevents/main/docs/gallery/histograms.png
[hparams.png]: https://raw.githubusercontent.com/tfevents/tfevents/main/docs/gallery/hparams.png
[images.png]: https://raw.githubusercontent.com/tfevents/tfevents/main/docs/gallery/images.png
[mesh.png]: https://raw.githubusercontent.com/tfevents/tfevents/main/docs/gallery/mesh.png
[pr_curves.png]: https://raw.githubusercontent.com/tfevents/tfevents/main/docs/gallery/pr_curves.png
[projector.png]: https://raw.githubusercontent.com/tfevents/tfevents/main/docs/gallery/projector.png
[scalars.png]: https://raw.githubusercontent.com/tfevents/tfevents/main/docs/gallery/scalars.png
[text.png]: https://raw.githubusercontent.com/tfevents/tfevents/main/docs/gallery/text.png
[timeseries.png]: https://raw.githubusercontent.com/tfevents/tfevents/main/docs/gallery/timeseries.png
[trace.png]: https://raw.githubusercontent.com/tfevents/tfevents/main/docs/trace.png

"
    };
}

/// Makes a module of a file in `docs`, with the first sentence that lists of modules show.
macro_rules! guide {
    ($name:ident, $summary:literal, $file:literal) => {
        #[doc = $summary]
        ///
        #[doc = links!()]
        #[doc = include_str!($file)]
        pub mod $name {}
    };
}

guide!(cli, "Runs in a terminal: the command-line tool `tfevents`.", "../docs/cli.md");
guide!(comparison, "The Rust writers of event files, side by side.", "../docs/comparison.md");
guide!(cookbook, "A recipe for each dashboard.", "../docs/cookbook.md");
guide!(from_keras, "Keras's callbacks beside the Rust ones.", "../docs/from_keras.md");
guide!(
    from_python,
    "Calls of torch's writer and tensorboardX beside the Rust calls.",
    "../docs/from_python.md"
);
guide!(guarantees, "What is guaranteed, and what the guarantees rest on.", "../docs/guarantees.md");
guide!(object_stores, "Object stores, many machines, and mounts.", "../docs/object_stores.md");
guide!(other_frameworks, "Weights and gradients of any framework.", "../docs/other_frameworks.md");
guide!(performance, "What a call costs, and how it was measured.", "../docs/performance.md");
guide!(
    platforms,
    "What was tested where, and what differs between systems.",
    "../docs/platforms.md"
);
guide!(reading, "Reading runs back in Rust.", "../docs/reading.md");
guide!(
    system_metrics,
    "CPU, memory, GPUs, counters, and where a run came from.",
    "../docs/system_metrics.md"
);
guide!(tracing, "Curves from the events of `tracing`.", "../docs/tracing.md");
guide!(
    troubleshooting,
    "Answers by symptom, such as \"TensorBoard shows nothing\".",
    "../docs/troubleshooting.md"
);
