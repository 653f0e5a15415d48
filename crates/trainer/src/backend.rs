//! Which device a command runs on.

use std::fmt;
use std::path::Path;

use burn::tensor::Device;

use crate::config::BackendKind;
use crate::error::RunError;

/// A device that was chosen, and why.
#[derive(Debug, Clone)]
pub struct Choice {
    /// Where tensors live.
    pub device: Device,
    /// The backend's name on the command line.
    pub backend: BackendKind,
    /// The device's name.
    pub name: String,
    /// Why this one.
    pub reason: String,
}

impl Choice {
    /// Whether each new tensor shape costs a compilation.
    pub fn compiles_shapes(&self) -> bool {
        matches!(self.backend, BackendKind::Wgpu | BackendKind::Cuda)
    }
}

impl fmt::Display for Choice {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} on {} ({})", self.backend, self.name, self.reason)
    }
}

/// The kinds of adapters, best first.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum AdapterKind {
    /// A card of its own.
    Discrete,
    /// A part of the processor.
    Integrated,
    /// A virtual machine's.
    Virtual,
    /// Of unknown kind.
    Other,
    /// A program that imitates a GPU.
    Software,
}

impl fmt::Display for AdapterKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            AdapterKind::Discrete => "discrete GPU",
            AdapterKind::Integrated => "integrated GPU",
            AdapterKind::Virtual => "virtual GPU",
            AdapterKind::Other => "GPU of unknown kind",
            AdapterKind::Software => "software adapter",
        })
    }
}

/// A GPU, or what passes for one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Adapter {
    /// Its name.
    pub name: String,
    /// Its kind.
    pub kind: AdapterKind,
    /// Vulkan, Metal, ...
    pub interface: String,
    /// Its place among those of its kind.
    pub index: usize,
}

impl Adapter {
    /// Whether it computes by itself.
    pub fn is_real(&self) -> bool {
        self.kind != AdapterKind::Software
    }
}

/// The adapters of the first graphics interface that has any, best first; the numbers of
/// `--device`.
#[cfg(feature = "wgpu")]
pub fn adapters() -> Vec<Adapter> {
    use burn_wgpu::wgpu;

    let chain = [
        wgpu::Backends::VULKAN,
        wgpu::Backends::METAL,
        wgpu::Backends::DX12,
    ];
    for backends in chain {
        let instance = wgpu::Instance::new(wgpu::InstanceDescriptor {
            backends,
            ..wgpu::InstanceDescriptor::new_without_display_handle()
        });
        let adapters = burn::tensor::read_sync(instance.enumerate_adapters(backends));
        let mut found: Vec<Adapter> = Vec::new();
        for adapter in &adapters {
            let info = adapter.get_info();
            let kind = match info.device_type {
                wgpu::DeviceType::DiscreteGpu => AdapterKind::Discrete,
                wgpu::DeviceType::IntegratedGpu => AdapterKind::Integrated,
                wgpu::DeviceType::VirtualGpu => AdapterKind::Virtual,
                wgpu::DeviceType::Cpu => AdapterKind::Software,
                wgpu::DeviceType::Other => AdapterKind::Other,
            };
            found.push(Adapter {
                name: info.name,
                kind,
                interface: format!("{:?}", info.backend),
                index: found.iter().filter(|other| other.kind == kind).count(),
            });
        }
        if !found.is_empty() {
            found.sort_by_key(|adapter| (adapter.kind, adapter.index));
            return found;
        }
    }
    Vec::new()
}

/// The adapters; none, for this program was built without wgpu.
#[cfg(not(feature = "wgpu"))]
pub fn adapters() -> Vec<Adapter> {
    Vec::new()
}

/// Whether a backend is compiled in.
pub fn is_compiled(backend: BackendKind) -> bool {
    match backend {
        BackendKind::Auto | BackendKind::Cpu => true,
        BackendKind::Wgpu => cfg!(feature = "wgpu"),
        BackendKind::Ndarray => cfg!(feature = "ndarray"),
        BackendKind::Cuda => cfg!(feature = "cuda"),
    }
}

/// Chooses a device.
///
/// # Errors
/// When the backend is not compiled in or has no such device. `auto` never fails: it takes a real
/// GPU where there is one (never a software adapter) and the CPU elsewhere.
pub fn choose(backend: BackendKind, index: usize) -> Result<Choice, RunError> {
    if !is_compiled(backend) {
        return Err(RunError::BackendMissing {
            backend: backend.to_string(),
            remedy: format!(
                "build it with `cargo build -p trainer --features {backend}`, or choose one that \
                 `attune devices` lists"
            ),
        });
    }
    match backend {
        BackendKind::Auto => Ok(automatic(index)),
        BackendKind::Cpu => Ok(cpu("as asked".into())),
        BackendKind::Ndarray => ndarray(),
        BackendKind::Wgpu => wgpu(index),
        BackendKind::Cuda => cuda(index),
    }
}

