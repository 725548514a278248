//! Which runs are shown: a regular expression, or a comparison of a hyperparameter.

use regex::Regex;
use tfevents::read::HParam;

/// A filter of runs, as it is typed.
#[derive(Clone, Debug)]
pub(crate) enum RunFilter {
    /// Names that match, anywhere.
    Name(Regex),
    /// `hp.rate < 0.1`: runs with a hyperparameter like this.
    HParam { name: String, comparison: Comparison, value: String },
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Comparison {
    Less,
    LessOrEqual,
    Equal,
    NotEqual,
    GreaterOrEqual,
    Greater,
}

const COMPARISONS: [(&str, Comparison); 6] = [
    ("<=", Comparison::LessOrEqual),
    (">=", Comparison::GreaterOrEqual),
    ("!=", Comparison::NotEqual),
    ("<", Comparison::Less),
    (">", Comparison::Greater),
    ("=", Comparison::Equal),
];

impl RunFilter {
    /// Parses what was typed; nothing is no filter.
    pub(crate) fn parse(text: &str) -> Result<Option<Self>, String> {
        if text.is_empty() {
            return Ok(None);
        }
        if let Some(rest) = text.strip_prefix("hp.") {
            for (sign, comparison) in COMPARISONS {
                if let Some((name, value)) = rest.split_once(sign) {
                    let (name, value) = (name.trim().to_owned(), value.trim().to_owned());
                    return Ok(Some(Self::HParam { name, comparison, value }));
                }
            }
        }
        match Regex::new(text) {
            Ok(regex) => Ok(Some(Self::Name(regex))),
            Err(error) => Err(last_line(&error)),
        }
    }

    pub(crate) fn matches(&self, run: &str, hparams: &[(String, HParam)]) -> bool {
        let (name, comparison, value) = match self {
            Self::Name(regex) => return regex.is_match(run),
            Self::HParam { name, comparison, value } => (name, *comparison, value),
        };
        let found = hparams.iter().find(|(found, _)| found == name);
        let Some((_, found)) = found else { return false };
        let order = match (found, value.parse::<f64>()) {
            (HParam::Number(number), Ok(value)) => number.partial_cmp(&value),
            (found, _) => Some(found.to_string().as_str().cmp(value)),
        };
        order.is_some_and(|order| match comparison {
            Comparison::Less => order.is_lt(),
            Comparison::LessOrEqual => order.is_le(),
            Comparison::Equal => order.is_eq(),
            Comparison::NotEqual => order.is_ne(),
            Comparison::GreaterOrEqual => order.is_ge(),
            Comparison::Greater => order.is_gt(),
        })
    }
}

/// Returns the line of an error that says what is wrong.
pub(crate) fn last_line(error: &regex::Error) -> String {
    error.to_string().lines().last().unwrap_or_default().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn runs_are_filtered_by_name_or_hyperparameter() {
        let hparams = [
            ("rate".to_owned(), HParam::Number(0.01)),
            ("opt".to_owned(), HParam::Text("adam".into())),
        ];
        let matches = |text| RunFilter::parse(text).unwrap().unwrap().matches("a/seed1", &hparams);
        for text in ["seed", "^a/", "hp.rate<0.1", "hp.rate >= 0.01", "hp.opt=adam", "hp.opt!=sgd"]
        {
            assert!(matches(text), "{text}");
        }
        for text in ["^seed", "hp.rate>0.1", "hp.rate=1", "hp.opt=sgd", "hp.other=1"] {
            assert!(!matches(text), "{text}");
        }
        assert!(RunFilter::parse("(").is_err());
        assert!(RunFilter::parse("").unwrap().is_none());
    }
}
