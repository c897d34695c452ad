//! How unknown texts are called where people read of them.

use perch_diagram::Leaf;
use perch_ops::{ErrorKind, Pure, op_of};

use crate::cells::{Cell, HoleKey, Names, Piece, Untold};

/// Calls within calls deeper than this are not written out.
const MAX_DEPTH: usize = 3;

/// Texts longer than this are not written out within a call.
const MAX_SHOWN: usize = 60;

/// Of more texts that a failure may say none is looked at.
const MAX_MESSAGES: usize = 16;

/// What several texts a failure would say are not written out beyond this.
const MAX_COMPLAINTS: usize = 3;

impl Names {
    /// A function of texts, as a call.
    pub(crate) fn shown_call(&self, function: Pure, operands: &[Leaf], depth: usize) -> String {
        let operands: Vec<String> = operands.iter().map(|leaf| self.shown_operand(*leaf, depth + 1)).collect();
        let Some(name) = called(function) else { return unnamed(function, &operands) };
        format!("{name}({})", operands.join(", "))
    }

    /// What is within a call needs no braces of its own if it is one unknown.
    fn shown_operand(&self, leaf: Leaf, depth: usize) -> String {
        let shown = match self.cell(leaf) {
            Cell::Template(pieces) => match &**pieces {
                [Piece::Hole(hole)] => match self.hole_key(*hole) {
                    HoleKey::Pure(..) if depth > MAX_DEPTH => "…".to_owned(),
                    HoleKey::Pure(function, operands) => self.shown_call(*function, operands, depth),
                    _ => bare(self.shown(leaf)),
                },
                _ if depth > MAX_DEPTH => "…".to_owned(),
                _ => format!("{:?}", self.shown(leaf)),
            },
            _ => format!("{:?}", self.shown(leaf)),
        };
        cut(shown, MAX_SHOWN)
    }

    /// Something of the run: what it is of, if that is one thing.
    pub(crate) fn shown_fresh(&self, number: u32, what: &str) -> String {
        let mut told = self.untold(number);
        match (told.next(), told.next()) {
            (Some(Untold::Printed(words)), None) => format!("output of {words}"),
            (Some(Untold::Status(words)), None) => format!("status of {words}"),
            (Some(Untold::Body(url)), None) => format!("answer of {url}"),
            (Some(Untold::Answered(url)), None) => format!("status of {url}"),
            _ => what.to_owned(),
        }
    }

    /// What a failure says whose message is one of these texts.
    pub(crate) fn complaint(&self, kind: ErrorKind, messages: &[Leaf]) -> String {
        if messages.len() > MAX_MESSAGES {
            return kind.about().to_owned();
        }
        let mut all: Vec<String> = Vec::new();
        for message in messages.iter().map(|leaf| self.said_by(kind, *leaf)) {
            if !all.contains(&message) {
                all.push(message);
            }
        }
        if all.is_empty() || all.len() > MAX_COMPLAINTS { kind.about().to_owned() } else { all.join(", or ") }
    }

    fn said_by(&self, kind: ErrorKind, message: Leaf) -> String {
        let Cell::Template(pieces) = self.cell(message) else { return self.shown(message) };
        match &**pieces {
            [Piece::Hole(hole)] => match self.hole_key(*hole) {
                HoleKey::Pure(function, operands) => self.refusal(kind, *function, operands),
                _ => kind.about().to_owned(),
            },
            _ => self.shown(message),
        }
    }

    /// What a function says that cannot use these texts: what it says of such as they are shown, which are hardly ever what it wants.
    fn refusal(&self, kind: ErrorKind, function: Pure, operands: &[Leaf]) -> String {
        let shown: Vec<String> = operands.iter().map(|leaf| self.shown(*leaf)).collect();
        match function.apply(&shown.iter().map(String::as_str).collect::<Vec<_>>()) {
            Err(refusal) if refusal.kind == kind => without_detail(refusal.message),
            _ if called(function).is_none() => match (function, shown.last()) {
                (Pure::PathAbs, Some(text)) => format!("`{text}` is no path, if it is empty text or holds a NUL"),
                (Pure::PatternRoot | Pure::PatternRest, Some(text)) => format!("`{text}` is no pattern, perhaps"),
                _ => kind.about().to_owned(),
            },
            _ => {
                let about = kind.about().trim_end_matches('.');
                let about =
                    about.chars().next().map(|c| c.to_lowercase().chain(about.chars().skip(1)).collect::<String>());
                let call = self.shown_call(function, operands, 0);
                format!("`{call}` fails with `{}`: {}", kind.name(), about.unwrap_or_default())
            }
        }
    }
}

/// Where in a text something is wrong is not known as long as the text is not.
fn without_detail(message: String) -> String {
    match message.rsplit_once("}`") {
        Some((before, rest)) => match rest.split_once(": ") {
            Some((rest, _)) => format!("{before}}}`{rest}"),
            None => message,
        },
        None => message,
    }
}

