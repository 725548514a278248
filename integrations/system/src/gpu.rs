//! Metrics of GPUs.

use crate::sample::{Problem, Sample, Series, Source};
use std::time::Duration;

/// The values of a GPU.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Field {
    Utilization,
    MemoryMib,
    PowerW,
    Temperature,
}

impl Field {
    const ALL: [Field; 4] =
        [Field::Utilization, Field::MemoryMib, Field::PowerW, Field::Temperature];

    fn series(self, gpu: u32) -> Series {
        let (name, description) = match self {
            Field::Utilization => ("utilization", "Time in which a kernel was running, in %"),
            Field::MemoryMib => ("memory_mib", "Memory used on the device, in MiB"),
            Field::PowerW => ("power_w", "Power draw, in W"),
            Field::Temperature => ("temperature", "Temperature, in °C"),
        };
        Series { tag: format!("gpu/{gpu}/{name}").into(), description }
    }
}

/// The driver of GPUs.
pub(crate) trait Driver: Send {
    /// Returns the number of GPUs; none if there is no driver.
    fn count(&mut self) -> Result<u32, String>;
    fn read(&mut self, gpu: u32, field: Field) -> Result<f64, String>;
}

/// The GPUs of a driver, which may disappear at any time and come back.
#[derive(Debug)]
pub(crate) struct GpuSource<D> {
    driver: D,
}

impl<D: Driver> GpuSource<D> {
    pub(crate) fn new(driver: D) -> Self {
        Self { driver }
    }
}

impl<D: Driver> Source for GpuSource<D> {
    fn sample(&mut self, _: Duration, sample: &mut Sample) {
        let count = match self.driver.count() {
            Ok(count) => count,
            Err(reason) => return sample.problems.push(Problem::new("the GPUs", reason)),
        };
        for gpu in 0..count {
            for field in Field::ALL {
                let series = field.series(gpu);
                match self.driver.read(gpu, field) {
                    Ok(value) => sample.add(series, value),
                    Err(reason) => sample.problems.push(Problem::new(series.tag, reason)),
                }
            }
        }
    }
}

/// The driver of NVIDIA.
#[cfg(feature = "nvml")]
pub(crate) mod nvml {
    use super::{Driver, Field};
    use crate::sample::MIB;
    use nvml_wrapper::enum_wrappers::device::TemperatureSensor;
    use nvml_wrapper::error::NvmlError;
    use std::ffi::OsStr;

    /// NVML, which is loaded when it is used first.
    #[derive(Default)]
    pub(crate) struct Nvml {
        /// `Some(None)` if the library cannot be loaded.
        library: Option<Option<nvml_wrapper::Nvml>>,
    }

    fn load() -> Option<nvml_wrapper::Nvml> {
        // The name without a version is there only with the files for developers.
        let versioned =
            nvml_wrapper::Nvml::builder().lib_path(OsStr::new("libnvidia-ml.so.1")).init();
        match versioned.or_else(|_| nvml_wrapper::Nvml::init()) {
            Ok(library) => Some(library),
            Err(error) => {
                log::info!("system metrics: no GPUs of NVIDIA: {error}");
                None
            }
        }
    }

    impl Driver for Nvml {
        fn count(&mut self) -> Result<u32, String> {
            match self.library.get_or_insert_with(load) {
                Some(library) => library.device_count().map_err(|error| error.to_string()),
                None => Ok(0),
            }
        }

