//! The catalogue for machines. Its JSON has a schema in `schemas/`.

use schemars::JsonSchema;
use serde::Serialize;

use crate::{Entry, FACTS, Fact, Meaning, Need, On, Operand, Touch, catalogue};

/// The name and version of the format.
pub const SCHEMA: &str = "perch.catalog.v1";

/// Everything that programs may name.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Catalog {
    /// `perch.catalog.v1`
    pub schema: &'static str,
    /// Version of perch.
    pub version: String,
    /// Names that every program may use without binding them.
    pub vars: Vec<Var>,
    /// Ops and blocks.
    pub ops: Vec<Op>,
}

/// A name that is bound for every program.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Var {
    /// The name.
    pub name: &'static str,
    /// What its value is.
    #[serde(rename = "type")]
    pub ty: &'static str,
    /// `fact`
    pub category: &'static str,
    /// What it says.
    pub description: &'static str,
    /// A snippet of perch.
    pub example: String,
    /// This version binds it.
    pub available: bool,
}

/// An op or block.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Op {
    /// Its name.
    pub name: &'static str,
    /// Other spellings.
    pub aliases: &'static [&'static str],
    /// What it is.
    pub kind: Kind,
    /// Its group in the reference.
    pub category: &'static str,
    /// This version can run it.
    pub available: bool,
    /// What it does, in one line.
    pub description: &'static str,
    /// A snippet of perch.
    pub example: &'static str,
    /// How it is written: `cp SRC DST`.
    pub signature: String,
    /// Its operands, in order.
    pub args: Vec<ArgEntry>,
    /// Type of what it yields, if that is worth binding.
    pub returns: Option<&'static str>,
    /// May stand as a condition.
    pub predicate: bool,
    /// What it touches besides texts.
    pub effects: Vec<Effect>,
    /// How it can fail.
    pub error_kinds: Vec<&'static str>,
    /// What it needs.
    pub requirements: Requirements,
}

/// What an entry is.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[serde(rename_all = "snake_case")]
pub enum Kind {
    /// Run for what it does.
    Statement,
    /// Yields something worth binding.
    Value,
    /// Has a body, or stands in one.
    Block,
}

/// An operand.
#[derive(Debug, Serialize, JsonSchema)]
pub struct ArgEntry {
    /// Its name.
    pub name: &'static str,
    /// What texts it takes.
    #[serde(rename = "type")]
    pub ty: &'static str,
    /// It cannot be left out.
    pub required: bool,
    /// What it is when it is left out.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub default: Option<&'static str>,
    /// It may be given any number of times.
    pub repeats: bool,
}

/// Something that is touched.
#[derive(Debug, Serialize, JsonSchema)]
pub struct Effect {
    /// What is done.
    pub kind: &'static str,
    /// To what: `$NAME` is the operand of that name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub on: Option<String>,
    /// The flag that denies it.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub denied_by: Option<&'static str>,
}

/// What a `requires` block must declare for it; `$NAME` is what the operand of that name says.
#[derive(Debug, Default, Serialize, JsonSchema)]
pub struct Requirements {
    /// Nothing but its operands matters.
    pub pure: bool,
    /// It depends on the machine or the moment, and nothing has to be declared for that.
    pub ambient: bool,
    /// Programs.
    pub bin: Vec<String>,
    /// Hosts.
    pub host: Vec<String>,
    /// It uses the network.
    pub net: bool,
    /// Roots for reading.
    pub read: Vec<String>,
    /// Roots for writing.
    pub write: Vec<String>,
    /// Variables.
    pub env: Vec<String>,
}

/// The catalogue. Which blocks there are is for the grammar to say.
#[must_use]
pub fn export(version: &str, has_block: impl Fn(&str) -> bool) -> Catalog {
    let available = |entry: &Entry| match entry.meaning {
        Meaning::Runs(_) => true,
        Meaning::NotYet => false,
        Meaning::Keyword => has_block(entry.name),
    };
    Catalog {
        schema: SCHEMA,
        version: version.to_owned(),
        vars: FACTS.iter().map(var).collect(),
        ops: catalogue().filter(|entry| !entry.internal).map(|entry| op(entry, available(entry))).collect(),
    }
}

