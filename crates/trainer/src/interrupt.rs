//! Ctrl-C and SIGTERM: the first asks, the second stops at once. While there is nothing to save, the first does too.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};

use signal_hook::consts::{SIGINT, SIGTERM};
use signal_hook::flag;

/// Exit codes after Ctrl-C and SIGTERM.
const INTERRUPTED: u8 = 130;
const TERMINATED: u8 = 143;

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
        for (signal, code) in [(SIGINT, INTERRUPTED), (SIGTERM, TERMINATED)] {
            let code = i32::from(code);
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
        Some(match self.signal.load(Ordering::Relaxed) {
            signal if signal == SIGTERM as usize => Self::name(TERMINATED),
            _ => Self::name(INTERRUPTED),
        })
    }

    /// The name of the signal that ends a process with this exit code.
    pub fn name(code: u8) -> (&'static str, u8) {
        match code {
            TERMINATED => ("SIGTERM", code),
            _ => ("Ctrl-C", code),
        }
    }
}
