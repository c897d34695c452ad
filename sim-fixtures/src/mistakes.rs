//! What is wrong with a text that is no fixture.
//!
//! The types say what a fixture may hold, and their JSON Schema says so as data. A text is walked through along that
//! schema, so that a message has the place of the mistake, the whole key and what may stand there, for every key alike.

use std::sync::LazyLock;

use serde_json::Value;

use crate::numbers::{integer, is_whole};
use crate::places::{Place, Said, Way, What, shown};

/// Why a fixture cannot be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{place}: {message}")]
pub struct FixtureError {
    /// Where.
    pub place: Place,
    /// What is wrong.
    pub message: String,
    /// What to do about it.
    pub advice: Advice,
}

/// What to do about a mistake.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Advice {
    /// Write one of these in place of the word.
    OneOf(String, Vec<String>),
    /// This.
    Do(String),
}

impl FixtureError {
    pub(crate) fn at(place: Place, message: impl Into<String>, advice: Advice) -> Self {
        Self { place, message: message.into(), advice }
    }

    /// A text that is not JSON, or too much of it.
    pub(crate) fn no_json(text: &str, error: &serde_json::Error) -> Self {
        if text.trim().is_empty() {
            let advice = "the smallest fixture is `{}`, which says nothing of the host";
            return Self::at(Place { line: 1, column: 1 }, "the file is empty", Advice::Do(advice.to_owned()));
        }
        let (before, rest) = around(text, error);
        let place = Place { line: error.line().max(1), column: before.chars().count() + 1 };
        if ["//", "/*", "#"].iter().any(|sign| rest.starts_with(sign)) {
            return Self::at(place, "this is a comment, and JSON has none", Advice::Do("take it away".to_owned()));
        }
        let whole = error.to_string();
        let message = whole.rsplit_once(" at line ").map_or(whole.as_str(), |(message, _)| message);
        if message == "recursion limit exceeded" {
            let message = format!("this is nested too deep: more than {DEEPEST} brackets are open here");
            return Self::at(
                place,
                message,
                Advice::Do("no key of a fixture needs that many: look for the first bracket too many".to_owned()),
            );
        }
        let advice = match message {
            "trailing comma" => "nothing follows the last comma: take it away",
            "key must be a string" => "JSON has its keys in double quotes",
            "expected `,` or `}`" | "expected `,` or `]`" => "a comma or the closing bracket is missing before this",
            "invalid number" => {
                "JSON has no numbers that begin with `0`, `+` or `.`: write a mode as a text, such as `\"0644\"`"
            }
            "number out of range" => "no number in a fixture is that large",
            _ if error.is_eof() => "the text ends before all brackets and quotes are closed",
            _ => "a fixture is a JSON object, like `{\"os\": \"linux\"}`",
        };
        Self::at(place, format!("this is not JSON: {message}"), Advice::Do(advice.to_owned()))
    }
}

/// So many brackets may be open at once: the reader of JSON goes no deeper.
const DEEPEST: usize = 127;

/// What stands in the line before the character at which the reader has stopped, and what from there on.
fn around<'t>(text: &'t str, error: &serde_json::Error) -> (&'t str, &'t str) {
    let line = text.split('\n').nth(error.line().saturating_sub(1)).unwrap_or_default();
    // The reader counts bytes, and has read the one that is wrong.
    let mut at = error.column().saturating_sub(1).min(line.len());
    while !line.is_char_boundary(at) {
        at -= 1;
    }
    line.split_at(at)
}

/// What a fixture calls what people write there by another name.
fn key_meant(key: &str) -> Option<&'static str> {
    match key {
        "fs" | "tree" | "paths" | "dirs" => {
            Some("`files` says what stands at paths; `fs_read` and `fs_write` are lists of directories")
        }
        "time" | "date" | "now" | "today" => Some("`clock` says the day, or the second"),
        "programs" | "commands" => Some("`bins` says which programs are on PATH, and `oracles.exec` what they do"),
        "argv" | "arguments" => Some("`args` has the arguments, by their names"),
        _ => None,
    }
}

static SCHEMA: LazyLock<Value> = LazyLock::new(|| schemars::schema_for!(crate::Fixture).to_value());

