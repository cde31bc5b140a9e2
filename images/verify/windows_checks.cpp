// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Properties that only Windows has, read by PowerShell. Written from Microsoft's reference; not run on Windows yet.
#include "core/text.hpp"
#include "images/verify/checks.hpp"
#include "images/verify/powershell.hpp"
#include "images/verify/subject.hpp"

#include <fmt/format.h>

namespace rescue::verify {
namespace {

/// "ok" if the value of a registry key is `wanted`.
std::string registry_value(std::string_view key, std::string_view name, std::string_view wanted) {
  return fmt::format(
      "$value = (Get-ItemProperty -Path 'Registry::{0}' -Name '{1}' -ErrorAction SilentlyContinue).'{1}'; "
      "if ($value -eq {2}) {{ 'ok' }} else {{ \"{1} is '$value', not {2}\" }}",
      key, name, wanted);
}

/// "ok" if nothing is in the list that `query` makes.
std::string nothing_in(std::string_view query, std::string_view property) {
  return fmt::format(
      "$found = @({}); if ($found.Count -eq 0) {{ 'ok' }} else {{ ($found | ForEach-Object {}) -join ', ' }}", query,
      property);
}

}  // namespace

Verdict judge_by_powershell(Subject& subject, const std::string& script) {
  const auto result =
      subject.machine().agent().run({R"(C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe)", "-NoProfile",
                                     "-NonInteractive", "-Command", "$ErrorActionPreference = 'Stop'; " + script},
                                    subject.limits().command);
  const auto answer = trimmed(result.output);
  if (result.exit_code == 0 && answer == "ok") return passed();
  return failed(answer.empty() ? fmt::format("PowerShell ended with {} and printed nothing", result.exit_code)
                               : answer);
}

Verdict check_drivers(Subject& subject) {
  return judge_by_powershell(
      subject, nothing_in("Get-CimInstance Win32_PnPEntity | Where-Object { $_.PNPDeviceID -like '*VEN_1AF4*' -and "
                          "$_.ConfigManagerErrorCode -ne 0 }",
                          "PNPDeviceID"));
}

Verdict check_services(Subject& subject) {
  return judge_by_powershell(
      subject, nothing_in("'sshd', 'QEMU-GA', 'TermService' | Where-Object { $service = Get-Service $_ -ErrorAction "
                          "SilentlyContinue; -not $service -or $service.Status -ne 'Running' -or ($_ -ne 'TermService' "
                          "-and $service.StartType -ne 'Automatic') }",
                          "{ $_ }"));
}

Verdict check_san_policy(Subject& subject) {
  return judge_by_powershell(
      subject, "$policy = (Get-StorageSetting).NewDiskPolicy; if ($policy -eq 'OfflineAll') { 'ok' } else "
               "{ \"it is $policy\" }");
}

Verdict check_device_encryption(Subject& subject) {
  return judge_by_powershell(subject, registry_value(R"(HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\BitLocker)",
                                                     "PreventDeviceEncryption", "1"));
}

Verdict check_updates(Subject& subject) {
  return judge_by_powershell(
      subject, registry_value(R"(HKEY_LOCAL_MACHINE\SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate\AU)",
                              "NoAutoUpdate", "1"));
}

Verdict check_hibernation(Subject& subject) {
  const auto hibernation =
      judge_by_powershell(subject, "if (Test-Path 'C:\\hiberfil.sys') { 'there is a hiberfil.sys' } else { 'ok' }");
  if (hibernation.result != Result::pass) return hibernation;
  return judge_by_powershell(
      subject, registry_value(R"(HKEY_LOCAL_MACHINE\SYSTEM\CurrentControlSet\Control\Session Manager\Power)",
                              "HiberbootEnabled", "0"));
}

Verdict check_optimiser(Subject& subject) {
  return judge_by_powershell(
      subject,
      "$task = Get-ScheduledTask -TaskPath '\\Microsoft\\Windows\\Defrag\\' -TaskName ScheduledDefrag -ErrorAction "
      "SilentlyContinue; if (-not $task -or $task.State -eq 'Disabled') { 'ok' } else { \"it is $($task.State)\" }");
}

Verdict check_keyboards(Subject& subject) {
  return judge_by_powershell(
      subject, "$count = @((Get-Item 'Registry::HKEY_USERS\\.DEFAULT\\Keyboard Layout\\Preload').Property).Count; "
               "if ($count -ge 1) { 'ok' } else { 'there is none' }");
}

Verdict check_firewall(Subject& subject) {
  return judge_by_powershell(
      subject,
      "$rules = Get-NetFirewallPortFilter -Protocol TCP | Where-Object LocalPort -eq 22 | Get-NetFirewallRule | "
      "Where-Object { $_.Enabled -eq 'True' -and $_.Direction -eq 'Inbound' -and $_.Action -eq 'Allow' -and "
      "$_.Profile -eq 'Any' }; if ($rules) { 'ok' } else { 'no rule allows port 22 on every profile' }");
}

Verdict check_pending_restart(Subject& subject) {
  return judge_by_powershell(
      subject, nothing_in("'Component Based Servicing\\RebootPending', 'WindowsUpdate\\Auto Update\\RebootRequired' | "
                          "Where-Object { Test-Path \"HKLM:\\SOFTWARE\\Microsoft\\Windows\\CurrentVersion\\$_\" }",
                          "{ $_ }"));
}

}  // namespace rescue::verify
