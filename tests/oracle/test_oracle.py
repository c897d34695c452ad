"""Small cases for perch_oracle.py, each written from a section of docs/spec."""

import json
import os
import subprocess
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.setrecursionlimit(20_000)

import perch_oracle  # noqa: E402

D = {"kind": "dir"}


def F(content=""):
    return {"kind": "file", "content": content}


def L(target):
    return {"kind": "link", "target": target}


def run_file(program, args=(), command="main", tree=None, programs=None, env=None, cwd="/w",
             os="linux", **policy):
    return perch_oracle.answer({
        "id": 1, "program": program, "file": "p.perch", "command": command, "args": list(args),
        "host": {"os": os, "arch": "amd64", "cwd": cwd, "env": env or {},
                 "tree": {"/w": D, **(tree or {})}, "programs": programs or {}},
        "policy": policy})


def run(body, **host):
    return run_file("command main\ndo\n" + body + "\nend\nend\n", **host)


def prog(status=0, stdout="", *effects):
    return {"status": status, "stdout": stdout, "effects": list(effects)}


class Case(unittest.TestCase):
    maxDiff = None

    def prints(self, body, stdout, **host):
        answer = run(body, **host)
        self.assertNotIn("load_error", answer)
        self.assertEqual((answer.get("failure"), answer["stdout"]), (None, stdout))
        return answer

    def fails(self, body, kind, **host):
        answer = run(body, **host)
        self.assertNotIn("load_error", answer)
        self.assertEqual(answer["failure"], {"kind": kind})
        return answer

    def refused(self, body):
        self.assertIn("load_error", run(body), body)

    def tree(self, answer, expected):
        self.assertEqual(answer["tree"], {"/w": D, **expected})

    def unchanged(self, body, kind, tree, **host):
        self.tree(self.fails(body, kind, tree=tree, **host), tree)


class Text(Case):
    def test_comments(self):                                                  # L1.2
        self.prints('#!x\nprint a#b "c # d" # e', "a#b c # d\n")

    def test_crlf_and_mark(self):                                             # L1.1
        answer = run_file("\ufeffcommand main\r\ndo\r\nprint a\r\nend\r\nend\r\n")
        self.assertEqual(answer["stdout"], "a\n")

    def test_words(self):                                                     # L1.4
        self.prints('print --name="a b"\'c\' "x\n  y"', "--name=a bc x\n  y\n")

    def test_escapes(self):                                                   # L1.5
        self.prints(r'''print "\x41\u00e9\q\$\t|" '\n\${a}' `\${b}` \${c}\n''',
                    "Aé\\q$\t| \\n${a} ${b} ${c}\\n\n")

    def test_interpolation(self):                                             # L1.6
        self.prints('x = "${y}"\nprint "${ x }" $x', "${q} $x\n", env={"y": "${q}"})
        self.refused('print "${x"')
        self.refused('print "${x y}"')

    def test_calls(self):                                                     # L1.8
        self.prints("""x = "ab"\nprint "${upper('c${x}')}-${length(upper(x))}-${replace('a,b', ',', '}')}" """, "CAB-2-a}b\n")
        self.fails("""print "${read_file('no')}" """, "file_not_found")
        for call in ("upper()", "rm('a')", "upper('a', 'b')", "nope('a')", "upper('a'", "upper(${x})"):
            self.refused(f'print "${{{call}}}"')

    def test_quote_not_closed(self):
        self.refused('print "a')

    def test_columns_after_a_quote_over_lines(self):
        answer = run('  false "a\nb" || print2 x', programs={"false": [prog(1)]})
        self.assertEqual([v["node"] for v in answer["visits"]],
                         ["main:3:3/0", "main:4:7/1", "main:3:3"])


class Files(Case):
    def test_shared(self):                                                    # L2.2
        program = ('A = one\nB = "${A} ${HOME} ${os}"\n'
                   'command main\ndo\nprint ${B} A\nend\nend\n')
        answer = run_file(program, env={"HOME": "/h"})
        self.assertEqual(answer["stdout"], "one /h linux one\n")
        self.assertEqual(answer["visits"][0], {"node": "shared:2:1", "visit": [], "ok": True,
                                               "kind": None})

    def test_shared_unresolved(self):                                         # L2.2
        answer = run_file('B = "${A}"\nA = x\ncommand main\ndo\nprint a\nend\nend\n')
        self.assertEqual((answer["exit"], answer["stdout"], answer["failure"]),
                         (1, "", {"kind": "unresolved_var"}))
        self.assertEqual(len(answer["visits"]), 1)

    def test_doubles(self):                                                   # L2.3
        c = "command a\ndo\nend\nend\n"
        self.assertIn("load_error", run_file(c + c))
        self.assertIn("load_error", run_file(
            "command a\narg x\ntype int\nend\narg x\ntype int\nend\ndo\nend\nend\n"))

    def test_unknown_lines(self):
        for text in ("foo x", "command a\nfoo\ndo\nend\nend", "command a\ndo\nend\nprivate\nend",
                     "command a\narg x\nend\ndo\nend\nend", "command a\nend", "command a\ndo\nend"):
            self.assertIn("load_error", run_file(text), text)


ARGS = """command main
arg s
type string
default "${os}"
index 0
end
arg n
type int
optional
index 1
end
arg b
type bool
optional
end
arg t
type string
default "<${s}>"
end
do
print ${s} ${n} ${b} ${t}
end
end
"""


