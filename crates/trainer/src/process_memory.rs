//! The memory of this process and of the machine, as the system tells: Linux does.

/// The largest memory this process has had so far, in bytes: the resident set's high-water mark, which
/// counts reading the data too. `None` where the system does not say.
pub(crate) fn peak() -> Option<u64> {
    status("VmHWM")
}

/// The memory that `work` takes at its most, beyond what this process has when it begins.
#[cfg(target_os = "linux")]
pub(crate) fn peak_of<T>(work: impl FnOnce() -> T) -> (T, Option<u64>) {
    crate::allocator::trim();
    // Linux: sets the high-water mark back to what is resident now.
    let is_reset = std::fs::write("/proc/self/clear_refs", "5").is_ok();
    let before = status("VmRSS").filter(|_| is_reset);
    let done = work();
    let most = before.zip(peak());
    (done, most.map(|(before, peak)| peak.saturating_sub(before)))
}

/// The memory that `work` takes at its most, beyond what this process has when it begins.
#[cfg(not(target_os = "linux"))]
pub(crate) fn peak_of<T>(work: impl FnOnce() -> T) -> (T, Option<u64>) {
    (work(), None)
}

/// Bytes of memory that this process may use at all.
pub(crate) fn of_machine() -> Option<u64> {
    smaller(of_meminfo("MemTotal"), of_group("memory.max"))
}

/// Bytes of memory that nobody uses, or that are easily given up.
pub(crate) fn available() -> Option<u64> {
    let limits = of_group("memory.max").zip(of_group("memory.current"));
    // Files that were read count as used, and make room.
    let stat = std::fs::read_to_string("/sys/fs/cgroup/memory.stat").unwrap_or_default();
    let line = stat
        .lines()
        .find_map(|line| line.strip_prefix("inactive_file "));
    let files = line.and_then(|number| number.trim().parse().ok());
    let left = limits.map(|(most, used)| most.saturating_sub(used) + files.unwrap_or(0));
    smaller(of_meminfo("MemAvailable"), left)
}

fn smaller(of_machine: Option<u64>, of_group: Option<u64>) -> Option<u64> {
    match (of_machine, of_group) {
        (Some(one), Some(other)) => Some(one.min(other)),
        (one, other) => one.or(other),
    }
}

/// What a container may have; "max" where it has no limit of its own.
fn of_group(name: &str) -> Option<u64> {
    let text = std::fs::read_to_string(format!("/sys/fs/cgroup/{name}")).ok()?;
    text.trim().parse().ok()
}

fn of_meminfo(key: &str) -> Option<u64> {
    field(&std::fs::read_to_string("/proc/meminfo").ok()?, key)
}

fn status(key: &str) -> Option<u64> {
    field(&std::fs::read_to_string("/proc/self/status").ok()?, key)
}

/// The bytes of the line `KEY:  123 kB`, whose unit is always 1,024 bytes.
fn field(text: &str, key: &str) -> Option<u64> {
    let of_line = |line: &str| Some(line.strip_prefix(key)?.strip_prefix(':')?.to_owned());
    let line = text.lines().find_map(of_line)?;
    let number = line.trim().strip_suffix("kB")?.trim();
    number.parse::<u64>().ok()?.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_read_from_their_lines() {
        let text = "Name:\tattune\nVmPeak:\t  999 kB\nVmHWM:\t   2048 kB\nVmRSS:\t 10 kB\n";
        assert_eq!(field(text, "VmHWM"), Some(2048 * 1024));
        assert_eq!(field("Name:\tattune\n", "VmHWM"), None);
        assert_eq!(field("VmHWM:\tmuch\n", "VmHWM"), None);
        assert_eq!(
            field("MemTotal:       24000 kB\nMemFree: 1 kB\n", "MemTotal"),
            Some(24_576_000)
        );
    }

    #[cfg(target_os = "linux")]
    #[test]
    fn memory_that_was_touched_counts() {
        let touched = std::hint::black_box(vec![1u8; 64 << 20]);
        assert!(peak().unwrap() >= touched.len() as u64);
        assert!(available().unwrap() <= of_machine().unwrap());
        drop(touched);
        let (length, most) = peak_of(|| std::hint::black_box(vec![1u8; 96 << 20]).len() as u64);
        // Other tests use memory meanwhile.
        assert!(most.is_none_or(|most| most >= length / 2), "{most:?}");
    }
}
