//! The primitives: clean, ask, check, act.

use std::sync::Arc;
use std::time::Duration;

use perch_archive::Limits;
use perch_engine::domain::Stage;
use perch_engine::flows::hidden;
use perch_engine::{Context, Frame};
use perch_ops::contract::LOOKS_THROUGH;
use perch_ops::duration::nanoseconds;
use perch_ops::given::Given;
use perch_ops::search::Search;
use perch_ops::{ErrorKind, Primitive, Type};
use perch_policy::{Effect, Known, Permit, path};
use perch_system::{End, Finished, Kind, Last, Measure, Mode, Place, Program, Running, Start, Stdout, Until, Wanted};

use crate::ask::{Halt, Want, clean};
use crate::failure::{Failure, LINE, PROGRAM};
use crate::network::{self, Received, web_address};
use crate::{Concrete, Text, op_name, truth};

/// Before the number of the signal in the message about a killed program.
pub(crate) const KILLED_BY: &str = " was killed by signal ";

/// The signal to who writes to somebody that reads no more.
const PIPE_CLOSED: i32 = 13;

/// A line for the shell is shown up to here.
const MAX_SHOWN: usize = 80;

/// What a primitive yields, or its failure.
pub(crate) type Done = Result<Text, Failure>;

/// A primitive that is to be performed.
pub(crate) struct Job<'j> {
    pub(crate) op: &'static str,
    operands: &'j [Text],
    cwd: &'j str,
    frame: &'j Frame<Text>,
    captured: bool,
    pub(crate) until: Until,
}

impl Job<'_> {
    pub(crate) fn path(&self, at: usize) -> Result<String, Failure> {
        clean(self.operands, at, self.cwd)
    }

    pub(crate) fn text(&self, at: usize) -> &str {
        self.operands.get(at).map_or("", |operand| operand)
    }
}