class Arguments(Case):                                                        # L3.2
    def says(self, words, stdout):
        self.assertEqual(run_file(ARGS, words)["stdout"], stdout)

    def usage(self, words, program=ARGS):
        answer = run_file(program, words)
        self.assertEqual((answer["exit"], answer["failure"], answer["visits"]), (2, None, []))
        self.assertIn("usage_error", answer)

    def test_forms(self):
        self.says([], "linux 0 false <linux>\n")
        self.says(["-s=a", "--n", "3", "-b"], "a 3 true <a>\n")
        self.says(["a", "-5", "--b=false", "--t="], "a -5 false \n")
        self.says(["-n", "-5"], "linux -5 false <linux>\n")
        self.says(["-b", "x", "--", "7"], "x 7 true <x>\n")
        self.says(["--", "-b"], "-b 0 false <-b>\n")

    def test_usage_errors(self):
        for words in (["-q"], ["a", "1", "c"], ["-n", "x"], ["a", "x"], ["-b=1"], ["-s"],
                      ["-s", "-b"], ["-s=a", "-s=b"], ["-b", "true", "1", "2"]):
            self.usage(words)

    def test_required(self):
        self.usage([], "command main\narg x\ntype bool\nend\ndo\nend\nend\n")

    def test_private_and_unknown(self):                                       # L3.3
        program = "command main\ndo\np\nend\nend\ncommand p\nprivate\ndo\nprint hi\nend\nend\n"
        self.assertEqual(run_file(program)["stdout"], "hi\n")
        self.assertEqual(run_file(program, command="p")["exit"], 2)
        self.assertEqual(run_file(program, command="q")["exit"], 2)

    def test_usage_error_of_a_call(self):
        self.fails("main x", "invalid_argument")

    def test_default_sees_the_caller(self):
        program = ('command main\ndo\nx = 1\nc\nend\nend\n'
                   'command c\narg a\ntype string\ndefault "${x}"\nend\ndo\nprint a\nend\nend\n')
        answer = run_file(program)
        self.assertEqual(answer["stdout"], "1\n")
        self.assertEqual([v["node"] for v in answer["visits"]],
                         ["main:3:1", "main:4:1>c:8:1", "main:4:1>c:13:1", "main:4:1"])

    def test_flags_are_told_by_how_they_are_written(self):
        program = ('command main\ndo\nx = "-b"\nc ${x}\nc -a=${x}\nend\nend\n'
                   'command c\narg a\ntype string\nindex 0\nend\ndo\nprint a\nend\nend\n')
        self.assertEqual(run_file(program)["stdout"], "-b\n-b\n")
        self.fails("x = \"a\"\nmain -${x}", "invalid_argument")

    def test_judged_before_shared_bindings(self):
        answer = run_file('B = "${nope}"\ncommand main\ndo\nend\nend\n', ["x"])
        self.assertEqual((answer["exit"], answer["visits"]), (2, []))


class Statements(Case):
    def test_operands(self):                                                  # L4.2
        self.prints('x = 1\nprint x "x" y y.z ${x} x-1 os', "1 x y y.z 1 x-1 linux\n")
        self.prints("print HOME", "HOME\n", env={"HOME": "/h"})

    def test_assignment(self):                                                # L4.3
        self.prints('a = "t"\nb = a\nlet c = -1.5\nd = "${b}!"\ne = upper a\nf = true\n'
                    'print a b c d e f', "t t -1.5 t! T true\n")
        self.fails("x = nope", "unresolved_var", env={"nope": "1"})

    def test_assignment_captures(self):
        programs = {"p": [prog(0, "a\n\n"), prog(1, "b"), prog(0, "c\nd\n")]}
        answer = self.prints('x = exec p\ntry\nx = p 1\nrescue\nprint r\nend\nprint x\nx = p 1\nprint x',
                             "r\na\nc\nd\n", programs=programs)
        self.assertEqual(answer["exit"], 0)
        self.refused('x = exec p && q')

    def test_assignment_of_a_call(self):
        program = ("command main\ndo\nx = c\nprint \"<${x}>\"\nend\nend\n"
                   "command c\ndo\nprint in\nend\nend\n")
        answer = run_file(program)
        self.assertEqual(answer["stdout"], "in\n<>\n")
        self.assertEqual([v["node"] for v in answer["visits"]],
                         ["main:3:1>c:9:1", "main:3:1", "main:4:1"])

    def test_assignment_order(self):                                          # L4.1, L4.3
        self.prints('upper = "x"\nprint upper', "x\n")
        self.refused("x = upper")
        self.refused("if = 1")
        self.refused("err.kind = 1")

    def test_leading_word(self):                                              # L4.1
        self.prints('exec print x', "P", programs={"print": [prog(0, "P")]})
        self.prints('"print" x', "P", programs={"print": [prog(0, "P")]})
        self.fails("nope x", "bin_not_found")
        self.refused("else")
        self.refused("upper")

    def test_exit(self):                                                      # L4.10
        self.assertEqual(run("exit 255")["exit"], 255)
        self.assertEqual(run("exit")["exit"], 0)
        for bad in ("256", "-1", "x", '""'):
            self.assertEqual(self.fails("exit " + bad, "invalid_argument")["exit"], 1)

    def test_unresolved_first(self):                                          # L4.11
        self.unchanged('write_file a "${nope}"', "unresolved_var", {}, no_write=True)
        answer = self.fails('p "${nope}"', "unresolved_var", programs={"p": [prog(0, "x")]})
        self.assertEqual(answer["stdout"], "")


