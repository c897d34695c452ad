//! perch and its programs at a terminal.

use std::fs::File;
use std::io::{Read, Write};
use std::process::{Child, Stdio};
use std::sync::{Arc, Mutex};

use rustix::fs::{Mode, OFlags};
use rustix::process::Signal;
use rustix::pty::{OpenptFlags, grantpt, openpt, ptsname, unlockpt};
use rustix::termios::{LocalModes, tcgetattr};

use crate::rig::{Rig, eventually};

/// Says whether the group of the shell that runs it is in the foreground.
const WHERE: &str = "set -- $(cut -d' ' -f5,8 /proc/$$/stat); test $1 = $2 && echo front || echo back";

/// Reads a line from the terminal.
const ASK: (&str, &str) = ("ask", "echo ready; read line; echo \"got $line\"");

/// A shell that leads the session of a terminal of its own.
pub(crate) struct Terminal {
    keyboard: File,
    screen: Arc<Mutex<String>>,
    shell: Child,
}

impl Terminal {
    pub(crate) fn new(rig: &Rig, script: &str) -> Self {
        let master = openpt(OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC).unwrap();
        grantpt(&master).unwrap();
        unlockpt(&master).unwrap();
        let name = ptsname(&master, Vec::new()).unwrap();
        let slave = rustix::fs::open(name, OFlags::RDWR | OFlags::NOCTTY | OFlags::CLOEXEC, Mode::empty()).unwrap();
        let end = || Stdio::from(slave.try_clone().unwrap());
        let mut command = rig.command("setsid");
        command.args(["--ctty", "sh", "-c", script]).stdin(end()).stdout(end()).stderr(end());
        let shell = command.spawn().unwrap();
        drop(command);
        let keyboard = File::from(master);
        let screen = Arc::<Mutex<String>>::default();
        watch(keyboard.try_clone().unwrap(), Arc::clone(&screen));
        Self { keyboard, screen, shell }
    }

    pub(crate) fn shows(&self, text: &str) {
        eventually(&format!("{text:?} on the screen, which shows {:?}", self.screen()), || {
            self.screen().contains(text)
        });
    }

    pub(crate) fn screen(&self) -> String {
        self.screen.lock().unwrap().replace('\r', "")
    }

    pub(crate) fn types(&mut self, text: &str) {
        self.keyboard.write_all(text.as_bytes()).unwrap();
    }

    /// What is on the screen when the shell has ended.
    pub(crate) fn end(mut self) -> String {
        self.shell.wait().unwrap();
        eventually("everything is shown", || Arc::strong_count(&self.screen) == 1);
        self.screen()
    }
}

/// Keeps what appears on the screen until the terminal is gone.
fn watch(mut master: File, screen: Arc<Mutex<String>>) {
    std::thread::spawn(move || {
        let mut buffer = [0; 4096];
        while let Ok(length @ 1..) = master.read(&mut buffer) {
            screen.lock().unwrap().push_str(&String::from_utf8_lossy(&buffer[..length]));
        }
    });
}

#[test]
fn a_program_has_the_terminal_while_it_runs_and_we_have_it_again() {
    let place = format!("{WHERE}; read line; {WHERE}; echo \"got $line\"");
    let rig = Rig::new(&[("place", &place)]);
    let mut terminal = Terminal::new(&rig, &format!("$PERCH place; echo status $?; {WHERE}"));
    terminal.shows("front\n");
    terminal.types("hello\n");
    assert_eq!(terminal.end(), "front\nhello\nfront\ngot hello\nwent on\nstatus 0\nfront\n");
}

/// What is said of a file is as wide as the terminal, and has colours there.
#[test]
fn findings_are_as_wide_as_the_terminal() {
    let rig = Rig::new(&[]).file("command main\n  deps test\n  do\n    make\n  end\nend\n");
    let screen = Terminal::new(&rig, "stty cols 60; $PERCH --check; echo status $?").end();
    assert!(screen.contains("\u{1b}[") && screen.ends_with("status 1\n"), "{screen}");
    let prose: Vec<&str> = screen.split("help: ").nth(1).unwrap().lines().take(3).collect();
    assert!(prose[0].contains("what a command runs") && prose[1].contains("other commands"), "{screen}");
    assert!(prose.iter().all(|line| line.chars().count() <= 60), "{prose:?}");
}

