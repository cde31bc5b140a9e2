# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
<#
.SYNOPSIS
Sets a new password for a local account of your own Windows.
.DESCRIPTION
The accounts are not edited from outside: on newer Windows that leaves accounts that can't sign in. The script leaves a
small program in your Windows that runs once at its next start, before the login screen. It sets the password, enables and
unlocks the account, and removes itself. It notes the result in Windows\Temp\RescuePassword.log.

Until that start the new password is in a file on your disk that only administrators and the system may read. Start your
server soon, and change the password after the first login.

What can't be reset from here:
- An account of a domain. Ask the administrator of the domain. On a domain controller there are no other accounts.
- A Microsoft or Entra account. Reset it with Microsoft, or in the Entra portal.
- A password under LAPS can be set, but the next run of the policy replaces it: read the new one in your directory.
- Files that were encrypted with EFS are lost with the old password.
Exit codes: 0 done, 1 failed, 2 wrong input, 3 can't be done here, 4 you declined.
.PARAMETER Account
Name of the local account. The default is the built-in administrator, by whatever name.
.PARAMETER WindowsPath
Windows folder of your server. Not needed if there is only one.
.PARAMETER Password
New password, as a SecureString. Asked for if it is not given.
.EXAMPLE
.\Reset-OfflinePassword.ps1 -WhatIf
.EXAMPLE
.\Reset-OfflinePassword.ps1 -Account backup -WindowsPath D:\Windows
#>
[CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High')]
param(
    [string]$Account = '',
    [string]$WindowsPath = '',
    [Security.SecureString]$Password
)
. (Join-Path $PSScriptRoot 'RescueCommon.ps1')

# Ends the script on a domain controller, and prints what else is in the way.
function Test-ResetIsPossible([string]$System, [string]$Software) {
    $set = Get-RescueControlSet $System
    if ((Get-RescueValue ($set + '\Control\ProductOptions') 'ProductType') -eq 'LanmanNT') {
        Stop-Rescue $RescuePrecondition 'This Windows is a domain controller: it has no local accounts, only those of the domain.' `
            'Ask another administrator of the domain, or start the server in Directory Services Restore Mode with its own password.'
    }
    $laps = @(($Software + '\Policies\Microsoft Services\AdmPwd'), ($Software + '\Microsoft\Policies\LAPS'),
        ($Software + '\Microsoft\Windows\CurrentVersion\Policies\LAPS'))
    foreach ($key in $laps) {
        if (@(Get-RescueNames $key -Values).Count -gt 0) {
            Write-RescueLog 'WARNING: LAPS manages a password of this Windows. It replaces the new one soon; read it in your directory then.'
            break
        }
    }
    if (@(Get-RescueNames ($set + '\Control\CloudDomainJoin\JoinInfo')).Count -gt 0) {
        Write-RescueLog 'WARNING: this Windows is joined to Entra. Accounts of Entra are reset in the Entra portal; this sets a local one.'
    }
    $domain = Get-RescueValue ($set + '\Services\Tcpip\Parameters') 'Domain'
    if ($domain) { Write-RescueLog ('This Windows belongs to {0}. Accounts of the domain are not changed; this sets a local one.' -f $domain) }
}

# Asks for the password twice; returns it as text, for the file that only administrators may read.
function Read-NewPassword {
    $first = $Password
    if ($null -eq $first) {
        $first = Read-Host -AsSecureString 'New password'
        $second = Read-Host -AsSecureString 'The same again'
    } else {
        $second = $first
    }
    $texts = @($first, $second | ForEach-Object { (New-Object Net.NetworkCredential '', $_).Password })
    if ($texts[0] -cne $texts[1]) { Stop-Rescue $RescueUsage 'The two passwords differ. Nothing was changed.' 'Run the script again.' }
    if ($texts[0].Length -lt 8) {
        Stop-Rescue $RescueUsage 'The password is too short. Nothing was changed.' 'Use at least 8 characters; your own Windows may ask for more.'
    }
    return $texts[0]
}

$exitCode = $RescueDone
try {
    Start-RescueTask 'Reset-OfflinePassword' 'Sets a new password for a local account of your own Windows.'
    if ($Account -match '[\\/"\[\]:;|=,+*?<>@]') {
        Stop-Rescue $RescueUsage ('{0} is not the name of a local account.' -f $Account) 'Name a local account, without a domain.'
    }
    $windows = Resolve-OfflineWindows $WindowsPath
    $system = Mount-RescueHive (Join-Path $windows 'System32\config\SYSTEM') 'RescueReadSystem' -Copy
    $software = Mount-RescueHive (Join-Path $windows 'System32\config\SOFTWARE') 'RescueReadSoftware' -Copy
    Test-ResetIsPossible $system $software
    $oldType = Get-RescueValue ($system + '\Setup') 'SetupType'
    $oldLine = Get-RescueValue ($system + '\Setup') 'CmdLine'
    Dismount-RescueHive $system
    Dismount-RescueHive $software
    if ($oldType) {
        Stop-Rescue $RescuePrecondition ('Setup of this Windows is not finished (SetupType {0}).' -f $oldType) `
            'Let Windows finish its setup first. If an earlier reset was not started yet, undo it with Undo-RescueChange.ps1.'
    }
    $shown = $Account
    if (-not $shown) { $shown = 'the built-in administrator' }
    if (-not $PSCmdlet.ShouldProcess($windows, ('set the password of {0} at the next start' -f $shown))) {
        if (-not $WhatIfPreference) { $exitCode = $RescueDeclined }
    } else {
        $text = Read-NewPassword
        $folder = Join-Path $windows 'RescuePassword'
        $files = @('Set-PasswordOnce.ps1', 'settings.csv', 'password.txt' | ForEach-Object { Join-Path $folder $_ })
        Save-RescueCopy $windows (@(Get-HiveFiles $windows 'SYSTEM') + $files)
        [void][IO.Directory]::CreateDirectory($folder)
        [void](Invoke-RescueProgram 'icacls.exe' @($folder, '/inheritance:r', '/grant', '*S-1-5-32-544:(OI)(CI)F', '*S-1-5-18:(OI)(CI)F'))
        [IO.File]::Copy((Join-Path $PSScriptRoot 'Set-PasswordOnce.ps1'), $files[0], $true)
        New-Object PSObject -Property @{ Account = $Account; SetupType = 0; CmdLine = [string]$oldLine } |
            Export-Csv -LiteralPath $files[1] -NoTypeInformation -Encoding UTF8
        [IO.File]::WriteAllText($files[2], $text)
        # %SystemRoot% is that of your Windows when it runs.
        $program = 'cmd.exe /c powershell.exe -NoProfile -ExecutionPolicy Bypass -File %SystemRoot%\RescuePassword\Set-PasswordOnce.ps1'
        $hive = Mount-RescueHive (Join-Path $windows 'System32\config\SYSTEM') 'RescueSystem'
        Set-RescueValue ($hive + '\Setup') 'CmdLine' $program 'String'
        Set-RescueValue ($hive + '\Setup') 'SetupType' 2 'DWord'
        Dismount-RescueHive $hive
        Write-RescueLog ('Done. Finish the rescue and start your server: it sets the password of {0} before the login screen.' -f $shown)
    }
} catch {
    $exitCode = Write-RescueFailure $_
} finally {
    Stop-RescueTask
}
exit $exitCode