        fn read(&mut self, gpu: u32, field: Field) -> Result<f64, String> {
            let read = || -> Result<f64, NvmlError> {
                let library = self.library.iter().flatten().next();
                let device = library.ok_or(NvmlError::Uninitialized)?.device_by_index(gpu)?;
                Ok(match field {
                    Field::Utilization => device.utilization_rates()?.gpu.into(),
                    Field::MemoryMib => device.memory_info()?.used as f64 / MIB,
                    Field::PowerW => f64::from(device.power_usage()?) / 1000.0,
                    Field::Temperature => device.temperature(TemperatureSensor::Gpu)?.into(),
                })
            };
            read().map_err(|error| error.to_string())
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A driver with two GPUs, one of which hides its power draw, until it disappears.
    struct Fake {
        samples: u32,
    }

    impl Driver for Fake {
        fn count(&mut self) -> Result<u32, String> {
            self.samples += 1;
            if self.samples == 2 { Err("GPU is lost".into()) } else { Ok(2) }
        }

        fn read(&mut self, gpu: u32, field: Field) -> Result<f64, String> {
            match (gpu, field) {
                (1, Field::PowerW) => Err("not supported".into()),
                _ => Ok(f64::from(gpu * 100) + field as i32 as f64),
            }
        }
    }

    fn sample(source: &mut impl Source) -> (Vec<(String, f64)>, Vec<String>) {
        let mut sample = Sample::default();
        source.sample(Duration::ZERO, &mut sample);
        let values = sample.values.into_iter().map(|(series, value)| (series.tag.into(), value));
        let problems = sample.problems.into_iter();
        (values.collect(), problems.map(|problem| format!("{problem:?}")).collect())
    }

    #[test]
    fn hidden_fields_are_skipped_and_never_zero() {
        let (values, problems) = sample(&mut GpuSource::new(Fake { samples: 0 }));
        let expected = [
            ("gpu/0/utilization", 0.0),
            ("gpu/0/memory_mib", 1.0),
            ("gpu/0/power_w", 2.0),
            ("gpu/0/temperature", 3.0),
            ("gpu/1/utilization", 100.0),
            ("gpu/1/memory_mib", 101.0),
            ("gpu/1/temperature", 103.0),
        ];
        assert_eq!(values, expected.map(|(tag, value)| (tag.to_owned(), value)));
        assert!(problems.len() == 1 && problems[0].contains("gpu/1/power_w"), "{problems:?}");
    }

    #[test]
    fn a_driver_may_disappear_and_come_back() {
        let mut source = GpuSource::new(Fake { samples: 0 });
        let found = [1, 2, 3].map(|_| sample(&mut source));
        assert_eq!(found.each_ref().map(|(values, _)| values.len()), [7, 0, 7]);
        let problems = &found[1].1;
        assert!(problems.len() == 1 && problems[0].contains("GPU is lost"), "{problems:?}");
    }

    /// On a computer without NVIDIA there is nothing to load.
    #[test]
    #[cfg(feature = "nvml")]
    fn nvml_is_optional_at_run_time() {
        let mut driver = nvml::Nvml::default();
        match driver.count() {
            Ok(0) => assert!(driver.read(0, Field::Utilization).is_err()),
            Ok(_) => assert!((0.0..=100.0).contains(&driver.read(0, Field::Utilization).unwrap())),
            Err(error) => panic!("{error}"),
        }
    }

    /// The tool reads the same library, a moment later.
    #[test]
    #[cfg(feature = "nvml")]
    #[ignore = "needs a GPU of NVIDIA and nvidia-smi"]
    fn values_agree_with_nvidia_smi() {
        let (values, problems) = sample(&mut GpuSource::new(nvml::Nvml::default()));
        let output = std::process::Command::new("nvidia-smi")
            .args(["--query-gpu=index,utilization.gpu,memory.used,power.draw,temperature.gpu"])
            .arg("--format=csv,noheader,nounits")
            .output()
            .unwrap();
        let output = String::from_utf8(output.stdout).unwrap();
        println!("{values:?} {problems:?}\n{output}");
        assert!(!output.is_empty() && problems.is_empty());
        let mut compared = 0;
        for line in output.lines() {
            let mut fields = line.split(", ");
            let gpu: u32 = fields.next().unwrap().parse().unwrap();
            for (field, slack) in Field::ALL.into_iter().zip([101.0, 600.0, 150.0, 5.0]) {
                let expected: f64 = fields.next().unwrap().parse().unwrap();
                let tag = field.series(gpu).tag;
                let (_, value) = values.iter().find(|(found, _)| *found == tag).unwrap();
                assert!((value - expected).abs() <= slack, "{tag}: {value} and {expected}");
                compared += 1;
            }
        }
        assert_eq!(compared, values.len());
    }
}