/// Lists, help, what went wrong and reports break at blanks, and go on below their text.
#[test]
fn lines_fit_the_terminal() {
    let file = "command main\n  description \"Compile everything there is in here and pack it\"\n  do\n    \
                print \"one two three\"\n    read_file \"not there at all, as far as one can see\"\n  end\nend\n";
    let rig = Rig::new(&[]).file(file);
    let shown = |words: &str| Terminal::new(&rig, &format!("stty cols 40; $PERCH {words}; echo status $?")).end();
    assert_eq!(shown("--list"), "  main  Compile everything there is in\n        here and pack it\nstatus 0\n");
    for words in ["help read_file", "help fixtures", "--report main", "main", "nothing", "main --help"] {
        let screen = shown(words);
        let long = screen.lines().find(|line| line.chars().count() > 40 && line.trim().contains(' '));
        assert_eq!(long.filter(|line| !line.contains(rig.dir())), None, "{words}: {screen}");
    }
}

/// Nothing is run then, which whoever goes on behind `&&` can tell.
#[test]
fn who_chooses_nothing_is_told_so() {
    let rig = Rig::new(&[]).file("command main\n  do\n    print ran\n  end\nend\n");
    for typed in ["\x04", "\n"] {
        let mut terminal = Terminal::new(&rig, "$PERCH --choose; echo status $?");
        terminal.shows("run which? ");
        terminal.types(typed);
        let screen = terminal.end();
        assert!(screen.ends_with("run which? \n↪ nothing was chosen, and nothing is run\nstatus 2\n"), "{screen:?}");
    }
}

#[test]
fn so_has_one_whose_output_is_captured() {
    let rig = Rig::new(&[("ask", "read line; echo \"got $line\"")]);
    let mut terminal = Terminal::new(&rig, "$PERCH ask_captured");
    terminal.types("hello\n");
    assert!(terminal.end().ends_with("captured got hello\n"));
}

#[test]
fn ctrl_c_interrupts_the_run_with_the_program() {
    let rig = Rig::new(&[("nap", "sleep 1001 & echo ready; wait; sleep 1000")]);
    let mut terminal = Terminal::new(&rig, &format!("$PERCH nap; echo status $?; {WHERE}"));
    terminal.shows("ready");
    terminal.types("\x03");
    let screen = terminal.end();
    assert!(screen.contains("interrupted by SIGINT") && screen.ends_with("status 130\nfront\n"), "{screen}");
    assert!(!screen.contains("went on"), "{screen}");
    assert_eq!(rig.alive(), []);
}

/// The second Ctrl-C is for what the run does on its way out.
#[test]
fn a_second_ctrl_c_ends_the_run_at_once() {
    let file = "command work\n do\n try\n sh nap.sh\n finally\n sh tidy.sh\n print tidied\n end\n end\nend\n";
    // A shell may miss what comes while it starts a program, so they say that they are ready when nothing is left to start.
    let scripts = [("nap", "sleep 1000 & echo ready; wait"), ("tidy", "sleep 1001 & echo tidying; wait")];
    let rig = Rig::new(&scripts).file(file);
    let mut terminal = Terminal::new(&rig, &format!("$PERCH work; echo status $?; {WHERE}"));
    for ready in ["ready", "tidying"] {
        terminal.shows(ready);
        terminal.types("\x03");
    }
    let screen = terminal.end();
    assert!(screen.ends_with("status 130\nfront\n") && !screen.contains("tidied"), "{screen}");
    assert_eq!(rig.alive(), []);
}

#[test]
fn a_program_may_see_to_ctrl_c_itself() {
    let rig = Rig::new(&[("catches", "trap 'echo caught; exit 0' INT; echo ready; while :; do sleep 0.01; done")]);
    let mut terminal = Terminal::new(&rig, "$PERCH catches; echo status $?");
    terminal.shows("ready");
    terminal.types("\x03");
    assert!(terminal.end().ends_with("caught\nwent on\nstatus 0\n"));
}

