//! How much memory the engine may take before it spills to disk.

use std::path::Path;

const SHARE: f64 = 0.6;
const UNKNOWN: usize = 4 << 30;

/// Six tenths of what this machine, or the container around this process, has.
pub(crate) fn default_limit() -> usize {
    let read = |path: &str| std::fs::read_to_string(Path::new(path)).ok();
    let machine = read("/proc/meminfo").and_then(|text| total_of_meminfo(&text));
    let container = read("/sys/fs/cgroup/memory.max").and_then(|text| text.trim().parse().ok());
    share([machine, container].into_iter().flatten().min())
}

fn share(total: Option<usize>) -> usize {
    total.map_or(UNKNOWN, |bytes| (bytes as f64 * SHARE) as usize)
}

fn total_of_meminfo(text: &str) -> Option<usize> {
    let line = text.lines().find_map(|line| line.strip_prefix("MemTotal:"))?;
    let kibibytes: usize = line.trim().strip_suffix("kB")?.trim().parse().ok()?;
    kibibytes.checked_mul(1024)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_limit_is_a_share_of_what_there_is() {
        assert_eq!(total_of_meminfo("MemTotal:       1000 kB\nMemFree: 5 kB\n"), Some(1_024_000));
        assert_eq!(total_of_meminfo("nothing"), None);
        assert_eq!(share(Some(1000)), 600);
        assert_eq!(share(None), UNKNOWN);
    }
}
