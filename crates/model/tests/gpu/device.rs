//! The GPU that tests run on: a real one, or the software one that continuous integration installs.

use std::io::Write;
use std::sync::{Mutex, MutexGuard, PoisonError};

use burn::tensor::{Device, DeviceKind};
use cubecl_runtime::config::autotune::{AutotuneConfig, AutotuneLevel};
use cubecl_runtime::config::{CubeClRuntimeConfig, RuntimeConfig};

/// A GPU for as long as the guard lives: one test at a time launches, counts launches or chooses
/// what runs.
pub type Gpu = (Device, MutexGuard<'static, Option<Option<Device>>>);

/// A GPU; `None`, with a word about it, where there is none.
pub fn gpu() -> Option<Gpu> {
    static FOUND: Mutex<Option<Option<Device>>> = Mutex::new(None);
    let mut found = FOUND.lock().unwrap_or_else(PoisonError::into_inner);
    let device = found.get_or_insert_with(find).clone()?;
    Some((device, found))
}

fn find() -> Option<Device> {
    // Every program that is tried out costs seconds on a software adapter.
    let lightly = CubeClRuntimeConfig {
        autotune: AutotuneConfig {
            level: AutotuneLevel::Minimal,
            ..Default::default()
        },
        ..Default::default()
    };
    let _ = CubeClRuntimeConfig::try_set(lightly.override_from_env());
    let kinds = [DeviceKind::DefaultDevice, DeviceKind::Cpu];
    let found = kinds
        .into_iter()
        .find_map(|kind| Device::wgpu_options().device_kind(kind).init().ok());
    if found.is_none() {
        assert!(
            std::env::var_os("CI").is_none_or(|value| value != "true"),
            "CI=true, and there is no Vulkan device: install a driver, for example mesa-vulkan-drivers"
        );
        // Past the test runner, which shows nothing of a test that passes.
        let _ = writeln!(std::io::stderr(), "skipped: no Vulkan device");
    }
    found
}
