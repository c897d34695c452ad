//! The op catalogue: one table that everything else is derived from.
//!
//! * [`catalogue`]: every op, an [`Entry`] each: operands with types, effects, kinds of errors, documentation, and what
//!   it means to this version: mostly a [`Body`].
//! * [`contract`]: what a [`Primitive`] does, as data: whom it asks, ordered guards over facts of the
//!   host, what it changes, what it yields. The symbolic domain interprets contracts; the concrete
//!   domain makes system calls and never looks at them. Tests compare the two.
//! * [`FACTS`]: the names that every program may use without binding them.
//! * [`export`]: both for machines.
//! * [`pure`]: ops that are functions of their operands, written once for every domain; [`duration`] and [`version`]: what texts
//!   are there; [`search`]: which entries of directories are wanted.
//!
//! An op is a primitive, a pure function, a change of control, or a short perch program over those,
//! which the one evaluator runs in every domain.

mod catalogue;
pub mod contract;
pub mod duration;
pub mod export;
pub mod given;
mod kind;
pub mod pure;
pub mod search;
pub mod version;

pub use catalogue::{
    Answer, Body, Category, Control, Entry, Errand, FACTS, Fact, Group, INNER_FACTS, IS_INSTALLED, Instead, MANAGERS,
    Manager, Meaning, Need, On, OpId, Operand, Sent, Subject, Target, Touch, Type, called_here, catalogue, counts,
    enter_directory, fact_named, find, is_common_program, kin, lookup, machine, manages, op_of, operand, program_start,
    require_program, require_variable, sent, wait,
};
pub use contract::{Contract, Primitive};
pub use kind::ErrorKind;
pub use pure::Pure;
