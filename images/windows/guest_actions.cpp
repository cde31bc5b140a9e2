// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/windows/guest_actions.hpp"

namespace rescue::windows {
namespace {

using Argv = std::vector<std::string>;
using contract::GuestAction;

constexpr const char* keys = R"(C:\ProgramData\ssh\administrators_authorized_keys)";
constexpr const char* banner = R"(C:\ProgramData\ssh\rescue-banner.txt)";

/// No double quotes in `script`: each would be quoted again on its way to PowerShell.
Argv power_shell(const std::string& script) {
  return {R"(C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe)", "-NoProfile", "-NonInteractive", "-Command",
          "$ErrorActionPreference = 'Stop'; " + script};
}

Argv icacls(const std::vector<std::string>& arguments) {
  Argv argv{R"(C:\Windows\System32\icacls.exe)", keys};
  argv.insert(argv.end(), arguments.begin(), arguments.end());
  return argv;
}

/// Puts lines before all others of sshd_config, where the first value of a setting counts, and restarts the server.
/// UTF-8 without a byte order mark, which sshd would take for a part of the first word.
std::string with_sshd_lines(const std::string& lines) {
  return "$file = Join-Path $env:ProgramData 'ssh\\sshd_config'; "
         "$old = @(Get-Content -LiteralPath $file); "
         "$new = @(" +
         lines +
         ") | Where-Object { $old -notcontains $_ }; "
         "if ($new) { [IO.File]::WriteAllLines($file, [string[]](@($new) + $old)); Restart-Service sshd }";
}

/// sshd ignores the file unless nobody but Administrators and SYSTEM may write it ("Key-based authentication in OpenSSH
/// for Windows", Microsoft Learn). Accounts by SID: their names depend on the language.
contract::GuestProcedure ssh_keys() {
  return {.file = keys,
          .commands = {icacls({"/reset"}), icacls({"/setowner", "*S-1-5-32-544"}),
                       icacls({"/inheritance:r", "/grant:r", "*S-1-5-32-544:F", "/grant:r", "*S-1-5-18:F"})}};
}

/// For the login screen and SYSTEM, for new users, and for an Administrator who has a profile already. `{input}`,
/// `{language}` and `{layout}` come from a table of ours (contract/keyboard.hpp), never from a request.
contract::GuestProcedure keyboard() {
  return {
      .commands = {
          power_shell("$list = New-WinUserLanguageList '{language}'; $list[0].InputMethodTips.Clear(); "
                      "$list[0].InputMethodTips.Add('{input}'); Set-WinUserLanguageList $list -Force; "
                      "Set-Culture '{language}'"),
          power_shell("Set-ItemProperty 'Registry::HKEY_USERS\\.DEFAULT\\Keyboard Layout\\Preload' 1 '{layout}'; "
                      "foreach ($hive in 'C:\\Users\\Default\\NTUSER.DAT', 'C:\\Users\\Administrator\\NTUSER.DAT') { "
                      "if (-not (Test-Path -LiteralPath $hive)) { continue }; "
                      "reg.exe load HKU\\RescueKeyboard $hive | Out-Null; "
                      "if ($LASTEXITCODE -ne 0) { continue }; "
                      "reg.exe add 'HKU\\RescueKeyboard\\Keyboard Layout\\Preload' /v 1 /t REG_SZ /d '{layout}' /f | "
                      "Out-Null; reg.exe unload HKU\\RescueKeyboard | Out-Null }; exit 0"),
      }};
}

}  // namespace

contract::GuestActions guest_actions() {
  contract::GuestActions actions;
  actions[GuestAction::ssh_keys] = ssh_keys();
  actions[GuestAction::keys_only] = {
      .commands = {power_shell(with_sshd_lines("'PasswordAuthentication no', 'KbdInteractiveAuthentication no'"))}};
  actions[GuestAction::keyboard] = keyboard();
  // The server shows it to everybody who connects: OpenSSH for Windows has no text after the login.
  actions[GuestAction::login_text] = {
      .file = banner,
      .crlf = true,
      .before_login = true,
      .commands = {power_shell(with_sshd_lines("'Banner C:/ProgramData/ssh/rescue-banner.txt'"))}};
  actions[GuestAction::desktop_text] = {.file = R"(C:\Users\Public\Desktop\RESCUE.txt)", .crlf = true};
  actions[GuestAction::message] = {.commands = {{R"(C:\Windows\System32\msg.exe)", "*", "/TIME:3600", "{text}"}}};
  return actions;
}

}  // namespace rescue::windows
