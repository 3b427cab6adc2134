//! The database's URL: the format of `DATABASE_URL`.

use std::{fmt, path::PathBuf, str::FromStr};

use tokio_postgres::config::{Host, SslMode};

/// A database, as specified by `DATABASE_URL`.
#[derive(Clone)]
pub enum DatabaseUrl {
    /// `sqlite:PATH`: one file.
    Sqlite(PathBuf),
    /// `postgres://…`: a server.
    Postgres(Box<PostgresUrl>),
}

/// A PostgreSQL server and its connection settings.
#[derive(Clone)]
pub struct PostgresUrl {
    pub config: tokio_postgres::Config,
    /// The verification of the server's certificate; `None` without TLS.
    pub verify: Option<Verify>,
    /// `sslrootcert`: a PEM file with the certificate authorities to trust instead of the system's.
    pub root_certificates: Option<PathBuf>,
}

/// The extent to which the server's certificate is verified, as in libpq's `sslmode`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Verify {
    /// `prefer`, `require`: encrypt without verification.
    Nothing,
    /// `verify-ca`, and `require` with a root certificate: signed by a trusted authority.
    Authority,
    /// `verify-full`: and issued for the requested host.
    AuthorityAndHost,
}

#[derive(Debug, thiserror::Error)]
pub enum InvalidUrl {
    #[error("must be sqlite:PATH or postgres://USER:PASSWORD@HOST:PORT/DATABASE")]
    Scheme,
    #[error("sqlite: must be followed by the path of a file")]
    NoFile,
    #[error("sqlite::memory: would be another database for each connection: use a file")]
    Memory,
    #[error("sslmode must be disable, prefer, require, verify-ca or verify-full")]
    SslMode,
    #[error("is not a PostgreSQL connection URL ({0})")]
    Postgres(#[from] tokio_postgres::Error),
}

impl FromStr for DatabaseUrl {
    type Err = InvalidUrl;

    fn from_str(url: &str) -> Result<Self, Self::Err> {
        if let Some(path) = url.strip_prefix("sqlite:") {
            let path = path.strip_prefix("//").unwrap_or(path);
            if path.is_empty() {
                return Err(InvalidUrl::NoFile);
            }
            if path.starts_with(":memory:") {
                return Err(InvalidUrl::Memory);
            }
            Ok(Self::Sqlite(path.into()))
        } else if url.starts_with("postgres://") || url.starts_with("postgresql://") {
            PostgresUrl::parse(url).map(|url| Self::Postgres(Box::new(url)))
        } else {
            Err(InvalidUrl::Scheme)
        }
    }
}

impl PostgresUrl {
    /// Parses the URL. `sslmode` and `sslrootcert` are parsed here, because the driver supports the
    /// former only in part and the latter not at all.
    fn parse(url: &str) -> Result<Self, InvalidUrl> {
        let (base, query) = url.split_once('?').unwrap_or((url, ""));
        let (mut mode, mut root_certificates, mut rest) = ("prefer", None, Vec::new());
        for parameter in query.split('&').filter(|parameter| !parameter.is_empty()) {
            match parameter.split_once('=') {
                Some(("sslmode", value)) => mode = value,
                Some(("sslrootcert", value)) => root_certificates = Some(value.into()),
                _ => rest.push(parameter),
            }
        }
        let (ssl_mode, verify) = match mode {
            "disable" => (SslMode::Disable, None),
            "prefer" => (SslMode::Prefer, Some(Verify::Nothing)),
            // As in libpq: a root certificate implies verification.
            "require" if root_certificates.is_some() => (SslMode::Require, Some(Verify::Authority)),
            "require" => (SslMode::Require, Some(Verify::Nothing)),
            "verify-ca" => (SslMode::Require, Some(Verify::Authority)),
            "verify-full" => (SslMode::Require, Some(Verify::AuthorityAndHost)),
            _ => return Err(InvalidUrl::SslMode),
        };
        let mut config: tokio_postgres::Config =
            format!("{base}?{}", rest.join("&")).trim_end_matches('?').parse()?;
        // As in libpq: a local socket needs no TLS, and its server does not offer it.
        let is_socket = |host: &Host| matches!(host, Host::Unix(_));
        let is_local = !config.get_hosts().is_empty() && config.get_hosts().iter().all(is_socket);
        let (ssl_mode, verify) =
            if is_local { (SslMode::Disable, None) } else { (ssl_mode, verify) };
        config.ssl_mode(ssl_mode);
        if config.get_application_name().is_none() {
            config.application_name("clientele");
        }
        if config.get_connect_timeout().is_none() {
            config.connect_timeout(std::time::Duration::from_secs(10));
        }
        Ok(Self { config, verify, root_certificates })
    }
}

/// Displays the database without its password, for messages.
impl fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Sqlite(path) => write!(f, "sqlite:{}", path.display()),
            Self::Postgres(url) => {
                f.write_str("postgres://")?;
                for (position, host) in url.config.get_hosts().iter().enumerate() {
                    let separator = if position == 0 { "" } else { "," };
                    match host {
                        Host::Tcp(host) => write!(f, "{separator}{host}")?,
                        Host::Unix(path) => {
                            write!(f, "{separator}{}", path.display())?;
                        }
                    }
                    let ports = url.config.get_ports();
                    if let Some(port) = ports.get(position).or(ports.first()) {
                        write!(f, ":{port}")?;
                    }
                }
                write!(f, "/{}", url.config.get_dbname().unwrap_or_default())
            }
        }
    }
}

impl fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Display::fmt(self, f)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn verify(url: &str) -> Option<Verify> {
        match url.parse() {
            Ok(DatabaseUrl::Postgres(url)) => url.verify,
            other => panic!("{url}: {other:?}"),
        }
    }

    #[test]
    fn sslmode_means_what_libpq_means() {
        assert_eq!(verify("postgres://h/d"), Some(Verify::Nothing));
        assert_eq!(verify("postgres://h/d?sslmode=disable"), None);
        assert_eq!(verify("postgres://h/d?sslmode=require"), Some(Verify::Nothing));
        assert_eq!(verify("postgres://h/d?sslmode=verify-ca"), Some(Verify::Authority));
        let with_root = "postgres://h/d?sslmode=require&sslrootcert=/ca.pem";
        assert_eq!(verify(with_root), Some(Verify::Authority));
        assert_eq!(
            verify("postgres://h/d?connect_timeout=3&sslmode=verify-full&sslrootcert=/ca.pem"),
            Some(Verify::AuthorityAndHost)
        );
        assert!("postgres://h/d?sslmode=maybe".parse::<DatabaseUrl>().is_err());
    }

    #[test]
    fn a_password_is_never_shown() {
        let url: DatabaseUrl = "postgres://me:secret@db.example:5433/shop".parse().expect("valid");
        assert_eq!(url.to_string(), "postgres://db.example:5433/shop");
        assert_eq!(format!("{url:?}"), "postgres://db.example:5433/shop");
    }

    #[test]
    fn a_file_is_needed() {
        for url in ["sqlite:", "sqlite::memory:", "mysql://h/d", "clientele.db"] {
            assert!(url.parse::<DatabaseUrl>().is_err(), "{url}");
        }
        let url: DatabaseUrl = "sqlite:///var/lib/clientele.db".parse().expect("valid");
        assert_eq!(url.to_string(), "sqlite:/var/lib/clientele.db");
    }
}
