# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
<#
.SYNOPSIS
Puts back the files that a rescue script has changed.
.DESCRIPTION
Each script that changes your Windows keeps copies in a folder RescueUndo on the same volume, one folder for each run.
This script puts them back, and removes files that the run has added. Undo the newest run first.
Exit codes: 0 done, 1 failed, 2 wrong folder, 3 something is missing, 4 you declined.
.PARAMETER Folder
Folder of the run, as its log names it.
.EXAMPLE
.\Undo-RescueChange.ps1 -Folder D:\RescueUndo\20261130-101500 -WhatIf
#>
[CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High')]
param([Parameter(Mandatory = $true)][string]$Folder)
. (Join-Path $PSScriptRoot 'RescueCommon.ps1')

$exitCode = $RescueDone
try {
    Start-RescueTask 'Undo-RescueChange' ('Puts back the files of ' + $Folder)
    $list = Join-Path $Folder 'undo.csv'
    if (-not [IO.File]::Exists($list)) {
        Stop-Rescue $RescueUsage ($Folder + ' has no undo.csv.') 'Name a folder such as D:\RescueUndo\20261130-101500.'
    }
    $root = [IO.Path]::GetPathRoot([IO.Path]::GetFullPath($Folder))
    $formerRoot = $root
    $entries = @()
    foreach ($line in [IO.File]::ReadAllLines($list)) {
        $parts = $line.Split([char[]]'|', 2)
        if ($parts.Length -ne 2) { continue }
        if ($parts[0] -eq 'volume') { $formerRoot = $parts[1]; continue }
        $target = $parts[1]
        if ($target.StartsWith($formerRoot, [StringComparison]::OrdinalIgnoreCase)) {
            $target = Join-Path $root $target.Substring($formerRoot.Length)
        } elseif (-not [IO.Directory]::Exists([IO.Path]::GetDirectoryName($target))) {
            Stop-Rescue $RescuePrecondition ('There is no folder for {0}. Nothing was changed.' -f $target) `
                ('It is on the boot partition: give that one the letter {0} (Set-Partition -NewDriveLetter), and run this script again.' -f $target.Substring(0, 2))
        }
        if ($parts[0] -and -not [IO.File]::Exists((Join-Path $Folder $parts[0]))) {
            Stop-Rescue $RescuePrecondition ('The copy {0} is missing. Nothing was changed.' -f $parts[0]) 'Put the file back from your own backup.'
        }
        $entries += , @($parts[0], $target)
    }
    [Array]::Reverse($entries)
    foreach ($entry in $entries) {
        $action = 'put the copy back'
        if (-not $entry[0]) { $action = 'remove: it did not exist before' }
        if (-not $PSCmdlet.ShouldProcess($entry[1], $action)) {
            if (-not $WhatIfPreference) { $exitCode = $RescueDeclined }
            continue
        }
        if ([IO.File]::Exists($entry[1])) { [IO.File]::SetAttributes($entry[1], [IO.FileAttributes]::Normal) }
        if ($entry[0]) {
            [IO.File]::Copy((Join-Path $Folder $entry[0]), $entry[1], $true)
        } elseif ([IO.File]::Exists($entry[1])) {
            [IO.File]::Delete($entry[1])
        }
        Write-RescueLog ($action + ': ' + $entry[1])
    }
} catch {
    $exitCode = Write-RescueFailure $_
} finally {
    Stop-RescueTask
}
exit $exitCode
