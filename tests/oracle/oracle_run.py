"""Running: commands, their words, names, statements (L2.2, L3.2, L4, L5, L6)."""

import re

from oracle_blocks import Blocks
from oracle_frame import Frame, Given
from oracle_failures import CaseError, Exit, Failure, Late, Unspecified, UsageError
from oracle_host import Policy, Tree, basename, clean, join, parent
from oracle_manifest import GIVEN_UP, Rights
from oracle_files import MAIN, load
from oracle_ops import Ops, matches, target
from oracle_program import OPS, Action
from oracle_text import HOLE, NUMBER, is_integer, truth

# L5.4
FACTS = frozenset("""app_data_dir arch bundle_dir bundle_hash cache_dir config_dir cpu_count cwd data_dir exe_dir exe_ext
    exe_name exe_path home home_dir hostname is_amd64 is_arm64 is_linux is_macos is_unix is_windows now_unix null_device os
    path_list_sep path_sep perch_version pid program_name program_version script_dir script_path shell_name temp_dir uid
    user""".split())
MAX_CALLS = 64          # L4.8
MAX_STEPS = 100_000     # of this model, not of the language


class Run(Blocks, Ops, Rights):
    def __init__(self, case):
        host = case.get("host", {})
        self.os, self.arch = host.get("os", "linux"), host.get("arch", "amd64")
        self.env, self.programs = host.get("env", {}), host.get("programs", {})
        self.answers = host.get("http", {})
        self.cwd = clean(host.get("cwd", "/"))
        self.bin_dir = host.get("bin_dir")
        self.machine = {"user": "ann", "uid": "1000", "hostname": "box", "cpu_count": "4", "pid": "42", "now_unix": "1700000000",
                        "perch_version": "0", **host.get("machine", {})}   # facts that follow from no other
        self.file = case.get("file", "commands.perch")
        self.tree = Tree(host.get("tree", {}), self.cwd)
        self.policy = Policy(case.get("policy") or {}, self.cwd)
        self.started, self.stdout, self.stderr, self.visits = {}, [], [], []
        self.loops, self.steps, self.unspecified = [], 0, False
        self.own = []                                 # O: paths of what was made under made-up names
        self.archives = []                            # the trees that were packed
        # What blocks narrow or add, for all that is called from them, too.
        self.overlay, self.mask, self.deadlines = {}, frozenset(), []
        self.clock, self.stored, self.in_hook = 0.0, {}, False
        self.at = ""                                  # the node that is being decided
        self.whole_lines = False                      # L4.14
        self.whole_program = load(case["program"], case.get("files"))
        self.program, self.shared_by = self.whole_program.main, []
        self.hold()

    def answer(self, case):
        failure = usage = None
        status = 0
        try:
            words = [Given(word, word) for word in case.get("args", [])]
            frame = self.named_command(case["command"], words)
            given = self.judge(frame.command, words)                          # L2.2, L3.2
            self.preflight(frame, True)                                       # L14.3
            self.shared(frame)
            frame.shared = self.shared_by[0]
            self.preflight(frame, False)
            self.enter_file(MAIN)                                             # L15.1
            self.whole(frame, given)
        except UsageError as error:
            usage, status = str(error), 2
        except Exit as exit:
            status = exit.status
        except Failure as error:                                              # L6.2
            failure = {"kind": error.kind}
            program = error.kind == "shell_exit_nonzero" and 1 <= int(error.code) <= 125
            status = int(error.code) if program else 1
        answer = {"id": case.get("id"), "exit": status, "stdout": "".join(self.stdout), "stderr": "".join(self.stderr),
                  "failure": failure, "visits": self.visits,
                  "tree": {p: e for p, e in sorted(self.tree.entries.items()) if p != "/"}}
        if self.unspecified:
            answer["unspecified"] = True
        if usage is not None:
            answer["usage_error"] = usage
        return answer

    def named_command(self, name, words):
        """L3.3, L17: the command of that name, or else the file's `catch`."""
        command = self.whole_program.commands[MAIN].get(name)
        if command is not None and not command.private and "test" not in command.config:
            return Frame(command, self.cwd)
        if self.program.catch is None:
            raise UsageError(f"no command {name} to run")
        frame = Frame(self.program.catch, self.cwd, bindings={self.program.catch.name: name})
        words[:0] = [Given(name, name)]
        if "proxy_args" not in frame.command.config:
            words.clear()
        return frame

    # -- nodes -------------------------------------------------------------------------

    def record(self, node, failure=None):
        self.visits.append({"node": node, "visit": list(self.loops), "ok": failure is None,
                            "kind": failure.kind if failure else None})

    def decide(self, node, op, part):
        """Does a node's own part and records how it went. Exit is ok.
        READING L6.1: what no op has raised has the node's name in a report (verdicts.md 9) as `op`."""
        around, self.at = self.at, node
        try:
            value = part()
        except Failure as failure:
            failure.op = failure.op or op
            self.record(node, failure)
            raise
        except Late as late:
            late.op = late.op or op
            self.record(node, late)
            raise
        except Exit:
            self.record(node)
            raise
        finally:
            self.at = around
        self.record(node)
        return value

    # -- names (L5) --------------------------------------------------------------------

    def bound(self, frame, name):
        """The binding of a name, or None: own, shared, facts (L5.1, L5.4).
        READING L4.2-4.4: the environment is seen by `${…}` only; it binds nothing."""
        for bindings in (*frame.hygienic[-1:], frame.bindings, frame.shared, self.facts(frame)):
            if name in bindings:
                value = bindings[name]
                self.unspecified |= isinstance(value, Unspecified)
                return value
        return None

    def facts(self, frame):
        """L5.4, for a program, which sees none where it is private (L15.3)."""
        return {} if "private_ops" in self.mask else self.all_facts(frame)

    def all_facts(self, frame):
        """L5.4. READING: is_unix is every system but windows."""
        windows = self.os == "windows"
        either = {"exe_ext": (".exe", ""), "null_device": ("NUL", "/dev/null"), "path_list_sep": (";", ":"),
                  "path_sep": ("\\", "/"), "shell_name": ("cmd", "bash")}
        home = self.named_by("HOME") or self.machine.get("home", "/")
        macos = self.os == "macos"
        below = {"cache_dir": ("XDG_CACHE_HOME", "Library/Caches" if macos else ".cache"),
                 "config_dir": ("XDG_CONFIG_HOME", "Library/Application Support" if macos else ".config"),
                 "data_dir": ("XDG_DATA_HOME", "Library/Application Support" if macos else ".local/share")}
        dirs = {name: self.named_by(variable) or join(home, path) for name, (variable, path) in below.items()}
        exe = self.machine.get("exe_path", "/bin/perch")
        info = self.program.info
        folder = parent(clean(self.file, self.cwd))
        return {**self.machine, "os": self.os, "arch": self.arch, "cwd": frame.cwd,
                "is_windows": truth(windows), "is_macos": truth(macos),
                "is_linux": truth(self.os == "linux"), "is_unix": truth(not windows),
                "is_amd64": truth(self.arch == "amd64"), "is_arm64": truth(self.arch == "arm64"),
                **{name: texts[0 if windows else 1] for name, texts in either.items()},
                "home": home, "home_dir": home, **dirs, "app_data_dir": dirs["data_dir"],
                "temp_dir": self.named_by("TMPDIR") or self.machine.get("temp_dir", "/tmp"),
                "exe_path": exe, "exe_dir": parent(exe), "exe_name": basename(exe),
                "script_path": clean(self.file, self.cwd), "script_dir": folder, "bundle_dir": folder,
                "program_name": info.get("name", ""), "program_version": info.get("version", "")}

    def named_by(self, variable):
        """L5.4: where a variable says that a directory is, if that is the same everywhere."""
        path = self.env.get(variable, "")
        return clean(path) if path.startswith("/") else None

    def lookup(self, frame, name):
        """L5.1"""
        value = self.bound(frame, name)
        if value is None and name in self.overlay:                            # None where it is taken away
            value = self.overlay[name]
        elif value is None and name not in FACTS:                               # L5.4
            self.ask_env(name)
            value = self.env.get(name)
        if value is None:
            raise Failure("unresolved_var", f"nothing is named {name}")
        return value

    def text(self, frame, word):
        """L1.6, L1.8"""
        def piece(kind, part):
            if kind == "call":
                return self.act(frame, Action("op", *part))
            return part if kind == "text" else self.lookup(frame, part)
        return "".join(piece(*segment) for segment in word.segments)

    def words(self, frame, words, text):
        """L1.9: each word, and a splice as one word per element."""
        for word in words:
            if word.splice is None:
                yield text(frame, word), word.written()
            elif word.splice in frame.lists:
                yield from ((element, HOLE) for element in frame.lists[word.splice])
            else:
                raise Failure("unresolved_var", f"no list is named {word.splice}")

    def operand(self, frame, word):
        """L4.2"""
        name = word.bare_name()
        value = self.bound(frame, name) if name else None
        return self.text(frame, word) if value is None else value

    # -- starting a command (L2.2, L3.2) -------------------------------------------------

    def shared(self, frame):
        """L2.2, L12.4: in order, once, scope by scope."""
        for at, scope in enumerate(self.whole_program.scopes):
            view = Frame(frame.command, frame.cwd, shared=dict(self.shared_by[scope.around]) if at else {})
            self.shared_by.append(view.shared)
            taken = set(view.shared)
            for file in scope.files:
                here = set()
                for name, word, head in self.whole_program.files[file].shared:
                    if name in taken:
                        continue
                    here.add(name)
                    if word.has_names:
                        number = self.whole_program.number(file)
                        node = ("shared" + (f".{number}" if number else "")) + f":{head.line}:{head.column}"
                        self.enter_file(MAIN)                                 # L15.1
                        self.enter_file(file)
                        view.shared[name] = self.decide(node, "let", lambda: self.text(view, word))
                        self.mask, self.sandboxes = frozenset(), []
                    else:
                        view.shared[name] = word.constant()
                taken |= here

    def whole(self, frame, given):
        """A command with its arguments and its configuration."""
        before = self.overlay, self.mask, self.sandboxes
        self.enter_file(frame.command.home)
        for name in set(GIVEN_UP) & set(frame.command.config):                # L3.7
            self.mask |= GIVEN_UP[name]
        try:
            self.requirements(frame)
            self.begin(frame, given)
            self.configure(frame)
            self.body(frame, frame.command.body)
        finally:
            self.overlay, self.mask, self.sandboxes = before

    def requirements(self, frame):
        """L3.7. READING: before anything of the command is evaluated."""
        for line in frame.command.config.get("require_sandbox", []):
            self.decide(self.node(frame, line), "require_sandbox", lambda: self.in_sandbox(frame))
        for name, meets in (("require_os", self.is_os), ("require_arch", lambda word: word == self.arch)):
            lines = frame.command.config.get(name, [])
            words = [word for line in lines for word in line.words]
            if words:
                self.decide(self.node(frame, lines[0]), name, lambda: self.require(frame, words, meets))

    def in_sandbox(self, frame):
        """L3.7"""
        if not any(self.whole_program.files[file].sandboxes for file in (MAIN, frame.command.home)):
            raise Failure("requirement_unmet", Unspecified("no sandbox"))

    def require(self, frame, words, meets):
        """L3.7"""
        if not any(meets(self.text(frame, word)) for word in words):
            raise Failure("requirement_unmet", "another host is needed")

    def is_os(self, word):
        """L4.13"""
        return word == self.os or word == "unix" and self.os != "windows"

    def configure(self, frame):
        """L3.7. READING: the variables before the directory."""
        config = frame.command.config
        more = {}
        for line in config.get("env", []):
            name, value = line.words
            more[name.constant()] = self.decide(self.node(frame, line), "env", lambda: self.text(frame, value))
            self.overlay = {**self.overlay, **more}
        for line in config.get("dir", []):
            self.decide(self.node(frame, line), "dir", lambda: self.enter(frame, self.text(frame, line.words[0])))

    def begin(self, frame, given):
        """L3.2: arguments in order of declaration. A default sees what the body would see: the caller's
        bindings (L4.8), shared ones, and the arguments above it."""
        for arg in frame.command.args:
            if arg.name in given:
                value = given[arg.name]
            elif arg.default is not None and arg.default.has_names:
                node = f"{frame.prefix}{frame.command.name}:{arg.line}:{arg.column}"
                value = self.decide(node, "arg", lambda: self.text(frame, arg.default))
            elif arg.default is not None:
                value = arg.default.constant()
            else:
                value = {"string": "", "bool": "false"}.get(arg.type, "0")
            if arg.rest:                                                      # L3.6
                frame.lists[arg.name] = value = value or []
                frame.bindings[arg.name + "_count"] = str(len(value))
                value = "\n".join(value)
            # READING L3.2: the value of a default is judged like a word.
            frame.bindings[arg.name] = self.typed(arg, value)
        if "proxy_args" in frame.command.config:                              # L3.7
            frame.lists["proxy_args"] = given["proxy_args"]
            frame.bindings["proxy_args"] = " ".join(given["proxy_args"])

    def judge(self, command, words, typed=True):
        """L3.2: the words that are given, and what is missing."""
        if "proxy_args" in command.config:                                    # L3.7
            return {"proxy_args": [word.text for word in words]}
        args = command.args
        by_name = {a.name: a for a in args}
        given, loose, flags, i = {}, [], True, 0

        def give(arg, value):
            if arg.name in given:                     # READING: twice is a usage error
                raise UsageError(f"{arg.name} is given twice")
            given[arg.name] = self.typed(arg, value) if typed else value

        def is_flag(word):
            """By how it is written, never by a value that is inserted."""
            return word.written.startswith("-") and not re.match("-[0-9]|-$", word.written)

        while i < len(words):
            word, i = words[i], i + 1
            if flags and word.written == "--":
                flags = False
            elif flags and is_flag(word):
                name, equals, value = word.written[2 if word.written.startswith("--") else 1:].partition("=")
                if not equals and HOLE in name:
                    raise UsageError(f"the name of a flag must be written out: {word.text}")
                arg = by_name.get(name)
                if arg is None:
                    raise UsageError(f"unknown flag {word.text}")
                if equals:
                    value = word.text.partition("=")[2]
                elif arg.type == "bool":
                    value = "true"
                else:
                    if i >= len(words) or is_flag(words[i]):    # READING: a flag is no value
                        raise UsageError(f"{word.text} wants a value")
                    value, i = words[i].text, i + 1
                give(arg, value)
            else:
                loose.append(word.text)
        indexed = sorted((a for a in args if a.index is not None), key=lambda a: a.index)
        if indexed and indexed[-1].rest:                                      # L3.6
            rest = indexed.pop()
            given[rest.name], loose = loose[len(indexed):], loose[:len(indexed)]
        if len(loose) > len(indexed):
            raise UsageError(f"surplus word {loose[len(indexed)]}")
        for arg, word in zip(indexed, loose):         # READING: flags do not shift the others
            give(arg, word)
        for arg in args:
            if arg.name not in given and arg.default is None and not arg.optional:
                raise UsageError(f"{arg.name} is missing")
        return given

    @staticmethod
    def typed(arg, value):
        good = {"string": True, "int": is_integer(value), "float": NUMBER.match(value),
                "bool": value in ("true", "false")}[arg.type]
        if not good:
            raise UsageError(f"{arg.name} is not of type {arg.type}: {value}")
        return value

    # -- statements (L4) -----------------------------------------------------------------

    def body(self, frame, statements):
        for statement in statements:
            self.steps += 1
            if self.steps > MAX_STEPS:
                raise CaseError("too many steps")
            getattr(self, "run_" + statement.kind)(frame, self.node(frame, statement), statement.parts)

    @staticmethod
    def node(frame, statement):
        return f"{frame.prefix}{frame.command.name}:{statement.line}:{statement.column}"

    def run_action(self, frame, node, action):
        if action.kind == "expand":
            template = self.whole_program.templates[frame.command.home][action.name]
            return self.expand(frame, node, template, action.words)
        self.decide(node, action.kind, lambda: self.act(frame, action))

    def run_assign(self, frame, node, parts):
        """L4.3: if the right side fails, the name keeps what it was."""
        name, action = parts

        def part():
            frame.bind(name, self.act(frame, action, capture=True))
        self.decide(node, "call" if action.kind == "call" else "let", part)

    def act(self, frame, action, capture=False):
        """Evaluates the operands from the left (L4.11), then acts; the value yielded."""
        if action.kind == "text":
            return self.text(frame, action.words[0])
        if action.kind == "name" and self.is_declared(action.name):       # L4.3: a program goes before a binding
            action = Action("program", "exec", action.words)
        if action.kind == "name":
            value = self.bound(frame, action.name)
            if value is None:
                raise Failure("unresolved_var", f"nothing is bound to {action.name}")
            return value
        try:
            if action.kind == "pipe":
                return self.pipe(frame, action.words, capture)
            if action.kind == "op":
                operands = [text for text, _ in self.words(frame, action.words, self.operand)]
                self.fit(action, operands)

                def perform():
                    self.ask_op(action.name)
                    return self.perform(frame, action.name, operands)
                return self.hooked(frame, [(self.at, action.name, operands)], perform)
            if action.kind == "call":
                self.fit_call(frame, action)
            words = [Given(*pair) for pair in self.words(frame, action.words, self.text)]     # L4.2
            if action.kind == "program":
                texts = [word.text for word in words]
                self.fit(action, texts)
                more = {name: self.text(frame, value) for name, value in action.variables}

                def start():
                    self.ask_op("exec")
                    return self.start(frame, texts, capture, more)
                return self.hooked(frame, [(self.at, "exec", texts)], start)
        except (Failure, Late) as failure:      # L6.1. READING: also of an operand without a value
            if action.kind != "call":
                failure.op = failure.op or action.name
            raise
        return self.call(frame, self.at, self.whole_program.commands[frame.command.home][action.name], words)

    @staticmethod
    def fit(action, operands):
        """L1.9: how many words a splice is comes out when the line runs."""
        least, most = OPS[action.name]
        if any(word.splice is not None for word in action.words) and not least <= len(operands) <= most:
            raise Failure("invalid_argument", f"{action.name} does not take {len(operands)} operands")

    def hooked(self, frame, around, perform):
        """L16: the ops [(node, op, operands)] that succeed or fail together, with what is around them."""
        hooks = [] if self.in_hook else self.program.hooks
        pairs = [(one, hook) for one in around for hook in hooks if matches(hook.target, one[1])]

        def handlers(timing):
            return [pair for pair in pairs if pair[1].timing == timing]
        for one, hook in handlers("before"):
            self.handle(frame, one, hook)
        try:
            value = perform()
        except Failure as failure:
            for one, hook in handlers("on_error"):
                try:
                    self.handle(frame, one, hook, Unspecified(failure.message))
                except Failure:
                    pass                                                      # L16.3
            raise
        for one, hook in handlers("after"):
            self.handle(frame, one, hook)
        return value

    def handle(self, frame, around, hook, error=""):
        """L16.2. A node of its own: the line of `hooks`, beneath the op."""
        node, op, operands = around
        told = {"op": op, "timing": hook.timing, "target": target(op, operands), "error": error}
        handler = Frame(frame.command, frame.cwd, depth=frame.depth, shared=self.shared_by[0], bindings={
            **frame.bindings, **{"hook." + name: text for name, text in told.items()}}, lists=frame.lists)
        place = f"{node.rpartition('/')[0] or node}>hooks:{hook.line}:{hook.column}"
        self.in_hook = True
        try:
            self.decide(place, hook.timing, lambda: self.call(
                handler, place, self.whole_program.commands[MAIN][hook.handler], []))
        finally:
            self.in_hook = False

    def is_declared(self, name):
        """L14.1: a program that `requires` names."""
        return any(line.of == "bin" and any(word.is_bare(name) for word in line.words) for line in self.lines or [])

    def fit_call(self, frame, action):
        """L3.2: whether the words fit is seen from how they are written, before any is evaluated."""
        command = self.whole_program.commands[frame.command.home][action.name]
        if frame.depth >= MAX_CALLS:
            return
        try:
            self.judge(command, [Given("", written) for _, written in self.words(frame, action.words, lambda *_: "")],
                       typed=False)
        except UsageError as error:
            raise Failure("invalid_argument", str(error))

    def call(self, frame, node, command, words):
        """L4.8. READING: the depth is looked at before the words are parsed."""
        if frame.depth >= MAX_CALLS:
            raise Failure("recursion_limit", "calls nest too deep")
        bindings = {**frame.bindings, **(frame.hygienic[-1] if frame.hygienic else {})}
        scope = self.whole_program.scope_of(frame.scope, command.home)
        callee = Frame(command, frame.cwd, node + ">", frame.depth + 1, bindings, self.shared_by[scope], scope=scope)
        try:
            self.whole(callee, self.judge(command, words))
        except UsageError as error:                                           # L3.2
            raise Failure("invalid_argument", str(error))
        return ""                                                             # L4.3

