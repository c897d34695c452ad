//! Generated programs as trees of lines and blocks, which can be shown, read, walked and made smaller.

use serde::{Deserialize, Serialize};

/// A program.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(from = "Vec<String>", into = "Vec<String>")]
pub struct Source {
    /// Top-level lines.
    pub top: Vec<String>,
    /// Its commands, `main` first.
    pub commands: Vec<CommandSource>,
    /// What it imports: names of files, and their lines.
    pub files: Vec<(String, Vec<String>)>,
}

/// Before the name of a file, on the line above its text.
const FILE: &str = "# file ";

/// The main file of a text as [`Source::text`] makes them, and the others with their names.
#[must_use]
pub fn files(text: &str) -> (String, Vec<(String, String)>) {
    let (mut main, mut others): (String, Vec<(String, String)>) = (String::new(), Vec::new());
    for line in text.lines() {
        match (line.strip_prefix(FILE), others.last_mut()) {
            (Some(name), _) => others.push((name.to_owned(), String::new())),
            (None, Some((_, text))) => text.extend([line, "\n"]),
            (None, None) => main.extend([line, "\n"]),
        }
    }
    (main, others)
}

/// A command.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CommandSource {
    /// Its name.
    pub name: String,
    /// Lines before `do`.
    pub config: Vec<String>,
    /// Its statements.
    pub body: Vec<Part>,
}

/// A statement.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Part {
    /// On one line.
    Line(String),
    /// With bodies: header and statements of each, closed by `end`.
    Block(Vec<(String, Vec<Part>)>),
}

/// The two innermost constructs around a statement: `main` or `call` for a body, a block, or one of
/// the three arms of a `try`. There is no outer one around the body of a command.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Around {
    /// The outer one, if any.
    pub outer: Option<&'static str>,
    /// The inner one.
    pub inner: &'static str,
}

/// What can be around a statement.
pub const BODIES: &[&str] = &["main", "call"];
/// Likewise, within one of those.
pub const ARMS: &[&str] = &[
    "if", "for_each", "match", "try", "rescue", "finally", "os", "arch", "with_cwd", "with_env", "sandbox", "retry",
    "timeout", "parallel", "cache",
];
/// Sections at the top.
const SECTIONS: &[&str] = &["requires", "sandbox", HOOKS];
/// Blocks with one body.
pub const SURROUNDINGS: &[&str] =
    &["os", "arch", "with_cwd", "with_env", "sandbox", "retry", "timeout", "parallel", "cache"];

/// The line that opens the section of hooks.
pub const HOOKS: &str = "hooks";

impl Around {
    fn body(command: &str) -> Self {
        Self { outer: None, inner: if command == "main" { BODIES[0] } else { BODIES[1] } }
    }

    /// Within an arm of a block that stands here.
    fn arm(self, block: &str, header: &str) -> Self {
        let words = if block.starts_with("try") { header } else { block };
        let inner = ARMS.iter().find(|arm| words.split_whitespace().next() == Some(arm)).copied().unwrap_or(ARMS[0]);
        Self { outer: Some(self.inner), inner }
    }
}

impl std::fmt::Display for Around {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.outer {
            Some(outer) => write!(f, "{outer}>{}", self.inner),
            None => f.write_str(self.inner),
        }
    }
}

/// A line of a program's text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Line {
    /// As written, indented.
    pub text: String,
    /// What is around the statement that it is, or starts.
    pub around: Option<Around>,
}

impl Source {
    /// As text.
    #[must_use]
    pub fn text(&self) -> String {
        self.lines().into_iter().map(|line| line.text + "\n").collect()
    }

    /// Its lines.
    #[must_use]
    pub fn lines(&self) -> Vec<Line> {
        let mut lines = Vec::new();
        let mut put = |text: String| lines.push(Line { text, around: None });
        self.top.iter().cloned().for_each(&mut put);
        for command in &self.commands {
            lines.push(Line { text: format!("command {}", command.name), around: None });
            lines.extend(command.config.iter().map(|line| Line { text: format!("  {line}"), around: None }));
            lines.push(Line { text: "  do".into(), around: None });
            show(&command.body, 2, Around::body(&command.name), &mut lines);
            lines.extend(["  end", "end"].map(|text| Line { text: text.into(), around: None }));
        }
        for (name, text) in &self.files {
            let head = std::iter::once(format!("{FILE}{name}"));
            lines.extend(head.chain(text.iter().cloned()).map(|text| Line { text, around: None }));
        }
        lines
    }

