# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
<#
.SYNOPSIS
Gives your volumes the drive letters that they have in your own Windows.
.DESCRIPTION
Reads the letters from the registry of your own Windows, and sets them in the rescue system only: nothing is written to
your disks. Letters that the rescue system uses itself (C: is one) can't be given; such a volume keeps its present letter.
Exit codes: 0 done, 1 failed, 3 something is missing, 4 you declined.
.PARAMETER WindowsPath
Windows folder of your server. Not needed if there is only one.
.EXAMPLE
.\Set-OfflineDriveLetters.ps1 -WhatIf
.EXAMPLE
.\Set-OfflineDriveLetters.ps1 -WindowsPath D:\Windows
#>
[CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High')]
param([string]$WindowsPath = '')
. (Join-Path $PSScriptRoot 'RescueCommon.ps1')

# Returns a text that is the same for the same partition: GUID (GPT), or signature and offset (MBR).
function ConvertTo-PartitionName([byte[]]$Data) {
    if ($Data.Length -eq 24 -and [Text.Encoding]::ASCII.GetString($Data, 0, 8) -eq 'DMIO:ID:') {
        return 'gpt ' + (New-Object Guid (, [byte[]]$Data[8..23])).ToString()
    }
    if ($Data.Length -eq 12) {
        return 'mbr {0:x8} {1}' -f [BitConverter]::ToUInt32($Data, 0), [BitConverter]::ToUInt64($Data, 4)
    }
    return $null
}

# Returns the same text for a partition that is present.
function Get-PartitionName($Partition) {
    $disk = Get-Disk -Number $Partition.DiskNumber
    if ($disk.PartitionStyle -eq 'GPT') { return 'gpt ' + (New-Object Guid $Partition.Guid).ToString() }
    if ($disk.PartitionStyle -eq 'MBR') { return 'mbr {0:x8} {1}' -f $disk.Signature, $Partition.Offset }
    return $null
}

# Moves a volume that the rescue system gave a wanted letter to the last free one.
function Clear-Letter([char]$Letter) {
    $holder = Get-Partition -DriveLetter $Letter -ErrorAction SilentlyContinue
    if ($null -eq $holder) { return $true }
    if ((Get-Disk -Number $holder.DiskNumber).IsBoot) { return $false }
    $used = @(Get-PSDrive -PSProvider FileSystem | ForEach-Object { $_.Name })
    $free = @([char[]]'ZYXWVUTSRQPONMLKJIHGFED' | Where-Object { $used -notcontains [string]$_ })
    if ($free.Count -eq 0) { return $false }
    Set-Partition -InputObject $holder -NewDriveLetter $free[0]
    return $true
}

$exitCode = $RescueDone
try {
    Start-RescueTask 'Set-OfflineDriveLetters' 'Gives your volumes the letters of your own Windows.'
    $windows = Resolve-OfflineWindows $WindowsPath
    $hive = Mount-RescueHive (Join-Path $windows 'System32\config\SYSTEM') 'RescueReadSystem' -Copy
    $wanted = @{}
    foreach ($name in Get-RescueNames ($hive + '\MountedDevices') -Values) {
        if ($name -notmatch '^\\DosDevices\\([A-Z]):$') { continue }
        $letter = $Matches[1]
        $partition = ConvertTo-PartitionName ([byte[]](Get-RescueValue ($hive + '\MountedDevices') $name))
        if ($partition) { $wanted[$partition] = $letter }
    }
    Dismount-RescueHive $hive
    $changes = 0
    foreach ($partition in @(Get-Partition)) {
        $name = Get-PartitionName $partition
        if (-not $name -or -not $wanted.ContainsKey($name)) { continue }
        $letter = $wanted[$name]
        if ([string]$partition.DriveLetter -eq $letter) { continue }
        $changes++
        $title = 'disk {0}, partition {1}, now {2}:' -f $partition.DiskNumber, $partition.PartitionNumber, $partition.DriveLetter
        if ($PSCmdlet.ShouldProcess($title, ('give the letter ' + $letter + ':'))) {
            if (-not (Clear-Letter $letter)) {
                Write-RescueLog ('The rescue system uses {0}: itself; not changed: {1}' -f $letter, $title)
                continue
            }
            # The object may have changed with the letters before it.
            Get-Partition -DiskNumber $partition.DiskNumber -PartitionNumber $partition.PartitionNumber |
                Set-Partition -NewDriveLetter $letter
            Write-RescueLog ('{0} is {1}: as in {2}' -f $title, $letter, $windows)
        } elseif (-not $WhatIfPreference) {
            $exitCode = $RescueDeclined
        }
    }
    if ($changes -eq 0) { Write-RescueLog 'All letters are those of your own Windows already.' }
} catch {
    $exitCode = Write-RescueFailure $_
} finally {
    Stop-RescueTask
}
exit $exitCode