/// Every key that a fixture may have, those of its oracles and its scenarios as well, and what it says.
#[must_use]
pub fn keys_and_meanings() -> Vec<(String, String)> {
    let part = |name: &str| SCHEMA.get("$defs").and_then(|all| all.get(name));
    let of = |before: &str, schema: Option<&Value>| -> Vec<(String, String)> {
        let all = schema.and_then(|schema| schema.get("properties")).and_then(Value::as_object);
        let about = |schema: &Value| schema.get("description").and_then(Value::as_str).unwrap_or_default().to_owned();
        all.into_iter().flatten().map(|(key, schema)| (format!("{before}{key}"), about(schema))).collect()
    };
    let whole = of("", Some(&SCHEMA)).into_iter();
    whole.chain(of("oracles.", part("Oracles"))).chain(of("scenarios[].", part("Scenario"))).collect()
}

/// What is wrong with a fixture, if anything.
pub(crate) fn of(whole: &Said) -> Option<FixtureError> {
    Schema(&SCHEMA).mistake(&SCHEMA, whole, whole.place, &mut Vec::new())
}

/// A schema, in which others are looked up.
struct Schema<'s>(&'s Value);

impl Schema<'_> {
    /// What is wrong with a value at the end of that way, if anything. A mistake about a member is at its key.
    fn mistake(&self, schema: &Value, said: &Said, at: Place, way: &mut Way) -> Option<FixtureError> {
        let schema = self.resolved(schema);
        if let Some(choices) = schema.get("oneOf").or(schema.get("anyOf")).and_then(Value::as_array) {
            return self.no_choice(choices, said, at, way);
        }
        if !types(schema).iter().any(|ty| is(said, ty)) {
            return Some(wrong_type(&[schema], said, way));
        }
        if let Some(found) = self.out_of_range(schema, said, way) {
            return Some(found);
        }
        match &said.what {
            What::Object(members) => self.wrong_member(schema, members, at, way),
            What::Array(elements) => elements.iter().enumerate().find_map(|(at, element)| {
                way.push(at.to_string());
                let found = self.mistake(schema.get("items")?, element, element.place, way);
                way.pop();
                found
            }),
            What::Number(..) => None,
            What::Plain(value) => {
                let wanted = schema.get("const").filter(|wanted| *wanted != value)?;
                let message = format!("{} is `{value}`, not `{wanted}`", shown(way));
                Some(FixtureError::at(said.place, message, Advice::Do(format!("write `{wanted}`"))))
            }
        }
    }

    fn resolved<'v>(&'v self, schema: &'v Value) -> &'v Value {
        let name = schema.get("$ref").and_then(Value::as_str).and_then(|name| name.strip_prefix("#/$defs/"));
        name.and_then(|name| self.0.get("$defs")?.get(name)).unwrap_or(schema)
    }

    fn wrong_member(
        &self,
        schema: &Value,
        members: &[(String, Place, Said)],
        at: Place,
        way: &mut Way,
    ) -> Option<FixtureError> {
        let properties = schema.get("properties").and_then(Value::as_object);
        for (key, place, said) in members {
            let known = properties.and_then(|known| known.get(key));
            let Some(schema) = known.or(schema.get("additionalProperties")).filter(|schema| schema.is_object()) else {
                return Some(self.unknown_key(schema, key, *place, way));
            };
            way.push(key.clone());
            let found = self.mistake(schema, said, *place, way);
            way.pop();
            if found.is_some() {
                return found;
            }
        }
        let required = schema.get("required").and_then(Value::as_array).into_iter().flatten().filter_map(Value::as_str);
        let missing = required.into_iter().find(|key| !members.iter().any(|(other, ..)| other == key))?;
        let message = format!("{} has no `{missing}`, which it needs", whole(way));
        Some(FixtureError::at(at, message, Advice::Do(format!("add `\"{missing}\": …`"))))
    }

    fn unknown_key(&self, schema: &Value, key: &str, place: Place, way: &Way) -> FixtureError {
        let known = keys(schema);
        let message = format!("{} has no key `{key}`", whole(way));
        if key == "oracles" && known.iter().any(|other| other == "overrides") {
            let advice = "a scenario has `overrides`, with the keys of `oracles`";
            return FixtureError::at(place, message, Advice::Do(advice.to_owned()));
        }
        if key == "env_missing" && way.first().is_some_and(|first| first == "scenarios") {
            let advice = "a scenario says `\"env\": {\"NAME\": null}` of a variable that is not set";
            return FixtureError::at(place, message, Advice::Do(advice.to_owned()));
        }
        if let Some(meant) = key_meant(key).filter(|_| known.iter().any(|other| other == "scenarios")) {
            return FixtureError::at(place, message, Advice::Do(meant.to_owned()));
        }
        let elsewhere = self.elsewhere(key);
        match elsewhere.filter(|_| !known.iter().any(|other| other.starts_with(key))) {
            Some(there) => FixtureError::at(place, message, Advice::Do(format!("`{key}` is a key {there}"))),
            None => FixtureError::at(place, message, Advice::OneOf(key.to_owned(), known)),
        }
    }

    /// Where else there is a key of that name.
    fn elsewhere(&self, key: &str) -> Option<String> {
        let has = |schema: &Value| keys(schema).iter().any(|other| other == key);
        if has(self.0) {
            return Some("of the fixture itself".to_owned());
        }
        let parts = [
            ("Oracles", "of `oracles`, and of a scenario's `overrides`"),
            ("Machine", "of `machine`"),
            ("Scenario", "of a scenario"),
        ];
        let found =
            parts.into_iter().find(|(name, _)| self.0.get("$defs").and_then(|all| all.get(*name)).is_some_and(has));
        found.map(|(_, there)| there.to_owned())
    }

    /// None of several forms fits: what is wrong with the one that comes nearest.
    fn no_choice(&self, choices: &[Value], said: &Said, at: Place, way: &mut Way) -> Option<FixtureError> {
        let choices: Vec<&Value> = choices.iter().map(|choice| self.resolved(choice)).collect();
        let choices: Vec<&Value> =
            choices.iter().flat_map(|choice| nested(choice).unwrap_or_else(|| vec![choice])).collect();
        let mut found: Vec<(&Value, FixtureError)> = Vec::new();
        for choice in choices {
            match self.mistake(choice, said, at, way) {
                Some(mistake) => found.push((choice, mistake)),
                None => return None,
            }
        }
        if let Some(wrong) = wrong_word(&found, said, way) {
            return Some(wrong);
        }
        if let Some(wrong) = wrong_tag(&found, said, at, way) {
            return Some(wrong);
        }
        if let Some(wrong) = two_in_one(&found, said, way).or_else(|| none_of(&found, said, at, way)) {
            return Some(wrong);
        }
        let shared = |schema: &Value| {
            let known = keys(schema);
            said.parts().iter().filter(|(key, ..)| known.contains(key)).count()
        };
        let fits = |choice: &Value| types(choice).iter().any(|ty| is(said, ty));
        if found.iter().any(|(choice, _)| fits(choice)) {
            let all = found.iter().flat_map(|(choice, _)| keys(choice)).collect();
            let unlike = found.iter().all(|(choice, _)| shared(choice) == 0);
            let is_object = matches!(said.what, What::Object(_));
            if let (true, Some((key, place, _))) = (unlike && is_object, said.parts().first()) {
                let message = format!("{} has no key `{key}`", whole(way));
                return Some(FixtureError::at(*place, message, Advice::OneOf(key.clone(), all)));
            }
            let best = found
                .into_iter()
                .filter(|(choice, _)| fits(choice))
                .max_by_key(|(choice, _)| (tag(choice, said), shared(choice)));
            return best.map(|(_, mistake)| mistake);
        }
        let all: Vec<&Value> = found.iter().map(|(choice, _)| *choice).collect();
        Some(wrong_type(&all, said, way))
    }

    fn out_of_range(&self, schema: &Value, said: &Said, way: &Way) -> Option<FixtureError> {
        let What::Number(number, written) = &said.what else { return None };
        let (least, most) = range(schema)?;
        let within = integer(number).is_some_and(|number| (least..=most).contains(&number));
        let message = format!("{} is `{written}`", shown(way));
        (!within).then(|| {
            FixtureError::at(said.place, message, Advice::Do(format!("it is a whole number from {least} to {most}")))
        })
    }
}

