; Everything that reaches to an `end`, and the arms in it.

[
  (command) (template) (catch) (argument) (do_block)
  (bundle) (requires) (file_sandbox) (hooks)
  (if) (elif) (else)
  (for_each)
  (match) (case)
  (try) (rescue) (finally)
  (pipe) (parallel) (timeout) (retry) (with_env) (with_cwd) (sandbox) (cache) (os) (arch) (wasm_run)
] @fold

(bin pins: (pins)) @fold
