//! The `attune` command.

use std::process::ExitCode;

#[global_allocator]
static MEMORY: trainer::allocator::Memory = trainer::allocator::Memory;

fn main() -> ExitCode {
    if cfg!(unix) && std::env::var_os("XDG_RUNTIME_DIR").is_none() {
        // Vulkan's loader complains on standard error where this is not set (over ssh, in a
        // container), and nothing of it is used.
        // SAFETY: this is the first thing the process does; no other thread exists.
        unsafe { std::env::set_var("XDG_RUNTIME_DIR", std::env::temp_dir()) };
    }
    trainer::command::main()
}
