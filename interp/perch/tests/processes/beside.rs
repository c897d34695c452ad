//! Programs that nobody waits for, and programs that run for others.

use std::process::Stdio;
use std::time::Duration;

use rustix::process::{Pid, Signal, kill_process};

use crate::rig::{Rig, eventually, machine_is_busy};

const FILE: &str = "
command starts
  do
    shell_detached \"touch ready; exec sleep 1004\"
    shell_detached \"trap '' TERM; (setsid sleep 1005 &); touch deaf; while :; do sleep 1; done\"
    until_there
    print started
  end
end

command waits
  do
    shell_detached \"touch ready; exec sleep 1006\"
    sleep 1000
  end
end

command leaves
  detached
  do
    shell_detached \"touch ready; exec sleep 1007\"
    until_there
  end
end

command until_there
  private
  do
    retry 200 delay=10ms
      assert_exists ready
    end
  end
end

command finds
  do
    shell_detached \"touch ready; exec sleep 1008\"
    until_there
    if process_running \"sleep 1008\"
      print runs
    end
    kill_by_name \"sleep 1008\"
    retry 200 delay=10ms
      still = process_running \"sleep 1008\"
      assert_eq \"${still}\" false
    end
    kill_by_name \"sleep 1008\"
    if process_running \"\" or process_running \"sleep.1008\"
      print never
    end
    print over
  end
end
";

fn printed(rig: &Rig, command: &str) -> String {
    let output = rig.command(env!("CARGO_BIN_EXE_perch")).arg(command).stdin(Stdio::null()).output().unwrap();
    assert!(output.status.success(), "{output:?}");
    String::from_utf8(output.stdout).unwrap()
}

/// O-015
#[test]
fn what_nobody_waits_for_is_stopped_when_the_command_ends() {
    let rig = Rig::new(&[]).file(FILE);
    assert_eq!(printed(&rig, "starts"), "started\n");
    assert_eq!(rig.alive(), []);
}

#[test]
fn a_signal_stops_it_too() {
    for signals in [&[Signal::TERM][..], &[Signal::INT, Signal::INT][..]] {
        let rig = Rig::new(&[]).file(FILE);
        let mut perch = rig.command(env!("CARGO_BIN_EXE_perch"));
        let mut child = perch.arg("waits").stdin(Stdio::null()).stderr(Stdio::null()).spawn().unwrap();
        eventually("it runs", || rig.has("ready"));
        for signal in signals {
            kill_process(Pid::from_child(&child), *signal).unwrap();
        }
        child.wait().unwrap();
        assert_eq!(rig.alive(), []);
    }
}

#[test]
fn what_a_detached_command_starts_lives_on() {
    let rig = Rig::new(&[]).file(FILE);
    printed(&rig, "leaves");
    let left = rig.alive();
    assert!(matches!(left.as_slice(), [(_, words)] if words.contains("sleep 1007")), "{left:?}");
    left.iter().for_each(|(id, _)| kill_process(*id, Signal::KILL).unwrap());
    eventually("it ends", || rig.alive().is_empty());
}

/// O-024
#[test]
fn programs_are_found_by_what_their_command_lines_hold_and_asked_to_end() {
    let rig = Rig::new(&[]).file(FILE);
    assert_eq!(printed(&rig, "finds"), "runs\nover\n");
}

#[test]
fn perch_does_not_find_itself_or_who_has_started_it() {
    let rig =
        Rig::new(&[]).file("command look\n  do\n    kill_by_name \"a-word-of-our-own\"\n    print fine\n  end\nend\n");
    let script = "\"$PERCH\" look; echo a-word-of-our-own";
    let output = rig.command("sh").args(["-c", script]).output().unwrap();
    assert_eq!(String::from_utf8_lossy(&output.stdout), "fine\na-word-of-our-own\n", "{output:?}");
}

#[test]
fn a_line_for_the_shell_ends_with_its_deadline() {
    let file = "command late\n  do\n    timeout 50ms\n      shell \"touch ready; sleep 1009 | sleep 1010\"\n    end\n  end\nend\n";
    let rig = Rig::new(&[]).file(file);
    let begin = std::time::Instant::now();
    let output = rig.command(env!("CARGO_BIN_EXE_perch")).arg("late").stdin(Stdio::null()).output().unwrap();
    assert!(String::from_utf8_lossy(&output.stderr).contains("timeout_exceeded"), "{output:?}");
    assert!(begin.elapsed() < Duration::from_secs(2) || machine_is_busy());
    assert_eq!(rig.alive(), []);
}
