# Completion of perch for bash: eval "$(perch --completions bash)"
_perch() {
    local line
    COMPREPLY=()
    # Read line by line: what a loop over words is given, bash would take for patterns.
    while IFS= read -r line; do
        COMPREPLY+=("$(printf '%q' "${line%%$'\t'*}")")
    done < <("${COMP_WORDS[0]}" --complete "$COMP_CWORD" -- "${COMP_WORDS[@]}" 2>/dev/null)
}
# COMP_WORDBREAKS splits at `=`, so values behind `-flag=` are left to the user's own words.
complete -o default -o bashdefault -F _perch perch
