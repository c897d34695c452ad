# Completion of perch for fish: perch --completions fish | source
function __perch_complete
    set -l words (commandline -opc)
    set -l at (count $words)
    $words[1] --complete $at -- $words (commandline -ct) 2>/dev/null
end
function __perch_knows
    test (count (__perch_complete)) -gt 0
end
complete -c perch -n __perch_knows -f -a '(__perch_complete)'
