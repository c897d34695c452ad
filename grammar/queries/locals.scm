; A command sees its own bindings and those of the file.

(source_file) @local.scope
[(command) (template) (catch)] @local.scope

(assignment name: (word (text) @local.definition.var))
(argument header: (words . (word (text) @local.definition.parameter)))
(argument inline: (words . (word (text) @local.definition.parameter)))
(for_each header: (words . (word) . (word (text) @local.definition.var) .))
(for_each header: (words . (word (text) @local.definition.var) . (word (text) @_in) . (word) (#eq? @_in "in")))
(rescue header: (words . (word (text) @local.definition.var)))
(catch header: (words . (word (text) @local.definition.var)))

; A name in braces, an argument of a call, and a word of an op that is a name by itself.

(hole) @local.reference
(name) @local.reference
(clause (word . (text) @local.reference .))
(condition (word . (text) @local.reference .))
