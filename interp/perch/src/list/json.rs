//! What a file offers, for machines. The schema is in `schemas/`.

use perch_ir::{Absent, Arg, Command, Program as _, Snapshot};
use schemars::{JsonSchema, Schema, schema_for};
use serde::Serialize;

/// The name and version of the format.
pub const SCHEMA: &str = "perch.list/1";

/// What a file offers.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
#[schemars(title = "perch.list/1")]
pub struct Listing {
    /// `perch.list/1`
    schema: &'static str,
    /// The file.
    file: String,
    /// What it calls itself.
    name: Option<String>,
    /// Its version.
    version: Option<String>,
    /// What it says of itself.
    about: Option<String>,
    /// The commands that the command line may call, in the order of the file.
    commands: Vec<Offered>,
    /// Names of commands that have mistakes.
    broken: Vec<String>,
}

/// A command.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Offered {
    /// Its name.
    name: String,
    /// What it does.
    description: Option<String>,
    /// The file that declares it.
    file: String,
    /// The line in that file.
    line: u32,
    /// In the order of the file.
    args: Vec<Taken>,
}

/// An argument.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, JsonSchema)]
pub struct Taken {
    /// Its name, which is also its flag.
    name: String,
    /// `string`, `int`, `float` or `bool`.
    r#type: &'static str,
    /// What it is for.
    description: Option<String>,
    /// It must be given.
    required: bool,
    /// What it is when it is not given, if that is written down.
    default: Option<String>,
    /// Its place among the words without a flag.
    index: Option<u32>,
    /// It takes all further words.
    rest: bool,
}

/// The schema of [`Listing`].
#[must_use]
pub fn schema() -> Schema {
    schema_for!(Listing)
}

/// What the program offers.
pub(super) fn listing(program: &Snapshot) -> Listing {
    let info = program.info();
    Listing {
        schema: SCHEMA,
        file: program.file().to_owned(),
        name: info.name.clone(),
        version: info.version.clone(),
        about: info.about.clone(),
        commands: program.offered().into_iter().map(|command| offered(program, command)).collect(),
        broken: program.broken().map(str::to_owned).collect(),
    }
}

fn offered(program: &Snapshot, command: &Command) -> Offered {
    Offered {
        name: command.name.clone(),
        description: command.description.clone(),
        file: program.file_name(command.file).to_owned(),
        line: command.place.line,
        args: command.args.iter().map(taken).collect(),
    }
}

fn taken(arg: &Arg) -> Taken {
    let default = match &arg.absent {
        Absent::Default(text) => text.as_literal().map(str::to_owned),
        Absent::Required | Absent::Empty => None,
    };
    Taken {
        name: arg.name.clone(),
        r#type: arg.ty.name(),
        description: arg.description.clone(),
        required: arg.absent == Absent::Required,
        default,
        index: arg.index,
        rest: arg.rest,
    }
}
