# SPDX-FileCopyrightText: 2026 The rescue project contributors
# SPDX-License-Identifier: Apache-2.0
<#
.SYNOPSIS
Lets Remote Desktop into your own Windows again: settings, policy, services and firewall.
.DESCRIPTION
Reads the registry of your own Windows, lists each setting that keeps Remote Desktop out, and sets it right with your
consent. A healthy Windows gives no finding, and nothing is written.

A policy of a domain comes back at its next run: change it in the domain, too.
Exit codes: 0 done, 1 failed, 2 wrong input, 3 something is missing, 4 you declined.
.PARAMETER WindowsPath
Windows folder of your server. Not needed if there is only one.
.PARAMETER TcpOnly
Turns UDP off, for sessions that freeze after a login.
.PARAMETER AllowWithoutNla
Turns Network Level Authentication off. Less secure; only for clients that can't do it.
.PARAMETER DisableFirewall
Turns the firewall off in all profiles, as the last resort. Turn it on again after your login.
.EXAMPLE
.\Repair-OfflineRemoteAccess.ps1 -WhatIf
Lists what is wrong, and changes nothing.
.EXAMPLE
.\Repair-OfflineRemoteAccess.ps1 -WindowsPath D:\Windows -TcpOnly
#>
[CmdletBinding(SupportsShouldProcess = $true, ConfirmImpact = 'High')]
param(
    [string]$WindowsPath = '',
    [switch]$TcpOnly,
    [switch]$AllowWithoutNla,
    [switch]$DisableFirewall
)
. (Join-Path $PSScriptRoot 'RescueCommon.ps1')

# One setting that is wrong: where, what it is, what it should be.
function New-Finding([string]$Hive, [string]$Key, [string]$Name, $Now, $Wanted, [string]$Kind, [string]$Meaning) {
    return New-Object PSObject -Property @{
        Hive = $Hive; Key = $Key; Name = $Name; Now = $Now; Wanted = $Wanted; Kind = $Kind; Meaning = $Meaning
    }
}

