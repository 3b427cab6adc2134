//! `clientele check`: checks the database's schema, settings and data.

use std::process::ExitCode;

use anyhow::{Context, ensure};

use super::{DatabaseArgs, in_setting, print};
use crate::{
    db::{Db, catalog, migrate::Plan, url::DatabaseUrl},
    models::integrity,
};

/// Prints one line per check; fails if any check fails.
pub async fn run(database: &DatabaseArgs) -> anyhow::Result<ExitCode> {
    let url = database.url()?;
    if let DatabaseUrl::Sqlite(path) = &url {
        // Opening a missing SQLite database would create it.
        ensure!(path.exists(), "{}: there is no such file", in_setting(&url));
    }
    let mut report = Report::default();
    let migrated = database.migrate(&url, Plan::Check).await;
    report.add("migrations", migrated.map(|_none| Vec::new()));
    // Without the migrations, the other checks cannot run.
    if report.is_good() {
        let db = Db::open(&url, 2).context(in_setting(&url))?;
        report.add("permissions", catalog::missing_permissions(&db).await);
        report.add("extensions and settings", catalog::missing_extensions(&db).await);
        report.add("indexes", catalog::missing_indexes(&db).await);
        report.add("stored pages and references", catalog::damage(&db).await);
        report.add("trees of groups", integrity::groups_in_circles(&db).await);
        report.add("orders of line items", integrity::gaps_in_orders(&db).await);
    }
    print(&report.lines.join("\n"))?;
    Ok(if report.is_good() { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

#[derive(Default)]
struct Report {
    lines: Vec<String>,
    failures: usize,
}

impl Report {
    fn is_good(&self) -> bool {
        self.failures == 0
    }

    /// Adds the problems that a check found, or the error that prevented it.
    fn add<E: std::error::Error>(&mut self, name: &str, found: Result<Vec<String>, E>) {
        let wrong = found.unwrap_or_else(|error| vec![crate::db::describe(&error)]);
        if wrong.is_empty() {
            self.lines.push(format!("ok      {name}"));
        }
        for line in wrong {
            self.failures += 1;
            self.lines.push(format!("FAILED  {name}: {line}"));
        }
    }
}