/// The least and the greatest number that may stand there.
fn range(schema: &Value) -> Option<(i64, i64)> {
    let of = |key: &str| schema.get(key).and_then(Value::as_i64);
    let most = of("maximum").or_else(|| match schema.get("format").and_then(Value::as_str)? {
        "uint8" => Some(u8::MAX.into()),
        "uint16" => Some(u16::MAX.into()),
        "uint32" => Some(u32::MAX.into()),
        _ => None,
    });
    Some((of("minimum")?, most?))
}

/// An object that could be one of several, and has nothing of what any of them needs.
fn none_of(found: &[(&Value, FixtureError)], said: &Said, at: Place, way: &Way) -> Option<FixtureError> {
    let needs = |schema: &Value| Some(schema.get("required")?.as_array()?.first()?.as_str()?.to_owned());
    let is_empty = matches!(&said.what, What::Object(members) if members.is_empty());
    let needed: Vec<String> =
        found.iter().filter(|_| is_empty).map(|(schema, _)| needs(schema)).collect::<Option<_>>()?;
    let (last, others) = needed.split_last().filter(|(_, others)| !others.is_empty())?;
    let quoted = others.iter().map(|key| format!("`{key}`")).collect::<Vec<_>>().join(", ");
    let message = format!("{} says nothing: it needs {quoted} or `{last}`", whole(way));
    Some(FixtureError::at(at, message, Advice::Do(format!("add `\"{last}\": …`, or one of the others"))))
}