# Compares a number with what it should be. An absent value is right if $AbsentIsRight.
function Test-Number([string]$Hive, [string]$Root, [string]$Key, [string]$Name, [int]$Wanted, [bool]$AbsentIsRight, [string]$Meaning) {
    $now = Get-RescueValue ($Root + '\' + $Key) $Name
    if ($null -eq $now -and $AbsentIsRight) { return }
    if ($null -ne $now -and $now -eq $Wanted) { return }
    New-Finding $Hive $Key $Name $now $Wanted 'DWord' $Meaning
}

function Find-SettingFault([string]$System, [string]$Set, [string]$Software) {
    $server = $Set + '\Control\Terminal Server'
    $policy = 'Policies\Microsoft\Windows NT\Terminal Services'
    Test-Number 'SYSTEM' $Set 'Control\Terminal Server' 'fDenyTSConnections' 0 $false 'Remote Desktop is off'
    Test-Number 'SOFTWARE' $Software $policy 'fDenyTSConnections' 0 $true 'a policy turns Remote Desktop off'
    Test-Number 'SYSTEM' $Set 'Control\Terminal Server\WinStations\RDP-Tcp' 'fEnableWinStation' 1 $true 'the listener of Remote Desktop is off'
    if ($AllowWithoutNla) {
        Test-Number 'SYSTEM' $Set 'Control\Terminal Server\WinStations\RDP-Tcp' 'UserAuthentication' 0 $false 'clients must do Network Level Authentication'
        Test-Number 'SOFTWARE' $Software $policy 'UserAuthentication' 0 $true 'a policy asks for Network Level Authentication'
    }
    if ($TcpOnly) { Test-Number 'SOFTWARE' $Software $policy 'SelectTransport' 1 $false 'sessions use UDP, too' }
    $port = Get-RescueValue ($server + '\WinStations\RDP-Tcp') 'PortNumber'
    if ($null -ne $port -and $port -ne 3389) { Write-RescueLog ('Note: Remote Desktop listens on port {0}, not 3389. Use that port in your client.' -f $port) }
}

# Services that Remote Desktop needs, with their start types: 2 automatic, 3 on demand; 4 is disabled.
function Find-ServiceFault([string]$Set) {
    $services = @(
        @('TermService', 3, 'Remote Desktop Services'), @('UmRdpService', 3, 'port redirector of Remote Desktop'),
        @('BFE', 2, 'Base Filtering Engine'), @('mpssvc', 2, 'Windows Firewall'), @('NlaSvc', 2, 'Network Location Awareness'),
        @('Dhcp', 2, 'DHCP client'), @('nsi', 2, 'network store'), @('RpcSs', 2, 'remote procedure calls'), @('LanmanWorkstation', 2, 'workstation'))
    foreach ($service in $services) {
        $key = 'Services\' + $service[0]
        $now = Get-RescueValue ($Set + '\' + $key) 'Start'
        if ($now -eq 4) { New-Finding 'SYSTEM' $key 'Start' $now $service[1] 'DWord' ('the service is disabled: ' + $service[2]) }
    }
}

# Firewall: profiles that block everything, and the rule for Remote Desktop.
function Find-FirewallFault([string]$Set, [string]$Software) {
    $local = 'Services\SharedAccess\Parameters\FirewallPolicy'
    $policy = 'Policies\Microsoft\WindowsFirewall'
    foreach ($profileName in 'DomainProfile', 'StandardProfile', 'PublicProfile') {
        Test-Number 'SYSTEM' $Set ($local + '\' + $profileName) 'DoNotAllowExceptions' 0 $true ('the firewall blocks all that comes in: ' + $profileName)
        Test-Number 'SOFTWARE' $Software ($policy + '\' + $profileName) 'DoNotAllowExceptions' 0 $true ('a policy blocks all that comes in: ' + $profileName)
        if ($DisableFirewall) {
            Test-Number 'SYSTEM' $Set ($local + '\' + $profileName) 'EnableFirewall' 0 $false ('the firewall is on: ' + $profileName)
            Test-Number 'SOFTWARE' $Software ($policy + '\' + $profileName) 'EnableFirewall' 0 $true ('a policy turns the firewall on: ' + $profileName)
        }
    }
    $port = Get-RescueValue ($Set + '\Control\Terminal Server\WinStations\RDP-Tcp') 'PortNumber'
    if ($null -eq $port) { $port = 3389 }
    $rules = $local + '\FirewallRules'
    $open = $false
    foreach ($name in Get-RescueNames ($Set + '\' + $rules) -Values) {
        $rule = [string](Get-RescueValue ($Set + '\' + $rules) $name)
        if ($rule -notmatch ('\|LPort={0}\|' -f $port) -or $rule -notmatch '\|Dir=In\|') { continue }
        if ($rule -match '\|Action=Block\|' -and $rule -match '\|Active=TRUE\|') {
            New-Finding 'SYSTEM' $rules $name $rule ($rule -replace '\|Active=TRUE\|', '|Active=FALSE|') 'String' ('a firewall rule blocks port {0}: {1}' -f $port, $name)
        } elseif ($rule -match '\|Action=Allow\|' -and $rule -match '\|Protocol=6\|' -and $rule -match '\|Active=TRUE\|' -and
            $rule -notmatch '\|Profile=' -and $rule -notmatch '\|RA4=' -and $rule -notmatch '\|LA4=') {
            $open = $true
        }
    }
    if (-not $open) {
        $rule = 'v2.10|Action=Allow|Active=TRUE|Dir=In|Protocol=6|LPort={0}|Name=Rescue: Remote Desktop|' -f $port
        $now = Get-RescueValue ($Set + '\' + $rules) 'Rescue-RemoteDesktop-In-TCP'
        New-Finding 'SYSTEM' $rules 'Rescue-RemoteDesktop-In-TCP' $now $rule 'String' ('no firewall rule lets port {0} in, in every profile' -f $port)
    }
}

function Set-Finding([string]$WindowsPath, $Findings) {
    foreach ($hiveName in @($Findings | ForEach-Object { $_.Hive } | Sort-Object -Unique)) {
        $hive = Mount-RescueHive (Join-Path $WindowsPath ('System32\config\' + $hiveName)) ('Rescue' + $hiveName)
        $root = $hive
        if ($hiveName -eq 'SYSTEM') { $root = Get-RescueControlSet $hive }
        foreach ($finding in @($Findings | Where-Object { $_.Hive -eq $hiveName })) {
            Set-RescueValue ($root + '\' + $finding.Key) $finding.Name $finding.Wanted $finding.Kind
        }
        Dismount-RescueHive $hive
    }
}

function Find-Fault([string]$WindowsPath) {
    $system = Mount-RescueHive (Join-Path $WindowsPath 'System32\config\SYSTEM') 'RescueReadSystem' -Copy
    $software = Mount-RescueHive (Join-Path $WindowsPath 'System32\config\SOFTWARE') 'RescueReadSoftware' -Copy
    $set = Get-RescueControlSet $system
    $found = @(Find-SettingFault $system $set $software) + @(Find-ServiceFault $set) + @(Find-FirewallFault $set $software)
    Dismount-RescueHive $system
    Dismount-RescueHive $software
    return $found
}

$exitCode = $RescueDone
try {
    Start-RescueTask 'Repair-OfflineRemoteAccess' 'Looks for what keeps Remote Desktop out of your own Windows.'
    $windows = Resolve-OfflineWindows $WindowsPath
    $findings = @(Find-Fault $windows)
    foreach ($finding in $findings) {
        Write-RescueLog ('{0}: {1}\{2}\{3} is "{4}", should be "{5}"' -f $finding.Meaning, $finding.Hive, $finding.Key, $finding.Name, $finding.Now, $finding.Wanted)
    }
    if ($findings.Count -eq 0) {
        Write-RescueLog 'These settings are right. Look at the network next: address, gateway, and the firewall of your provider.'
    } elseif ($PSCmdlet.ShouldProcess($windows, ('change {0} settings' -f $findings.Count))) {
        Save-RescueCopy $windows (@(Get-HiveFiles $windows 'SYSTEM') + @(Get-HiveFiles $windows 'SOFTWARE'))
        Set-Finding $windows $findings
        # Read back from a new copy: a repair that did not reach the disk must not be reported as done.
        $left = @(Find-Fault $windows)
        if ($left.Count -gt 0) {
            Stop-Rescue $RescueFailed ('{0} settings are still wrong: {1}' -f $left.Count, (($left | ForEach-Object { $_.Meaning }) -join ', ')) `
                'Is the disk read-only? Run Set-DisksOnline.ps1, then this script again.'
        }
        Write-RescueLog 'Done, and read back. Finish the rescue, and let your server start from its disk.'
    } elseif (-not $WhatIfPreference) {
        $exitCode = $RescueDeclined
    }
} catch {
    $exitCode = Write-RescueFailure $_
} finally {
    Stop-RescueTask
}
exit $exitCode
