# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
<#
.SYNOPSIS
Brings the disks of your server online, read-only or writable.
.DESCRIPTION
The rescue system keeps the disks of your server offline, so that nothing changes them by accident. This script shows
each disk, and brings it online after your consent. Save your files first: with -ReadOnly nothing can be written.

Two disks with the same identity (members of one mirror) stay offline: Windows would change the identity of one of them.
Exit codes: 0 done, 1 failed, 3 something is missing, 4 you declined.
.PARAMETER Number
Numbers of the disks; the default is every disk that is offline.
.PARAMETER ReadOnly
Keeps the disks read-only.
.EXAMPLE
.\Set-DisksOnline.ps1 -WhatIf
Shows what would be done, and changes nothing.
.EXAMPLE
.\Set-DisksOnline.ps1 -Number 1,2 -ReadOnly
#>
[CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High')]
param(
    [int[]]$Number = @(),
    [switch]$ReadOnly
)
. (Join-Path $PSScriptRoot 'RescueCommon.ps1')

# True if another disk has the same identity: its GUID (GPT) or its signature (MBR).
function Test-SharedIdentity($Disk, $All) {
    foreach ($other in $All) {
        if ($other.Number -eq $Disk.Number) { continue }
        if ($Disk.PartitionStyle -eq 'GPT' -and $Disk.Guid -and $other.Guid -eq $Disk.Guid) { return $true }
        if ($Disk.PartitionStyle -eq 'MBR' -and $Disk.Signature -and $other.Signature -eq $Disk.Signature) { return $true }
    }
    return $false
}

function Get-Candidate($All) {
    $candidates = @($All | Where-Object { -not $_.IsBoot -and -not $_.IsSystem })
    if ($Number.Count -eq 0) { return @($candidates | Where-Object { $_.IsOffline -or ($_.IsReadOnly -and -not $ReadOnly) }) }
    foreach ($one in $Number) {
        if (@($candidates | Where-Object { $_.Number -eq $one }).Count -eq 0) {
            Stop-Rescue $RescueUsage ('There is no disk {0} of your server.' -f $one) 'List the disks: Get-Disk. The disk of the rescue system is not one of yours.'
        }
    }
    return @($candidates | Where-Object { $Number -contains $_.Number })
}

$exitCode = $RescueDone
try {
    Start-RescueTask 'Set-DisksOnline' 'Brings the disks of your server online.'
    $all = @(Get-Disk)
    $disks = @(Get-Candidate $all)
    if ($disks.Count -eq 0) { Write-RescueLog 'All disks of your server are online. There is nothing to do.' }
    foreach ($disk in $disks) {
        $title = 'disk {0}: {1}, serial number {2}, {3:n0} GB, {4}' -f $disk.Number, $disk.FriendlyName, $disk.SerialNumber, ($disk.Size / 1e9), $disk.PartitionStyle
        if (Test-SharedIdentity $disk $all) {
            Write-RescueLog ('Left offline, another disk has the same identity (a mirror?): ' + $title)
            $exitCode = $RescuePrecondition
            continue
        }
        $action = 'bring online, writable'
        if ($ReadOnly) { $action = 'bring online, read-only' }
        if (-not $PSCmdlet.ShouldProcess($title, $action)) {
            Write-RescueLog ('Not changed: ' + $title)
            if (-not $WhatIfPreference) { $exitCode = $RescueDeclined }
            continue
        }
        Write-RescueLog ($action + ': ' + $title)
        # Read-only comes first: a disk must not be writable for a moment. Windows keeps the attribute on the disk's record.
        Set-Disk -Number $disk.Number -IsReadOnly ([bool]$ReadOnly)
        Set-Disk -Number $disk.Number -IsOffline $false
        $after = Get-Disk -Number $disk.Number
        if ($after.IsOffline) {
            Stop-Rescue $RescueFailed ('Disk {0} is still offline: {1}' -f $disk.Number, $after.OfflineReason) 'Ask your provider''s support, and name the reason.'
        }
    }
    foreach ($volume in @(Get-LockedVolume)) {
        Write-RescueLog ('BitLocker has locked {0}. To unlock it: manage-bde -unlock {0} -RecoveryPassword, followed by the 48 digits' -f $volume)
    }
    foreach ($windows in @(Find-OfflineWindows)) { Write-RescueLog ('A Windows of your server: ' + $windows) }
} catch {
    $exitCode = Write-RescueFailure $_
} finally {
    Stop-RescueTask
}
exit $exitCode
