"""What the oracle makes of manifests and of the sandbox of a file (L14, L15), each from a sentence of docs/spec/requires.md."""

import unittest

from test_oracle import Case, D, F, L, prog, run_file


class Rights(Case):
    def run_with(self, top, body, **host):
        answer = run_file(f"{top}\ncommand main\ndo\n{body}\nend\nend\n", **host)
        self.assertNotIn("load_error", answer)
        return answer

    def kinds(self, top, body, **host):
        """Of each line, by itself."""
        return [(self.run_with(top, line, **host)["failure"] or {}).get("kind") for line in body.split("\n")]

    def test_order(self):                                                     # L14.3
        top = "v = ${GONE}\nrequires\nread ${GONE}\nbin t\nenv E\nos windows\nend"
        answer = self.run_with(top, "print x", programs={}, env={})
        self.assertEqual([(v["node"], v["kind"]) for v in answer["visits"]], [("requires:6:1", "requirement_unmet")])
        top = top.replace("windows", "linux")
        answer = self.run_with(top, "print x", env={"E": ""})
        self.assertEqual([v["node"] for v in answer["visits"]], ["requires:6:1", "requires:5:1"])
        answer = self.run_with(top, "print x", env={"E": "1"}, programs={"t": [prog()]})
        self.assertEqual([v["node"] for v in answer["visits"]],
                         ["requires:6:1", "requires:5:1", "requires:4:1", "shared:1:1"])
        self.assertEqual(answer["failure"], {"kind": "env_not_declared"})

    def test_roots(self):                                                     # L14.4
        tree = {"/w/in": D, "/w/in/l": L("../x"), "/w/x": F(), "/w/inner": D}
        body = "v = read_file in/l\nv = exists x\nwrite_file in/a x\nwrite_file inner/a x\nmkdir in/a/b\ncp x in/y"
        self.assertEqual(self.kinds("requires\nwrite ./in\nend", body, tree=tree), [
            "read_not_declared", "read_not_declared", None, "write_not_declared", None, "read_not_declared"])
        self.assertEqual(self.kinds("b = in\nrequires\nwrite b\nend", body, tree=tree)[2], None)

    def test_variables_and_programs(self):                                    # L14.4
        top = "requires\nbin t optional\nenv A optional\nend"
        body = "print ${A}\nprint ${B}\nv = get_env B\nwith_env B=1\nprint ${B}\nend"
        self.assertEqual(self.kinds(top, "\n".join(body.split("\n")[:3]), env={"A": "1"}),
                         [None, "env_not_declared", "env_not_declared"])
        self.assertEqual(self.run_with(top, "with_env B=1\nprint ${B}\nend")["stdout"], "1\n")
        self.assertEqual(self.kinds(top, "exec t\nexec u\nexec ./t", programs={"t": [prog()], "u": [prog()]}),
                         [None, "bin_not_declared", "bin_not_declared"])

    def test_sandbox_of_a_file(self):                                         # L15.1
        top = "sandbox\nread ./in\nenv A\nend\nsandbox\nread_only\nend"
        body = "v = read_file in/a\nv = read_file a\nv = exists a\nwrite_file in/a x\nprint ${B}"
        self.assertEqual(self.kinds(top, body, tree={"/w/in/a": F(), "/w/a": F()}),
                         [None, "read_not_permitted", None, "cap_write_denied", "env_not_permitted"])

    def test_ops(self):                                                       # L15.4
        body = "v = read_file a\nprint x\nv = upper x\nfail x\nwrite_file b x\nexec t"
        host = {"tree": {"/w/a": F()}, "programs": {"t": [prog()]}}
        self.assertEqual(self.kinds("sandbox\nops read print\nend", body, **host),
                         [None, None, None, "user_fail", "cap_op_denied", "cap_op_denied"])
        self.assertEqual(self.kinds("sandbox\nops read\nend", "v = read_file a\ncp a b\nappend_line a x", **host),
                         [None, "cap_op_denied", "cap_op_denied"])
        self.assertEqual(self.kinds("sandbox\nops read write\nend", "cp a b\nmv a b", **host), [None, None])
        self.assertEqual(self.kinds("sandbox\nno_op read exec upper\nend", body, **host),
                         ["cap_op_denied", None, "cap_op_denied", "user_fail", None, "cap_op_denied"])

    def test_raisers(self):                                                   # L15.5
        self.assertEqual(self.kinds("sandbox\nno_sudo\nend", "exec t\nexec sudo t\nexec ./b/doas\nshell sudo",
                                    programs={"t": [prog()], "sudo": [prog()]}),
                         [None, "cap_sudo_denied", "cap_sudo_denied", "cap_sudo_denied"])

    def test_pure_and_private(self):                                          # L15.3
        self.assertEqual(self.kinds("sandbox\nprivate_ops\nend", "get_os\nprint ${os}\nv = exists a\nv = has_bin t"),
                         ["read_not_permitted", "unresolved_var", None, "read_not_permitted"])
        self.assertEqual(self.kinds("sandbox\npure\nend", "v = exists a\nprint x\nprint ${HOME}\nexec t"),
                         ["read_not_permitted", None, "env_not_permitted", "cap_subprocess_denied"])
        self.assertEqual(self.run_with("sandbox\npure\nend", "os unix\nprint x\nend")["stdout"], "")


if __name__ == "__main__":
    unittest.main()