    /// The program of a text as [`Self::text`] makes them: no string spans lines, nothing is left open.
    #[must_use]
    pub fn parse<'t>(lines: impl IntoIterator<Item = &'t str>) -> Self {
        let mut lines = lines.into_iter().map(str::trim).filter(|line| !line.is_empty());
        let mut source = Self::default();
        while let Some(line) = lines.next() {
            if let Some(name) = line.strip_prefix(FILE) {
                source.files.push((name.to_owned(), Vec::new()));
                continue;
            }
            if let Some((_, text)) = source.files.last_mut() {
                text.push(line.to_owned());
                continue;
            }
            let Some(name) = line.strip_prefix("command ") else {
                source.top.push(line.to_owned());
                continue;
            };
            let config = lines.by_ref().take_while(|line| *line != "do").map(str::to_owned).collect();
            let body = Part::parse(&mut lines);
            source.commands.push(CommandSource { name: name.to_owned(), config, body });
            // The `end` of the command itself.
            lines.next();
        }
        source
    }

    /// Smaller programs, the smallest first.
    #[must_use]
    pub fn smaller(&self) -> Vec<Self> {
        let mut smaller = Vec::new();
        for at in (1..self.commands.len()).rev() {
            let mut one = self.clone();
            one.commands.remove(at);
            smaller.push(one);
        }
        if !self.files.is_empty() {
            let mut one = Self { files: Vec::new(), ..self.clone() };
            one.top.retain(|line| !line.starts_with("import "));
            smaller.push(one);
        }
        // The body of another command in place of that of `main`.
        for at in 1..self.commands.len() {
            let mut one = self.clone();
            one.commands[0].body = one.commands.remove(at).body;
            smaller.push(one);
        }
        for at in 0..self.top.len() {
            let mut one = self.clone();
            // A section goes as a whole, too.
            if SECTIONS.contains(&one.top[at].as_str()) {
                let lines = one.top[at..].iter().position(|line| line == "end").map_or(1, |lines| lines + 1);
                one.top.drain(at..at + lines);
                smaller.push(one);
                one = self.clone();
            }
            one.top.remove(at);
            smaller.push(one);
        }
        for (at, command) in self.commands.iter().enumerate() {
            for config in smaller_configs(&command.config) {
                let mut one = self.clone();
                one.commands[at].config = config;
                smaller.push(one);
            }
            for body in smaller_bodies(&command.body) {
                let mut one = self.clone();
                one.commands[at].body = body;
                smaller.push(one);
            }
        }
        smaller
    }
}

impl From<Vec<String>> for Source {
    fn from(lines: Vec<String>) -> Self {
        Self::parse(lines.iter().map(String::as_str))
    }
}

impl From<Source> for Vec<String> {
    fn from(source: Source) -> Self {
        source.lines().into_iter().map(|line| line.text).collect()
    }
}

impl Part {
    /// The statements up to the `end` that closes them, or to the end of the lines.
    pub fn parse<'t>(lines: &mut impl Iterator<Item = &'t str>) -> Vec<Self> {
        arm(lines).0
    }

    /// Is it a `pipe`, of which each line is a program?
    #[must_use]
    pub fn is_pipe(&self) -> bool {
        let words = |header: &str| header.split_whitespace().last() == Some("pipe");
        matches!(self, Self::Block(arms) if arms.iter().any(|(header, _)| words(header)))
    }

    /// The same with other bodies, if it has any.
    #[must_use]
    pub fn with_bodies(&self, change: &mut impl FnMut(&[Self]) -> Vec<Self>) -> Self {
        match self {
            Self::Line(_) => self.clone(),
            Self::Block(_) if self.is_pipe() => self.clone(),
            Self::Block(arms) => {
                Self::Block(arms.iter().map(|(header, body)| (header.clone(), change(body))).collect())
            }
        }
    }
}

/// Statements, and the line that ends them: `end`, the header of the next arm, or nothing.
fn arm<'t>(lines: &mut impl Iterator<Item = &'t str>) -> (Vec<Part>, Option<&'t str>) {
    let mut body = Vec::new();
    while let Some(line) = lines.next() {
        match line.split_whitespace().next().unwrap_or_default() {
            "end" | "elif" | "else" | "case" | "rescue" | "finally" => return (body, Some(line)),
            "if" | "for_each" | "match" | "try" | "pipe" => body.push(block(line, lines)),
            word if SURROUNDINGS.contains(&word) || line.ends_with("= pipe") => body.push(block(line, lines)),
            _ => body.push(Part::Line(line.to_owned())),
        }
    }
    (body, None)
}

