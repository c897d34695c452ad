; Texts that are of another language.

; Command lines for a shell.
((clause
  . (word) @_op
  (word [(double) (single) (backtick)] @injection.content) .)
  (#any-of? @_op "shell" "shell_output" "shell_detached" "shell_in" "try_shell")
  (#offset! @injection.content 0 1 0 -1)
  (#set! injection.language "bash"))

; Regular expressions: the pattern comes first.
((clause
  . (word) @_op
  . (word [(double) (single) (backtick)] @injection.content))
  (#any-of? @_op "regex_match" "regex_replace" "regex_find_all")
  (#offset! @injection.content 0 1 0 -1)
  (#set! injection.language "regex"))

((condition
  (word) @_op
  . (word [(double) (single) (backtick)] @injection.content))
  (#eq? @_op "regex_match")
  (#offset! @injection.content 0 1 0 -1)
  (#set! injection.language "regex"))

; Here it comes second.
((clause
  . (word) @_op
  . (word)
  . (word [(double) (single) (backtick)] @injection.content))
  (#eq? @_op "assert_match")
  (#offset! @injection.content 0 1 0 -1)
  (#set! injection.language "regex"))

; A text in single quotes or backticks that begins like an object or list of JSON.
((word [(single) (backtick)] @injection.content)
  (#match? @injection.content "^['`][\\s]*(\\{\\s*[\"}]|\\[\\s*[\\[{\"\\d])")
  (#offset! @injection.content 0 1 0 -1)
  (#set! injection.language "json"))

((comment) @injection.content
  (#set! injection.language "comment"))
