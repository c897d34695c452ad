#compdef perch
# Completion of perch for zsh: eval "$(perch --completions zsh)", below compinit.
_perch() {
    local -a offers
    local line word about
    for line in ${(f)"$(${words[1]} --complete $((CURRENT - 1)) -- "${words[@]}" 2>/dev/null)"}; do
        word=${line%%$'\t'*}
        about=${line#*$'\t'}
        offers+=("${word//:/\\:}${about:+:$about}")
    done
    if (( ${#offers} )); then
        _describe -t perch 'perch' offers
    else
        _files
    fi
}
compdef _perch perch
