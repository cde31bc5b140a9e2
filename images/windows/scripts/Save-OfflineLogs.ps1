# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
<#
.SYNOPSIS
Collects the logs of your own Windows into one zip on the desktop of the rescue system.
.DESCRIPTION
Event logs, CBS, DISM, Panther, setupapi, minidumps, Windows Update, and the list of the present disks. Nothing is written
to your disks. The zip can have names of users, programs and computers in it: look at it before you pass it on.
Exit codes: 0 done, 1 failed, 2 wrong input, 3 something is missing, 4 you declined.
.PARAMETER WindowsPath
Windows folder of your server. Not needed if there is only one.
.PARAMETER LargestMB
Largest file that is taken, in MB. A larger one is listed instead.
.EXAMPLE
.\Save-OfflineLogs.ps1
#>
[CmdletBinding(SupportsShouldProcess = $true)]
param(
    [string]$WindowsPath = '',
    [ValidateRange(1, 4096)][int]$LargestMB = 256
)
. (Join-Path $PSScriptRoot 'RescueCommon.ps1')

# Folders below Windows, with the files that are wanted.
$wanted = @(
    @('System32\winevt\Logs', '*.evtx'), @('Logs\CBS', '*.log'), @('Logs\DISM', '*.log'), @('Panther', '*.log'),
    @('Panther', '*.xml'), @('Panther\UnattendGC', '*.log'), @('INF', 'setupapi*.log'), @('Minidump', '*.dmp'),
    @('SoftwareDistribution', 'ReportingEvents.log'), @('System32\LogFiles\Srt', '*.txt'), @('Temp', 'RescuePassword.log'),
    @('System32\config', 'SYSTEM.LOG*'))

$megabyte = 1048576

# Answer files can hold passwords.
$neverTaken = 'unattend.xml', 'autounattend.xml', 'unattend-original.xml'

function Copy-Log([string]$Windows, [string]$Target) {
    $count = 0
    foreach ($entry in $wanted) {
        $folder = Join-Path $Windows $entry[0]
        if (-not [IO.Directory]::Exists($folder)) { continue }
        foreach ($file in @(Get-ChildItem -LiteralPath $folder -Filter $entry[1] -File -Force -ErrorAction SilentlyContinue)) {
            if ($neverTaken -contains $file.Name.ToLowerInvariant()) { continue }
            if ($file.Length -gt $LargestMB * $megabyte) {
                Write-RescueLog ('Too large, not taken: {0} ({1:n0} MB)' -f $file.FullName, ($file.Length / $megabyte))
                continue
            }
            $place = Join-Path $Target $entry[0]
            [void][IO.Directory]::CreateDirectory($place)
            try {
                [IO.File]::Copy($file.FullName, (Join-Path $place $file.Name), $true)
                $count++
            } catch {
                # A damaged file must not keep the others from being taken.
                Write-RescueLog ('Can''t be read: {0}: {1}' -f $file.FullName, $_.Exception.Message)
            }
        }
    }
    return $count
}

$exitCode = $RescueDone
try {
    Start-RescueTask 'Save-OfflineLogs' 'Collects the logs of your own Windows.'
    $windows = Resolve-OfflineWindows $WindowsPath
    $desktop = [Environment]::GetFolderPath('CommonDesktopDirectory')
    $zip = Join-Path $desktop ('Logs-{0:yyyyMMdd-HHmmss}.zip' -f (Get-Date))
    if ($PSCmdlet.ShouldProcess($zip, ('write the logs of ' + $windows))) {
        $folder = Join-Path ([IO.Path]::GetTempPath()) ('rescue-' + [Guid]::NewGuid().ToString('N'))
        $script:RescueTemporaryFolders += $folder
        [void][IO.Directory]::CreateDirectory($folder)
        $count = Copy-Log $windows $folder
        if ($count -eq 0) { Stop-Rescue $RescueFailed ('No log of {0} can be read.' -f $windows) 'Check the volume for errors: chkdsk D: (without /f it changes nothing).' }
        Get-Disk | Format-List * | Out-String | Set-Content -LiteralPath (Join-Path $folder 'disks.txt') -Encoding UTF8
        Get-Volume | Format-List * | Out-String | Set-Content -LiteralPath (Join-Path $folder 'volumes.txt') -Encoding UTF8
        $memoryDump = Join-Path $windows 'MEMORY.DMP'
        if ([IO.File]::Exists($memoryDump)) { Write-RescueLog ('Not taken, copy it yourself if it is asked for: ' + $memoryDump) }
        Add-Type -AssemblyName System.IO.Compression.FileSystem
        [IO.Compression.ZipFile]::CreateFromDirectory($folder, $zip)
        Write-RescueLog ('{0} files are in {1}' -f $count, $zip)
    }
} catch {
    $exitCode = Write-RescueFailure $_
} finally {
    Stop-RescueTask
}
exit $exitCode
