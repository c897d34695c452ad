# Completion of perch for PowerShell: perch --completions powershell | Out-String | Invoke-Expression
Register-ArgumentCompleter -Native -CommandName perch -ScriptBlock {
    param($word, $line, $cursor)
    $words = @($line.CommandElements | Where-Object { $_.Extent.StartOffset -lt $cursor } | ForEach-Object { $_.ToString() })
    $at = $words.Count
    if ($word -ne '') { $at = $words.Count - 1 }
    & $words[0] --complete $at -- @words 2>$null | ForEach-Object {
        $parts = $_ -split "`t", 2
        $about = if ($parts.Count -gt 1 -and $parts[1] -ne '') { $parts[1] } else { $parts[0] }
        [System.Management.Automation.CompletionResult]::new($parts[0], $parts[0], 'ParameterValue', $about)
    }
}