/// The forms within a form.
fn nested(schema: &Value) -> Option<Vec<&Value>> {
    schema.get("oneOf").or(schema.get("anyOf")).and_then(Value::as_array).map(|all| all.iter().collect())
}

/// The value that a form wants of the key that tells forms apart, if the value there is that.
fn tag(schema: &Value, said: &Said) -> bool {
    tagged(schema).is_some_and(|(key, wanted)| said.member(key).and_then(Said::text) == Some(wanted))
}

fn tagged(schema: &Value) -> Option<(&str, &str)> {
    let properties = schema.get("properties")?.as_object()?;
    properties.iter().find_map(|(key, schema)| Some((key.as_str(), schema.get("const")?.as_str()?)))
}

/// One of several words stands there, and no other.
fn wrong_word(found: &[(&Value, FixtureError)], said: &Said, way: &Way) -> Option<FixtureError> {
    let word = |(schema, _): &(&Value, FixtureError)| Some(schema.get("const")?.as_str()?.to_owned());
    let known: Vec<String> = found.iter().map(word).collect::<Option<_>>()?;
    if let Some(text) = said.text() {
        let message = format!("{} is `{text}`", shown(way));
        return Some(FixtureError::at(said.place, message, Advice::OneOf(text.to_owned(), known)));
    }
    let list = known.iter().map(|word| format!("`\"{word}\"`")).collect::<Vec<_>>().join(", ");
    let message = wrong_type(&[found.first()?.0], said, way).message;
    Some(FixtureError::at(said.place, message, Advice::Do(format!("write one of {list}"))))
}

/// The forms are told apart by a key that is missing, or has a value that is none of theirs.
fn wrong_tag(found: &[(&Value, FixtureError)], said: &Said, at: Place, way: &Way) -> Option<FixtureError> {
    let tags: Vec<(&str, &str)> = found.iter().filter_map(|(schema, _)| tagged(schema)).collect();
    let (key, _) = *tags.first()?;
    if !matches!(said.what, What::Object(_)) {
        return None;
    }
    let known: Vec<String> = tags.iter().map(|(_, value)| (*value).to_owned()).collect();
    let list = known.iter().map(|value| format!("`{value}`")).collect::<Vec<_>>().join(", ");
    let Some(value) = said.member(key) else {
        let message = format!("{} has no `{key}`, which it needs", whole(way));
        return Some(FixtureError::at(at, message, Advice::Do(format!("`{key}` is one of {list}"))));
    };
    match value.text() {
        Some(text) if known.iter().any(|known| known == text) => None,
        Some(text) => {
            let message = format!("{} has a `{key}` of `{text}`", whole(way));
            Some(FixtureError::at(value.place, message, Advice::OneOf(text.to_owned(), known)))
        }
        None => None,
    }
}

