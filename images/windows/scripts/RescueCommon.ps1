# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# Functions that the rescue scripts share: log, errors with a remedy, offline Windows, offline registry, copies for undo.
# Windows PowerShell 5.1. Reading works on copies of hives: a hive that is loaded in its place is changed at once, since
# Windows replays its log.

Set-StrictMode -Version 2
$ErrorActionPreference = 'Stop'

$script:RescueLogFile = $null
$script:RescueUndoFolder = $null
$script:RescueLoadedHives = @()
$script:RescueTemporaryFolders = @()

# Exit codes of all scripts.
$RescueDone = 0
$RescueFailed = 1
$RescueUsage = 2
$RescuePrecondition = 3
$RescueDeclined = 4

# Starts the log of one script on the desktop of the rescue system.
function Start-RescueTask([string]$Name, [string]$Summary) {
    $folder = Join-Path ([Environment]::GetFolderPath('CommonDesktopDirectory')) 'Rescue logs'
    [void][IO.Directory]::CreateDirectory($folder)
    $script:RescueLogFile = Join-Path $folder ('{0}-{1:yyyyMMdd-HHmmss}.log' -f $Name, (Get-Date))
    Write-RescueLog $Summary
    $identity = [Security.Principal.WindowsPrincipal][Security.Principal.WindowsIdentity]::GetCurrent()
    if (-not $identity.IsInRole([Security.Principal.WindowsBuiltInRole]::Administrator)) {
        Stop-Rescue $RescuePrecondition 'This script needs the rights of an administrator.' `
            'Open "Windows PowerShell" with "Run as administrator", and run the script again.'
    }
}

# Prints a line and appends it to the log. Works with -WhatIf, too.
function Write-RescueLog([string]$Message) {
    Write-Host $Message
    if ($script:RescueLogFile) {
        $line = '{0:s} {1}{2}' -f (Get-Date), $Message, [Environment]::NewLine
        [IO.File]::AppendAllText($script:RescueLogFile, $line)
    }
}

# Ends the script with a message, a remedy and an exit code.
function Stop-Rescue([int]$Code, [string]$Message, [string]$Remedy) {
    $failure = New-Object Exception $Message
    $failure.Data['RescueCode'] = $Code
    $failure.Data['RescueRemedy'] = $Remedy
    throw $failure
}

# Prints an error with its remedy; returns the exit code.
function Write-RescueFailure($ErrorRecord) {
    $failure = $ErrorRecord.Exception
    $code = $RescueFailed
    if ($failure.Data.Contains('RescueCode')) { $code = $failure.Data['RescueCode'] }
    Write-RescueLog ('ERROR: ' + $failure.Message)
    if ($failure.Data.Contains('RescueRemedy')) {
        Write-RescueLog ('What you can do: ' + $failure.Data['RescueRemedy'])
    } else {
        Write-RescueLog ('At: ' + $ErrorRecord.InvocationInfo.PositionMessage)
        Write-RescueLog 'What you can do: send this log to your provider''s support.'
    }
    return $code
}

# Unloads hives, removes temporary files and prints where the log and the copies are.
function Stop-RescueTask {
    foreach ($name in @($script:RescueLoadedHives)) {
        try {
            Dismount-RescueHive $name
        } catch {
            Write-RescueLog ('The registry HKLM\{0} is still loaded. Close regedit, then: reg.exe unload HKLM\{0}' -f $name)
        }
    }
    foreach ($folder in $script:RescueTemporaryFolders) {
        if ([IO.Directory]::Exists($folder)) { [IO.Directory]::Delete($folder, $true) }
    }
    $script:RescueTemporaryFolders = @()
    if ($script:RescueUndoFolder) {
        Write-RescueLog ('Copies of what was changed: ' + $script:RescueUndoFolder)
        Write-RescueLog ('To undo: .\Undo-RescueChange.ps1 -Folder "' + $script:RescueUndoFolder + '"')
    }
    if ($script:RescueLogFile) { Write-Host ('Log: ' + $script:RescueLogFile) }
}

# Runs a program; returns its output as lines. Ends the script if the program fails.
function Invoke-RescueProgram([string]$Program, [string[]]$Arguments) {
    $preference = $ErrorActionPreference
    $ErrorActionPreference = 'Continue'
    try {
        $output = @(& $Program @Arguments 2>&1 | ForEach-Object { [string]$_ })
        $status = $LASTEXITCODE
    } finally {
        $ErrorActionPreference = $preference
    }
    if ($status -ne 0) {
        Stop-Rescue $RescueFailed ('{0} {1} failed with {2}: {3}' -f $Program, ($Arguments -join ' '), $status, ($output -join ' ')) `
            'Check that the disk is online and not read-only (Set-DisksOnline.ps1), and that no other program has its files open.'
    }
    return $output
}

