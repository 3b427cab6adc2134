//! The binary: everything is in the library.

use std::process::ExitCode;

use mimalloc::MiMalloc;

#[global_allocator]
static ALLOCATOR: MiMalloc = MiMalloc;

fn main() -> ExitCode {
    keep_pages_small();
    clientele::cli::main()
}

/// Lets the kernel back memory with pages of 4 KiB only. The allocator spreads small objects over
/// its arena. With huge pages of 2 MiB, a few objects in each would hold tens of MiB that nothing
/// uses, and no fewer of them are read: the CPU per request is the same.
#[cfg(target_os = "linux")]
fn keep_pages_small() {
    // A kernel without the setting has huge pages, and the process only needs more memory.
    let _ = rustix::thread::disable_transparent_huge_pages(true);
}

#[cfg(not(target_os = "linux"))]
fn keep_pages_small() {}