/// Two keys of which each belongs to a form, and both to none.
fn two_in_one(found: &[(&Value, FixtureError)], said: &Said, way: &Way) -> Option<FixtureError> {
    let forms: Vec<Vec<String>> = found.iter().map(|(schema, _)| keys(schema)).collect();
    let is_known = |key: &String| forms.iter().any(|form| form.contains(key));
    if found.iter().any(|(schema, _)| tagged(schema).is_some()) {
        return None;
    }
    let known: Vec<_> = said.parts().into_iter().filter(|(key, ..)| is_known(key)).collect();
    let (first, ..) = known.first()?;
    let goes_with = |key: &String| forms.iter().any(|form| form.contains(first) && form.contains(key));
    let (other, place, _) = known.iter().find(|(key, ..)| !goes_with(key))?;
    let message = format!("{} has both `{first}` and `{other}`, which belong to different objects", whole(way));
    let advice = format!("write an object for each: `{{\"{first}\": …}}, {{\"{other}\": …}}`");
    Some(FixtureError::at(*place, message, Advice::Do(advice)))
}

/// The keys of an object.
fn keys(schema: &Value) -> Vec<String> {
    schema.get("properties").and_then(Value::as_object).into_iter().flatten().map(|(key, _)| key.clone()).collect()
}

/// The types that may stand there.
fn types(schema: &Value) -> Vec<&str> {
    match schema.get("type") {
        Some(Value::String(ty)) => vec![ty],
        Some(Value::Array(all)) => all.iter().filter_map(Value::as_str).collect(),
        _ => Vec::new(),
    }
}

fn is(said: &Said, ty: &str) -> bool {
    match &said.what {
        What::Object(_) => ty == "object",
        What::Array(_) => ty == "array",
        What::Plain(Value::String(_)) => ty == "string",
        What::Plain(Value::Bool(_)) => ty == "boolean",
        What::Number(number, _) => ty == "number" || ty == "integer" && is_whole(number),
        What::Plain(_) => ty == "null",
    }
}

/// A value of a type that no form has.
fn wrong_type(forms: &[&Value], said: &Said, way: &[String]) -> FixtureError {
    let wanted: Vec<&str> = forms.iter().flat_map(|form| types(form)).collect();
    let names = |ty: &str| match ty {
        "object" => Some("an object"),
        "array" => Some("a list"),
        "string" => Some("a text"),
        "boolean" => Some("`true` or `false`"),
        "number" => Some("a number"),
        "integer" => Some("a whole number"),
        _ => None,
    };
    let is_a = match &said.what {
        What::Object(_) => "an object".to_owned(),
        What::Array(_) => "a list".to_owned(),
        What::Number(_, written) => format!("`{written}`"),
        What::Plain(Value::String(text)) => format!("the text {text:?}"),
        What::Plain(value) => format!("`{value}`"),
    };
    let wants = |ty: &str| wanted.contains(&ty);
    let advice = match &said.what {
        What::Plain(Value::String(text)) if wants("boolean") && (text == "true" || text == "false") => {
            format!("write `{text}` without quotes")
        }
        What::Plain(Value::String(text)) if wants("integer") && text.parse::<i64>().is_ok() => {
            format!("write `{text}` without quotes")
        }
        What::Plain(Value::String(text)) if wants("array") => format!("write `[{text:?}]`"),
        What::Number(..) if is_clock(way) => "write a moment, such as `\"2024-01-31T12:00:00Z\"`".to_owned(),
        // Which mode was meant cannot be told: `420` is what `0644` is in decimal.
        What::Number(..) if is_mode(way) => "a mode is octal digits as a text, such as `\"0644\"`".to_owned(),
        What::Number(_, written) if wants("string") => format!("write `\"{written}\"`, in quotes"),
        What::Plain(value @ Value::Bool(_)) if wants("string") => format!("write `\"{value}\"`, in quotes"),
        What::Plain(Value::Null) if way.first().is_some_and(|key| key == "env") => {
            "`env_missing` lists variables that are not set".to_owned()
        }
        What::Plain(Value::Null) => "leave the key out where nothing is known".to_owned(),
        What::Number(..) if wants("integer") => {
            let range = forms.iter().find_map(|form| range(form));
            range.map_or_else(String::new, |(least, most)| format!("it is a whole number from {least} to {most}"))
        }
        _ if way.is_empty() => "write `{\"os\": \"linux\"}`, or `{}` where nothing is known".to_owned(),
        _ => an_object(forms).unwrap_or_else(|| "`perch help fixtures` says what each key holds".to_owned()),
    };
    let mut wanted: Vec<&str> = wanted.iter().filter_map(|ty| names(ty)).collect();
    wanted.dedup();
    let message = format!("{} is {is_a}, not {}", whole(way), wanted.join(" or "));
    FixtureError::at(said.place, message, Advice::Do(advice))
}

