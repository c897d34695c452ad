//! From the text of a file to the trees of its items.
//!
//! Two steps, so that a broken command never hides the others and an edit inside one command concerns
//! that command alone:
//!
//! 1. [`cut`] reads the file line by line. It knows quotes, comments and which words open and close
//!    blocks, and nothing else, and cuts the text into top-level [`Item`]s.
//! 2. [`parse`] gives the text of one item to tree-sitter and turns the outcome into a [`tree`]; [`rows`] says how it is
//!    laid out.
//!
//! What is wrong is returned as [`Diagnostic`]s. Whether a word is an op, how many operands it takes,
//! what a setting means: all that is not syntax, and not here.

mod code;
mod cut;
mod diagnostic;
mod fix;
mod habits;
mod keyword;
mod name;
mod one_line;
mod parse;
mod position;
mod remark;
mod rows;
mod scan;
mod suggest;
pub mod tree;
mod unavailable;
mod visible;
mod word;

pub use code::Code;
pub use cut::{Cut, Item, ItemKind, MAX_NESTING, cut};
pub use diagnostic::{Diagnostic, Label, Severity, Span};
pub use fix::{Applicability, Edit, Fix, removal};
pub use habits::{BINDERS, habit, similar_name};
pub use keyword::{ARG_SETTINGS, FILE_SETTINGS, Reserved, VERBS, reserved};
pub use name::{glued_name, is_command_name, is_dotted_name, is_name};
pub use one_line::one_line;
pub use parse::parse;
pub use position::Lines;
pub use remark::{Allowed, Remark, remarks};
pub use rows::{Edge, Row, rows};
pub use suggest::nearest;
pub use unavailable::{not_available, removed};
pub use visible::visible;