class Conditions(Case):                                                       # L4.4
    def holds(self, condition, expected, **host):
        self.prints(f'a = 1\ne = ""\nz = 0\nf = false\nif {condition}\nprint y\nelse\nprint n\nend',
                    "y\n" if expected else "n\n", **host)

    def test_names(self):
        for name, expected in (("a", 1), ("e", 0), ("z", 0), ("f", 0), ("nope", 0), ("HOME", 0),
                               ("is_linux", 1), ("is_windows", 0), ("true", 1), ("false", 0)):
            self.holds(name, expected, env={"HOME": "/h"})

    def test_comparisons(self):
        for test, expected in (("a == 1", 1), ("a == a", 0), ('"${a}" == 1', 1), ('"a" == a', 1),
                               ("nope == ''", 1), ("a != 1", 0), ("a eq 1.0", 0), ("a ge 1.0", 1),
                               ("a < x", 0), ("a > x", 1), ('"10" > 9', 1), ('"-2" lt -1', 1),
                               ("a neq 2", 1), ("a le 0", 0)):
            self.holds(test, expected)

    def test_precedence(self):
        self.holds("a or a and e", 1)
        self.holds("not a or a", 1)
        self.holds("not not a and not e", 1)
        self.holds("e and a or e", 0)

    def test_short_circuit(self):
        self.holds('a or "${nope}" == 1', 1)
        self.holds('e and "${nope}" == 1', 0)
        answer = self.fails('if a\nelif "${nope}" == 1\nend', "unresolved_var")
        self.assertEqual(answer["visits"], [{"node": "main:3:1", "visit": [], "ok": False,
                                             "kind": "unresolved_var"}])

    def test_predicates(self):
        self.holds("exists /w and not is_file /w", 1)
        self.holds("has_bin p", 1, programs={"p": [prog()]})
        self.prints('exists = "1"\nif exists\nprint y\nend', "y\n")

    def test_refused(self):
        for test in ("", '"x"', "${x}", "1", "a ==", "1 == a", "exists a b", "a b", "a and"):
            self.refused(f"if {test}\nend")

    def test_elif(self):
        self.prints("x = 2\nif x == 1\nprint 1\nelif x == 2\nprint 2\nelif x\nprint 3\nend", "2\n")


class Blocks(Case):
    def test_for_each(self):                                                  # L4.5
        # the list is a quote over four lines: the loop stands on line 8
        answer = self.prints('l = "a\n\nb\n"\nx = 0\nfor_each l x\ny = x\nend\nprint x y\n'
                             'for_each z in l\nend\nprint z', "0 b\nz\n")
        visits = [(v["node"], v["visit"]) for v in answer["visits"]]
        self.assertEqual(visits[2:5], [("main:8:1", []), ("main:9:1", [0]), ("main:9:1", [1])])

    def test_for_each_left_by_failure(self):
        self.prints('x = 0\ntry\nfor_each "a\nb" x\nx = 5\nfail\nend\nrescue\nprint x\nend', "0\n")

    def test_for_each_fails_itself(self):
        self.fails('for_each "${nope}" x\nend', "unresolved_var")
        answer = self.fails('for_each "a" x\nfail\nend', "user_fail")
        self.assertEqual([v["ok"] for v in answer["visits"]], [True, False])

    def test_match(self):                                                     # L4.6
        body = 'x = "%s"\na = "b"\nmatch x\ncase a\nprint 1\ncase "${a}"\nprint 2\nelse\nprint 3\nend'
        self.prints(body % "a", "1\n")
        self.prints(body % "b", "2\n")
        self.prints(body % "c", "3\n")
        self.prints('match x\ncase y\nfail\nend', "")
        self.refused("match x\nprint\ncase y\nend")

    def test_match_stops_at_the_first(self):
        self.prints('match x\ncase x\ncase "${nope}"\nend', "")
        self.fails('match x\ncase "${nope}"\ncase x\nend', "unresolved_var")