/// Whether the clock stands there, of the fixture or of a scenario, and not a variable of that name.
fn is_clock(way: &[String]) -> bool {
    let way: Vec<&str> = way.iter().map(String::as_str).collect();
    matches!(way[..], ["clock"] | ["scenarios", _, "clock"])
}

/// Whether the mode of a file stands there, and not a variable of that name.
fn is_mode(way: &[String]) -> bool {
    let way: Vec<&str> = way.iter().map(String::as_str).collect();
    matches!(way[..], ["files", _, "mode"] | ["scenarios", _, "files", _, "mode"])
}

/// What an object looks like that may stand there.
fn an_object(forms: &[&Value]) -> Option<String> {
    if let Some((key, value)) = forms.iter().find_map(|form| tagged(form)) {
        return Some(format!("write an object, like `{{\"{key}\": \"{value}\"}}`"));
    }
    let form = forms.iter().find(|form| types(form).contains(&"object"))?;
    let keys: Vec<String> = keys(form).iter().map(|key| format!("`{key}`")).collect();
    Some(match keys.is_empty() {
        true => "write `{\"NAME\": …}`".to_owned(),
        false => format!("write an object with {}", keys.join(", ")),
    })
}

fn whole(way: &[String]) -> String {
    if way.is_empty() { "a fixture".to_owned() } else { shown(way) }
}

#[cfg(test)]
mod tests {
    use crate::{Advice, Fixture};

    /// Place and message, and the advice.
    fn said(text: &str) -> (String, String) {
        let error = Fixture::parse(text).unwrap_err();
        let advice = match &error.advice {
            Advice::OneOf(word, known) => format!("{word}? {}", known.join(" ")),
            Advice::Do(advice) => advice.clone(),
        };
        (error.to_string(), advice)
    }

    fn is(text: &str, message: &str, advice: &str) {
        assert_eq!(said(text), (message.to_owned(), advice.to_owned()), "{text}");
    }