/// An editor draws a screen of its own, reads single keys, and gives back what it has found.
#[test]
fn an_editor_has_the_screen_and_the_keys() {
    let editor = "exec </dev/tty; old=$(stty -g); printf '\\033[?1049h'; stty raw -echo; echo editing\r; key=; text=; \
                  until [ \"$key\" = q ]; do text=$text$key; key=$(dd bs=1 count=1 2>/dev/null); done; \
                  stty \"$old\"; printf '\\033[?1049l'; echo \"$text\" >edited";
    let rig = Rig::new(&[("editor", editor)]);
    let mut terminal =
        Terminal::new(&rig, &format!("$PERCH editor; echo status $?; {WHERE}; read line; echo \"line $line\""));
    terminal.shows("editing");
    // Ctrl-C is a key like others there.
    terminal.types("ab\x03cq");
    terminal.shows("status 0\nfront\n");
    terminal.types("after\n");
    let screen = terminal.end();
    assert!(screen.contains("\u{1b}[?1049h") && screen.ends_with("after\nline after\n"), "{screen}");
    assert_eq!(rig.text("edited"), "ab\x03c\n");
}

/// What takes long is named until it is over; a program has the terminal for itself.
#[test]
fn what_takes_long_is_named_on_a_terminal() {
    let file = "command main\n  do\n    sleep 1500ms\n    print over\n    sh -c \"sleep 1.3\"\n  end\nend\n";
    let rig = Rig::new(&[]).file(file);
    let seen = |words: &str| Terminal::new(&rig, &format!("TERM=xterm $PERCH {words}; echo status $?")).end();
    let screen = seen("main");
    assert!(screen.starts_with("\u{1b}[K… sleep 1500ms (1s)"), "{screen}");
    assert!(screen.ends_with("\u{1b}[Kover\nstatus 0\n") && !screen.contains("… sh"), "{screen}");
    assert_eq!(seen("-q main"), "over\nstatus 0\n");
    assert_eq!(seen("main 2>/dev/null"), "over\nstatus 0\n");
}

/// A prompt for a password: on the terminal whatever input and output are, and what is typed is not shown.
#[test]
fn a_password_is_asked_for_on_the_terminal_and_not_shown() {
    let prompt = "exec 3<>/dev/tty; stty -echo <&3; printf 'password: ' >&3; read word <&3; stty echo <&3; echo >&3; \
                  echo \"$word\" >given; echo granted";
    let rig = Rig::new(&[("prompt", prompt)]);
    for command in ["prompt", "prompt_captured"] {
        let mut terminal = Terminal::new(&rig, &format!("$PERCH {command} </dev/null; echo status $?"));
        terminal.shows("password: ");
        terminal.types("hunter2\n");
        let screen = terminal.end();
        assert!(screen.contains("granted\n") && screen.ends_with("status 0\n"), "{screen}");
        assert!(!screen.contains("hunter2"), "{screen}");
        assert_eq!(rig.text("given"), "hunter2\n");
    }
}

/// Ctrl-C at such a prompt ends the run, and what is typed is shown again.
#[test]
fn ctrl_c_at_a_password_leaves_a_terminal_that_shows_what_is_typed() {
    let prompt = "stty -echo; printf 'password: '; read word";
    let rig = Rig::new(&[("prompt", prompt)]);
    let mut terminal = Terminal::new(&rig, "$PERCH prompt; echo status $?; read line");
    terminal.shows("password: ");
    terminal.types("\x03");
    terminal.shows("status 130");
    terminal.types("seen\n");
    assert!(terminal.end().ends_with("seen\n"));
}

/// Programs that run at the same time have no keyboard, and none of them the terminal: what is typed is for the run.
#[test]
fn ctrl_c_interrupts_all_that_runs_at_once() {
    let one = format!("cat; {WHERE}; touch one; sleep 1000");
    let two = "touch two; trap '' INT; sleep 1001; sleep 1002";
    let rig = Rig::new(&[("one", &one), ("two", two)])
        .file("command both\n do\n parallel\n sh one.sh\n sh two.sh\n end\n end\nend\n");
    let mut terminal = Terminal::new(&rig, "trap : INT; $PERCH both; echo status $?");
    eventually("both run", || rig.has("one") && rig.has("two"));
    terminal.shows("back\n");
    terminal.types("\x03");
    let screen = terminal.end();
    assert!(screen.ends_with("status 130\n"), "{screen}");
    assert_eq!(rig.alive(), []);
}

