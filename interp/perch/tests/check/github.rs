//! What a job on GitHub reads.

use crate::rig::{BROKEN, Rig};

#[test]
fn every_finding_is_one_command_with_its_texts_escaped() {
    let rig = Rig::new(&[("a,b.perch", BROKEN)]);
    let said = rig.perch(&["--check", "--format", "github", "a,b.perch"]);
    let lines: Vec<&str> = said.stdout.lines().collect();
    assert_eq!(
        lines,
        [
            "::error file=a%2Cb.perch,line=4,endLine=4,col=15,endColumn=18,title=bad-interpolation::there is no name in this `${}`%0Ahelp: write `${name}`, or `\\${` for the two characters themselves",
            "::error file=a%2Cb.perch,line=8,endLine=8,col=1,endColumn=13,title=duplicate-command::the file already has a command `main`%0Aa,b.perch:1: the first one%0Ahelp: rename one of them, or remove it",
        ]
    );
    assert!(said.stderr.ends_with("✗ a,b.perch: 2 errors, 0 warnings\n"), "{}", said.stderr);
}
