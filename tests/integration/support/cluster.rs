//! A PostgreSQL server for the tests: the one in `TEST_DATABASE_URL`, or a private one.

use std::{
    fs,
    io::Write,
    net::TcpListener,
    os::unix::process::CommandExt,
    path::{Path, PathBuf},
    process::{Child, Command, Stdio},
    sync::LazyLock,
    time::Duration,
};

use rcgen::{CertifiedKey, generate_simple_self_signed};
use tempfile::TempDir;

use super::installed::{binaries, unprivileged_user};

/// A server on which tests may create databases.
pub struct Cluster {
    /// The URL of a database on it, from which others are created.
    pub url: String,
    /// The certificate of a private server, for tests of TLS.
    pub certificate: Option<PathBuf>,
    /// The folder of a private server's Unix socket, and the port.
    pub socket_folder: Option<(PathBuf, u16)>,
    /// The process of a private server. It exits when its standard input is closed, i.e. when this
    /// is dropped.
    server: Option<Child>,
}

impl Cluster {
    /// A server that no other test uses; `None` on a machine without PostgreSQL.
    pub fn private() -> Option<Self> {
        binaries().map(|binaries| start_private(&binaries))
    }

    /// Sends a signal by name, like `STOP`, to all of the server's processes.
    pub fn signal(&self, name: &str) {
        let shell = self.server.as_ref().unwrap().id();
        let mut found = children(shell);
        found.extend(found.clone().into_iter().flat_map(children));
        let ids: Vec<String> = found.iter().map(u32::to_string).collect();
        let kill = format!("kill -{name} {}", ids.join(" "));
        assert!(Command::new("sh").args(["-c", &kill]).status().unwrap().success());
    }
}

/// The child processes of a process.
fn children(parent: u32) -> Vec<u32> {
    let listed = fs::read_to_string(format!("/proc/{parent}/task/{parent}/children")).unwrap();
    listed.split_whitespace().map(|id| id.parse().unwrap()).collect()
}

static CLUSTER: LazyLock<Option<Cluster>> = LazyLock::new(start);

/// The cluster, which is started on first use; `None` on a machine without PostgreSQL.
pub fn cluster() -> Option<&'static Cluster> {
    CLUSTER.as_ref()
}

fn start() -> Option<Cluster> {
    if let Ok(url) = std::env::var("TEST_DATABASE_URL") {
        return Some(Cluster { url, certificate: None, socket_folder: None, server: None });
    }
    let Some(binaries) = binaries() else {
        let message = "\n\
            ********************************************************************\n\
            *  PostgreSQL was not found: ONLY THE SQLITE HALF OF THE TESTS RUNS.\n\
            *  Install its server, or set TEST_DATABASE_URL to one that tests\n\
            *  may make databases on.\n\
            ********************************************************************\n";
        assert!(std::env::var_os("CI").is_none(), "{message}");
        // Do not use `eprintln!`, whose output the test harness captures.
        std::io::stderr().write_all(message.as_bytes()).ok();
        return None;
    };
    Some(start_private(&binaries))
}

fn start_private(binaries: &Path) -> Cluster {
    let folder = TempDir::with_prefix("clientele-postgres-").unwrap().keep();
    let data = folder.join("data");
    let owner = unprivileged_user();
    if let Some((uid, gid)) = owner {
        std::os::unix::fs::chown(&folder, Some(uid), Some(gid)).unwrap();
    }
    let as_owner = |command: &mut Command| {
        if let Some((uid, gid)) = owner {
            command.uid(uid).gid(gid);
        }
        command.current_dir(&folder).stdout(Stdio::null()).stderr(Stdio::null());
    };
    let mut initdb = Command::new(binaries.join("initdb"));
    initdb.args(["--no-sync", "--auth=trust", "--username=postgres", "--encoding=UTF8"]);
    initdb.args(["--locale=C", "--pgdata"]).arg(&data);
    as_owner(&mut initdb);
    assert!(initdb.status().unwrap().success(), "initdb failed in {}", data.display());

    let certificate = write_certificate(&data, owner);
    let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
    // The shell waits for the end of its input, which comes when the tests exit for any reason.
    let script =
        r#""$@" & server=$!; read -r _; kill -INT $server; wait $server; rm -rf "$FOLDER""#;
    let mut shell = Command::new("sh");
    shell.args(["-c", script, "sh"]).arg(binaries.join("postgres")).arg("-D").arg(&data);
    for setting in [
        "listen_addresses=127.0.0.1",
        &format!("port={port}"),
        &format!("unix_socket_directories={}", folder.display()),
        "max_connections=500",
        "shared_buffers=256MB",
        "ssl=on",
        // Durability is not needed for test data.
        "fsync=off",
        "synchronous_commit=off",
        "full_page_writes=off",
    ] {
        shell.args(["-c", setting]);
    }
    as_owner(&mut shell);
    shell.env("FOLDER", &folder).stdin(Stdio::piped());
    let server = shell.spawn().unwrap();

    let address = format!("127.0.0.1:{port}");
    // The server accepts connections before it is ready. The last line of its PID file shows when
    // it is.
    let is_up = || {
        fs::read_to_string(data.join("postmaster.pid"))
            .is_ok_and(|status| status.lines().last().is_some_and(|line| line.trim() == "ready"))
    };
    let tries = (0..300).find(|_| {
        std::thread::sleep(Duration::from_millis(100));
        is_up()
    });
    assert!(tries.is_some(), "PostgreSQL did not start in {}", folder.display());
    let url = format!("postgres://postgres@{address}/postgres");
    let socket_folder = Some((folder, port));
    Cluster { url, certificate: Some(certificate), socket_folder, server: Some(server) }
}

/// Writes a self-signed certificate for `localhost`.
fn write_certificate(data: &Path, owner: Option<(u32, u32)>) -> PathBuf {
    let CertifiedKey { cert, signing_key } =
        generate_simple_self_signed(["localhost".to_owned()]).unwrap();
    let (certificate, key) = (data.join("server.crt"), data.join("server.key"));
    fs::write(&certificate, cert.pem()).unwrap();
    fs::write(&key, signing_key.serialize_pem()).unwrap();
    for file in [&certificate, &key] {
        use std::os::unix::fs::PermissionsExt;
        fs::set_permissions(file, fs::Permissions::from_mode(0o600)).unwrap();
        if let Some((uid, gid)) = owner {
            std::os::unix::fs::chown(file, Some(uid), Some(gid)).unwrap();
        }
    }
    certificate
}
