//! The log's level and format.

use std::io::IsTerminal;

use anyhow::{Context, ensure};
use clap::{Args, ValueEnum};
use tracing_subscriber::{
    EnvFilter, Layer, filter::LevelFilter, layer::SubscriberExt, util::SubscriberInitExt,
};

use crate::telemetry::{Endpoint, Traces};

#[derive(Args)]
pub struct LogArgs {
    /// The events to log: error, warn, info, debug or trace, optionally per module
    /// (`clientele::sql=trace` shows every statement). Errors are always logged.
    #[arg(
        long,
        global = true,
        env = "CLIENTELE_LOG",
        default_value = "info",
        value_name = "FILTER"
    )]
    log: String,

    /// The format of the log: text for people, or one JSON object per line.
    #[arg(
        long,
        global = true,
        env = "CLIENTELE_LOG_FORMAT",
        default_value = "text",
        value_name = "FORMAT"
    )]
    log_format: LogFormat,
}

#[derive(Clone, Copy, ValueEnum)]
enum LogFormat {
    Text,
    Json,
}

impl LogArgs {
    /// Starts logging to standard error, and exporting traces if there is a collector.
    pub fn init(&self, endpoint: Option<&Endpoint>) -> anyhow::Result<Option<Traces>> {
        let filter = filter(&self.log).context("--log (CLIENTELE_LOG)")?;
        let layer = tracing_subscriber::fmt::layer().with_writer(std::io::stderr);
        let layer = match self.log_format {
            LogFormat::Text => layer.with_ansi(std::io::stderr().is_terminal()).boxed(),
            LogFormat::Json => layer.json().flatten_event(true).with_span_list(false).boxed(),
        };
        let traces = endpoint.map(Traces::start).transpose().context("--otlp-endpoint")?;
        tracing_subscriber::registry()
            .with(layer.with_filter(filter))
            .with(traces.as_ref().map(Traces::layer))
            .init();
        Ok(traces)
    }
}

/// Parses a filter. tracing-subscriber would interpret a word that is not a level as a target to
/// log completely, and then log nothing else.
fn filter(text: &str) -> anyhow::Result<EnvFilter> {
    let directives = || text.split(',').map(str::trim).filter(|directive| !directive.is_empty());
    let is_level = |directive: &str| directive.parse::<LevelFilter>().is_ok();
    for directive in directives() {
        let is_target = directive.contains(['=', '[', ':']) || directive == "clientele";
        ensure!(
            is_target || is_level(directive),
            "{directive:?} is not a level: use error, warn, info, debug or trace, or TARGET=LEVEL"
        );
    }
    let has_level = directives().any(is_level);
    let text = if has_level { text.to_owned() } else { format!("error,{text}") };
    Ok(EnvFilter::try_new(text)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_are_always_logged() {
        for (text, expected) in [
            ("info", "info"),
            ("clientele::sql=trace", "clientele::sql=trace,error"),
            ("warn,clientele=debug", "clientele=debug,warn"),
            ("", "error"),
        ] {
            assert_eq!(filter(text).expect("a filter").to_string(), expected, "{text}");
        }
        for text in ["json", "info,loud", "clientele=loud"] {
            assert!(filter(text).is_err(), "{text}");
        }
    }
}
