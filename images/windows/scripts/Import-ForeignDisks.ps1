# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
<#
.SYNOPSIS
Imports the dynamic disks of your server, which Windows shows as "Foreign".
.DESCRIPTION
Dynamic disks carry the name of the computer that owns them. The rescue system must import them before their volumes get
letters. The import writes to the disks: it notes the rescue system as their owner. Your own Windows takes them back by
itself, or shows them as foreign once; then import them there in the same way.

All disks of a mirror or a stripe must be online before: run Set-DisksOnline.ps1 first. A mirror that was stopped hard
begins to resynchronize after the import, which can take hours.
Exit codes: 0 done, 1 failed, 3 something is missing, 4 you declined.
.PARAMETER Force
Imports although disks of the group are missing.
.EXAMPLE
.\Import-ForeignDisks.ps1 -WhatIf
Shows the dynamic disks, and changes nothing.
#>
[CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High')]
param([switch]$Force)
. (Join-Path $PSScriptRoot 'RescueCommon.ps1')

# Partition types of dynamic disks: LDM metadata and LDM data (GPT), 0x42 (MBR).
$ldmTypes = '{5808c8aa-7e8f-42e0-85d2-e1e90434cfb3}', '{af9b60a0-1431-4f62-bc68-3311714a69ad}'

function Test-Dynamic($Disk) {
    $partitions = @(Get-Partition -DiskNumber $Disk.Number -ErrorAction SilentlyContinue)
    foreach ($partition in $partitions) {
        if ($partition.GptType -and $ldmTypes -contains $partition.GptType.ToLowerInvariant()) { return $true }
        if ($partition.MbrType -eq 0x42) { return $true }
    }
    return $false
}

# Runs commands of diskpart, which reads them from a file.
function Invoke-DiskPart([string[]]$Commands) {
    $file = [IO.Path]::GetTempFileName()
    try {
        [IO.File]::WriteAllLines($file, $Commands)
        return Invoke-RescueProgram 'diskpart.exe' @('/s', $file)
    } finally {
        [IO.File]::Delete($file)
    }
}

$exitCode = $RescueDone
try {
    Start-RescueTask 'Import-ForeignDisks' 'Imports the dynamic disks of your server.'
    $dynamic = @(Get-Disk | Where-Object { -not $_.IsBoot -and (Test-Dynamic $_) })
    if ($dynamic.Count -eq 0) {
        Write-RescueLog 'None of the disks is dynamic. There is nothing to import.'
    } else {
        foreach ($disk in $dynamic) { Write-RescueLog ('Dynamic: disk {0}, {1}, offline: {2}' -f $disk.Number, $disk.FriendlyName, $disk.IsOffline) }
        $offline = @($dynamic | Where-Object { $_.IsOffline -or $_.IsReadOnly })
        if ($offline.Count -gt 0 -and -not $Force) {
            Stop-Rescue $RescuePrecondition ('Disks that belong to the group may be offline or read-only: ' + (($offline | ForEach-Object { $_.Number }) -join ', ')) `
                'Run Set-DisksOnline.ps1 first. If a disk is broken, run this script with -Force.'
        }
        # Offline disks are not listed as foreign. Other languages have another word: then every dynamic disk counts.
        $foreign = @(Invoke-DiskPart @('list disk') | Where-Object { $_ -match '^\s*Disk\s+\d+\s+Foreign' } |
                ForEach-Object { [int]($_ -replace '^\s*Disk\s+(\d+).*$', '$1') })
        if ($foreign.Count -eq 0 -and $PSUICulture -notlike 'en*') {
            $foreign = @($dynamic | Where-Object { -not $_.IsOffline } | ForEach-Object { $_.Number })
        }
        $title = 'the foreign disks ' + ($foreign -join ', ')
        if ($foreign.Count -eq 0) {
            Write-RescueLog 'None of the disks that are online is foreign. There is nothing to import.'
        } elseif ($PSCmdlet.ShouldProcess($title, 'import: writes the rescue system as their owner')) {
            # One import takes the whole group.
            Invoke-DiskPart @(('select disk {0}' -f $foreign[0]), 'import', 'rescan') | ForEach-Object { Write-RescueLog $_ }
            Invoke-DiskPart @('list volume') | ForEach-Object { Write-RescueLog $_ }
        } elseif (-not $WhatIfPreference) {
            $exitCode = $RescueDeclined
        }
    }
} catch {
    $exitCode = Write-RescueFailure $_
} finally {
    Stop-RescueTask
}
exit $exitCode
