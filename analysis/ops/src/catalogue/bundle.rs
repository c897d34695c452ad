//! Files that a program carries along.
//!
//! Which these are the lines of `bundle` say, and the evaluator knows them by their paths from the directory of the main file
//! (`bundle_list`). Nothing is packed when a program is run from source: the files are read where they stand.

use super::operand::{Type, path};
use super::system::says;
use super::touch::On::{Arg, Of};
use super::touch::Touch::{HostFact, Read, Write};
use super::{Body, Entry, Group, Meaning};
use crate::ErrorKind::{FileAlreadyExists, FileNotFound, InvalidArgument, IsADirectory, NotADirectory, ParseFailed};
use crate::contract::Ask;

const VALUE: Entry = Entry::value(Group::Bundle);

/// All files that are carried along, each once and in order, called as they are in the bundle.
///
/// What a line names may be a link, and then what it leads to is meant. Beneath a directory there are none: copied to another place it
/// would lead to something else.
pub(super) const FILES: &str = r#"roots = "${bundle_list}"
if roots == ""
nothing_bundled "nothing is bundled: no file of the program has an `include` in a `bundle`"
end
all = ""
for_each roots root
at = "${bundle_dir}/${root}"
k = peek at
if k == directory
found = list at files ""
for_each found name
one = "${at}/${name}"
check_no_link one
end
found = pattern_paths root beneath found
else
check_file at
found = "${root}"
end
if found != ""
all = "${all}${found}\n"
end
end
all = sort_lines all
result = uniq_lines all
"#;

/// What the sum is taken of: the sum of each file, whether it can be started, and how it is called. Neither times nor other permissions
/// matter, for they differ from copy to copy.
const HASH: &str = r#"files = bundled_files
text = ""
for_each files name
at = "${bundle_dir}/${name}"
sum = measure at "sha256"
mark = measure at "executable"
text = "${text}${sum} ${mark} ${name}\n"
end
result = sha256 text
"#;

/// Nothing is written where all is there already. What is copied goes to no place but beneath the directory: links in it are not gone
/// through.
const EXTRACT: &str = r#"result = path_from "${cwd}" dst
files = bundled_files
roots = "${bundle_list}"
for_each roots root
at = path_from "${bundle_dir}" root
inside = lies_within result at
if inside == true
bad_place "`${result}` lies in `${at}`, which is bundled"
end
end
same = true
for_each files name
at = "${bundle_dir}/${name}"
to = "${result}/${name}"
k = peek to
if k == file
sum = measure at "sha256"
mark = measure at "executable"
other = measure to "sha256"
other_mark = measure to "executable"
if "${sum} ${mark}" != "${other} ${other_mark}"
same = false
end
else
same = false
end
end
mkdir result
if same == false
for_each roots root
at = "${bundle_dir}/${root}"
to = "${result}"
if root != "."
parts = split root "/"
for_each parts part
to = "${to}/${part}"
check_no_link to
end
end
k = peek at
if k == directory
copy_dir at to
else
up = dir_name to
mkdir up
copy_file at to
end
end
end
"#;

pub(super) static OPS: &[Entry] = &[
    Entry {
        name: "bundle_dir",
        result: Some(Type::Path),
        touches: &[HostFact],
        summary: "Directory with the bundled files; from source, the directory of the file.",
        example: "d = bundle_dir",
        meaning: says("result = \"${bundle_dir}\"\n"),
        ..VALUE
    },
    Entry {
        name: "bundle_extract",
        operands: &[path("dst")],
        result: Some(Type::Path),
        touches: &[Read(Of("the bundled files")), Write(Arg(0)), HostFact],
        kinds: &[FileNotFound, IsADirectory, NotADirectory, FileAlreadyExists, InvalidArgument, ParseFailed],
        summary: "Put the bundled files into a directory, and give its path; nothing is written if they are there.",
        example: "d = bundle_extract out",
        meaning: Meaning::Runs(Body::Program(EXTRACT, &[Ask::HostFact, Ask::Write(0)])),
        ..VALUE
    },
    Entry {
        name: "bundle_hash",
        result: Some(Type::Text),
        touches: &[Read(Of("the bundled files")), HostFact],
        kinds: &[FileNotFound, IsADirectory, NotADirectory, InvalidArgument, ParseFailed],
        summary: "SHA-256 of the bundled files, their names, and which can be started.",
        example: "h = bundle_hash",
        meaning: Meaning::Runs(Body::Program(HASH, &[Ask::HostFact])),
        ..VALUE
    },
];
