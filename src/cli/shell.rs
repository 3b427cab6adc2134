//! `clientele completions` and `clientele man`: generated files for shells and `man`.

use std::io::{self, Write};

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

/// Prints the manual page: the program, then a section for each of its commands.
pub fn man() -> anyhow::Result<()> {
    let mut command = Cli::command();
    command.build();
    let page = page_of(&command).context("the page")?;
    print(&String::from_utf8(page).context("the page")?)
}

fn page_of(command: &clap::Command) -> io::Result<Vec<u8>> {
    let man = Man::new(command.clone());
    let mut page = Vec::new();
    man.render_title(&mut page)?;
    man.render_name_section(&mut page)?;
    man.render_synopsis_section(&mut page)?;
    man.render_description_section(&mut page)?;
    man.render_extra_section(&mut page)?;
    man.render_options_section(&mut page)?;
    // Replaces clap's list of commands, which refers to a separate page for each command. This page contains all of
    // them.
    write_commands(command, &mut page)?;
    man.render_version_section(&mut page)?;
    Ok(page)
}

fn write_commands(command: &clap::Command, page: &mut Vec<u8>) -> io::Result<()> {
    for command in command.get_subcommands().filter(|command| command.get_name() != "help") {
        let name = command.get_bin_name().unwrap_or_else(|| command.get_name());
        writeln!(page, ".SH {}", name.to_uppercase())?;
        let man = Man::new(command.clone());
        let mut section = Vec::new();
        man.render_description_section(&mut section)?;
        man.render_options_section(&mut section)?;
        // The command's sections become subsections of this page.
        let section = String::from_utf8_lossy(&section).replace("\n.SH ", "\n.SS ");
        page.write_all(section.as_bytes())?;
        write_commands(command, page)?;
    }
    Ok(())
}