fn block<'t>(header: &'t str, lines: &mut impl Iterator<Item = &'t str>) -> Part {
    let mut arms = Vec::new();
    let mut header = header;
    loop {
        let (body, end) = arm(lines);
        arms.push((header.to_owned(), body));
        match end {
            None | Some("end") => return Part::Block(arms),
            Some(next) => header = next,
        }
    }
}

fn show(body: &[Part], depth: usize, around: Around, lines: &mut Vec<Line>) {
    let pad = "  ".repeat(depth);
    for part in body {
        match part {
            Part::Line(text) => lines.push(Line { text: format!("{pad}{text}"), around: Some(around) }),
            Part::Block(arms) => {
                let block = arms.first().map_or("", |(header, _)| header.as_str());
                for (header, body) in arms {
                    lines.push(Line { text: format!("{pad}{header}"), around: Some(around) });
                    show(body, depth + 1, around.arm(block, header), lines);
                }
                lines.push(Line { text: format!("{pad}end"), around: None });
            }
        }
    }
}

/// Without one of the arguments.
fn smaller_configs(config: &[String]) -> Vec<Vec<String>> {
    let starts = config.iter().enumerate().filter(|(_, line)| line.starts_with("arg "));
    let without = |(from, _)| {
        let to = config.iter().skip(from).position(|line| line == "end").map_or(config.len(), |lines| from + lines + 1);
        [&config[..from], &config[to..]].concat()
    };
    starts.map(without).collect()
}

fn smaller_bodies(body: &[Part]) -> Vec<Vec<Part>> {
    let mut smaller = Vec::new();
    if body.len() > 3 {
        smaller.push(body[body.len() / 2..].to_vec());
        smaller.push(body[..body.len() / 2].to_vec());
    }
    for at in 0..body.len() {
        let around = |with: &[Part]| [&body[..at], with, &body[at + 1..]].concat();
        if body.len() > 1 {
            smaller.push(around(&[]));
        }
        if let Part::Block(arms) = &body[at] {
            smaller.extend(arms.iter().map(|(_, inside)| around(inside)));
            for which in 0..arms.len() {
                for inside in smaller_bodies(&arms[which].1) {
                    let mut arms = arms.clone();
                    arms[which].1 = inside;
                    smaller.push(around(&[Part::Block(arms)]));
                }
                if which > 0 {
                    let mut arms = arms.clone();
                    arms.remove(which);
                    smaller.push(around(&[Part::Block(arms)]));
                }
            }
        }
    }
    smaller.retain(|body| !body.is_empty());
    smaller
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str = "s = x
import ./l.perch as l
command main
  do
    try
      if exists a
        rm a
      else
        fail x
      end
    rescue e
      match v
      case x
        print e
      else
      end
    finally
      for_each v i
        p one
      end
    end
  end
end
command c1
  arg n
  type string
  end
  do
    cd d
  end
end
# file l.perch
s = y
command show
do
print s
end
end
";

    #[test]
    fn text_is_read_as_it_is_shown() {
        let source = Source::parse(TEXT.lines());
        assert_eq!(source.text(), TEXT);
        assert_eq!(source.commands[1].config, ["arg n", "type string", "end"]);
        assert_eq!(source.files[0].1[0], "s = y");
        let (main, others) = files(TEXT);
        assert!(main.ends_with("end\n") && others[0].0 == "l.perch" && others[0].1.starts_with("s = y\n"));
        assert_eq!(Source::from(Vec::from(source.clone())), source);
    }

    #[test]
    fn lines_know_what_is_around_them() {
        let lines = Source::parse(TEXT.lines()).lines();
        let around = |text: &str| {
            let line = lines.iter().find(|line| line.text.trim() == text);
            line.and_then(|line| line.around).map(|around| around.to_string()).unwrap_or_default()
        };
        assert_eq!(around("try"), "main");
        assert_eq!(around("if exists a"), "main>try");
        assert_eq!(around("fail x"), "try>if");
        assert_eq!(around("match v"), "main>rescue");
        assert_eq!(around("print e"), "rescue>match");
        assert_eq!(around("p one"), "finally>for_each");
        assert_eq!(around("cd d"), "call");
        assert_eq!(around("command main"), "");
    }

    #[test]
    fn smaller_programs_are_smaller() {
        let source = Source::parse(TEXT.lines());
        let smaller = source.smaller();
        assert!(smaller.len() > 8 && smaller.iter().all(|one| one.text().len() < TEXT.len()));
    }
}
