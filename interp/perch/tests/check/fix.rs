//! `--fix`.

use std::fs;
use std::os::unix::fs::{PermissionsExt as _, symlink};

use crate::rig::{CLEAN, Rig};

/// Every safe fix, and two on one line.
const MESSY: &str = "globals
  level = 3
  where = \"here\"
end

command main \"Do it\"
  arg mode
    type string
    default fast
    optional
  end
  arg other
    type string
    required
  end
  do
    port=8080
    name =\"Ada\"
    if port==8080
      run helper
    else if mode == slow
      print \"${name} ${level} ${where} ${other}\"  # perch: allow(unused-binding, not-mounted)
    end
  end
  private
end

command helper
  description \"Help\"
  do
    print a
  end
end
";

const TIDY: &str = "level = 3
where = \"here\"


command main
  description \"Do it\"
  arg mode
    type string
    default fast
  end
  arg other
    type string
  end
  private
  do
    port = 8080
    name = \"Ada\"
    if port == 8080
      helper
    elif mode == slow
      print \"${name} ${level} ${where} ${other}\"
    end
  end
end

command helper
  description \"Help\"
  do
    print a
  end
end
";

fn read(rig: &Rig, name: &str) -> String {
    fs::read_to_string(rig.0.path().join(name)).unwrap()
}

#[test]
fn what_is_safe_is_mended_and_told_and_done_once() {
    let rig = Rig::new(&[("a.perch", MESSY)]);
    let said = rig.perch(&["--check", "--fix", "a.perch"]);
    assert_eq!(read(&rig, "a.perch"), TIDY, "{}", said.stderr);
    assert_eq!(said.status, 0, "{}", said.stderr);
    assert!(said.stderr.starts_with("mended a.perch:1: remove the block, and keep its lines (removed-form)\n"));
    assert!(said.stderr.contains("mended a.perch:18: put blanks around the `=` (syntax-error)\n"), "{}", said.stderr);
    let again = rig.perch(&["--check", "--fix", "a.perch"]);
    assert!(!again.stderr.contains("mended"), "{}", again.stderr);
    assert_eq!(read(&rig, "a.perch"), TIDY);
}

#[test]
fn fixes_that_touch_each_other_are_made_in_turn() {
    let line = "print a  # perch: allow(unused-binding, named-operand, glued-joint)";
    let rig = Rig::new(&[("a.perch", &CLEAN.replace("print \"${v}\"", &format!("print \"${{v}}\"\n    {line}")))]);
    let said = rig.perch(&["--check", "--fix", "a.perch"]);
    assert_eq!(read(&rig, "a.perch"), CLEAN.replace("print \"${v}\"", "print \"${v}\"\n    print a"));
    assert_eq!(said.stderr.matches("mended a.perch:7").count(), 3, "{}", said.stderr);
}

#[test]
fn what_somebody_should_look_at_is_left() {
    let text = CLEAN.replace("${v}", "${V} $v").replace("v = 1", "v = 1\nw = 2");
    let rig = Rig::new(&[("a.perch", &text)]);
    let said = rig.perch(&["--check", "--fix", "a.perch"]);
    assert_eq!(read(&rig, "a.perch"), text);
    assert!(said.stderr.contains("unused-binding"), "{}", said.stderr);
}

#[test]
fn without_fix_nothing_is_written() {
    let rig = Rig::new(&[("a.perch", MESSY)]);
    assert_eq!(rig.status(&["a.perch"]), 1);
    assert_eq!(read(&rig, "a.perch"), MESSY);
}

#[test]
fn permissions_and_links_stay_and_nothing_is_left_beside_the_file() {
    let rig = Rig::new(&[("real/a.perch", MESSY)]);
    let dir = rig.0.path();
    fs::set_permissions(dir.join("real/a.perch"), fs::Permissions::from_mode(0o750)).unwrap();
    symlink("real/a.perch", dir.join("link.perch")).unwrap();
    assert_eq!(rig.status(&["--fix", "link.perch"]), 0);
    assert_eq!(read(&rig, "real/a.perch"), TIDY);
    assert_eq!(fs::metadata(dir.join("real/a.perch")).unwrap().permissions().mode() & 0o777, 0o750);
    assert!(fs::symlink_metadata(dir.join("link.perch")).unwrap().is_symlink());
    assert_eq!(fs::read_dir(dir.join("real")).unwrap().count(), 1);
}

#[test]
fn what_is_imported_is_not_touched() {
    let lib = "command helper\n  description \"Help\"\n  do\n    v=1\n    print \"${v}\"\n  end\nend\n";
    let main = "import ./lib.perch as lib\n\ncommand main\n  description \"Say\"\n  do\n    lib.helper\n  end\nend\n";
    let rig = Rig::new(&[("lib.perch", lib), ("main.perch", main)]);
    assert_eq!(rig.status(&["--fix", "main.perch"]), 1);
    assert_eq!((read(&rig, "lib.perch"), read(&rig, "main.perch")), (lib.to_owned(), main.to_owned()));
    rig.perch(&["--check", "--fix", "main.perch", "lib.perch"]);
    assert_eq!(read(&rig, "lib.perch"), lib.replace("v=1", "v = 1"));
}

#[test]
fn line_ends_of_windows_stay() {
    let rig = Rig::new(&[("a.perch", &MESSY.replace('\n', "\r\n"))]);
    rig.perch(&["--check", "--fix", "a.perch"]);
    let mended = read(&rig, "a.perch").replace("\r\n", "\r");
    assert!(!mended.contains('\n'), "{mended:?}");
    assert_eq!(mended.replace('\r', "\n"), TIDY);
}

#[test]
fn what_was_mended_is_in_the_report_for_machines() {
    let rig = Rig::new(&[("a.perch", &CLEAN.replace("v = 1", "v=1"))]);
    let report: serde_json::Value = serde_json::from_str(&rig.checked(&["--fix", "--json", "a.perch"])).unwrap();
    assert_eq!(report["mended"][0]["code"], "glued-assignment");
    assert_eq!((&report["mended"][0]["line"], &report["exit_code"]), (&1.into(), &0.into()));
}

#[test]
fn what_could_be_meant_otherwise_is_not_mended_unseen() {
    for line in ["v == 1", "v==1", "v === 1", "v =~ y", "v =>y", "v += 1", "v=out/v", "v=fast", "v=$w"] {
        let text = CLEAN.replace("v = 1", line);
        let rig = Rig::new(&[("a.perch", &text)]);
        rig.perch(&["--check", "--fix", "a.perch"]);
        assert_eq!(read(&rig, "a.perch"), text);
    }
}

#[test]
fn fix_belongs_to_a_check() {
    let said = Rig::new(&[]).perch(&["--fix", "main"]);
    assert_eq!(said.status, 2);
    assert!(said.stderr.contains("`--fix` mends what a check finds"), "{}", said.stderr);
}
