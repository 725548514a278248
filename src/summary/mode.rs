//! The direction in which a value improves.

/// The direction in which a monitored value improves.
///
/// ```
/// use tfevents::Mode;
/// # let dir = tempfile::tempdir()?;
/// # let writer = tfevents::SummaryWriter::new(dir.path())?;
///
/// let best = writer.best_scalar("val_reward", Mode::Max);
/// best.add(0.5, 0);
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// ```
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub enum Mode {
    /// By the name of the value, where it is known. For any other name `on_train_begin` of a callback
    /// returns a `ConfigError`.
    ///
    /// Lower is better for names that end in `loss`, `error` or `err`, `error_rate`, `mse`, `mae`,
    /// `rmse`, `mape`, `msle`, `crossentropy` or `cross_entropy`, `divergence`, `perplexity`,
    /// `nll`, `wer`, `cer`. Higher is better for names that end in `accuracy` or `acc`, `auc`,
    /// `auroc`, `precision`, `recall`, `f1` or `f1_score`, `psnr`, `ssim`, `r2` or `r2_score`,
    /// `iou`, `dice`.
    ///
    /// Case does not matter, nor does `val_` in front, nor endings such as `_1`, `_at_k`, `_at_5`,
    /// `_macro`, `_micro` and `_weighted`.
    #[default]
    Auto,
    /// Lower is better.
    Min,
    /// Higher is better.
    Max,
}

/// Endings of the names of values of which lower is better.
const LOWER_IS_BETTER: [&str; 18] = [
    "loss",
    "losses",
    "error",
    "errors",
    "err",
    "error_rate",
    "mse",
    "mae",
    "rmse",
    "mape",
    "msle",
    "crossentropy",
    "cross_entropy",
    "divergence",
    "perplexity",
    "nll",
    "wer",
    "cer",
];

/// Endings of the names of values of which higher is better.
const HIGHER_IS_BETTER: [&str; 16] = [
    "accuracy",
    "acc",
    "auc",
    "auroc",
    "auprc",
    "precision",
    "recall",
    "f1",
    "f1_score",
    "f1score",
    "psnr",
    "ssim",
    "r2",
    "r2_score",
    "iou",
    "dice",
];

/// Endings that say nothing about the direction, after numbers are removed.
const NEUTRAL: [&str; 5] = ["_at_k", "_at", "_macro", "_micro", "_weighted"];

/// Returns whether a higher value of this name is better, if the name is known.
fn direction(name: &str) -> Option<bool> {
    let plain = |c: char| if c.is_alphanumeric() { c.to_ascii_lowercase() } else { '_' };
    let name: String = name.chars().map(plain).collect();
    let mut name = name.trim_matches('_');
    loop {
        let number = name.rsplit_once('_').filter(|(rest, last)| {
            !rest.is_empty() && !last.is_empty() && last.bytes().all(|b| b.is_ascii_digit())
        });
        let shorter = match number {
            Some((rest, _)) => Some(rest),
            None => NEUTRAL.iter().find_map(|end| name.strip_suffix(end)),
        };
        match shorter {
            Some(shorter) => name = shorter.trim_end_matches('_'),
            None => break,
        }
    }
    // Whole words only: `r2` is not the end of `var2`.
    let ends_in = |end: &&str| {
        let rest = name.strip_suffix(*end);
        rest.is_some_and(|rest| rest.is_empty() || rest.ends_with('_'))
    };
    // `miou` and the like are one word.
    let word = name.rsplit('_').next().unwrap_or(name);
    if LOWER_IS_BETTER.iter().any(ends_in) {
        Some(false)
    } else if HIGHER_IS_BETTER.iter().any(ends_in) || word == "miou" {
        Some(true)
    } else {
        None
    }
}

impl Mode {
    /// Returns whether higher values of this name are better; `None` if the name does not say it.
    pub(crate) fn higher_is_better(self, name: &str) -> Option<bool> {
        match self {
            Mode::Min => Some(false),
            Mode::Max => Some(true),
            Mode::Auto => direction(name),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_direction_of_known_names() {
        for name in [
            "loss",
            "val_loss",
            "Loss",
            "loss_1",
            "val/loss",
            "mse",
            "val_mean_absolute_error",
            "MAE_2",
            "valid RMSE",
            "error_rate",
            "kl_divergence",
            "binary_crossentropy",
            "precision_loss",
            "auc_error",
            "mse_macro",
        ] {
            assert_eq!(direction(name), Some(false), "{name}");
        }
        for name in [
            "acc",
            "accuracy",
            "val_Accuracy",
            "val_auc_1",
            "val_mean_iou",
            "mIoU",
            "val_psnr",
            "val_r2",
            "r2_score",
            "precision_at_k",
            "recall_at_10",
            "val_recall@5",
            "f1_macro",
            "F1_score",
            "top_5_categorical_accuracy",
            "f1_1",
            "r2_2",
            "val-accuracy",
            "roc_auc_weighted_1",
        ] {
            assert_eq!(direction(name), Some(true), "{name}");
        }
        for name in [
            "reward",
            "val_reward",
            "var2",
            "lossy",
            "hits_at_10",
            "score",
            "",
            "1",
            "_",
            "cosine_similarity",
        ] {
            assert_eq!(direction(name), None, "{name}");
        }
    }
}
