# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
#
# Runs once, in your own Windows, before the login screen: sets the password that Reset-OfflinePassword.ps1 has left, and
# removes itself. Windows starts it by SetupType and CmdLine of HKLM\SYSTEM\Setup; these are put back before all else, so
# that a failure here can't happen at every start.

$ErrorActionPreference = 'Stop'
$folder = $PSScriptRoot
$log = Join-Path $env:SystemRoot 'Temp\RescuePassword.log'

function Write-Once([string]$Message) {
    [IO.File]::AppendAllText($log, ('{0:s} {1}{2}' -f (Get-Date), $Message, [Environment]::NewLine))
}

try {
    $settings = Import-Csv -LiteralPath (Join-Path $folder 'settings.csv')
    Set-ItemProperty -LiteralPath 'HKLM:\SYSTEM\Setup' -Name SetupType -Value ([int]$settings.SetupType)
    Set-ItemProperty -LiteralPath 'HKLM:\SYSTEM\Setup' -Name CmdLine -Value $settings.CmdLine
    $name = $settings.Account
    if (-not $name) {
        # The built-in account has another name in other languages, but always the RID 500.
        $account = Get-WmiObject Win32_UserAccount -Filter 'LocalAccount = TRUE' | Where-Object { $_.SID -like 'S-1-5-21-*-500' }
        $name = $account.Name
    }
    $user = [ADSI]('WinNT://./{0},user' -f $name)
    # Not through net.exe: an argument is visible to every process.
    $user.SetPassword([IO.File]::ReadAllText((Join-Path $folder 'password.txt')))
    $disabled = 2
    $user.UserFlags = $user.UserFlags.Value -band (-bnot $disabled)
    $user.SetInfo()
    if ($user.IsAccountLocked) {
        $user.IsAccountLocked = $false
        $user.SetInfo()
    }
    Write-Once ('The password of {0} is set; the account is enabled and not locked.' -f $name)
} catch {
    Write-Once ('FAILED: ' + $_.Exception.Message)
} finally {
    $secret = Join-Path $folder 'password.txt'
    if ([IO.File]::Exists($secret)) {
        [IO.File]::WriteAllText($secret, ('0' * 256))
        [IO.File]::Delete($secret)
    }
    Remove-Item -LiteralPath $folder -Recurse -Force -ErrorAction SilentlyContinue
}
