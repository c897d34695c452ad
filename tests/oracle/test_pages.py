"""The oracle against the pages of tests/behaviour/cases, those included that wait for an implementation.

What a page expects of a real run the oracle must expect, too. Left out are runs whose programs are shell scripts, those that go on where
another has ended or have a command line of their own.
"""

import json
import os
import sys
import unittest

HERE = os.path.dirname(os.path.abspath(__file__))
sys.path.insert(0, HERE)
sys.setrecursionlimit(20_000)

import perch_oracle  # noqa: E402

PAGES = os.path.join(HERE, "../behaviour/cases")
BIN = "/w.bin"
USUAL = {"true": {}, "false": {"status": 1}}
LISTS = {"--allow-host": "allow_host", "--allow-read": "allow_read", "--allow-write": "allow_write", "--allow-bin": "allow_bin"}


def sections(text):
    """[(heading, {block kind: [text of each]})]; there is no server, so its port does not matter."""
    text = text.replace("@port", "8080")
    found, kind = [], None
    for line in text.split("\n"):
        if line.startswith("```"):
            kind = None if kind else line[3:]
            if kind and found:
                found[-1][1].setdefault(kind, []).append("")
        elif kind and found:
            found[-1][1][kind][-1] += line + "\n"
        elif line.startswith("## "):
            found.append((line[3:], {}))
    return found


def policy(fixture, flags):
    """What the fixture says and what the flags say, joined by "and" where only one of them says it."""
    asked = {"no_write": fixture.get("no_write"), "no_subprocess": fixture.get("no_subprocess"), "no_shell": fixture.get("no_shell"),
             "no_network": fixture.get("no_network"), "allow_host": fixture.get("network"),
             "allow_read": fixture.get("fs_read"), "allow_write": fixture.get("fs_write")}
    if "bins" in fixture:
        has = fixture.get("oracles", {}).get("has_bin", {})
        asked["allow_bin"] = [b for b in fixture["bins"] if has.get(b) is not False] + [b for b in has if has[b]]
    for flag in flags.split():
        name, _, value = flag.partition("=")
        if name in LISTS:
            asked[LISTS[name]] = [one for one in value.split(",") if one]
        else:
            asked[name[2:].replace("-", "_")] = True
    return asked


def host(fixture, more):
    """As tests/behaviour/src/model.rs; None if a program is a script: a manager that knows packages is one."""
    oracles = fixture.get("oracles", {})
    tree = {"/w": {"kind": "dir"}, BIN: {"kind": "dir"}}
    for path in (fixture.get("fs_read") or []) + (fixture.get("fs_write") or []):
        tree[path] = {"kind": "dir"}
    tree.update({path: {"kind": "file"} for path, there in oracles.get("file_exists", {}).items() if there})
    files = {**fixture.get("files", {}), **more.get("files", {})}
    for path, stands in files.items():
        stands = {"kind": "file", "content": stands} if isinstance(stands, str) else stands
        tree.pop(path, None)
        if stands["kind"] != "absent":
            tree[path] = stands
    programs = {name: USUAL.get(name, {}) for name in fixture.get("bins") or []}
    programs.update({name: {} for name, there in oracles.get("has_bin", {}).items() if there})
    for words, does in oracles.get("exec", {}).items():
        programs.setdefault(words.split(" ")[0], {})
        programs[words.removesuffix(" *")] = does
    for line, printed in oracles.get("shell_output", {}).items():
        programs.setdefault(line.split(" ")[0], {})
        programs[line] = {"stdout": printed}
    programs.update(more.get("programs", {}))
    if any(isinstance(does, str) for does in programs.values()) or "echo" in programs or "packages" in oracles:
        return None
    programs = {name: does if isinstance(does, list) else [does] for name, does in programs.items()}
    for name in programs:
        tree[f"{BIN}/{name.split(' ')[0]}"] = {"kind": "file"}
    env = {**fixture.get("env", {}), **more.get("env", {})}
    closed = fixture.get("env_only")
    if closed is not True:
        env.update({name: "x" for name in closed or ["HOME"] if name not in env})
        env["PATH"] = BIN
    return {"http": oracles.get("http", {}), "os": "linux", "arch": "amd64", "cwd": fixture.get("cwd", "/w"), "env": env, "tree": tree,
            "programs": programs, "bin_dir": BIN}


def expectations(block):
    """The lines of a `run` block: {key: [values]}."""
    found = {}
    for line in block.split("\n"):
        if line.strip():
            key, _, value = line.partition(":")
            found.setdefault(key, []).append(value.removeprefix(" "))
    return found