impl Concrete<'_> {
    pub(crate) fn act(&mut self, cx: &Context, primitive: Primitive, operands: &[Text], frame: &Frame<Text>) -> Done {
        self.bounds = cx.bounds.clone();
        let until = self.until();
        let job = &Job { op: op_name(cx), operands, cwd: &frame.cwd, frame, captured: cx.captured, until };
        match primitive {
            Primitive::KindOf => self.kind_of(job),
            Primitive::Peek => Ok(kind_name(self.go_unasked(&job.path(0)?).ok().as_ref())),
            Primitive::CheckFile => self.check_file(job),
            Primitive::CheckNoLink => self.check_no_link(job),
            Primitive::Read => self.read(job),
            Primitive::List => self.list(job),
            Primitive::Write => self.write(job),
            Primitive::Append => self.append(job),
            Primitive::MakeDirs => self.make_dirs(job),
            Primitive::Remove => self.remove(job),
            Primitive::CopyFile => self.copy_file(job),
            Primitive::Move => self.rename(job),
            Primitive::CopyTree => self.copy_tree(job),
            Primitive::Compress => self.convert(job, "compress", &|from, to| perch_archive::gzip(from, to)),
            Primitive::Decompress => {
                self.convert(job, "decompress", &|from, to| perch_archive::ungzip(from, to, &Limits::default()))
            }
            Primitive::PackTree => self.pack_tree(job),
            Primitive::UnpackTree => self.unpack_tree(job),
            Primitive::MakeLink => self.make_link(job),
            Primitive::ReadLink => self.read_link(job),
            Primitive::SetMode => self.set_mode(job),
            Primitive::SetTime => self.set_time(job),
            Primitive::ReadTime => self.read_time(job),
            Primitive::EnterDir => self.enter_dir(job),
            Primitive::FindBin => self.find_bin(job),
            Primitive::RequireBin => self.require_bin(job),
            Primitive::RequireEnv => self.require_env(job),
            Primitive::Spawn => self.spawn(job),
            Primitive::Shell => {
                self.shell(job, 0, job.cwd, job.captured).and_then(|(line, end)| ended(LINE, &line, end))
            }
            Primitive::ShellOutput => self.shell(job, 0, job.cwd, true).and_then(|(line, end)| ended(LINE, &line, end)),
            Primitive::ShellIn => self.shell_in(job),
            Primitive::ShellStatus => self.shell(job, 0, job.cwd, true).map(|(_, end)| status_of(end.end)),
            Primitive::ShellDetached => self.shell_detached(job),
            Primitive::ProcessRunning => self.found_running(job).map(|found| truth(!found.is_empty())),
            Primitive::KillByName => self.kill_by_name(job),
            Primitive::WhichBin => self.which_bin(job),
            Primitive::GetEnv => Ok(self.variable_of(job)?.unwrap_or_else(|| "".into())),
            Primitive::HasEnv => Ok(truth(self.variable_of(job)?.is_some())),
            Primitive::NeedEnv => self.variable_of(job)?.ok_or_else(|| {
                Failure::new(ErrorKind::UnresolvedVar, format!("variable `{}` is not set", job.text(0)))
            }),
            Primitive::SetEnv | Primitive::UnsetEnv => self.may_set(job),
            Primitive::Sleep => self.sleep(job),
            Primitive::Measure => self.measure(job),
            // What is started for it does it.
            Primitive::ChangePackages => Ok(Arc::default()),
            Primitive::Clock => Ok(perch_system::now().into()),
            Primitive::Print => self.print(job),
            Primitive::PrintError => self.print_error(job),
            Primitive::Request => self.request(job.op, [0, 1, 2].map(|at| job.text(at)), job.until),
            Primitive::RequestStatus => self.status_of(job.op, job.text(0), job.until),
            Primitive::AwaitUrl => self.await_url(job.op, job.text(0), job.text(1), job.until),
            Primitive::Download => self.download(job),
            Primitive::Lookup => self.look_up(job.op, job.text(0), job.until),
            Primitive::PortOpen => self.port_open(job.op, job.text(0), job.text(1), job.until),
            Primitive::AwaitPort => self.await_port(job.op, [0, 1, 2].map(|at| job.text(at)), job.until),
            Primitive::PortFree => self.port_free(job.op, job.text(0)),
            Primitive::FreePort => self.free_port(job.op),
            Primitive::LocalAddress => self.own_network(job.op, "find the machine's address", perch_net::local_address),
            Primitive::Interfaces => self.own_network(job.op, "list network interfaces", |permits| {
                Ok(perch_net::interfaces(permits)?.join("\n"))
            }),
            Primitive::NewFile => self.new_entry(job, Kind::File),
            Primitive::NewDir => self.new_entry(job, Kind::Dir),
            Primitive::HardwareAddress => {
                self.own_network(job.op, "find a hardware address", perch_net::hardware_address)
            }
        }
    }

    /// Whatever keeps us from getting there, a denial that hides included, makes it not there.
    fn kind_of(&self, job: &Job<'_>) -> Done {
        match self.go(job.op, &job.path(0)?, Last::Followed, [Want::Look]) {
            Err(Halt::Denied(denied)) if !denied.hides => Err(denied),
            arrived => Ok(kind_name(arrived.ok().map(|(place, _)| place).as_ref())),
        }
    }

    fn check_file(&self, job: &Job<'_>) -> Done {
        let path = job.path(0)?;
        let done = self.go(job.op, &path, Last::Followed, [Want::Read]).and_then(|(place, _)| Ok(place.file()?));
        nothing(done.map_err(|halt| halt.failure("read", &path)))
    }

    /// Whatever keeps us from getting there, there is no link.
    fn check_no_link(&self, job: &Job<'_>) -> Done {
        let path = job.path(0)?;
        match self.look_unasked(&path, Last::Entry) {
            Ok(place) if place.kind() == Kind::Link => {
                Err(Failure::new(ErrorKind::InvalidArgument, format!("`{path}` is a symbolic link")))
            }
            _ => Ok(Text::default()),
        }
    }

    fn read(&self, job: &Job<'_>) -> Done {
        let path = job.path(0)?;
        let arrived = self.go(job.op, &path, Last::Followed, [Want::Read]);
        let done = arrived.and_then(|(place, [read])| Ok(self.host.read(&read, &place, job.until)?));
        done.map(Text::from).map_err(|halt| halt.failure("read", &path))
    }

    fn measure(&self, job: &Job<'_>) -> Done {
        let path = job.path(0)?;
        let Some(what) = Measure::named(job.text(1)) else {
            return Err(Failure::new(ErrorKind::InvalidArgument, format!("nothing is reckoned as `{}`", job.text(1))));
        };
        let arrived = self.go(job.op, &path, Last::Followed, [Want::Read]);
        let done = arrived.and_then(|(place, [read])| Ok(self.host.measure(&read, &place, what, job.until)?));
        done.map(Text::from).map_err(|halt| halt.failure("read", &path))
    }

    fn list(&self, job: &Job<'_>) -> Done {
        let path = job.path(0)?;
        let Some(search) = Search::named(job.text(1), job.text(2)) else {
            return Err(Failure::new(ErrorKind::InvalidArgument, format!("`{}` is no pattern", job.text(2))));
        };
        let wanted = |path: &str, directory: bool| Wanted {
            itself: search.finds(path, directory),
            beneath: directory && search.enters(path),
        };
        let arrived = self.go(job.op, &path, Last::Followed, [Want::Read]);
        let done = arrived.and_then(|(place, [read])| Ok(self.host.list(&read, &place, &wanted, job.until)?));
        done.map(Text::from).map_err(|halt| halt.failure("list", &path))
    }

    fn write(&self, job: &Job<'_>) -> Done {
        let path = job.path(0)?;
        let arrived = self.go(job.op, &path, Last::Followed, [Want::Write]);
        let done = arrived.and_then(|(place, [write])| Ok(self.host.write(&write, &place, job.text(1), job.until)?));
        nothing(done.map_err(|halt| halt.failure("write", &path)))
    }

    /// The place is looked at before anybody is asked for what is to be there.
    fn download(&self, job: &Job<'_>) -> Done {
        let path = job.path(1)?;
        let url = web_address(job.text(0))?;
        self.may_request(job.op, &url)?;
        let (place, [write]) =
            self.go(job.op, &path, Last::Followed, [Want::Write]).map_err(|halt| halt.failure("write", &path))?;
        let ready = self.host.may_write(&write, &place);
        ready.map_err(|error| Failure::host("write", &path, &error))?;
        let mut body = Received::new(self.answer(job.op, "GET", url, "", false, job.until)?);
        let done = self.host.receive(&write, &place, &mut body, job.until);
        match (done, body.trouble()) {
            (Err(_), Some(trouble)) => Err(network::failure(&format!("fetch `{}`", job.text(0)), &trouble)),
            (done, _) => nothing(done.map_err(|error| Failure::host("write", &path, &error))),
        }
    }

    fn append(&self, job: &Job<'_>) -> Done {
        let path = job.path(0)?;
        let arrived = self.go(job.op, &path, Last::Followed, [Want::Write]);
        let done = arrived.and_then(|(place, [write])| Ok(self.host.append(&write, &place, job.text(1), job.until)?));
        nothing(done.map_err(|halt| halt.failure("write", &path)))
    }

    fn make_dirs(&self, job: &Job<'_>) -> Done {
        let path = job.path(0)?;
        let act = || {
            let (place, [write]) = self.go(job.op, &path, Last::Followed, [Want::Write])?;
            let parents = self.parents(job.op, &place)?;
            Ok(self.host.make_dirs(&write, &parents, &place)?)
        };
        nothing(act().map_err(|halt: Halt| halt.failure("make directory", &path)))
    }

    fn remove(&self, job: &Job<'_>) -> Done {
        let path = job.path(0)?;
        let arrived = self.go(job.op, &path, Last::Entry, [Want::Delete]);
        let done = arrived.and_then(|(place, [delete])| Ok(self.host.remove(&delete, &place, job.until)?));
        nothing(done.map_err(|halt| halt.failure("remove", &path)))
    }

    fn copy_file(&self, job: &Job<'_>) -> Done {
        let (from, to) = (job.path(0)?, job.path(1)?);
        self.ask_texts(job.op, &[(Want::Read, &from), (Want::Write, &to)])?;
        let act = || {
            let (source, [read]) = self.go(job.op, &from, Last::Followed, [Want::Read])?;
            let (target, [write]) = self.go(job.op, &to, Last::Followed, [Want::Write])?;
            Ok(self.host.copy_file([&read, &write], &source, &target, job.until)?)
        };
        nothing(act().map_err(|halt: Halt| halt.failure_of_two("copy", &from, &to)))
    }

    fn rename(&self, job: &Job<'_>) -> Done {
        let (from, to) = (job.path(0)?, job.path(1)?);
        self.ask_texts(job.op, &[(Want::Read, &from), (Want::Delete, &from), (Want::Write, &to)])?;
        let act = || {
            let (source, [read, delete]) = self.go(job.op, &from, Last::Entry, [Want::Read, Want::Delete])?;
            let (target, [write]) = self.go(job.op, &to, Last::Entry, [Want::Write])?;
            Ok(self.host.rename([&read, &delete, &write], &source, &target, job.until)?)
        };
        nothing(act().map_err(|halt: Halt| halt.failure_of_two("move", &from, &to)))
    }

    fn copy_tree(&self, job: &Job<'_>) -> Done {
        let (from, to) = (job.path(0)?, job.path(1)?);
        self.ask_texts(job.op, &[(Want::Read, &from), (Want::Write, &to)])?;
        let act = || {
            let (source, [read]) = self.go(job.op, &from, Last::Followed, [Want::Read])?;
            let (target, [write]) = self.go(job.op, &to, Last::Followed, [Want::Write])?;
            self.host.may_copy_tree(&source, &target)?;
            let parents = self.parents(job.op, &target)?;
            Ok(self.host.copy_tree(&read, &write, &parents, &source, &target, job.until)?)
        };
        nothing(act().map_err(|halt: Halt| halt.failure_of_two("copy", &from, &to)))
    }

    /// Leave to make the missing parents of a place.
    pub(crate) fn parents(&self, op: &str, place: &Place) -> Result<Vec<Permit>, Halt> {
        let parents = place.missing_parents().into_iter();
        parents.map(|parent| self.permit(op, Want::Write.effect(parent)).map_err(Halt::Denied)).collect()
    }

    /// Something empty, of a name that nobody guesses. It belongs to the run.
    fn new_entry(&self, job: &Job<'_>, kind: Kind) -> Done {
        let name = perch_system::new_name(job.text(1));
        let path = path::join(&job.path(0)?, &name);
        let arrived = self.go_to_own(job.op, &path);
        let done = arrived.and_then(|(place, write)| Ok(self.host.make_new(&write, &place, kind)?));
        done.map(|()| path.as_str().into()).map_err(|halt| halt.failure("make", &path))
    }

    fn make_link(&self, job: &Job<'_>) -> Done {
        let path = job.path(1)?;
        let arrived = self.go(job.op, &path, Last::Entry, [Want::Write]);
        let done = arrived.and_then(|(place, [write])| Ok(self.host.make_link(&write, &place, job.text(0))?));
        nothing(done.map_err(|halt| halt.failure("make link", &path)))
    }

    fn read_link(&self, job: &Job<'_>) -> Done {
        let path = job.path(0)?;
        let arrived = self.go(job.op, &path, Last::Entry, [Want::Read]);
        let done = arrived.and_then(|(place, [read])| Ok(self.host.read_link(&read, &place)?));
        done.map(Text::from).map_err(|halt| halt.failure("read link", &path))
    }

    fn set_mode(&self, job: &Job<'_>) -> Done {
        let path = job.path(0)?;
        let mode = match job.text(1) {
            "executable" => Mode::Executable,
            bits => match u32::from_str_radix(bits, 8) {
                Ok(bits) => Mode::Bits(bits),
                Err(_) => return Err(Failure::new(ErrorKind::InvalidArgument, format!("`{bits}` is no mode"))),
            },
        };
        let arrived = self.go(job.op, &path, Last::Followed, [Want::Write]);
        let done = arrived.and_then(|(place, [write])| Ok(self.host.set_mode(&write, &place, mode)?));
        nothing(done.map_err(|halt| halt.failure("set the mode of", &path)))
    }

    fn set_time(&self, job: &Job<'_>) -> Done {
        let path = job.path(0)?;
        let arrived = self.go(job.op, &path, Last::Followed, [Want::Write]);
        let done = arrived.and_then(|(place, [write])| Ok(self.host.set_time(&write, &place)?));
        nothing(done.map_err(|halt| halt.failure("set the time of", &path)))
    }

    fn read_time(&self, job: &Job<'_>) -> Done {
        let path = job.path(0)?;
        let arrived = self.go(job.op, &path, Last::Followed, [Want::Read]);
        let done = arrived.and_then(|(place, [read])| Ok(self.host.read_time(&read, &place)?));
        done.map(|time| time.to_string().into()).map_err(|halt| halt.failure("read the time of", &path))
    }

    fn enter_dir(&self, job: &Job<'_>) -> Done {
        let path = job.path(0)?;
        match self.go_unasked(&path).and_then(|place| place.directory()) {
            Ok(()) => Ok(path.into()),
            Err(error) => Err(Failure::host("work in", &path, &error)),
        }
    }

    fn find_bin(&self, job: &Job<'_>) -> Done {
        let permit = self.permit(job.op, Effect::HostFact)?;
        let found = self.host.has_program(&permit, &program(job.text(0), job.cwd));
        found.map(truth).map_err(|error| Failure::host("look for program", job.text(0), &error))
    }

    fn which_bin(&self, job: &Job<'_>) -> Done {
        let permit = self.permit(job.op, Effect::HostFact)?;
        let found = self.host.program_path(&permit, &program(job.text(0), job.cwd));
        let found = found.map_err(|error| Failure::host("look for program", job.text(0), &error))?;
        Ok(found.unwrap_or_default().into())
    }

    /// The value of a variable for the program: what it has made of it, else what the host has.
    fn variable_of(&self, job: &Job<'_>) -> Result<Option<Text>, Failure> {
        let name = job.text(0);
        if let Some(own) = job.frame.bindings.get(hidden::variable(name).as_str()) {
            return Ok(Some(Arc::clone(own)));
        }
        if job.frame.bindings.contains_key(hidden::taken(name).as_str()) {
            return Ok(None);
        }
        Ok(self.environment(job.op, name)?.map(Text::from))
    }

    /// Nothing, unless the variable may not be set. What it is set to the evaluator keeps.
    fn may_set(&self, job: &Job<'_>) -> Done {
        let name = job.text(0);
        self.permit(job.op, Effect::WriteEnv(Known::Text(name.to_owned())))?;
        if Type::Variable.accepts(name) {
            return Ok("".into());
        }
        let why = format!("`{name}` is no name of a variable, such as `HOME`");
        Err(Failure::new(ErrorKind::InvalidArgument, why))
    }

    fn require_bin(&self, job: &Job<'_>) -> Done {
        let name = job.text(0);
        if *self.find_bin(job)? == *"true" {
            return Ok("".into());
        }
        let why = if name.contains('/') { "which is no program that can be started" } else { "which is not on PATH" };
        let message = format!("`requires` names program `{name}`, {why}: install it, or write `optional` behind it");
        Err(Failure::new(ErrorKind::RequirementUnmet, message))
    }

    fn require_env(&self, job: &Job<'_>) -> Done {
        let name = job.text(0);
        let why = match self.environment(job.op, name)?.as_deref() {
            None => "which is not set",
            Some("") => "which is set to nothing",
            Some(_) => return Ok("".into()),
        };
        let message = format!("`requires` names variable `{name}`, {why}: set it, or write `optional` behind it");
        Err(Failure::new(ErrorKind::RequirementUnmet, message))
    }

    fn spawn(&self, job: &Job<'_>) -> Done {
        let called = job.text(0);
        let (vars, without) = variables(job.frame);
        can_be_given(words_of(job.operands), &vars)?;
        let permit = self.may_start(job.op, job.operands, job.cwd)?;
        let finished = self.go_unasked(job.cwd).and_then(|cwd| {
            let start = Start { cwd: &cwd, stdout: self.stdout(job.captured), until: job.until };
            self.host.run(Program { permit: &permit, called, vars: &vars, without: &without }, &start)
        });
        match finished {
            Ok(finished) => ended(PROGRAM, called, finished),
            Err(error) => Err(Failure::program(PROGRAM, called, &error)),
        }
    }

    /// Gives an operand to the shell, and waits. Gives what it is called in messages, and how it ended.
    fn shell(&self, job: &Job<'_>, at: usize, cwd: &str, captured: bool) -> Result<(String, Finished), Failure> {
        let (vars, without) = variables(job.frame);
        can_be_given([(Given::Line, job.text(at))], &vars)?;
        let permit = self.may_give_line(job, at, cwd)?;
        let called = shown(job.text(at));
        let finished = self.go_unasked(cwd).and_then(|cwd| {
            let start = Start { cwd: &cwd, stdout: self.stdout(captured), until: job.until };
            self.host.run(Program { permit: &permit, called: &called, vars: &vars, without: &without }, &start)
        });
        finished.map_err(|error| Failure::program(LINE, &called, &error)).map(|finished| (called, finished))
    }

    fn shell_in(&self, job: &Job<'_>) -> Done {
        let dir = job.path(0)?;
        self.shell(job, 1, &dir, job.captured).and_then(|(line, end)| ended(LINE, &line, end))
    }

    fn shell_detached(&self, job: &Job<'_>) -> Done {
        let (vars, without) = variables(job.frame);
        can_be_given([(Given::Line, job.text(0))], &vars)?;
        let permit = self.may_give_line(job, 0, job.cwd)?;
        let called = shown(job.text(0));
        let program = Program { permit: &permit, called: &called, vars: &vars, without: &without };
        let done = self.go_unasked(job.cwd).and_then(|cwd| self.host.start_beside(&program, &cwd, job.until));
        nothing(done.map_err(|error| Failure::program(LINE, &called, &error)))
    }

    fn may_give_line(&self, job: &Job<'_>, at: usize, cwd: &str) -> Result<Permit, Failure> {
        let [line, cwd] = [job.text(at), cwd].map(|text| Known::Text(text.to_owned()));
        let effect = Effect::Shell { line, cwd };
        let files = self.policy.files_of_line(&self.bounds, &effect);
        let permit = self.permit(job.op, effect)?;
        self.may_open(job.op, &files)?;
        Ok(permit)
    }

    /// The programs whose command lines hold a text. No text is in none.
    fn found_running(&self, job: &Job<'_>) -> Result<Running, Failure> {
        let argv = ["-f", "--", &literally(job.text(0))].map(|word| Known::Text(word.to_owned()));
        let bin = Known::Text(LOOKS_THROUGH.to_owned());
        let permit = self.permit(job.op, Effect::Exec { bin, argv: argv.to_vec() })?;
        let found = self.go_unasked("/").and_then(|root| self.host.found_running(&permit, &root, job.until));
        match found {
            Ok(Some(found)) => Ok(found),
            Ok(None) => {
                Err(Failure::new(ErrorKind::IoError, format!("`{LOOKS_THROUGH}` could not look through the programs")))
            }
            Err(error) => Err(Failure::program(PROGRAM, LOOKS_THROUGH, &error)),
        }
    }

    fn kill_by_name(&self, job: &Job<'_>) -> Done {
        let found = self.found_running(job)?;
        nothing(self.host.ask_to_end(&found).map_err(|error| Failure::host("end program", job.text(0), &error)))
    }

    /// Leave to start a program with its words.
    pub(crate) fn may_start(&self, op: &str, words: &[Text], cwd: &str) -> Result<Permit, Failure> {
        let bin = Known::Text(program(words.first().map_or("", |word| word), cwd));
        let argv = words.iter().skip(1).map(|word| Known::Text(word.to_string())).collect();
        self.permit(op, Effect::Exec { bin, argv })
    }

    /// Where what a program prints goes.
    fn stdout(&self, captured: bool) -> Stdout {
        match (captured, self.in_branch) {
            (true, _) => Stdout::Captured,
            (false, true) => Stdout::Lines,
            (false, false) => Stdout::Inherit,
        }
    }

    /// Programs of which each reads what the one before it writes. All are permitted and there before the first is started. The first
    /// that has failed is the failure of all; one that nobody reads on from has not.
    pub(crate) fn run_pipeline(&mut self, cx: &Context, stages: &[Stage<Text>]) -> Done {
        self.bounds = cx.bounds.clone();
        let Some(first) = stages.first() else { return Ok("".into()) };
        let op = op_name(cx);
        let cwd: &str = &first.frame.cwd;
        let place = self.go_unasked(cwd).and_then(|place| place.directory().map(|()| place));
        let place = place.map_err(|error| Failure::host("work in", cwd, &error));
        let vars: Vec<Variables<'_>> = stages.iter().map(|stage| variables(&stage.frame)).collect();
        let mut permits = Vec::new();
        for (stage, (vars, _)) in stages.iter().zip(&vars) {
            can_be_given(words_of(&stage.words), vars)?;
            permits.push(self.may_start(op, &stage.words, cwd)?);
        }
        let place = place?;
        let called = |stage: &'_ Stage<Text>| stage.words.first().cloned().unwrap_or_else(|| "".into());
        let names: Vec<Text> = stages.iter().map(called).collect();
        let programs: Vec<Program<'_>> = permits
            .iter()
            .zip(&names)
            .zip(&vars)
            .map(|((permit, called), (vars, without))| Program { permit, called, vars, without })
            .collect();
        let start = Start { cwd: &place, stdout: self.stdout(cx.captured), until: self.until() };
        let done = self.host.pipeline(&programs, &start);
        let done = done.map_err(|error| Failure::program(PROGRAM, &error.path, &error))?;
        let last = names.len().saturating_sub(1);
        for (at, (end, name)) in done.ends.iter().zip(&names).enumerate() {
            if at < last && *end == End::Signal(PIPE_CLOSED) {
                continue;
            }
            ended(PROGRAM, name, Finished { end: *end, stdout: Vec::new() })?;
        }
        printed(PROGRAM, &names[last], done.stdout)
    }

    /// A wait.
    fn sleep(&self, job: &Job<'_>) -> Done {
        let text = job.text(0);
        let Some(length) = nanoseconds(text) else {
            let why = format!("`{text}` is no duration, such as `500ms` or `30s`");
            return Err(Failure::new(ErrorKind::InvalidArgument, why));
        };
        nothing(self.host.sleep(Duration::from_nanos(length), job.until).map_err(|cause| Failure::wait(&cause)))
    }

    fn print(&self, job: &Job<'_>) -> Done {
        let permit = self.permit(job.op, Effect::Output)?;
        let done = self.host.print(&permit, &format!("{}\n", job.operands.join(" ")), self.interruptible());
        nothing(done.map_err(|error| Failure::host("write to", "standard output", &error)))
    }

    fn print_error(&self, job: &Job<'_>) -> Done {
        let permit = self.permit(job.op, Effect::Output)?;
        let done = self.host.print_error(&permit, &format!("{}\n", job.operands.join(" ")), self.interruptible());
        nothing(done.map_err(|error| Failure::host("write to", "standard error", &error)))
    }

    /// The value of an environment variable, if it is set.
    pub(crate) fn environment(&self, op: &str, name: &str) -> Result<Option<String>, Failure> {
        let permit = self.permit(op, Effect::ReadEnv(Known::Text(name.to_owned())))?;
        self.host.variable(&permit).map_err(|error| Failure::host("read variable", name, &error))
    }
}