fn automatic(index: usize) -> Choice {
    if cfg!(feature = "cuda")
        && let Ok(choice) = cuda(index)
    {
        return Choice {
            reason: "an NVIDIA GPU was found".into(),
            ..choice
        };
    }
    // Even to be asked, drivers take tens of megabytes, which stay.
    let found = if graphics_hardware() {
        adapters()
    } else {
        Vec::new()
    };
    let Some(adapter) = found.get(index).filter(|adapter| adapter.is_real()) else {
        let reason = match found.first() {
            Some(adapter) => format!("no real GPU was found, only {}", adapter.name),
            None if cfg!(feature = "wgpu") => "no GPU was found".into(),
            None => "built without GPU backends".into(),
        };
        return cpu(reason);
    };
    match wgpu(index) {
        Ok(choice) => Choice {
            reason: format!("a {} was found", adapter.kind),
            ..choice
        },
        Err(error) => cpu(format!("{} does not start: {error}", adapter.name)),
    }
}

/// Whether the system may have a GPU: Linux shows each as a device file.
fn graphics_hardware() -> bool {
    const FILES: [&str; 7] = [
        "/dev/dri",
        "/dev/nvidiactl",
        "/dev/nvhost-gpu",
        "/dev/nvgpu",
        "/dev/mali0",
        "/dev/kgsl-3d0",
        "/dev/dxg",
    ];
    !cfg!(target_os = "linux") || FILES.iter().any(|file| Path::new(file).exists())
}

fn cpu(reason: String) -> Choice {
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    Choice {
        device: Device::flex(),
        backend: BackendKind::Cpu,
        name: format!("{threads} CPU threads"),
        reason,
    }
}

#[cfg(feature = "ndarray")]
#[allow(deprecated)] // Upstream prefers burn-flex; ndarray is here for choice.
fn ndarray() -> Result<Choice, RunError> {
    Ok(Choice {
        device: Device::ndarray(),
        backend: BackendKind::Ndarray,
        name: "the CPU".into(),
        reason: "as asked".into(),
    })
}

#[cfg(not(feature = "ndarray"))]
fn ndarray() -> Result<Choice, RunError> {
    choose(BackendKind::Ndarray, 0)
}

#[cfg(feature = "wgpu")]
fn wgpu(index: usize) -> Result<Choice, RunError> {
    use burn::tensor::DeviceKind;

    let missing = |reason: String| RunError::NoDevice {
        backend: "wgpu".into(),
        reason,
    };
    let found = adapters();
    let Some(adapter) = found.get(index) else {
        return Err(missing(match found.len() {
            0 => "neither Vulkan, Metal nor DX12 has an adapter here".into(),
            count => format!("`--device {index}` was asked for, and there are {count} (from 0)"),
        }));
    };
    let kind = match adapter.kind {
        AdapterKind::Discrete => DeviceKind::DiscreteGpu(adapter.index),
        AdapterKind::Integrated => DeviceKind::IntegratedGpu(adapter.index),
        AdapterKind::Virtual => DeviceKind::VirtualGpu(adapter.index),
        AdapterKind::Software => DeviceKind::Cpu,
        AdapterKind::Other => DeviceKind::DefaultDevice,
    };
    if !adapter.is_real() {
        tune_lightly();
    }
    let device = Device::wgpu_options()
        .device_kind(kind)
        .init()
        .map_err(|error| missing(error.to_string()))?;
    Ok(Choice {
        device,
        backend: BackendKind::Wgpu,
        name: format!("{} ({}, {})", adapter.name, adapter.kind, adapter.interface),
        reason: "as asked".into(),
    })
}

/// Every kernel that is tried out costs seconds on a software adapter: as few as possible. What the
/// user's environment or `cubecl.toml` says goes before.
#[cfg(feature = "wgpu")]
fn tune_lightly() {
    use cubecl_runtime::config::{CubeClRuntimeConfig, RuntimeConfig, autotune::AutotuneLevel};

    let config = CubeClRuntimeConfig {
        autotune: cubecl_runtime::config::autotune::AutotuneConfig {
            level: AutotuneLevel::Minimal,
            ..Default::default()
        },
        ..CubeClRuntimeConfig::from_current_dir()
    };
    // A process that has used the GPU already keeps its settings.
    let _ = CubeClRuntimeConfig::try_set(config.override_from_env());
}

#[cfg(not(feature = "wgpu"))]
fn wgpu(_index: usize) -> Result<Choice, RunError> {
    choose(BackendKind::Wgpu, 0)
}

#[cfg(feature = "cuda")]
fn cuda(index: usize) -> Result<Choice, RunError> {
    use burn::tensor::DeviceType;

    let count = Device::enumerate(DeviceType::Cuda).into_iter().count();
    if index >= count {
        return Err(RunError::NoDevice {
            backend: "cuda".into(),
            reason: format!("`--device {index}` was asked for, and CUDA sees {count}"),
        });
    }
    Ok(Choice {
        device: Device::cuda(index),
        backend: BackendKind::Cuda,
        name: format!("NVIDIA GPU {index}"),
        reason: "as asked".into(),
    })
}

#[cfg(not(feature = "cuda"))]
fn cuda(_index: usize) -> Result<Choice, RunError> {
    choose(BackendKind::Cuda, 0)
}