/// The beginning of a text that is too long.
pub(crate) fn cut(shown: String, most: usize) -> String {
    match shown.char_indices().nth(most) {
        Some((at, _)) => format!("{}…", &shown[..at]),
        None => shown,
    }
}

/// What a function gives whose name nobody knows, for ops are made of it.
fn unnamed(function: Pure, operands: &[String]) -> String {
    match (function, operands) {
        (Pure::Bytes, [text]) => match text.strip_prefix("content of ") {
            Some(path) => format!("size of {path}"),
            None => format!("size of {text}"),
        },
        (Pure::FormatTime, [time, format]) => format!("{time} as {format}"),
        (Pure::BaseName, [path]) => format!("name of {path}"),
        (Pure::DirName, [path]) => format!("directory of {path}"),
        (Pure::TimeDiff, [from, to]) => format!("seconds from {from} to {to}"),
        _ => "…".to_owned(),
    }
}

/// What a file calls a function.
fn called(function: Pure) -> Option<&'static str> {
    op_of(function).map(|op| op.entry()).filter(|entry| !entry.internal).map(|entry| entry.name)
}

/// Without the signs around an unknown.
fn bare(shown: String) -> String {
    match shown.strip_prefix("${").and_then(|rest| rest.strip_suffix('}')) {
        Some(bare) => bare.to_owned(),
        None => shown,
    }
}

#[cfg(test)]
mod tests {
    use perch_ops::Type;

    use super::*;

    #[test]
    fn what_is_computed_is_called_by_what_it_is_computed_of() {
        let mut names = Names::default();
        let content = names.unknown(HoleKey::Content(0, "/a".into()));
        let trimmed = names.unknown(HoleKey::Pure(Pure::Trim, [content].into()));
        assert_eq!(names.shown(trimmed), "${trim(content of /a)}");
        let hashed = names.unknown(HoleKey::Pure(Pure::Sha256, [trimmed].into()));
        assert_eq!(names.shown(hashed), "${sha256(trim(content of /a))}");
        let size = names.unknown(HoleKey::Pure(Pure::Bytes, [content].into()));
        assert_eq!(names.shown(size), "${size of /a}");
        let [time, format] = [names.unknown(HoleKey::Moment(1)), names.text("%Y-%m-%d")];
        let day = names.unknown(HoleKey::Pure(Pure::FormatTime, [time, format].into()));
        assert_eq!(names.shown(day), "${time as \"%Y-%m-%d\"}");
        let mut deep = content;
        for _ in 0..1000 {
            deep = names.unknown(HoleKey::Pure(Pure::Trim, [deep].into()));
        }
        assert_eq!(names.shown(deep), "${trim(trim(trim(trim(…))))}");
        // What files cannot call has no name that anybody knows.
        let own = names.unknown(HoleKey::Pure(Pure::PatternRest, [content].into()));
        assert_eq!(names.shown(own), "${…}");
    }

    #[test]
    fn what_a_program_prints_is_called_by_the_program_if_it_is_one() {
        let mut names = Names::default();
        let (one, two) = (names.take_number(), names.take_number());
        names.could_be_told(one, Untold::Printed("git log".into()));
        names.could_be_told(two, Untold::Printed("git log".into()));
        names.could_be_told(two, Untold::Printed("git tag".into()));
        let shown = |names: &mut Names, number| {
            let leaf = names.unknown(HoleKey::Fresh(number, "output of a program"));
            names.shown(leaf)
        };
        assert_eq!(shown(&mut names, one), "${output of git log}");
        assert_eq!(shown(&mut names, two), "${output of a program}");
    }

    #[test]
    fn a_failure_says_what_it_says_of_texts_as_they_are_shown() {
        let mut names = Names::default();
        let text = names.unknown(HoleKey::Argument("v".into(), Type::Text));
        let decoded = names.unknown(HoleKey::Pure(Pure::Base64Decode, [text].into()));
        assert_eq!(names.complaint(ErrorKind::ParseFailed, &[decoded]), "`${v}` is not padded base64");
        let path = names.text(".a");
        let got = names.unknown(HoleKey::Pure(Pure::JsonGet, [text, path].into()));
        assert_eq!(names.complaint(ErrorKind::ParseFailed, &[got]), "`${v}` is not JSON");
        let said = names.complaint(ErrorKind::LimitExceeded, &[got]);
        assert_eq!(said, "`json_get(v, \".a\")` fails with `limit_exceeded`: more than a limit allows");
        let [one, two] = ["one", "two"].map(|text| names.text(text));
        assert_eq!(names.complaint(ErrorKind::AssertFailed, &[one, two, one]), "one, or two");
        assert_eq!(names.complaint(ErrorKind::AssertFailed, &[]), ErrorKind::AssertFailed.about());
    }
}
