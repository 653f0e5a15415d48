//! `attune devices`.

use kernels::instruction_sets::{InstructionSets, VARIABLE};

use super::print;
use crate::backend::{adapters, choose, is_compiled};
use crate::config::BackendKind;
use crate::error::RunError;

pub(super) fn run() -> Result<(), RunError> {
    print("compiled in:")?;
    let backends = [
        (
            BackendKind::Cpu,
            "the CPU, with this project's own kernels (burn-flex)",
        ),
        (
            BackendKind::Wgpu,
            "any GPU, through Vulkan, Metal or DX12 (burn-wgpu)",
        ),
        (BackendKind::Ndarray, "the CPU, through burn-ndarray"),
        (BackendKind::Cuda, "NVIDIA GPUs (burn-cuda)"),
    ];
    for (backend, what) in backends {
        let mark = if is_compiled(backend) { "yes" } else { "no " };
        let hint = match is_compiled(backend) {
            true => String::new(),
            false => format!("; build with --features {backend}"),
        };
        print(&format!(
            "  {mark}  {:<8} {what}{hint}",
            backend.to_string()
        ))?;
    }
    print("this machine has:")?;
    let threads = std::thread::available_parallelism().map_or(1, usize::from);
    print(&format!("  CPU with {threads} threads"))?;
    let (all, used) = (InstructionSets::of_processor(), InstructionSets::in_use());
    print(&format!("  instruction sets: {all}"))?;
    if used != all {
        print(&format!("  of which {VARIABLE} allows: {used}"))?;
    }
    let found = adapters();
    for (number, adapter) in found.iter().enumerate() {
        print(&format!(
            "  --backend wgpu --device {number}: {} ({}, {})",
            adapter.name, adapter.kind, adapter.interface
        ))?;
    }
    if found.is_empty() && is_compiled(BackendKind::Wgpu) {
        print("  no GPU")?;
    }
    print(&format!("auto picks: {}", choose(BackendKind::Auto, 0)?))
}
