; What stands inside is one step deeper than the first line.

[
  (command) (template) (catch) (argument) (do_block)
  (bundle) (requires) (file_sandbox) (hooks)
  (if) (for_each) (match) (try)
  (pipe) (parallel) (timeout) (retry) (with_env) (with_cwd) (sandbox) (cache) (os) (arch) (wasm_run)
] @indent.begin

(bin pins: (pins)) @indent.begin

; An argument on one line opens nothing.
(argument inline: (words)) @indent.ignore

(case) @indent.begin

"end" @indent.branch @indent.end
["elif" "else" "rescue" "finally"] @indent.branch
(match (case "case" @indent.branch))

; Layout inside of a text belongs to the text.
[(double) (single) (backtick)] @indent.ignore
