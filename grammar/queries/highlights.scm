; Keywords, which are anonymous nodes where they are keywords.

[
  "import" "bundle" "requires" "sandbox" "hooks"
  "command" "template" "catch" "arg" "do" "end"
  "let"
] @keyword

["if" "elif" "else" "match" "case" "os" "arch"] @keyword.conditional
["for_each" "retry"] @keyword.repeat
["try" "rescue" "finally"] @keyword.exception
["parallel" "timeout" "with_env" "with_cwd" "cache" "pipe" "wasm_run" "bin"] @keyword

(import header: (words . (word) . (word) @keyword (#eq? @keyword "as")))
(for_each header: (words . (word) . (word) @keyword (#eq? @keyword "in") . (word)))

; Names of what is declared.

(command header: (words . (word) @function))
(template header: (words . (word) @function.macro))
(catch header: (words . (word) @function))
(argument header: (words . (word) @variable.parameter))
(argument inline: (words . (word) @variable.parameter))
(assignment name: (word) @variable)
(variable . (text) @variable)

; Lines of configuration begin with what they set.

(setting . (word) @property)

; Statements begin with an op, a command or a program: which of them, the grammar does not know.

((clause . (word . (text) .) @function.call)
  (#match? @function.call "^[^0-9-]") (#not-any-of? @function.call "true" "false"))
(clause (variable) . (word (text)) @function.call)
(callee) @function.call
(name) @variable

; Values.

(double) @string
(single) @string
(backtick) @string
(escape) @string.escape
(hole) @variable
(open_hole) @error

((text) @boolean (#any-of? @boolean "true" "false"))
((text) @number (#match? @number "^-?[0-9]+(\\.[0-9]+)?$"))

(comparison) @operator
(connective) @keyword.operator
(joint) @operator
"=" @operator

(comment) @comment
