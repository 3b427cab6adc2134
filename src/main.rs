//! The binary. All code is in the library.

use std::process::ExitCode;

use mimalloc::MiMalloc;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    keep_pages_small();
    clientele::cli::main()
}

/// Disables transparent huge pages. The allocator spreads small objects over its arena, so that
/// with huge pages of 2 MiB a few objects would hold tens of MiB of unused memory. Measurements
/// show no CPU cost per request.
#[cfg(target_os = "linux")]
fn keep_pages_small() {
    // Where the kernel does not support the setting, the process only takes more memory.
    let _ = rustix::thread::disable_transparent_huge_pages(true);
}

#[cfg(not(target_os = "linux"))]
fn keep_pages_small() {}