/// The schema of [`Catalog`] as JSON.
#[must_use]
pub fn schema() -> schemars::Schema {
    schemars::generate::SchemaSettings::draft2020_12()
        .for_serialize()
        .into_generator()
        .into_root_schema_for::<Catalog>()
}

fn var(fact: &Fact) -> Var {
    Var {
        name: fact.name,
        ty: fact.ty.name(),
        category: "fact",
        description: fact.summary,
        example: format!("print \"${{{}}}\"", fact.name),
        available: fact.bound,
    }
}

fn op(entry: &'static Entry, available: bool) -> Op {
    let kind = match entry.meaning {
        Meaning::Keyword => Kind::Block,
        _ if entry.result.is_some() => Kind::Value,
        _ => Kind::Statement,
    };
    Op {
        name: entry.name,
        aliases: entry.aliases,
        kind,
        category: entry.group.name(),
        available,
        description: entry.summary,
        example: entry.example,
        signature: entry.usage(),
        args: entry.operands.iter().map(arg).collect(),
        returns: entry.result.map(crate::Type::name),
        predicate: entry.predicate,
        effects: entry.touches.iter().map(|touch| effect(entry, *touch)).collect(),
        error_kinds: entry.error_kinds().into_iter().map(crate::ErrorKind::name).collect(),
        requirements: requirements(entry),
    }
}

fn arg(operand: &Operand) -> ArgEntry {
    let default = if let Need::Default(text) = operand.need { Some(text) } else { None };
    let (required, repeats) = (operand.need.is_needed(), operand.need.repeats());
    ArgEntry { name: operand.name, ty: operand.ty.name(), required, default, repeats }
}

fn effect(entry: &Entry, touch: Touch) -> Effect {
    Effect { kind: touch.name(), on: touch.on().map(|on| named(entry, on)), denied_by: touch.denied_by() }
}

fn named(entry: &Entry, on: On) -> String {
    match on {
        On::Arg(at) => format!("${}", entry.operands.get(at).map_or("", |operand| operand.name)),
        On::Of(what) => what.to_owned(),
    }
}

fn requirements(entry: &Entry) -> Requirements {
    let mut needs = Requirements { pure: entry.touches.is_empty(), ..Requirements::default() };
    for touch in entry.touches {
        let what = touch.on().map(|on| named(entry, on)).unwrap_or_default();
        match touch {
            Touch::Look(_) | Touch::Read(_) => needs.read.push(what),
            Touch::Write(_) => needs.write.push(what),
            Touch::Start(_) | Touch::Shell(_) => needs.bin.push(what),
            Touch::ReadEnv(_) | Touch::WriteEnv(_) => needs.env.push(what),
            Touch::Net(on) => {
                needs.net = true;
                needs.host.extend(matches!(on, On::Arg(_)).then_some(what));
            }
            Touch::HostFact | Touch::Clock | Touch::Random => needs.ambient = true,
            Touch::Store | Touch::Stdout | Touch::Stderr | Touch::Flow => {}
        }
    }
    needs
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_an_op_needs_is_read_off_what_it_touches() {
        let catalog = export("1.2.3", |_| false);
        let of = |name: &str| catalog.ops.iter().find(|op| op.name == name).unwrap();
        assert_eq!(
            (of("cp").requirements.read.join(" "), of("cp").requirements.write.join(" ")),
            ("$src".into(), "$dst".into())
        );
        assert_eq!(of("download").requirements.host, ["$url"]);
        assert!(of("upper").requirements.pure && of("now").requirements.ambient);
        assert_eq!((of("if").kind, of("cp").kind, of("upper").kind), (Kind::Block, Kind::Statement, Kind::Value));
        assert!(of("cp").available && of("bundle_hash").available && !of("if").available);
        assert!(catalog.ops.iter().all(|op| !op.description.is_empty()));
    }
}
