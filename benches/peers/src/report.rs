//! The figures, as a table and as JSON.

use serde_json::{Value, json};
use std::fmt::Write;

/// One figure of one peer, once per round.
#[derive(Clone, Debug)]
pub struct Figure {
    pub work: &'static str,
    pub subject: &'static str,
    pub unit: &'static str,
    pub rounds: Vec<f64>,
}

impl Figure {
    pub fn median(&self) -> f64 {
        median(self.rounds.clone())
    }

    fn min(&self) -> f64 {
        self.rounds.iter().copied().fold(f64::INFINITY, f64::min)
    }

    fn max(&self) -> f64 {
        self.rounds.iter().copied().fold(f64::NEG_INFINITY, f64::max)
    }
}

/// Everything that was measured, in the order in which it first came.
#[derive(Debug, Default)]
pub struct Report {
    figures: Vec<Figure>,
    /// Why something was not measured.
    notes: Vec<String>,
}

impl Report {
    /// Adds one round's figure.
    pub fn add(
        &mut self,
        work: &'static str,
        subject: &'static str,
        unit: &'static str,
        value: f64,
    ) {
        match self.figures.iter_mut().find(|old| (old.work, old.subject) == (work, subject)) {
            Some(figure) => figure.rounds.push(value),
            None => self.figures.push(Figure { work, subject, unit, rounds: vec![value] }),
        }
    }

    pub fn note(&mut self, note: impl Into<String>) {
        let note = note.into();
        if !self.notes.contains(&note) {
            self.notes.push(note);
        }
    }

    fn figure(&self, work: &str, subject: &str) -> Option<&Figure> {
        self.figures.iter().find(|figure| (figure.work, figure.subject) == (work, subject))
    }

    /// The median over the rounds.
    pub fn median(&self, work: &str, subject: &str) -> Option<f64> {
        Some(self.figure(work, subject)?.median())
    }

    /// How many times as much the first is: the median of the quotients of each round, because
    /// a disturbance of a round affects both.
    pub fn ratio(&self, over: (&str, &str), under: (&str, &str)) -> Option<f64> {
        let (over, under) = (self.figure(over.0, over.1)?, self.figure(under.0, under.1)?);
        let rounds = over.rounds.iter().zip(&under.rounds);
        Some(median(rounds.map(|(over, under)| over / under).collect()))
    }

    /// Returns a Markdown table. The last column compares with tfevents: twice as much is 2.
    pub fn table(&self) -> String {
        let mut out = String::from(
            "| work | writer | median | min to max | unit | × tfevents |\n\
             |---|---|---:|---:|---|---:|\n",
        );
        let mut works: Vec<&str> = Vec::new();
        for figure in &self.figures {
            if !works.contains(&figure.work) {
                works.push(figure.work);
            }
        }
        for work in works {
            for figure in self.figures.iter().filter(|figure| figure.work == work) {
                let ratio = self
                    .ratio((work, figure.subject), (work, "tfevents"))
                    .filter(|ratio| ratio.is_finite())
                    .map_or(String::new(), |ratio| format!("{ratio:.2}"));
                let (min, max) = (short(figure.min()), short(figure.max()));
                let _ = writeln!(
                    out,
                    "| {work} | {} | {} | {min} – {max} | {} | {ratio} |",
                    figure.subject,
                    short(figure.median()),
                    figure.unit,
                );
            }
        }
        for note in &self.notes {
            let _ = writeln!(out, "\nNot measured: {note}");
        }
        out
    }

    pub fn json(&self) -> Value {
        let figures: Vec<_> = self
            .figures
            .iter()
            .map(|figure| {
                json!({
                    "work": figure.work,
                    "who": figure.subject,
                    "unit": figure.unit,
                    "median": figure.median(),
                    "rounds": figure.rounds,
                })
            })
            .collect();
        json!({ "figures": figures, "not_measured": self.notes })
    }
}

fn short(value: f64) -> String {
    if value == value.trunc() || value.abs() >= 100.0 {
        format!("{value:.0}")
    } else if value.abs() >= 1.0 {
        format!("{value:.1}")
    } else {
        format!("{value:.4}")
    }
}

pub fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    match values.len() {
        0 => f64::NAN,
        len if len % 2 == 1 => values[len / 2],
        len => (values[len / 2 - 1] + values[len / 2]) / 2.0,
    }
}
