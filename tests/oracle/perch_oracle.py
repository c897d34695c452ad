#!/usr/bin/env python3
"""An independent reading of the perch language, over a modelled host.

Written from docs/spec alone. It is in parts: text (oracle_text), files as trees (oracle_program), programs of several files (oracle_files), the host and its
policy (oracle_host), and running them (oracle_run, oracle_blocks, oracle_ops). Citations: L = language.md, P = paths.md, O = ops.md,
Y = policy.md, F = fixtures.md; "L4.7" is section 4.7 of language.md. A line marked READING
is a place where the specification is silent or can be read in more than one way.

Usage: NDJSON cases on standard input, one NDJSON answer per case on standard output.

  case    {"id", "program", "file", "files", "command", "args", "host", "policy"}
  answer  {"id", "exit", "stdout", "failure", "visits", "tree"}
          and "usage_error": MESSAGE when a usage error ended the run (exit 2, failure null)
          and "unspecified": true when the program looks at a message whose wording is not specified
  or      {"id", "load_error": MESSAGE}     the program does not load
  or      {"id", "case_error": MESSAGE}     the case itself makes no sense, or runs too long

"files" are those that the program imports, by their names beside it.

"host" may name a "bin_dir": the one directory on PATH. Its programs are then there only as long as the
tree holds them as entries of that directory; without it nothing that the run does takes a program away.
"tree" in an answer holds every entry of the final state, implied directories too, except "/".
"""

import json
import sys
import threading

from oracle_failures import CaseError, Failure, LoadError
from oracle_host import Tree  # noqa: F401 (for tests)
from oracle_run import Run


def answer(case):
    try:
        return Run(case).answer(case)
    except LoadError as error:
        return {"id": case.get("id"), "load_error": str(error)}
    except (CaseError, Failure, KeyError, TypeError, AttributeError) as error:
        return {"id": case.get("id"), "case_error": f"{type(error).__name__}: {error}"}


def main():
    for line in sys.stdin:
        if line.strip():
            print(json.dumps(answer(json.loads(line))), flush=True)


if __name__ == "__main__":
    sys.set_int_max_str_digits(0)                     # integers have no longest text
    sys.setrecursionlimit(1_000_000)                  # 64 calls, each with nested blocks
    threading.stack_size(512 * 1024 * 1024)
    worker = threading.Thread(target=main)
    worker.start()
    worker.join()
