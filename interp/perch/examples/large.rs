//! Writes a large program to standard output: `cargo run -p perch --example large [COMMANDS]`.
//!
//! With 2,000 commands, the default, it has 20,000 ops on 48,000 lines, 1 MB.

use std::io::Write as _;

/// Ten ops on twenty lines, with most of what commands consist of.
fn command(number: usize) -> String {
    // The first one calls none of them: nothing goes around in circles.
    let call = if number == 0 { "print none".to_owned() } else { format!("task{} -target=linux", number / 2) };
    format!(
        r#"# Command {number} does a bit of everything,
# and calls another one.
command task{number}
  description "Do number {number}"
  arg target
    type string
    default "linux"
  end
  do
    print "==> task {number} for ${{target}}"
    name = "build-{number}-${{target}}"
    if exists "out/{number}/conf.json"
      text = read_file "out/{number}/conf.json"
      write_file "out/{number}/copy.json" "${{text}}"
    else
      mkdir "out/{number}"
    end
    git log --oneline -10
    {call}
    exec make "${{name}}"
    rm "out/{number}/old"
  end
end

"#
    )
}

fn main() -> std::io::Result<()> {
    let commands = std::env::args().nth(1).and_then(|text| text.parse().ok()).unwrap_or(2000);
    let mut out = std::io::stdout().lock();
    (0..commands).try_for_each(|number| out.write_all(command(number).as_bytes()))
}
