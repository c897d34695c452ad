"""Blocks and chains (L4.4 to L4.19)."""

from oracle_failures import Exit, Failure, Late, Unspecified, UsageError
from oracle_shell import Status
from oracle_frame import number, version
from oracle_host import clean
from oracle_program import Action
from oracle_text import is_integer, seconds

ABSENT = object()


class Blocks:
    """The statements of `Run` that hold statements. `parts` is what `Parser.block_…` gives."""

    def run_chain(self, frame, node, clauses):
        """L4.9"""
        def part():
            failure = self.clauses(frame, clauses)
            if failure:
                raise failure
        self.decide(node, "chain", part)

    def clauses(self, frame, clauses):
        """The failure at which the chain stands in the end, if any."""
        failure = None
        for k, (joiner, action, head) in enumerate(clauses):
            if joiner == "&&" and failure or joiner == "||" and not failure:
                continue
            place, failure = f"{self.node(frame, head)}/{k}", None
            try:
                self.decide(place, action.kind, lambda: self.act(frame, action))
            except Failure as error:
                failure = error
        return failure

    def run_if(self, frame, node, parts):
        """L4.4"""
        arms, otherwise = parts

        def choose():
            for condition, body in arms:
                if self.holds(frame, condition):
                    return body
            return otherwise
        self.body(frame, self.decide(node, "if", choose))

    def holds(self, frame, condition):
        form = condition[0]
        if form == "or":
            return self.holds(frame, condition[1]) or self.holds(frame, condition[2])
        if form == "and":
            return self.holds(frame, condition[1]) and self.holds(frame, condition[2])
        if form == "not":
            return not self.holds(frame, condition[1])
        if form == "programs":                                                # L7.6
            return self.clauses(frame, condition[1]) is None
        if form == "predicate unless bound":                                  # L7: a binding goes before the op
            form = "name" if any(condition[1] in names for names in (frame.bindings, frame.shared)) else "predicate"
        if form == "name":
            value = self.named(frame, condition[1])
        elif form == "predicate":
            value = self.act(frame, Action("op", condition[1], condition[2]))
        else:
            _, first, op, second = condition
            name = first.bare_name()
            left = self.named(frame, name) if name else self.text(frame, first)
            right = self.text(frame, second)
            if op in ("==", "!="):
                return (left == right) == (op == "==")
            a, b = version(left), version(right)                              # L9.3
            if a is None or b is None:
                a, b = number(left), number(right)
            return {"<": a < b, ">": a > b, "<=": a <= b, ">=": a >= b}[op]
        if isinstance(value, Status):                                         # L7.3
            return value == "0"
        return value not in ("", "false", "0")

    def named(self, frame, name):
        """L4.4: unbound is empty text, and `true` and `false` mean themselves."""
        value = self.bound(frame, name)
        return (name if name in ("true", "false") else "") if value is None else value

    def run_for_each(self, frame, node, parts):
        """L4.5"""
        operand, name, body = parts
        value = self.decide(node, "for_each", lambda: self.operand(frame, operand))
        before = frame.bindings.get(name, ABSENT)
        try:
            for index, element in enumerate(e for e in value.split("\n") if e):
                frame.bindings[name] = element
                self.loops.append(index)
                try:
                    self.body(frame, body)
                finally:
                    self.loops.pop()
        finally:
            self.restore(frame, {name: before})

    @staticmethod
    def restore(frame, before):
        for name, value in before.items():
            if value is ABSENT:
                frame.bindings.pop(name, None)
            else:
                frame.bindings[name] = value

    def run_match(self, frame, node, parts):
        """L4.6"""
        operand, arms = parts

        def choose():
            target = self.operand(frame, operand)
            for word, body in arms:
                if word is None or self.text(frame, word) == target:
                    return body
            return []
        self.body(frame, self.decide(node, "match", choose))

    def run_try(self, frame, node, parts):
        """L4.7. A try has no part of its own that could fail: recorded on entry."""
        body, name, rescue, final = parts
        self.record(node)
        pending = None
        try:
            try:
                self.body(frame, body)
            except Failure as failure:
                if not rescue:                        # missing, or without a statement
                    raise
                fields = {name + suffix: v for suffix, v in failure.fields().items()}
                before = {n: frame.bindings.get(n, ABSENT) for n in fields}
                frame.bindings.update(fields)
                try:
                    self.body(frame, rescue)
                finally:
                    self.restore(frame, before)
        except (Failure, Late, Exit) as ending:
            pending = ending
        self.body(frame, final)                       # what it raises wins
        if pending:
            raise pending

    # -- blocks with a scope of their own ----------------------------------------------------

    def run_os(self, frame, node, parts):
        """L4.13. READING: W is a text, as in `case`."""
        self.where(frame, node, "os", parts, self.is_os)

    def run_arch(self, frame, node, parts):
        self.where(frame, node, "arch", parts, lambda word: word == self.arch)

    def where(self, frame, node, op, parts, meets):
        word, body = parts
        known = "private_ops" not in self.mask                                # L15.3
        if self.decide(node, op, lambda: meets(self.text(frame, word)) and known):
            self.body(frame, body)

    def run_with_env(self, frame, node, parts):
        """L4.17"""
        pairs, body = parts
        more = self.decide(node, "with_env", lambda: {name: self.text(frame, word) for name, word in pairs})
        before = self.overlay
        self.overlay = {**before, **more}
        try:
            self.body(frame, body)
        finally:                                      # what `set_env` has set stays, but for these names
            rest = {name: value for name, value in self.overlay.items() if name not in more}
            self.overlay = {**rest, **{name: before[name] for name in more if name in before}}

    def run_with_cwd(self, frame, node, parts):
        """L4.17"""
        word, body = parts

        def there():
            path = clean(self.operand(frame, word), frame.cwd)
            self.check_directory(path)
            return path
        before, frame.cwd = frame.cwd, self.decide(node, "with_cwd", there)
        try:
            self.body(frame, body)
        finally:
            frame.cwd = before

    def run_sandbox(self, frame, node, parts):
        """L15.2"""
        clauses, body = parts
        self.record(node)
        before, self.mask = self.mask, self.mask | set(clauses)
        try:
            self.body(frame, body)
        finally:
            self.mask = before

    def whole_number(self, frame, word, default):
        """READING L4.12: fewer than one is no number of times."""
        text = default if word is None else self.operand(frame, word)
        if not is_integer(text) or int(text) < 1:
            raise Failure("invalid_argument", f"not a number of times: {text}")
        return int(text)

    def duration(self, frame, word, default):
        """L9.2"""
        text = default if word is None else self.operand(frame, word)
        time = seconds(text)
        if time is None:
            raise Failure("invalid_argument", f"not a duration: {text}")
        return time

    def run_retry(self, frame, node, parts):
        """L4.15, L6.5. The wait is another visit of the node, within the attempt that failed."""
        given, body = parts

        def head():
            return (self.whole_number(frame, given.get("attempts"), "3"), self.duration(frame, given.get("delay"), "1s"),
                    self.duration(frame, given.get("max_delay"), "5m"))
        times, delay, most = self.decide(node, "retry", head)
        for attempt in range(times):
            self.loops.append(attempt)
            try:
                return self.body(frame, body)
            except Failure as failure:
                time = min(delay * 2 ** attempt, most)
                late = any(deadline <= self.clock + time for deadline in self.deadlines)
                if attempt + 1 == times or late or failure.kind == "timeout_exceeded":
                    raise
                self.decide(node, "retry", lambda: self.wait(time))
            finally:
                self.loops.pop()

    def run_timeout(self, frame, node, parts):
        """L4.16. Nothing but waiting takes time here."""
        word, body = parts
        time = self.decide(node, "timeout", lambda: self.duration(frame, word, "0"))
        self.deadlines.append(self.clock + time)
        try:
            self.body(frame, body)
        except Late as late:
            if late.number + 1 < len(self.deadlines):
                raise
            raise Failure("timeout_exceeded", "the deadline has passed", op=late.op)
        finally:
            self.deadlines.pop()

    def run_parallel(self, frame, node, parts):
        """L4.14, L6.5. One branch after the other, in the order of the source."""
        given, body = parts
        self.decide(node, "parallel", lambda: self.whole_number(frame, given.get("max"), "1"))
        failures, start, ends, late, left = [], self.clock, [], None, None
        outside, self.whole_lines = self.whole_lines, True
        variables = self.overlay
        for branch in self.branches(frame, body):
            self.clock, self.overlay = start, variables   # all start at once
            try:
                branch()
            except Exit as exit:                      # READING L6.6: others finish, as they do behind a failure
                left = left or exit
            except Failure as failure:
                failures.append(failure)
            except Late as one:
                late = late or one
            ends.append(self.clock)
        self.clock, self.whole_lines, self.overlay = max(ends, default=start), outside, variables
        if left or late:                              # READING L6.6, L6.5: `exit` goes before all, a deadline before a failure
            raise left or late
        if len(failures) > 1:
            failures[0].detail = Unspecified(" ".join(failure.kind for failure in failures[1:]))
        if failures:
            raise failures[0]

    def branches(self, frame, body):
        if len(body) != 1 or body[0].kind != "for_each":
            for statement in body:
                yield lambda one=statement: self.body(frame.branch(), [one])
            return
        node = self.node(frame, body[0])
        operand, name, inner = body[0].parts
        value = self.decide(node, "for_each", lambda: self.operand(frame, operand))
        for index, element in enumerate(e for e in value.split("\n") if e):
            yield lambda index=index, element=element: self.element(frame.branch(), name, index, element, inner)

    def element(self, frame, name, index, element, body):
        frame.bindings[name] = element
        self.loops.append(index)
        try:
            self.body(frame, body)
        finally:
            self.loops.pop()

    def run_cache(self, frame, node, parts):
        """L4.18. At the start nothing is stored."""
        key_word, ttl_word, body = parts
        key, ttl = self.decide(node, "cache", lambda: (
            self.operand(frame, key_word), self.duration(frame, ttl_word, "24h")))
        at, bindings = self.stored.get(key, (0, None))
        # READING L4.18: names of templates that are used in the body included, names of loops and failures not.
        names = self.bindable(body)
        usable = self.may_store()
        if usable and bindings is not None and self.clock - at < ttl:
            for name in names:
                frame.bindings.pop(name, None)
            for name, value in bindings.items():
                if name in names:
                    frame.bind(name, value)
            return
        self.body(frame, body)
        if usable and ("HOME" in self.env or "XDG_CACHE_HOME" in self.env):
            self.stored[key] = (self.clock, {n: frame.bindings[n] for n in names if n in frame.bindings})

    def bindable(self, body):
        """The names that statements can bind."""
        names = set()
        for statement in body:
            parts = statement.parts
            if statement.kind == "assign":
                names.add(parts[0])
            elif statement.kind == "action":
                if parts.kind == "expand":
                    names |= self.bindable(self.program.templates[parts.name].body)
            elif statement.kind == "if":
                names = names.union(parts[1] and self.bindable(parts[1]), *(self.bindable(b) for _, b in parts[0]))
            elif statement.kind == "match":
                names = names.union(*(self.bindable(b) for _, b in parts[1]))
            elif statement.kind == "try":
                names = names.union(*(self.bindable(b) for b in (parts[0], parts[2], parts[3])))
            elif statement.kind not in ("chain", "pipe", "parallel"):
                names |= self.bindable(parts[-1])
        return names

    def run_pipe(self, frame, node, parts):
        self.decide(node, "pipe", lambda: self.act(frame, Action("pipe", "pipe", parts)))

    def pipe(self, frame, stages, capture):
        """L10.5. One stage after the other; nobody here reads what another writes."""
        # All stages are evaluated, asked about and found before any is started.
        ready = []
        for stage in stages:
            texts = [text for text, _ in self.words(frame, stage.words, self.text)]
            self.fit(stage, texts)
            ready.append((texts, {name: self.text(frame, value) for name, value in stage.variables}))

        def perform():
            self.ask_op("exec")
            for texts, more in ready:
                self.check_given(frame, texts, more)
                self.findable(frame, texts[0])
            failures, output = [], ""
            for at, (texts, more) in enumerate(ready):
                try:
                    output = self.start(frame, texts, capture or at + 1 < len(stages), more)
                except Failure as failure:
                    failures.append(failure)
            if failures:
                raise failures[0]
            return output
        around = [(self.node(frame, stage), "exec", texts) for stage, (texts, _) in zip(stages, ready)]
        return self.hooked(frame, around, perform)

    def expand(self, frame, node, template, words):
        """L11"""
        given, lists = self.decide(node, "template", lambda: self.template_arguments(frame, template, words))
        # READING L11.2: only the innermost template's arguments are names.
        frame.hygienic.append(given)
        before = frame.prefix, frame.command, frame.lists
        frame.prefix, frame.command, frame.lists = node + ">", template, lists
        try:
            self.body(frame, template.body)
        finally:
            frame.prefix, frame.command, frame.lists = before
            frame.hygienic.pop()

    def template_arguments(self, frame, template, words):
        """L11.1. READING L1.9: how many words a splice is comes out here; what is one too many or missing is judged first."""
        words = [text for text, _ in self.words(frame, words, lambda frame, word: word)]
        least = sum(not (arg.rest or arg.optional or arg.default is not None) for arg in template.args)
        rest = any(arg.rest for arg in template.args)
        if len(words) < least or len(words) > len(template.args) and not rest:
            raise Failure("invalid_argument", f"{template.name} does not take {len(words)} words")
        texts = [word if isinstance(word, str) else self.text(frame, word) for word in words]
        given, lists = {}, {}
        for at, arg in enumerate(template.args):
            if arg.rest:                                                      # L3.6
                lists[arg.name] = texts[at:]
                given[arg.name] = "\n".join(texts[at:])
                given[arg.name + "_count"] = str(len(texts[at:]))
                continue
            if at < len(texts):
                given[arg.name] = texts[at]
            elif arg.default is not None:
                given[arg.name] = self.text(frame, arg.default)
            else:
                given[arg.name] = {"string": "", "bool": "false"}.get(arg.type, "0")
            try:
                self.typed(arg, given[arg.name])
            except UsageError as error:
                raise Failure("invalid_argument", str(error))
        return given, lists
