//! What belongs together in the reference.

macro_rules! groups {
    ($($variant:ident = $name:literal: $about:literal,)*) => {
        /// A group of ops.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
        pub enum Group { $(#[doc = $about] $variant,)* }

        impl Group {
            /// All groups of the reference, in the order of their names.
            pub const ALL: &'static [Self] = &[$(Self::$variant,)*];

            /// Its name.
            #[must_use]
            pub fn name(self) -> &'static str {
                match self { $(Self::$variant => $name,)* }
            }

            /// What is in it, in a few words.
            #[must_use]
            pub fn about(self) -> &'static str {
                match self { $(Self::$variant => $about,)* }
            }
        }
    };
}

groups! {
    Archive = "archive": "packing and unpacking",
    Assert = "assert": "stop unless something holds",
    Bundle = "bundle": "files carried inside a built program",
    Context = "context": "blocks that change the surroundings of their body",
    Encoding = "encoding": "text encodings",
    Env = "env": "environment variables",
    Flow = "flow": "conditions, loops, failures",
    Fs = "fs": "files and directories",
    Hash = "hash": "checksums",
    Http = "http": "web requests",
    Internal = "internal": "parts of other ops",
    Json = "json": "JSON and tables",
    Line = "line": "texts by lines; the text is the last operand",
    Net = "net": "names, ports, addresses",
    Path = "path": "path texts; no file is touched",
    Pkg = "pkg": "the package manager of the machine",
    Process = "process": "output, programs, the end of the run",
    Regex = "regex": "patterns; the pattern is the first operand",
    String = "string": "texts",
    System = "system": "facts of the machine",
    Time = "time": "points in time",
    Version = "version": "version numbers",
    Wasm = "wasm": "WebAssembly modules",
}
