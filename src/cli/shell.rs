//! `clientele completions` and `clientele man`: generated files for shells and `man`.

use std::io::Write;

use anyhow::Context;
use clap::{CommandFactory, Parser};
use clap_complete::Shell;
use clap_mangen::Man;

use super::{Cli, print};

#[derive(Parser)]
pub struct CompletionsArgs {
    /// The shell.
    #[arg(env = "CLIENTELE_SHELL")]
    shell: Shell,
}

/// Prints the completion script for a shell.
pub fn completions(args: &CompletionsArgs) -> anyhow::Result<()> {
    let mut script = Vec::new();
    clap_complete::generate(args.shell, &mut Cli::command(), "clientele", &mut script);
    print(&String::from_utf8(script).context("the script")?)
}

/// Prints the manual page: the program, then each of its commands.
pub fn man() -> anyhow::Result<()> {
    let mut page = Vec::new();
    let mut command = Cli::command();
    command.build();
    Man::new(command.clone()).render(&mut page).context("the page")?;
    write_commands(&command, &mut page).context("the page")?;
    print(&String::from_utf8(page).context("the page")?)
}

fn write_commands(command: &clap::Command, page: &mut Vec<u8>) -> std::io::Result<()> {
    for command in command.get_subcommands().filter(|command| command.get_name() != "help") {
        let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
        writeln!(page, ".SH {}", name.to_uppercase())?;
        let man = Man::new(command.clone());
        man.render_description_section(page)?;
        man.render_options_section(page)?;
        write_commands(command, page)?;
    }
    Ok(())
}
