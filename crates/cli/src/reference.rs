//! `docs/cli.md`: the help of every command, generated and held against the commands in this test.

use std::fmt::Write as _;
use std::path::Path;

const WRITE: &str = "GUICHET_WRITE_DOCS";

fn page() -> String {
    let mut whole = crate::cli::command().term_width(100).disable_help_subcommand(true);
    whole.build();
    let mut page = format!(
        "# Command line\n\nThe help of every command, as `guichet COMMAND --help` prints it; the global options stand once, in the first \
         one. Generated: `{WRITE}=1 cargo test -p guichet-cli reference`.\n"
    );
    describe(&whole, &mut page);
    page
}

fn describe(command: &clap::Command, page: &mut String) {
    let name = command.get_bin_name().unwrap_or("guichet");
    let level = "#".repeat(1 + name.split(' ').count());
    let help = command.clone().render_long_help().to_string();
    let own = if name == "guichet" { help.as_str() } else { help.split("\nGlobal options:").next().unwrap_or_default() };
    let lines: Vec<&str> = own.trim_end().lines().map(str::trim_end).collect();
    let _ = write!(page, "\n{level} {name}\n\n```text\n{}\n```\n", lines.join("\n"));
    for inner in command.get_subcommands() {
        describe(inner, page);
    }
}

#[test]
fn the_reference_is_what_the_commands_say() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../docs/cli.md");
    let page = page();
    assert!(page.contains("## guichet demo") && page.contains("### guichet key rotate"), "{page}");
    if std::env::var_os(WRITE).is_some() {
        std::fs::write(&path, &page).unwrap();
    }
    let written = std::fs::read_to_string(&path).unwrap_or_default();
    let differing = written.lines().zip(page.lines()).find(|(written, now)| written != now);
    assert!(written == page, "docs/cli.md is old, {WRITE}=1 writes it; it differs first in {differing:?}");
}