class Try(Case):                                                              # L4.7
    def test_rescue_binds(self):
        self.prints('err = "o"\ntry\nfail boo\nrescue\nprint err err.kind err.op "${err.code}|"\n'
                    'end\nprint err err.kind', "boo user_fail fail |\no err.kind\n")
        self.prints('try\np\nrescue e\nprint e.code e.kind\nend', "7 shell_exit_nonzero\n",
                    programs={"p": [prog(7)]})

    def test_empty_rescue_does_not_catch(self):
        self.fails("try\nfail\nrescue\nend", "user_fail")
        self.fails("try\nfail\nend", "user_fail")

    def test_finally_after_success_failure_exit(self):
        self.prints("try\nprint a\nfinally\nprint b\nend\nprint c", "a\nb\nc\n")
        self.assertEqual(self.fails("try\nfail\nfinally\nprint b\nend", "user_fail")["stdout"], "b\n")
        answer = run("try\nexit 3\nrescue\nprint no\nfinally\nprint b\nend\nprint c")
        self.assertEqual((answer["exit"], answer["stdout"]), (3, "b\n"))

    def test_failure_in_rescue(self):
        answer = self.fails('try\nfail\nrescue\nmkdir ""\nfinally\nprint err\nend',
                            "invalid_argument")
        self.assertEqual(answer["stdout"], "err\n")

    def test_finally_wins(self):
        self.fails('try\nfail\nfinally\nmkdir ""\nend', "invalid_argument")
        self.fails('try\nexit 3\nfinally\nfail\nend', "user_fail")
        answer = run("try\nfail\nfinally\nexit 4\nend")
        self.assertEqual((answer["exit"], answer["failure"]), (4, None))
        self.assertEqual(run("try\nexit 3\nfinally\nexit 4\nend")["exit"], 4)
        self.fails('try\nprint a\nfinally\nfail\nend', "user_fail")

    def test_finally_failure_can_be_rescued_outside(self):
        self.prints("try\ntry\nexit 3\nfinally\nfail x\nend\nrescue\nprint err\nend", "x\n")

    def test_try_is_ok(self):
        answer = self.fails("try\nfail\nend", "user_fail")
        self.assertEqual([(v["node"], v["ok"]) for v in answer["visits"]],
                         [("main:3:1", True), ("main:4:1", False)])

    def test_exit_through_calls(self):
        program = ("command main\ndo\ntry\nc\nfinally\nprint f\nend\nend\nend\n"
                   "command c\ndo\ntry\nexit 5\nfinally\nprint g\nend\nend\nend\n")
        answer = run_file(program)
        self.assertEqual((answer["exit"], answer["stdout"]), (5, "g\nf\n"))
        self.assertTrue(all(v["ok"] for v in answer["visits"]))


class Calls(Case):                                                            # L4.8
    PROGRAM = ("command main\ndo\nx = 1\nmkdir d\nc -a=x\nprint x cwd y\nend\nend\n"
               "command c\narg a\ntype string\nend\ndo\nprint x a\nx = 2\ny = 3\ncd d\nprint cwd\n"
               "end\nend\n")

    def test_scope(self):
        self.assertEqual(run_file(self.PROGRAM)["stdout"], "1 x\n/w/d\n1 /w y\n")

    def test_call_nodes(self):
        nodes = [v["node"] for v in run_file(self.PROGRAM)["visits"]]
        self.assertEqual(nodes[2:4], ["main:5:1>c:14:1", "main:5:1>c:15:1"])
        self.assertEqual(nodes[-2:], ["main:5:1", "main:6:1"])

    def test_recursion_limit(self):
        answer = self.fails("n = upper a\nmain", "recursion_limit")
        deep = [v for v in answer["visits"] if v["node"].endswith("main:3:1")]
        self.assertEqual(len(deep), 65)           # the first command and 64 calls
        self.prints("try\nmain\nrescue\nprint err.kind\nend", "recursion_limit\n")

    def test_visit_over_the_call_path(self):
        program = ('command main\ndo\nfor_each "a\nb" x\nc\nend\nend\nend\n'
                   'command c\ndo\nfor_each "a\nb" y\nprint y\nend\nend\nend\n')
        visits = [v["visit"] for v in run_file(program)["visits"] if v["node"].endswith("c:13:1")]
        self.assertEqual(visits, [[0, 0], [0, 1], [1, 0], [1, 1]])

    def test_shared_once(self):                                               # L2.2
        program = ('S = "${cwd}"\ncommand main\ndo\ncd /\nc\nprint S\nend\nend\n'
                   'command c\ndo\nprint S\nend\nend\n')
        self.assertEqual(run_file(program)["stdout"], "/w\n/w\n")


class Chains(Case):                                                           # L4.9
    PROGRAMS = {"t": [prog(0, "t")], "f": [prog(9, "f")], "u": [prog(0, "u")]}

    def chain(self, text, stdout, kind=None):
        answer = run(text, programs=self.PROGRAMS)
        self.assertEqual((answer["stdout"], answer["failure"]),
                         (stdout, kind and {"kind": kind}))
        return answer

    def test_operators(self):
        self.chain("t && u", "tu")
        self.chain("t || u", "t")
        self.chain("f || u", "fu")
        self.chain("f && u || t", "ft")
        self.chain("t || u && u", "tu")
        self.chain("f ; t", "ft")
        self.chain("f && t ; u", "fu")

    def test_failing(self):
        self.assertEqual(self.chain("f && u", "f", "shell_exit_nonzero")["exit"], 9)
        self.assertEqual(self.chain("t ; nope", "t", "bin_not_found")["exit"], 1)
        self.chain("nope || t", "t")
        self.chain('t "${nope}" || u', "u")

    def test_source_only(self):
        self.prints('x = ";"\nprint x "||" a;', "; || a;\n")

    def test_refused(self):
        for text in ("t && print x", "print x && t", "t && main", "main ; t", "t &&", "&& t", "t && && t",
                     "t && x = 1", "t && if"):
            self.refused(text)
        self.chain("exec t && exec t", "tt")

    def test_nodes(self):
        visits = self.chain("f || t", "ft")["visits"]
        self.assertEqual([(v["node"], v["ok"]) for v in visits],
                         [("main:3:1/0", False), ("main:3:6/1", True), ("main:3:1", True)])


