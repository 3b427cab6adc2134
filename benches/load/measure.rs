//! Resources used by processes, from `/proc`.

use std::{fs, time::Duration};

use anyhow::Context;

/// `/proc` counts time in hundredths of a second, whatever the kernel does.
const TICK: Duration = Duration::from_millis(10);

/// The time of processors that a process and all processes below it have used, with those below that
/// have ended.
pub fn cpu(process: u32) -> Duration {
    let used = own_cpu(process).unwrap_or_default();
    children(process).into_iter().map(cpu).sum::<Duration>() + used
}

fn own_cpu(process: u32) -> anyhow::Result<Duration> {
    let status = fs::read_to_string(format!("/proc/{process}/stat"))?;
    // The name, in brackets, may have spaces.
    let (_, fields) = status.rsplit_once(')').context("no name")?;
    // utime, stime, cutime and cstime; the first field here is the third of all.
    let times = fields.split_whitespace().skip(11).take(4).map(str::parse::<u32>);
    let ticks: u32 = times.sum::<Result<u32, _>>()?;
    Ok(TICK * ticks)
}

fn children(process: u32) -> Vec<u32> {
    let tasks = fs::read_dir(format!("/proc/{process}/task")).into_iter().flatten().flatten();
    tasks
        .filter_map(|task| fs::read_to_string(task.path().join("children")).ok())
        .flat_map(|ids| ids.split_whitespace().filter_map(|id| id.parse().ok()).collect::<Vec<_>>())
        .collect()
}

/// Lets [`peak_memory`] begin anew.
pub fn reset_peak(process: u32) {
    // Where that is not allowed, the peak is that of all its life.
    fs::write(format!("/proc/{process}/clear_refs"), "5").ok();
}

/// The most resident memory that a process has had, in KiB.
pub fn peak_memory(process: u32) -> u32 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    line.and_then(|text| text.trim().strip_suffix(" kB")?.parse().ok()).unwrap_or_default()
}

/// The machine, in a few words.
pub fn machine() -> String {
    let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpus.lines().find_map(|line| line.strip_prefix("model name"));
    let model = model.and_then(|text| text.split_once(": ")).map_or("unknown", |(_, model)| model);
    let count = std::thread::available_parallelism().map_or(1, usize::from);
    let memory = fs::read_to_string("/proc/meminfo").unwrap_or_default();
    let memory = memory.lines().find_map(|line| line.strip_prefix("MemTotal:"));
    let kib = memory.and_then(|text| text.trim().strip_suffix(" kB")?.parse::<usize>().ok());
    format!("{count} processors ({model}), {} GiB of memory", kib.unwrap_or_default() >> 20)
}
