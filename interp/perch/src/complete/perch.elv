# Completion of perch for elvish: eval (perch --completions elvish | slurp)
use str
set edit:completion:arg-completer[perch] = {|@words|
    var at = (- (count $words) 1)
    var found = [(try { (external $words[0]) --complete $at -- $@words 2>/dev/null | from-lines } catch { nop })]
    if (== (count $found) 0) {
        edit:complete-filename $words[-1]
    } else {
        for line $found {
            var word about = (str:split &max=2 "\t" $line)
            edit:complex-candidate $word &display=$word'  '$about
        }
    }
}
