//! Who answers the requests of a page: a server that answers what the fixture says is answered, and 404 to everything else.

/// What stands for its port in a page.
pub const PORT: &str = "@port";

/// The port in pages that nobody runs.
pub const NO_PORT: u16 = 8080;
