//! Guards: what the compiler cannot hold up, held up by tests that read the workspace.

mod catalogue;
mod claims;
mod corpus;
mod dependencies;
mod diagnostics;
mod documents;
mod examples;
mod explained;
mod one_of_each;
mod reference;
mod repository;
mod schemas;