class Scopes(Case):                                                           # L4.12 to L4.19
    T = {"t": [prog(1), prog(2), prog(0, "t")]}

    def test_heads(self):
        for text in ("retry 1 2s 3s 4\nend", "retry delay=1s delay=2s\nend", "os\nend", "with_env A\nend", "with_env\nend",
                     "sandbox no_such\nend", "timeout\nend", "timeout 1s secs=2\nend", "cache\nend", "parallel 3 4\nend",
                     "pipe x\nend", "pipe\nt", "pipe\nprint x\nend", "A=1 print x", "sleep"):
            self.refused(text)

    def test_retry(self):                                                     # L4.15
        answer = self.prints("retry 3\nt\nend", "t", programs=self.T)
        self.assertEqual([v["visit"] for v in answer["visits"]], [[], [0], [0], [1], [1], [2]])
        self.assertEqual(self.fails("retry 2\nt\nend", "shell_exit_nonzero", programs=self.T)["exit"], 2)
        for head in ("retry 0", "retry 3 delay=soon", "retry 3 max_delay=-1s"):
            self.fails(f"x = 1\n{head}\nprint x\nend", "invalid_argument")

    def test_retry_before_a_deadline(self):                                   # L4.15: 1 + 2 + 4 seconds
        for limit, starts in (("0.5s", 1), ("1s", 1), ("2s", 2), ("3500ms", 3), ("1m", 4)):
            answer = run(f"timeout {limit}\nretry 4\nprint x\nfail\nend\nend")
            self.assertEqual(answer["stdout"], "x\n" * starts, limit)

    def test_durations(self):                                                 # L9.2
        for text, good in (("1", True), ("1h30m", True), ("1.5s", True), ("7d", True), ("500ms", True), ("", False),
                           ("1 h", False), ("h", False), ("-1s", False), ("1x", False)):
            answer = run(f'd = "{text}"\ntimeout d\nend')
            self.assertEqual(answer["failure"], None if good else {"kind": "invalid_argument"}, text)

    def test_cache_grows_old(self):                                           # L4.18
        wait = "try\nretry 2 delay=2s\nfail\nend\nrescue\nx = 0\nend\n"
        body = "cache k {0}\nprint x\nend\n" + wait + "cache k {0}\nprint y\nend"
        self.prints(body.format("1s"), "x\ny\n", env={"HOME": "/h"})
        self.prints(body.format("3s"), "x\n", env={"HOME": "/h"})
        self.prints(body.format("3s"), "x\ny\n")
        self.prints(body.format("3s"), "x\ny\n", env={"HOME": "/h"}, no_write=True)

    def test_parallel(self):                                                  # L4.14, L6.5
        self.prints("x = 1\nparallel\nx = 2\nprint x\nend\nprint x", "1\n1\n")
        answer = self.fails("parallel\nfail a\nrm ''\nprint b\nend", "user_fail")
        self.assertEqual(answer["stdout"], "b\n")
        answer = run("parallel\nfor_each 'a\nb' x\nprint x\nfail x\nend\nend")
        self.assertEqual(answer["stdout"], "a\nb\n")
        self.assertEqual([v["visit"] for v in answer["visits"]], [[], [], [0], [0], [1], [1]])

    def test_scopes_end(self):                                                # L4.17, L15.2
        tree = {"/w/d": D}
        self.prints("try\nwith_cwd d\nwith_env A=1\nsandbox no_write\nfail\nend\nend\nend\nrescue\nend_ = 1\nend\n"
                    "write_file a x\nprint ${cwd} ${A}", "/w 0\n", tree=tree, env={"A": "0"})


class Configuration(Case):                                                    # L3.6, L3.7
    def test_rest(self):
        program = ("command main\narg a\ntype string\nindex 0\nend\narg r\ntype string\nindex 1\nrest\nend\ndo\n"
                   "print ${a} ${r_count} ${r...} .\nend\nend\n")
        self.assertEqual(run_file(program, args=["x", "y", "z w"])["stdout"], "x 2 y z w .\n")
        self.assertEqual(run_file(program, args=["x"])["stdout"], "x 0 .\n")

    def test_proxy_args(self):
        program = "command main\nproxy_args\ndo\nt ${proxy_args...} e\nprint ${proxy_args}\nend\nend\n"
        answer = run_file(program, args=["-a", "b c", "--"], programs={"t": [prog(3)], "t -a b c -- e": [prog(0, "+")]})
        self.assertEqual(answer["stdout"], "+-a b c --\n")

    def test_where_a_command_runs(self):
        program = "command main\nrequire_os windows unix\nenv A ${cwd}\ndir d\ndo\nprint ${A} ${cwd}\nend\nend\n"
        self.assertEqual(run_file(program, tree={"/w/d": D})["stdout"], "/w /w/d\n")
        self.assertEqual(run_file(program)["failure"], {"kind": "file_not_found"})
        self.assertEqual(run_file(program.replace("windows unix", "macos"))["failure"], {"kind": "requirement_unmet"})

    def test_catch(self):                                                     # L17
        program = "command c\nprivate\ndo\nend\nend\ncatch v\nproxy_args\ndo\nprint ${v} ${proxy_args}\nend\nend\n"
        for name in ("c", "other"):
            self.assertEqual(run_file(program, ["a", "-b"], name)["stdout"], f"{name} {name} a -b\n")


