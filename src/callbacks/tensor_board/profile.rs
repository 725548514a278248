//! From which train step to which a trace is taken.

use crate::callbacks::SettingError;

/// Train steps, from 1, both included.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct ProfileRange {
    start: u64,
    stop: u64,
}

impl ProfileRange {
    #[cfg_attr(not(test), expect(dead_code, reason = "made by the setter that comes with traces"))]
    pub(super) fn new(start: u64, stop: u64) -> Result<Self, SettingError> {
        if start == 0 || stop < start {
            let given = format!("{start} to {stop}");
            let allowed = "train steps from 1, the last not before the first";
            return Err(SettingError::new("profile_batch", given, allowed));
        }
        Ok(Self { start, stop })
    }
}

/// Where a trace begins and ends.
#[derive(Debug, Default)]
pub(super) struct Profile {
    range: Option<ProfileRange>,
    tracing: bool,
    /// The step at which the last trace stopped.
    stopped: Option<u64>,
    last_step: u64,
}

impl Profile {
    pub(super) fn new(range: Option<ProfileRange>) -> Self {
        Self { range, ..Self::default() }
    }

    /// A training begins.
    pub(super) fn restart(&mut self) {
        (self.tracing, self.stopped, self.last_step) = (false, None, 0);
    }

    /// A batch begins, which may be the first one of the trace.
    #[inline]
    pub(super) fn begin(&mut self, step: u64) {
        if self.range.is_some_and(|range| range.start == step) {
            self.tracing = true;
        }
    }

    /// A batch ends, which may be the last one of the trace.
    #[inline]
    pub(super) fn end(&mut self, step: u64) {
        if self.tracing {
            self.last_step = step;
            if self.range.is_some_and(|range| range.stop <= step) {
                self.finish();
            }
        }
    }

    /// The training ends, and a trace with it.
    pub(super) fn finish(&mut self) {
        if std::mem::take(&mut self.tracing) {
            self.stopped = Some(self.last_step);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// The steps that are traced of so many, and the step that the trace is labelled with.
    fn traced(start: u64, stop: u64, steps: u64) -> (Vec<u64>, Option<u64>) {
        let mut profile = Profile::new(Some(ProfileRange::new(start, stop).unwrap()));
        profile.restart();
        let mut traced = Vec::new();
        for step in 1..=steps {
            profile.begin(step);
            traced.extend(profile.tracing.then_some(step));
            profile.end(step);
        }
        profile.finish();
        (traced, profile.stopped)
    }

    #[test]
    fn both_ends_are_traced() {
        assert_eq!(traced(2, 4, 9), (vec![2, 3, 4], Some(4)));
        assert_eq!(traced(1, 1, 9), (vec![1], Some(1)));
        assert_eq!(traced(8, 20, 9), (vec![8, 9], Some(9)));
        assert_eq!(traced(10, 20, 9), (vec![], None));
    }

    #[test]
    fn ranges_upside_down_are_refused() {
        for (start, stop) in [(4, 2), (0, 3), (0, 0)] {
            let error = ProfileRange::new(start, stop).unwrap_err().to_string();
            assert!(error.contains(&format!("profile_batch is {start} to {stop}")), "{error}");
        }
    }
}
