//! A library with the functions of NVML that the monitor calls, for two GPUs. The tests build it as
//! `libnvidia-ml.so.1`. The second GPU hides its power draw. Calls fail once the file `lost` lies
//! beside the library.

#![crate_type = "cdylib"]
#![allow(non_snake_case, clippy::missing_safety_doc)]

use std::ffi::c_char;
use std::path::Path;

const SUCCESS: u32 = 0;
const NOT_SUPPORTED: u32 = 3;
const GPU_IS_LOST: u32 = 15;

#[repr(C)]
pub struct Utilization {
    gpu: u32,
    memory: u32,
}

#[repr(C)]
pub struct Memory {
    version: u32,
    total: u64,
    reserved: u64,
    free: u64,
    used: u64,
}

fn status() -> u32 {
    let lost = std::env::var_os("FAKE_NVML").is_some_and(|dir| Path::new(&dir).join("lost").exists());
    if lost { GPU_IS_LOST } else { SUCCESS }
}

/// Writes a value, unless the GPU is lost.
unsafe fn put<T>(out: *mut T, value: T) -> u32 {
    let status = status();
    if status == SUCCESS {
        // SAFETY: the caller of NVML passes a valid pointer.
        unsafe { out.write(value) };
    }
    status
}

#[unsafe(no_mangle)]
pub extern "C" fn nvmlInit_v2() -> u32 {
    SUCCESS
}

#[unsafe(no_mangle)]
pub extern "C" fn nvmlShutdown() -> u32 {
    SUCCESS
}

#[unsafe(no_mangle)]
pub extern "C" fn nvmlErrorString(_: u32) -> *const c_char {
    c"an error of the fake".as_ptr()
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlDeviceGetCount_v2(count: *mut u32) -> u32 {
    unsafe { put(count, 2) }
}

/// A handle is the index and 1.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlDeviceGetHandleByIndex_v2(index: u32, device: *mut usize) -> u32 {
    unsafe { put(device, index as usize + 1) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlDeviceGetUtilizationRates(device: usize, out: *mut Utilization) -> u32 {
    unsafe { put(out, Utilization { gpu: 40 + device as u32, memory: 99 }) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlDeviceGetMemoryInfo_v2(device: usize, out: *mut Memory) -> u32 {
    let used = (1000 * device as u64) << 20;
    unsafe { put(out, Memory { version: 0, total: 1 << 40, reserved: 7 << 20, free: 1, used }) }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlDeviceGetPowerUsage(device: usize, out: *mut u32) -> u32 {
    match device {
        1 => unsafe { put(out, 412_500) },
        _ => NOT_SUPPORTED,
    }
}

#[unsafe(no_mangle)]
pub unsafe extern "C" fn nvmlDeviceGetTemperature(device: usize, _: u32, out: *mut u32) -> u32 {
    unsafe { put(out, 50 + device as u32) }
}
