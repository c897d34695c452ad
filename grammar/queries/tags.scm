; What can be jumped to.

((comment)* @doc
  .
  (command header: (words . (word) @name)) @definition.function
  (#strip! @doc "^#\\s*")
  (#select-adjacent! @doc @definition.function))

(template header: (words . (word) @name)) @definition.macro
(catch header: (words . (word) @name)) @definition.function
(source_file (assignment name: (word) @name) @definition.constant)
(import header: (words (word) . (word) @_as . (word) @name (#eq? @_as "as"))) @definition.module
(bundle (setting (word) . (word) . (word) @_as . (word) @name (#eq? @_as "as")) @definition.constant)

((clause . (word . (text) .) @name) @reference.call
  (#match? @name "^[^0-9-]") (#not-any-of? @name "true" "false"))
(clause (variable) . (word (text)) @name) @reference.call
(hooks (setting (word) . (word) . (word) @name) @reference.call)
(setting . (word) @_on_signal . (word) @name (#eq? @_on_signal "on_signal")) @reference.call