/// Variables that are set, and names of those that are taken away.
type Variables<'f> = (Vec<(&'f str, &'f str)>, Vec<&'f str>);

/// What a started program sees besides the host's environment: bindings that start with A to Z, then variables that are set; and what it
/// does not see of either.
fn variables(frame: &Frame<Text>) -> Variables<'_> {
    let taken: Vec<&str> = frame.bindings.keys().filter_map(|name| hidden::as_taken(name)).collect();
    let exported = frame.bindings.iter().filter(|(name, _)| name.starts_with(|c: char| c.is_ascii_uppercase()));
    let exported = exported.map(|(name, value)| (&**name, &**value));
    let set = frame.bindings.iter().filter_map(|(name, value)| Some((hidden::as_variable(name)?, &**value)));
    let seen = exported.chain(set).filter(|(name, _)| !taken.contains(name)).collect();
    (seen, taken)
}

/// The words of a program that is to be started, with what they are.
fn words_of(words: &[Text]) -> impl Iterator<Item = (Given<'static>, &str)> {
    words.iter().enumerate().map(|(at, word)| (Given::Word(at), &**word))
}

/// Fails if a program cannot be given one of these texts, or one of these variables.
fn can_be_given<'t>(
    texts: impl IntoIterator<Item = (Given<'static>, &'t str)>,
    vars: &[(&'t str, &'t str)],
) -> Result<(), Failure> {
    let refused = |given: Given<'_>, text: &str| match given.refusal(std::iter::once(text)) {
        Some(refusal) => Err(Failure::new(refusal.kind, refusal.message)),
        None => Ok(()),
    };
    texts.into_iter().try_for_each(|(given, text)| refused(given, text))?;
    vars.iter().try_for_each(|(name, value)| refused(Given::Variable(name), value))
}