def words(text):
    return json.loads(text) if text.strip().startswith("[") else text.split()


def differences(expected, answer, before):
    """Where the answer is not what is expected: [(what, expected, answered)]"""
    kind = (answer["failure"] or {}).get("kind")
    fails = expected.get("fails", [None])[0]
    out = "".join(line + "\n" for line in expected.get("out", []))
    tree = dict(before)
    tree.update({p: {"kind": "file", "content": json.loads(t)}
                 for p, _, t in (v.partition(" ") for v in expected.get("file", []))})
    tree.update({p: {"kind": "dir"} for p in expected.get("dir", [])})
    tree.update({p: {"kind": "link", "target": t} for p, _, t in (v.partition(" ") for v in expected.get("link", []))})
    for path in expected.get("gone", []):
        tree.pop(path, None)
    pairs = [("fails", fails and fails.split(" ")[0], kind), ("stdout", out, answer["stdout"]),
             ("exit", int(expected.get("exit", [1 if fails else 0])[0]), answer["exit"])]
    seen = {p: e for p, e in answer["tree"].items() if p.startswith("/w/")}
    for path in sorted(set(seen) | set(tree)):
        pairs.append((path, tree.get(path), seen.get(path)))
    return [pair for pair in pairs if pair[1] != pair[2]]


class Pages(unittest.TestCase):
    maxDiff = None

    def setUp(self):
        self.asked = self.left_out = 0

    def check_run(self, blocks, fixture, run):
        expected = expectations(run)
        there = host(fixture, json.loads(expected.get("host", ["{}"])[0]))
        files = {kind[5:].removeprefix("./"): text[0] for kind, text in blocks.items() if kind.startswith("file ")}
        program = blocks["perch"][0]
        lines = program.split("\n")
        commands = [line.split()[1] for line in lines if line.startswith("command ")]
        called = ["main" if "main" in commands else commands[0], *words(blocks.get("args", [""])[0])]
        caught = any(line.startswith("catch ") for line in lines)
        if "call" in expected and caught:
            called = words(expected["call"][0])
        # Whose flags of the command line are is no matter of the language.
        flags = any(word.startswith("--no-") for word in called)
        if there is None or "again" in expected or "call" in expected and not caught or flags:
            self.left_out += 1
            return
        self.asked += 1
        # What a program carries along stands beside it, and that is not where it is started.
        if any(line.strip() == "bundle" for text in (program, *files.values()) for line in text.split("\n")):
            there["tree"].update({f"/program/{name}": {"kind": "file", "content": text} for name, text in files.items()})
        case = {"id": 0, "program": program, "files": files, "file": "/program/commands.perch", "command": called[0], "args": called[1:], "host": there,
                "policy": policy(fixture, blocks.get("flags", [""])[0])}
        before = perch_oracle.Tree(there["tree"], there["cwd"]).entries
        before = {path: entry for path, entry in before.items() if path.startswith("/w/")}
        answer = perch_oracle.answer(case)
        for problem in ("load_error", "case_error"):
            self.assertNotIn(problem, answer)
        # A line for the shell that is more than a program and its words is nobody's business here.
        # Nor is what a server answers of which nothing is told.
        if answer.get("unspecified") and ("shell" in program or there["http"]):
            self.asked -= 1
            self.left_out += 1
            return
        self.assertEqual(normal(differences(expected, answer, before)), [])

    def check_pages(self, folder):
        for page in sorted(os.listdir(folder)) if os.path.isdir(folder) else []:
            if not page.endswith(".md"):
                continue
            with open(os.path.join(folder, page), encoding="utf-8") as file:
                text = file.read()
            for heading, blocks in sections(text):
                for at, run in enumerate(blocks.get("run", [])):
                    with self.subTest(page=page, case=heading, run=at + 1):
                        self.check_run(blocks, json.loads(blocks.get("fixture", ["{}"])[0]), run)

    def test_pages(self):
        self.check_pages(PAGES)
        self.assertGreaterEqual(self.asked, 300, f"{self.left_out} runs were left out")

    def test_waiting_pages(self):
        self.check_pages(os.path.join(PAGES, "waiting"))


def normal(pairs):
    """A file without a stated content is an empty one."""
    def entry(value):
        return {"content": "", **value} if isinstance(value, dict) and value.get("kind") == "file" else value
    return [pair for pair in pairs if entry(pair[1]) != entry(pair[2])]


if __name__ == "__main__":
    unittest.main()
