//! The memory of this process.

/// The largest memory this process has had so far, in bytes: the resident set's high-water mark, which
/// counts reading the data too. `None` where the system does not say (it does on Linux).
pub(super) fn peak() -> Option<u64> {
    high_water_mark(&std::fs::read_to_string("/proc/self/status").ok()?)
}

/// The line `VmHWM` of a process' status, whose unit is always 1,024 bytes.
fn high_water_mark(status: &str) -> Option<u64> {
    let line = status
        .lines()
        .find_map(|line| line.strip_prefix("VmHWM:"))?;
    let number = line.trim().strip_suffix("kB")?.trim();
    number.parse::<u64>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_mark_is_read_from_its_line() {
        let status = "Name:\tattune\nVmPeak:\t  999 kB\nVmHWM:\t   2048 kB\nVmRSS:\t 10 kB\n";
        assert_eq!(high_water_mark(status), Some(2048 * 1024));
        assert_eq!(high_water_mark("Name:\tattune\n"), None);
        assert_eq!(high_water_mark("VmHWM:\tmuch\n"), None);
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn memory_that_was_touched_counts() {
        let touched = std::hint::black_box(vec![1u8; 64 << 20]);
        assert!(peak().unwrap() >= touched.len() as u64);
    }
}
