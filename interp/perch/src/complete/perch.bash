# Completion of perch for bash: eval "$(perch --completions bash)"
_perch() {
    local IFS=$'\n' line
    COMPREPLY=()
    for line in $("${COMP_WORDS[0]}" --complete "$COMP_CWORD" -- "${COMP_WORDS[@]}" 2>/dev/null); do
        COMPREPLY+=("$(printf '%q' "${line%%$'\t'*}")")
    done
}
# COMP_WORDBREAKS splits at `=`, so values behind `-flag=` are left to the user's own words.
complete -o default -o bashdefault -F _perch perch