class Hooks(Case):                                                            # L16
    def hooked(self, lines, handler, body, **host):
        return run_file(f"hooks\n{lines}\nend\ncommand h\nprivate\ndo\n{handler}\nend\nend\n"
                        f"command main\ndo\n{body}\nend\nend\n", **host)

    def test_targets(self):
        for target, op in (("write", "mkdir x"), ("read", "read_file f"), ("env", "get_env A"), ("exec", "t"), ("any", "upper a")):
            answer = self.hooked(f"before {target} h", "print ${hook.op} ${hook.target}", op, tree={"/w/f": F()},
                                 programs={"t": [prog()]})
            name, _, word = op.partition(" ")
            told = {"t": "exec t", "upper": "upper "}.get(name, f"{name} {word}")
            self.assertEqual(answer["stdout"], told + "\n", target)
        self.assertEqual(self.hooked("before rm h", "print no", "mkdir x")["stdout"], "")

    def test_timings(self):
        lines = "before any h\nafter any h\non_error any h"
        answer = self.hooked(lines, "print ${hook.timing}", "mkdir x\nread_file no")
        self.assertEqual(answer["stdout"], "before\nafter\nbefore\non_error\n")


class Templates(Case):                                                        # L11
    HEAD = "template t\narg a\ntype string\nend\narg b\ntype string\ndefault ${x}\nend\ndo\n{0}\nend\nend\n"

    def expand(self, template, body):
        return run_file(self.HEAD.replace("{0}", template) + f"command main\ndo\n{body}\nend\nend\n")

    def test_arguments_are_hygienic(self):
        answer = self.expand("print ${a} ${b}\na = 9\nc = ${a}", "a = 1\nx = 2\nt 3\nprint ${a} ${c}")
        self.assertEqual(answer["stdout"], "3 2\n1 9\n")


class Names(Case):                                                            # L5
    def test_lookup_order(self):
        program = ('A = s\nos = s\ncommand main\ndo\nprint ${A} ${os} ${arch} ${E}\nA = "o"\n'
                   'arch = "o"\nprint ${A} ${arch}\nend\nend\n')
        answer = run_file(program, env={"A": "e", "arch": "e", "E": "e"})
        self.assertEqual(answer["stdout"], "s s amd64 e\no o\n")

    def test_blocks_do_not_scope(self):                                       # L5.2, L5.3
        self.prints("if is_unix\nx = 1\nend\nprint ${x}", "1\n")
        self.fails("if is_unix\nx = 1\nend\nprint ${x}", "unresolved_var", os="windows")

    def test_exit_status(self):                                               # L6.2
        for status, expected in ((1, 1), (125, 125), (126, 1), (200, 1)):
            self.assertEqual(run("p", programs={"p": [prog(status)]})["exit"], expected)


class Paths(Case):
    def test_cleaned(self):                                                   # P1
        self.tree(run("write_file .//a/../b/ x"), {"/w/b": F("x")})
        self.tree(run("write_file ../../../w/b x"), {"/w/b": F("x")})
        self.fails('exists ""', "invalid_argument")
        self.fails('read_file "\\0"', "invalid_argument")

    def test_link_dot_dot(self):                                              # P1
        tree = {"/w/d": D, "/w/d/e": D, "/w/l": L("d/e"), "/w/x": F("1"), "/w/d/x": F("2")}
        self.prints("x = read_file l/../x\nprint x", "1\n", tree=tree)

    def test_links(self):                                                     # P2
        tree = {"/w/d": D, "/w/d/l": L("../f"), "/w/f": F("1"), "/w/m": L("/w/d"), "/w/n": L("o")}
        self.prints("x = read_file m/l\nprint x", "1\n", tree=tree)
        self.tree(run("write_file n 2", tree=tree), {**tree, "/w/o": F("2")})

    def test_loops(self):                                                     # P2
        tree = {"/w/l": L("l")}
        self.fails("read_file l", "io_error", tree=tree)
        self.prints("x = exists l\nprint x", "false\n", tree=tree)
        self.tree(run("rm l", tree=tree), {})
        links = {f"/w/{n}": L(str(n + 1)) for n in range(41)}
        links["/w/41"] = F("x")
        self.prints("x = read_file 1\nprint x", "x\n", tree=links)
        self.fails("read_file 0", "io_error", tree=links)

    def test_ancestors(self):                                                 # P3
        self.fails("read_file f/a/b", "not_a_directory", tree={"/w/f": F()})
        self.fails("read_file n/a", "file_not_found")
        self.fails("read_file l/a", "file_not_found", tree={"/w/l": L("n")})


