# Completion of perch for nushell: perch --completions nushell | save -f perch.nu, then `source perch.nu` in config.nu
let perch_other_completer = $env.config.completions.external.completer?
$env.config.completions.external.enable = true
$env.config.completions.external.completer = {|words|
    if ($words | first) == "perch" {
        let found = (^perch --complete (($words | length) - 1) -- ...$words | lines)
        if ($found | is-empty) { null } else {
            $found | each {|line|
                let parts = ($line | split row -n 2 "\t")
                { value: ($parts | first), description: ($parts | get 1? | default "") }
            }
        }
    } else if $perch_other_completer != null {
        do $perch_other_completer $words
    }
}