fn nothing(done: Result<(), Failure>) -> Done {
    done.map(|()| "".into())
}

/// A program's name stays as it is; a path to one is made absolute and clean.
fn program(called: &str, cwd: &str) -> String {
    let path = called.contains('/').then(|| path::clean(cwd, called)).flatten();
    path.unwrap_or_else(|| called.to_owned())
}

fn kind_name(place: Option<&Place>) -> Text {
    match place.map(Place::kind) {
        None | Some(Kind::Absent) => "absent".into(),
        Some(Kind::Dir) => "directory".into(),
        Some(Kind::File | Kind::Link) => "file".into(),
    }
}

/// A line for the shell in messages: its beginning.
fn shown(line: &str) -> String {
    let first = line.trim().lines().next().unwrap_or_default();
    let mut shown: String = first.chars().take(MAX_SHOWN).collect();
    if shown.len() < line.trim().len() {
        shown.push('…');
    }
    shown
}

/// The pattern that finds a text as it is.
fn literally(text: &str) -> String {
    // A pattern without characters is found everywhere, and this one nowhere.
    if text.is_empty() {
        return "a^".to_owned();
    }
    let escaped = text.chars().flat_map(|c| ".[]{}()*+?^$|\\".contains(c).then_some('\\').into_iter().chain([c]));
    escaped.collect()
}

/// An exit status as a value; of a program that a signal ended, what shells make of it.
fn status_of(end: End) -> Text {
    match end {
        End::Status(status) => status.to_string().into(),
        End::Signal(signal) => (128 + signal).to_string().into(),
    }
}

/// What a program that has ended means for the line that started it.
fn ended(what: &str, called: &str, finished: Finished) -> Done {
    match finished.end {
        End::Status(0) => printed(what, called, finished.stdout),
        End::Status(status) => {
            let message = format!("{what} `{called}` ended with status {status}");
            Err(Failure { code: status.to_string(), ..Failure::new(ErrorKind::ShellExitNonzero, message) })
        }
        End::Signal(signal) => {
            Err(Failure::new(ErrorKind::ShellSignalKilled, format!("{what} `{called}`{KILLED_BY}{signal}")))
        }
    }
}

/// What it printed, without newlines at the end.
fn printed(what: &str, called: &str, stdout: Vec<u8>) -> Done {
    match String::from_utf8(stdout) {
        Ok(text) => Ok(text.trim_end_matches('\n').into()),
        Err(_) => Err(Failure::new(ErrorKind::IoError, format!("what {what} `{called}` printed is not UTF-8 text"))),
    }
}