class Ops(Case):
    TREE = {"/w/f": F("1"), "/w/d": D, "/w/d/g": F("2"), "/w/l": L("f"), "/w/k": L("d"),
            "/w/z": L("none")}

    def guards(self, *cases):
        for body, kind in cases:
            with self.subTest(body):
                self.unchanged(body, kind, self.TREE)

    def makes(self, body, changes, **host):
        answer = run(body, tree=self.TREE, **host)
        self.assertIsNone(answer["failure"], body)
        expected = {**self.TREE, **changes}
        self.tree(answer, {p: e for p, e in expected.items() if e})

    def test_print_fail(self):
        self.prints("print a  'b  c'\nprint ''", "a b  c\n\n")
        self.prints("try\nfail\nrescue\nprint err\nend", "(no message)\n")

    def test_predicates(self):
        self.prints("\n".join(f"x = {op} {p}\nprint x" for op in ("exists", "is_dir", "is_file")
                              for p in ("f", "d", "l", "k", "z", "f/x")),
                    "true\ntrue\ntrue\ntrue\nfalse\nfalse\n"
                    "false\ntrue\nfalse\ntrue\nfalse\nfalse\n"
                    "true\nfalse\ntrue\nfalse\nfalse\nfalse\n", tree=self.TREE)

    def test_read_file(self):
        self.guards(("read_file f/x", "not_a_directory"), ("read_file n", "file_not_found"),
                    ("read_file k", "is_a_directory"))

    def test_write_file(self):
        self.guards(("write_file f/x/y 1", "not_a_directory"), ("write_file n/x 1", "file_not_found"),
                    ("write_file k 1", "is_a_directory"))
        self.makes("write_file l 9", {"/w/f": F("9")})

    def test_mkdir(self):
        self.guards(("mkdir f/x", "not_a_directory"), ("mkdir l", "not_a_directory"))
        self.makes("mkdir d", {})
        self.makes("mkdir k/a/b", {"/w/d/a": D, "/w/d/a/b": D})
        self.makes("mkdir z", {"/w/none": D})

    def test_rm(self):
        self.guards(("rm /w/..", "invalid_argument"))
        self.makes("rm n/x\nrm f/x", {})
        self.makes("rm k", {"/w/k": None})
        self.makes("rm d", {"/w/d": None, "/w/d/g": None})

    def test_cp(self):
        self.guards(("cp f/x a", "not_a_directory"), ("cp n f/x", "file_not_found"),
                    ("cp k f/x", "is_a_directory"), ("cp f f/x", "not_a_directory"),
                    ("cp f l", "invalid_argument"), ("cp d/g k", "invalid_argument"))
        self.unchanged("cp f d", "is_a_directory", {**self.TREE, "/w/d/f": D})
        self.makes("cp l d", {"/w/d/l": F("1")})
        self.makes("cp f a/b", {"/w/a": D, "/w/a/b": F("1")})
        self.makes("cp d/g l", {"/w/f": F("2")})

    def test_mv(self):
        self.guards(("mv f/x a", "not_a_directory"), ("mv n f/x", "file_not_found"),
                    ("mv f d/g/x", "not_a_directory"), ("mv f n/x", "file_not_found"),
                    ("mv d d", "invalid_argument"), ("mv d k/x", "invalid_argument"),
                    ("mv f d", "is_a_directory"), ("mv / a", "invalid_argument"),
                    ("mv d f", "not_a_directory"), ("mv d k", "not_a_directory"))
        self.makes("mv f k", {"/w/f": None, "/w/k": F("1")})
        self.makes("mv l d/g", {"/w/l": None, "/w/d/g": L("f")})
        self.makes("mv d e", {"/w/d": None, "/w/d/g": None, "/w/e": D, "/w/e/g": F("2")})

    def test_copy_dir(self):
        self.guards(("copy_dir f/x a", "not_a_directory"), ("copy_dir n f", "file_not_found"),
                    ("copy_dir l d", "not_a_directory"), ("copy_dir d d/x", "invalid_argument"),
                    ("copy_dir d k", "invalid_argument"), ("copy_dir d/ /w", "invalid_argument"),
                    ("copy_dir d f/x", "not_a_directory"), ("copy_dir d l", "not_a_directory"))
        self.unchanged("copy_dir d e", "file_already_exists",
                       {**self.TREE, "/w/e": D, "/w/e/g": D})
        self.unchanged("copy_dir e d", "file_already_exists",
                       {**self.TREE, "/w/e": D, "/w/e/g": D})
        self.makes("copy_dir k a/b", {"/w/a": D, "/w/a/b": D, "/w/a/b/g": F("2")})

    def test_copy_dir_links(self):
        tree = {"/w/a": D, "/w/a/l": L("q"), "/w/a/m": F("m"), "/w/b": D, "/w/b/l": F("x"),
                "/w/b/m": L("../a")}
        self.tree(run("copy_dir a b", tree=tree), {**tree, "/w/b/l": L("q"), "/w/b/m": F("m")})

    def test_symlink(self):
        self.guards(("symlink a f/x", "not_a_directory"), ("symlink a n/x", "file_not_found"),
                    ("symlink a d", "is_a_directory"), ('symlink "" d', "is_a_directory"),
                    ('symlink "" a', "invalid_argument"))
        self.makes("symlink ../x/ k", {"/w/k": L("../x/")})

    def test_exec_guards(self):
        programs = {"p": [prog(0, "x")]}
        self.fails("mkdir q\ncd q\nrm /w/q\np", "file_not_found", programs=programs)
        self.fails("mkdir q\ncd q\nrm /w/q\nwrite_file /w/q 1\nnope", "not_a_directory",
                   programs=programs)
        self.fails("exec nope", "bin_not_found")

    def test_exec_effects(self):                                              # F2
        effects = [{"mkdir": "e"}, {"write": "e/a", "content": "1"}, {"write": "n/a", "content": ""},
                   {"mkdir": "e"}, {"remove": "d"}, {"write": "z", "content": "2"}]
        answer = run("p || p", tree=self.TREE, programs={"p": [prog(3, "", *effects), prog()]})
        expected = {**self.TREE, "/w/e": D, "/w/e/a": F("1"), "/w/none": F("2")}
        self.tree(answer, {p: e for p, e in expected.items() if not p.startswith("/w/d")})

    def test_cd(self):
        self.guards(("cd f/x", "not_a_directory"), ("cd n", "file_not_found"),
                    ("cd l", "not_a_directory"))
        self.prints("cd k\nprint cwd\ncd ..\nprint cwd", "/w/k\n/w\n", tree=self.TREE)

    def test_texts(self):
        self.prints('a = upper "straße"\nb = replace "aXbX" "X" ""\nc = replace ab "a,c,d"\n'
                    'd = replace ab a\ne = replace ab "" x\nf = length "é\n"\ng = get_env N\n'
                    'print a b c d e f "${g}|"', "STRASSE ab c,db ab ab 2 |\n")