    #[test]
    fn wrong_types_are_named_with_their_key() {
        is(r#"{"os": 3}"#, "1:8: `os` is `3`, not a text", "write `\"3\"`, in quotes");
        is(r#"{"bins": "git"}"#, "1:10: `bins` is the text \"git\", not a list", "write `[\"git\"]`");
        is(
            r#"{"no_write": "true"}"#,
            "1:14: `no_write` is the text \"true\", not `true` or `false`",
            "write `true` without quotes",
        );
        is(r#"{"env": ["A"]}"#, "1:9: `env` is a list, not an object", "write `{\"NAME\": …}`");
        is(
            "{\"env\": {\n  \"A\": null}}",
            "2:8: `env.A` is `null`, not a text",
            "`env_missing` lists variables that are not set",
        );
        is(
            r#"{"os": "x", "oracles": null}"#,
            "1:24: `oracles` is `null`, not an object",
            "leave the key out where nothing is known",
        );
        is(
            r#"{"files": {"/a": ""}}"#,
            "1:18: `files[\"/a\"]` is the text \"\", not an object",
            "write an object, like `{\"kind\": \"file\"}`",
        );
        is(
            r#"{"oracles": {"exec": {"x": "y"}}}"#,
            "1:28: `oracles.exec.x` is the text \"y\", not an object",
            "write an object with `status`, `stdout`, `effects`, `status_only`",
        );
        is(
            r#"{"oracles": {"exec": {"x": {"effects": [{"write": "a", "content": "b", "mkdir": "d"}]}}}}"#,
            "1:72: `oracles.exec.x.effects[0]` has both `write` and `mkdir`, which belong to different objects",
            "write an object for each: `{\"write\": …}, {\"mkdir\": …}`",
        );
        is(
            r#"{"env_only": 1}"#,
            "1:14: `env_only` is `1`, not `true` or `false` or a list",
            "`perch help fixtures` says what each key holds",
        );
        is(
            "[]",
            "1:1: a fixture is a list, not an object",
            "write `{\"os\": \"linux\"}`, or `{}` where nothing is known",
        );
    }

    #[test]
    fn forms_are_told_apart() {
        let kinds = "file dir link absent";
        is(
            r#"{"files": {"/a": {"kind": "directory"}}}"#,
            "1:27: `files[\"/a\"]` has a `kind` of `directory`",
            &format!("directory? {kinds}"),
        );
        let packages = "installed available missing";
        is(
            r#"{"oracles": {"packages": {"jq": "instaled"}}}"#,
            "1:33: `oracles.packages.jq` is `instaled`",
            &format!("instaled? {packages}"),
        );
        is(
            r#"{"oracles": {"packages": {"jq": true}}}"#,
            "1:33: `oracles.packages.jq` is `true`, not a text",
            "write one of `\"installed\"`, `\"available\"`, `\"missing\"`",
        );
        is(
            r#"{"files": {"/a": {}}}"#,
            "1:12: `files[\"/a\"]` has no `kind`, which it needs",
            "`kind` is one of `file`, `dir`, `link`, `absent`",
        );
        is(
            r#"{"files": {"/a": {"kind": "link"}}}"#,
            "1:12: `files[\"/a\"]` has no `target`, which it needs",
            "add `\"target\": …`",
        );
        is(
            r#"{"files": {"/a": {"kind": "dir", "content": ""}}}"#,
            "1:34: `files[\"/a\"]` has no key `content`",
            "content? kind closed mode owner",
        );
        is(
            r#"{"oracles": {"exec": {"x": {"effects": [{"wirte": "a"}]}}}}"#,
            "1:42: `oracles.exec.x.effects[0]` has no key `wirte`",
            "wirte? write content mkdir remove",
        );
        is(
            r#"{"oracles": {"exec": {"x": {"status": 256}}}}"#,
            "1:39: `oracles.exec.x.status` is `256`",
            "it is a whole number from 0 to 255",
        );
    }

    #[test]
    fn keys_in_the_wrong_place_are_sent_to_the_right_one() {
        is(
            r#"{"has_bin": {}}"#,
            "1:2: a fixture has no key `has_bin`",
            "`has_bin` is a key of `oracles`, and of a scenario's `overrides`",
        );
        is(
            r#"{"fs": {}}"#,
            "1:2: a fixture has no key `fs`",
            "`files` says what stands at paths; `fs_read` and `fs_write` are lists of directories",
        );
        is(r#"{"uid": 1000}"#, "1:2: a fixture has no key `uid`", "`uid` is a key of `machine`");
        is(
            r#"{"scenarios": [{"name": "a", "overrides": {"env": {}}}]}"#,
            "1:44: `scenarios[0].overrides` has no key `env`",
            "`env` is a key of the fixture itself",
        );
        is(
            r#"{"scenarios": [{"name": "a", "oracles": {}}]}"#,
            "1:30: `scenarios[0]` has no key `oracles`",
            "a scenario has `overrides`, with the keys of `oracles`",
        );
        is(r#"{"scenarios": [{}]}"#, "1:16: `scenarios[0]` has no `name`, which it needs", "add `\"name\": …`");
    }

    #[test]
    fn what_is_not_json_is_said_to_be_none() {
        is(
            "{\"os\": \"linux\",\n}",
            "2:1: this is not JSON: trailing comma",
            "nothing follows the last comma: take it away",
        );
        is("{os: 1}", "1:2: this is not JSON: key must be a string", "JSON has its keys in double quotes");
        is(
            "{",
            "1:1: this is not JSON: EOF while parsing an object",
            "the text ends before all brackets and quotes are closed",
        );
    }
    #[test]
    fn a_number_is_no_mode() {
        let advice = "a mode is octal digits as a text, such as `\"0644\"`";
        is(
            r#"{"files": {"/a": {"kind": "file", "mode": 420}}}"#,
            "1:43: `files[\"/a\"].mode` is `420`, not a text",
            advice,
        );
        is(
            r#"{"scenarios": [{"name": "a", "files": {"/a": {"kind": "dir", "mode": 755}}}]}"#,
            "1:70: `scenarios[0].files[\"/a\"].mode` is `755`, not a text",
            advice,
        );
        is(r#"{"env": {"mode": 420}}"#, "1:18: `env.mode` is `420`, not a text", "write `\"420\"`, in quotes");
        is(r#"{"env": {"clock": 420}}"#, "1:19: `env.clock` is `420`, not a text", "write `\"420\"`, in quotes");
        is(
            r#"{"files": {"/a": {"kind": "file", "mode": 0644}}}"#,
            "1:44: this is not JSON: invalid number",
            "JSON has no numbers that begin with `0`, `+` or `.`: write a mode as a text, such as `\"0644\"`",
        );
    }

    #[test]
    fn whole_numbers_are_shown_as_they_are_written() {
        let range = "it is a whole number from 0 to 255";
        let status = |number: &str| format!(r#"{{"oracles": {{"exec": {{"x": {{"status": {number}}}}}}}}}"#);
        for number in ["99999999999999999999", "-1", "1e20", "18446744073709551615", "256.0"] {
            is(&status(number), &format!("1:39: `oracles.exec.x.status` is `{number}`"), range);
        }
        is(&status("1.50"), "1:39: `oracles.exec.x.status` is `1.50`, not a whole number", range);
        is(
            r#"{"machine": {"uid": 4294967296}}"#,
            "1:21: `machine.uid` is `4294967296`",
            "it is a whole number from 0 to 4294967295",
        );
    }

    #[test]
    fn what_is_nested_too_deep_is_said_to_be_so() {
        let text = format!(r#"{{"os": "x", "bins": {}"#, "[".repeat(1000));
        is(
            &text,
            "1:147: this is nested too deep: more than 127 brackets are open here",
            "no key of a fixture needs that many: look for the first bracket too many",
        );
        let text = format!(r#"{{"bins": {}{}}}"#, "[".repeat(126), "]".repeat(126));
        assert_eq!(said(&text).0, "1:11: `bins[0]` is a list, not a text");
    }

    #[test]
    fn a_file_may_be_empty() {
        for text in ["", "\n", " \n\t", "\u{feff}"] {
            is(text, "1:1: the file is empty", "the smallest fixture is `{}`, which says nothing of the host");
        }
    }

    #[test]
    fn comments_are_named() {
        for (text, place) in [
            ("// a host\n{}", "1:1"),
            ("{\n  // a host\n  \"os\": \"linux\"}", "2:3"),
            ("{\"os\": \"linux\", // a host\n\"arch\": \"arm64\"}", "1:17"),
            ("{\"os\": \"linux\" // a host\n}", "1:16"),
            ("{\"os\": /* a host */ \"linux\"}", "1:8"),
            ("{\"äö\": # a host\n \"linux\"}", "1:8"),
            ("{}\n# a host\n", "2:1"),
        ] {
            is(text, &format!("{place}: this is a comment, and JSON has none"), "take it away");
        }
    }

    #[test]
    fn a_scenario_takes_a_variable_away_in_its_env() {
        let advice = "a scenario says `\"env\": {\"NAME\": null}` of a variable that is not set";
        is(
            r#"{"scenarios": [{"name": "a", "env_missing": ["A"]}]}"#,
            "1:30: `scenarios[0]` has no key `env_missing`",
            advice,
        );
        is(
            r#"{"scenarios": [{"name": "a", "overrides": {"env_missing": ["A"]}}]}"#,
            "1:44: `scenarios[0].overrides` has no key `env_missing`",
            advice,
        );
    }
}