/// To a shell with job control, a run is one job.
#[test]
fn ctrl_z_stops_the_run_with_the_program_until_it_is_continued() {
    let rig = Rig::new(&[ASK]);
    let script = format!("set -m; $PERCH ask; echo status $?; {WHERE}; fg; echo status $?; {WHERE}");
    let mut terminal = Terminal::new(&rig, &script);
    terminal.shows("ready");
    terminal.types("\x1a");
    terminal.shows("status 148\nfront\n");
    terminal.types("hello\n");
    let screen = terminal.end();
    assert!(screen.ends_with("got hello\nwent on\nstatus 0\nfront\n"), "{screen}");
}

/// A run in the background is stopped when its program wants the terminal, as the program would be alone.
#[test]
fn a_run_in_the_background_waits_until_it_is_called() {
    let rig = Rig::new(&[("ask", "touch ready; read line; echo \"got $line\"")]);
    let script = "set -m; $PERCH ask & until test -e ready; do sleep 0.01; done; read line; echo \"mine $line\"; fg";
    let mut terminal = Terminal::new(&rig, script);
    eventually("the program runs", || rig.has("ready"));
    terminal.types("first\n");
    terminal.shows("mine first");
    terminal.types("second\n");
    assert!(terminal.end().ends_with("got second\nwent on\n"));
}

/// The neighbour in the pipeline of the shell keeps the terminal until the program asks for it.
#[test]
fn a_program_in_a_pipeline_gets_the_terminal_when_it_asks() {
    let rig = Rig::new(&[("ask", &format!("{WHERE}; {}", ASK.1))]);
    let mut terminal = Terminal::new(&rig, "$PERCH ask | cat");
    terminal.shows("ready");
    terminal.types("hello\n");
    assert_eq!(terminal.end(), "back\nready\nhello\ngot hello\nwent on\n");
}

#[test]
fn a_program_may_ask_at_the_terminal_though_its_input_is_something_else() {
    let rig = Rig::new(&[("ask", "echo ready; read line </dev/tty; echo \"got $line\"")]);
    let mut terminal = Terminal::new(&rig, &format!("$PERCH ask </dev/null; {WHERE}"));
    terminal.shows("ready");
    terminal.types("hello\n");
    assert!(terminal.end().ends_with("got hello\nwent on\nfront\n"));
}

#[test]
fn a_terminal_that_a_killed_program_has_left_in_a_mess_is_tidied() {
    let rig = Rig::new(&[("mess", "stty -echo -icanon; touch messy; kill -9 $$")]);
    let mut terminal = Terminal::new(&rig, "$PERCH mess; echo status $?; read line");
    terminal.shows("status 137");
    let modes = tcgetattr(&terminal.keyboard).unwrap().local_modes;
    assert!(rig.has("messy") && modes.contains(LocalModes::ECHO | LocalModes::ICANON));
    terminal.types("\n");
    terminal.end();
}

#[test]
fn the_terminal_is_ours_again_when_a_program_was_stopped() {
    let rig = Rig::new(&[("deaf", "trap '' TERM; echo ready; sleep 1000; sleep 1001")]);
    let terminal = Terminal::new(&rig, &format!("$PERCH deaf; echo status $?; {WHERE}"));
    terminal.shows("ready");
    rig.signal_perch(Signal::TERM);
    let screen = terminal.end();
    assert!(screen.ends_with("status 143\nfront\n"), "{screen}");
    assert_eq!(rig.alive(), []);
}

#[test]
fn the_terminal_is_ours_again_when_a_program_could_not_be_started() {
    let rig = Rig::new(&[]);
    let file = "command broken\n  do\n    ./broken\n  end\nend\n";
    let script = format!(
        "printf '{file}' >commands.perch; echo '#!/no/such' >broken; chmod +x broken; $PERCH broken; echo status $?; {WHERE}"
    );
    assert!(Terminal::new(&rig, &script).end().ends_with("status 1\nfront\n"));
}