class Policies(Case):
    def test_no_write(self):                                                  # Y3
        tree = {"/w/f": F("1")}
        for body in ("write_file a b", "mkdir a", "rm f", "cp n a", "mv n a", "copy_dir n a",
                     "symlink a b"):
            self.unchanged(body, "cap_write_denied", tree, no_write=True)
        for body in ("cp n a", "mv n a", "copy_dir n a"):
            self.unchanged(body, "read_not_permitted", tree, no_write=True, allow_read=[])
        self.unchanged('cp f ""', "invalid_argument", tree, no_write=True, allow_read=[])

    def test_parents_are_asked(self):                                         # Y3
        tree = {"/w/d": D, "/w/l": L("/q/r/s")}
        for body in ("mkdir /q/r/s", "copy_dir d /q/r/s"):
            self.unchanged(body, "write_not_permitted", tree, allow_write=["/q/r"])
            self.assertIsNone(run(body, tree=tree, allow_write=["/q"])["failure"])

    def test_no_subprocess(self):
        self.fails("nope", "cap_subprocess_denied", no_subprocess=True, allow_bin=[])
        self.fails("nope", "shell_bin_not_allowed", allow_bin=["git"])
        self.fails("./git", "shell_bin_not_allowed", allow_bin=["git"])
        self.fails("git", "bin_not_found", allow_bin=["git"])

    def test_roots(self):                                                     # P4
        tree = {"/r": D, "/r/f": F("1"), "/r/l": L("/w/x"), "/w/x": F("2"), "/w/in": L("/r/f"),
                "/r/b": L("../w/in"), "/rx": F("3")}
        self.fails("read_file /w/x", "read_not_permitted", tree=tree, allow_read=["/r"])
        self.fails("read_file /rx", "read_not_permitted", tree=tree, allow_read=["/r"])
        self.fails("read_file /r/l", "read_not_permitted", tree=tree, allow_read=["/r"])
        self.fails("read_file /r/b", "read_not_permitted", tree=tree, allow_read=["/r"])
        self.prints("x = read_file /r/f\nprint x", "1\n", tree=tree, allow_read=[],
                    allow_write=["/r/"])
        self.prints("x = exists /w/x\ny = is_file /r/l\nprint x y", "false false\n", tree=tree,
                    allow_read=["/r"])
        self.fails("write_file /r/l 1", "write_not_permitted", tree=tree, allow_write=["/r"])
        self.assertIsNone(run("rm /r/l", tree=tree, allow_write=["/r"])["failure"])

    def test_order(self):                                                     # Y3
        roots = {"allow_read": ["/r"], "allow_write": ["/s"]}
        self.fails("mv /w/a /w/b", "read_not_permitted", **roots)
        self.fails("mv /r/a /w/b", "write_not_permitted", **roots)
        self.fails("cp /r/n /w/b", "write_not_permitted", **roots)

    def test_cp_into_a_directory_with_a_link_out(self):                       # (a reading)
        tree = {"/r": D, "/r/f": L("/w/x"), "/w/f": F("1")}
        self.unchanged("cp f /r", "write_not_permitted", tree, allow_write=["/r"])


class Whole(Case):
    def test_protocol(self):
        cases = [{"id": "a", "program": "command main\ndo\nmain\nend\nend\n", "command": "main",
                  "args": [], "host": {"cwd": "/w"}, "policy": None},
                 {"id": "b", "program": "nonsense", "command": "main", "host": {}}]
        done = subprocess.run([sys.executable, os.path.join(HERE, "perch_oracle.py")], text=True,
                              input="\n".join(map(json.dumps, cases)), capture_output=True)
        first, second = map(json.loads, done.stdout.splitlines())
        self.assertEqual((first["id"], first["failure"], first["exit"], len(first["visits"])),
                         ("a", {"kind": "recursion_limit"}, 1, 65))
        self.assertEqual(first["tree"], {"/w": D})
        self.assertEqual(sorted(second), ["id", "load_error"])

    def test_unspecified_messages_are_noticed(self):
        for body, noticed in (("try\nread_file a\nrescue\nprint err\nend", True),
                              ("try\nread_file a\nrescue e\nprint ${e.message}\nend", True),
                              ("try\nread_file a\nrescue\nprint err.kind\nend", False),
                              ("try\nfail x\nrescue\nprint err\nend", False)):
            self.assertEqual(run(body).get("unspecified", False), noticed, body)

    def test_endless(self):
        self.assertIn("case_error", run("try\nmain\nrescue\nmain\nend"))


if __name__ == "__main__":
    unittest.main()
