//! Ctrl-C and SIGTERM: the first asks, the second stops at once. While there is nothing to save, the first does too.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// Whether somebody asked the program to stop.
#[derive(Debug, Clone, Default)]
pub struct Interrupt {
    asked: Arc<AtomicBool>,
    /// Whether there is nothing to save yet.
    at_once: Arc<AtomicBool>,
    signal: Arc<AtomicUsize>,
}

impl Interrupt {
    /// Listens from now on. A system that lets nobody listen leaves the signals as they are.
    pub fn listen() -> Self {
        let interrupt = Self::default();
        interrupt.at_once.store(true, Ordering::Relaxed);
        for (signal, code) in [(SIGINT, 130), (SIGTERM, 143)] {
            // The order matters: the second signal finds the flag set by the first.
            let _ = flag::register_conditional_shutdown(signal, code, interrupt.at_once.clone());
            let _ = flag::register_conditional_shutdown(signal, code, interrupt.asked.clone());
            let _ = flag::register_usize(signal, interrupt.signal.clone(), signal as usize);
            let _ = flag::register(signal, interrupt.asked.clone());
        }
        interrupt
    }

    /// From now on there is something to save: a first signal only asks.
    pub fn ask_first(&self) {
        self.at_once.store(false, Ordering::Relaxed);
    }

    /// The signal's name and exit code, once one has come.
    pub fn asked(&self) -> Option<(&'static str, u8)> {
        if !self.asked.load(Ordering::Relaxed) {
            return None;
        }
        if self.signal.load(Ordering::Relaxed) == SIGTERM as usize {
            return Some(("SIGTERM", 143));
        }
        Some(("Ctrl-C", 130))
    }
}