# Lists the folders of Windows on all volumes but that of the rescue system.
function Find-OfflineWindows {
    $found = @()
    foreach ($drive in [IO.DriveInfo]::GetDrives()) {
        if ($drive.Name.Substring(0, 2) -eq $env:SystemDrive -or -not $drive.IsReady) { continue }
        foreach ($folder in @(Get-ChildItem -LiteralPath $drive.Name -Directory -Force -ErrorAction SilentlyContinue)) {
            $hive = Join-Path $folder.FullName 'System32\config\SYSTEM'
            if ([IO.File]::Exists($hive)) { $found += $folder.FullName }
        }
    }
    return $found
}

# Lists letters of volumes that BitLocker has locked.
function Get-LockedVolume {
    if (-not (Get-Command Get-BitLockerVolume -ErrorAction SilentlyContinue)) { return @() }
    return @(Get-BitLockerVolume -ErrorAction SilentlyContinue |
            Where-Object { $_.LockStatus -eq 'Locked' } | ForEach-Object { $_.MountPoint })
}

# Returns the folder of the offline Windows to work on: the named one, or the only one that there is.
function Resolve-OfflineWindows([string]$WindowsPath) {
    if ($WindowsPath) {
        $path = $WindowsPath.TrimEnd('\')
        if ($path.Substring(0, [Math]::Min(2, $path.Length)) -eq $env:SystemDrive) {
            Stop-Rescue $RescueUsage ($path + ' is the rescue system itself.') 'Name the Windows folder of your own server, for example D:\Windows.'
        }
        if ([IO.File]::Exists((Join-Path $path 'System32\config\SYSTEM'))) { return $path }
        Stop-Rescue $RescueUsage ($path + ' is not a Windows folder: it has no System32\config\SYSTEM.') `
            'Name the Windows folder of your own server, for example D:\Windows.'
    }
    $all = @(Find-OfflineWindows)
    if ($all.Count -eq 1) { return $all[0] }
    if ($all.Count -gt 1) {
        Stop-Rescue $RescuePrecondition ('There are several: ' + ($all -join ', ')) 'Choose one with -WindowsPath.'
    }
    $remedy = 'Bring the disks online with Set-DisksOnline.ps1, then run this script again.'
    $locked = @(Get-LockedVolume)
    if ($locked.Count -gt 0) {
        $remedy = 'BitLocker has locked ' + ($locked -join ', ') + '. Unlock it: manage-bde -unlock ' + $locked[0] +
            ' -RecoveryPassword, followed by the 48 digits of your recovery password.'
    }
    Stop-Rescue $RescuePrecondition 'No Windows was found on the disks of your server.' $remedy
}

# Loads a hive under HKLM; returns the key's name. With -Copy it loads a copy, and the file stays as it is.
function Mount-RescueHive([string]$File, [string]$Name, [switch]$Copy) {
    $source = $File
    if ($Copy) {
        $folder = Join-Path ([IO.Path]::GetTempPath()) ('rescue-' + [Guid]::NewGuid().ToString('N'))
        [void][IO.Directory]::CreateDirectory($folder)
        $script:RescueTemporaryFolders += $folder
        foreach ($suffix in '', '.LOG1', '.LOG2') {
            if (-not [IO.File]::Exists($File + $suffix)) { continue }
            $target = (Join-Path $folder ([IO.Path]::GetFileName($File))) + $suffix
            [IO.File]::Copy($File + $suffix, $target)
            [IO.File]::SetAttributes($target, [IO.FileAttributes]::Normal)
        }
        $source = Join-Path $folder ([IO.Path]::GetFileName($File))
    }
    [void](Invoke-RescueProgram 'reg.exe' @('load', ('HKLM\' + $Name), $source))
    $script:RescueLoadedHives += $Name
    return $Name
}

# Unloads a hive. Keys that are still open are closed by the collector first.
function Dismount-RescueHive([string]$Name) {
    [GC]::Collect()
    [GC]::WaitForPendingFinalizers()
    [void](Invoke-RescueProgram 'reg.exe' @('unload', ('HKLM\' + $Name)))
    $script:RescueLoadedHives = @($script:RescueLoadedHives | Where-Object { $_ -ne $Name })
}

# Reads a value below HKLM; $null if there is none. Environment variables in it stay as they are.
function Get-RescueValue([string]$Key, [string]$Name) {
    $open = [Microsoft.Win32.Registry]::LocalMachine.OpenSubKey($Key)
    if ($null -eq $open) { return $null }
    try { return $open.GetValue($Name, $null, 'DoNotExpandEnvironmentNames') } finally { $open.Close() }
}

# Lists the names of the keys (or, with -Values, of the values) of a key below HKLM.
function Get-RescueNames([string]$Key, [switch]$Values) {
    $open = [Microsoft.Win32.Registry]::LocalMachine.OpenSubKey($Key)
    if ($null -eq $open) { return @() }
    try {
        if ($Values) { return @($open.GetValueNames()) }
        return @($open.GetSubKeyNames())
    } finally { $open.Close() }
}

# Sets a value below HKLM, and creates its key.
function Set-RescueValue([string]$Key, [string]$Name, $Value, [string]$Kind) {
    $open = [Microsoft.Win32.Registry]::LocalMachine.CreateSubKey($Key)
    try { $open.SetValue($Name, $Value, [Microsoft.Win32.RegistryValueKind]$Kind) } finally { $open.Close() }
    Write-RescueLog ('Set ' + $Key + '\' + $Name)
}

# Returns the control set that the offline Windows starts with: NAME\ControlSet001.
function Get-RescueControlSet([string]$Hive) {
    $current = Get-RescueValue ($Hive + '\Select') 'Current'
    if ($null -eq $current) {
        Stop-Rescue $RescuePrecondition 'The SYSTEM registry of this Windows names no control set.' `
            'The registry may be damaged. Save the logs (Save-OfflineLogs.ps1) and ask your provider''s support.'
    }
    return ('{0}\ControlSet{1:d3}' -f $Hive, $current)
}

# Copies files into a folder for undo, on the volume of the Windows that is changed: the rescue system forgets its own.
# Absent files are noted: undo removes them.
function Save-RescueCopy([string]$WindowsPath, [string[]]$Files) {
    if (-not $script:RescueUndoFolder) {
        $root = [IO.Path]::GetPathRoot($WindowsPath)
        $folder = Join-Path $root ('RescueUndo\{0:yyyyMMdd-HHmmss}' -f (Get-Date))
        [void][IO.Directory]::CreateDirectory($folder)
        $onlyAdministrators = @($folder, '/inheritance:r', '/grant', '*S-1-5-32-544:(OI)(CI)F', '*S-1-5-18:(OI)(CI)F')
        [void](Invoke-RescueProgram 'icacls.exe' $onlyAdministrators)
        $script:RescueUndoFolder = $folder
        # The volume may have another letter when the change is undone.
        [IO.File]::WriteAllText((Join-Path $folder 'undo.csv'), ('volume|{0}{1}' -f $root, [Environment]::NewLine))
    }
    $list = Join-Path $script:RescueUndoFolder 'undo.csv'
    $number = [IO.File]::ReadAllLines($list).Length
    foreach ($file in $Files) {
        $copy = ''
        if ([IO.File]::Exists($file)) {
            $copy = '{0:d3}-{1}' -f $number, [IO.Path]::GetFileName($file)
            [IO.File]::Copy($file, (Join-Path $script:RescueUndoFolder $copy))
        }
        [IO.File]::AppendAllText($list, ('{0}|{1}{2}' -f $copy, $file, [Environment]::NewLine))
        $number++
    }
}

# Names a hive and its logs: they belong together.
function Get-HiveFiles([string]$WindowsPath, [string]$Hive) {
    $file = Join-Path $WindowsPath ('System32\config\' + $Hive)
    return @($file, ($file + '.LOG1'), ($file + '.LOG2'))
}
