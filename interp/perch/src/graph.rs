//! `perch --graph [COMMAND]`: who calls whom.

use perch_ir::graph::graph;

use crate::cli::GraphFormat;
use crate::report::Trouble;
use crate::{call, list, load};

/// Shows who calls whom: of the whole program, or of what one command can get to.
pub(crate) fn show(file: &str, command: Option<&str>, format: GraphFormat) -> Result<u8, Trouble> {
    let loaded = load::read(file)?;
    if let Some(name) = command.filter(|name| loaded.program.broken().any(|broken| broken == *name)) {
        loaded.ready(name)?;
    }
    let Some(graph) = graph(&loaded.program, command) else {
        return Err(call::unknown(&loaded.program, command.unwrap_or_default(), &[]));
    };
    list::print(&match format {
        GraphFormat::Text => graph.text(),
        GraphFormat::Dot => graph.dot(),
        GraphFormat::Json => serde_json::to_string_pretty(&graph)
            .map(|json| json + "\n")
            .map_err(|error| Trouble::usage(format!("perch has a bug: the graph is not JSON: {error}")))?,
    })
}
