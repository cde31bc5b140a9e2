# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
<#
.SYNOPSIS
Writes the boot files and the boot configuration (BCD) of your own Windows anew.
.DESCRIPTION
Shows first what the boot partition has. With your consent it keeps a copy of the boot files, and runs bcdboot of your own
Windows, which takes the boot manager from your own Windows. Nothing comes from the rescue system: its boot manager can be
older than your server allows.

Look for other causes first: a healthy boot partition is not what stops Windows with a blue screen.
If BitLocker protects your Windows, have the 48 digits at hand: it can ask for them after a repair of the boot files.
The order of boot devices in the firmware is not changed.
Exit codes: 0 done, 1 failed, 2 wrong input, 3 something is missing, 4 you declined.
.PARAMETER WindowsPath
Windows folder of your server. Not needed if there is only one.
.PARAMETER BootPartition
Letter of the boot partition, such as S:. The default is the boot partition on the disk of Windows.
.EXAMPLE
.\Repair-OfflineBoot.ps1 -WhatIf
.EXAMPLE
.\Repair-OfflineBoot.ps1 -WindowsPath D:\Windows
#>
[CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High')]
param(
    [string]$WindowsPath = '',
    [ValidatePattern('^$|^[A-Za-z]:$')][string]$BootPartition = ''
)
. (Join-Path $PSScriptRoot 'RescueCommon.ps1')
$espType = '{c12a7328-f81f-11d2-ba4b-00a0c93ec93b}'

# Finds the EFI system partition (GPT) or the active partition (MBR) on the disk of Windows.
function Find-BootPartition($Disk) {
    $partitions = @(Get-Partition -DiskNumber $Disk.Number)
    if ($Disk.PartitionStyle -eq 'GPT') {
        $found = @($partitions | Where-Object { $_.GptType -eq $espType })
        $missing = 'an EFI system partition'
    } else {
        $found = @($partitions | Where-Object { $_.IsActive })
        $missing = 'an active partition'
    }
    if ($found.Count -eq 1) { return $found[0] }
    if ($found.Count -eq 0) {
        Stop-Rescue $RescuePrecondition ('Disk {0} does not have {1}.' -f $Disk.Number, $missing) `
            'If it is on another disk, give it a letter and name it with -BootPartition. If it was deleted, ask your provider''s support: a new one has to be made.'
    }
    Stop-Rescue $RescuePrecondition ('Disk {0} has {1} boot partitions.' -f $Disk.Number, $found.Count) `
        'Give the right one a letter (Set-Partition -NewDriveLetter S), and name it with -BootPartition S:.'
}

# Returns the letter of a partition, and gives it one if it has none.
function Get-BootLetter($Partition) {
    if ($Partition.DriveLetter -match '[A-Z]') { return '{0}:' -f $Partition.DriveLetter }
    $used = @(Get-PSDrive -PSProvider FileSystem | ForEach-Object { $_.Name })
    $free = @([char[]]'STUVWXYZ' | Where-Object { $used -notcontains [string]$_ })
    if ($free.Count -eq 0) { Stop-Rescue $RescueFailed 'There is no free drive letter.' 'Remove a letter, and run the script again.' }
    # A letter of the rescue system; nothing is written to the disk for it.
    Set-Partition -InputObject $Partition -NewDriveLetter $free[0] -WhatIf:$false -Confirm:$false
    return '{0}:' -f $free[0]
}

# Shows files that belong to the boot, and which are absent.
function Show-BootFiles([string]$Letter, [bool]$Uefi) {
    $names = 'bootmgr', 'Boot\BCD'
    if ($Uefi) { $names = 'EFI\Microsoft\Boot\bootmgfw.efi', 'EFI\Microsoft\Boot\BCD', 'EFI\Boot\bootx64.efi' }
    foreach ($name in $names) {
        $file = Join-Path ($Letter + '\') $name
        $state = 'MISSING'
        if ([IO.File]::Exists($file)) { $state = '{0:n0} bytes' -f ([IO.FileInfo]$file).Length }
        Write-RescueLog ('{0}: {1}' -f $file, $state)
    }
    $store = Join-Path ($Letter + '\') $names[1]
    if ([IO.File]::Exists($store)) {
        & bcdedit.exe /store $store /enum all 2>&1 | ForEach-Object { Write-RescueLog ('  ' + $_) }
    }
}

$exitCode = $RescueDone
try {
    Start-RescueTask 'Repair-OfflineBoot' 'Writes the boot files of your own Windows anew, from your own Windows.'
    $windows = Resolve-OfflineWindows $WindowsPath
    $partition = Get-Partition -DriveLetter $windows.Substring(0, 1)
    $disk = Get-Disk -Number $partition.DiskNumber
    $uefi = $disk.PartitionStyle -eq 'GPT'
    $bcdboot = Join-Path $windows 'System32\bcdboot.exe'
    if (-not [IO.File]::Exists($bcdboot)) {
        Stop-Rescue $RescuePrecondition ($bcdboot + ' is missing in your own Windows.') 'Repair the system files first: DISM /Image:D:\ /Cleanup-Image /RestoreHealth with your own medium.'
    }
    if ($BootPartition) { $letter = $BootPartition.ToUpperInvariant() } else { $letter = Get-BootLetter (Find-BootPartition $disk) }
    Write-RescueLog ('Windows: {0} on disk {1} ({2}); boot partition {3}' -f $windows, $disk.Number, $disk.PartitionStyle, $letter)
    Show-BootFiles $letter $uefi
    if (-not $PSCmdlet.ShouldProcess(('boot partition ' + $letter), ('write boot files and BCD from ' + $windows))) {
        if (-not $WhatIfPreference) { $exitCode = $RescueDeclined }
    } else {
        $folders = @('EFI\Microsoft', 'EFI\Boot')
        if (-not $uefi) { $folders = @('Boot') }
        $files = @()
        foreach ($folder in $folders) {
            $files += @(Get-ChildItem -LiteralPath (Join-Path ($letter + '\') $folder) -Recurse -Force -File -ErrorAction SilentlyContinue |
                    ForEach-Object { $_.FullName })
        }
        if (-not $uefi) { $files += ($letter + '\bootmgr') }
        Save-RescueCopy $windows $files
        $firmware = 'BIOS'
        if ($uefi) { $firmware = 'UEFI' }
        Invoke-RescueProgram $bcdboot @($windows, '/s', $letter, '/f', $firmware) | ForEach-Object { Write-RescueLog $_ }
        Show-BootFiles $letter $uefi
        Write-RescueLog 'Done. Finish the rescue, and let your server start from its disk.'
    }
} catch {
    $exitCode = Write-RescueFailure $_
} finally {
    Stop-RescueTask
}
exit $exitCode
