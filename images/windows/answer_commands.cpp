// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/windows/answer_commands.hpp"

#include <fmt/format.h>

#include <string_view>

namespace rescue::windows {
namespace {

constexpr const char* power = R"(HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Power)";
constexpr const char* memory = R"(HKLM\SYSTEM\CurrentControlSet\Control\Session Manager\Memory Management)";
constexpr const char* maintenance = R"(HKLM\SOFTWARE\Microsoft\Windows NT\CurrentVersion\Schedule\Maintenance)";
constexpr const char* update = R"(HKLM\SOFTWARE\Policies\Microsoft\Windows\WindowsUpdate)";
constexpr const char* telemetry = R"(HKLM\SOFTWARE\Policies\Microsoft\Windows\DataCollection)";
constexpr const char* diagnostics = R"(HKLM\SYSTEM\CurrentControlSet\Services\DiagTrack)";
constexpr const char* error_reports = R"(HKLM\SOFTWARE\Microsoft\Windows\Windows Error Reporting)";
constexpr const char* system_restore = R"(HKLM\SOFTWARE\Policies\Microsoft\Windows NT\SystemRestore)";
constexpr const char* terminal_services = R"(HKLM\SOFTWARE\Policies\Microsoft\Windows NT\Terminal Services)";
constexpr const char* partition_manager = R"(HKLM\SYSTEM\CurrentControlSet\Services\partmgr\Parameters)";
constexpr const char* bit_locker = R"(HKLM\SYSTEM\CurrentControlSet\Control\BitLocker)";
constexpr const char* welcome = R"(HKLM\SOFTWARE\Policies\Microsoft\Windows\OOBE)";
constexpr const char* open_ssh = R"(HKLM\SOFTWARE\OpenSSH)";
constexpr const char* login_layouts = R"(HKU\.DEFAULT\Keyboard Layout\Preload)";
constexpr const char* lab_configuration = R"(HKLM\SYSTEM\Setup\LabConfig)";
constexpr const char* shell_of_ssh = R"(C:\Windows\System32\WindowsPowerShell\v1.0\powershell.exe)";

std::string set_value(const std::string& key, std::string_view name, std::string_view type, std::string_view value) {
  return fmt::format(R"(reg.exe add "{}" /v {} /t {} /d "{}" /f)", key, name, type, value);
}

std::string set_number(const std::string& key, std::string_view name, unsigned value) {
  return set_value(key, name, "REG_DWORD", std::to_string(value));
}

using Commands = std::vector<SetupCommand>;

/// The answer file's own settings for both depend on components that an edition may lack.
void add_disks(Commands& commands) {
  commands.push_back({"Other disks stay offline", set_number(partition_manager, "SanPolicy", san_offline_all)});
  commands.push_back({"No disk is encrypted", set_number(bit_locker, "PreventDeviceEncryption", 1)});
}

/// A hibernated or half stopped Windows would leave the image in a state that can't be cloned.
void add_power(Commands& commands, const AnswerSettings& settings) {
  commands.push_back({"Hibernation off", "powercfg.exe /hibernate off"});
  if (facts_of(settings.release).client) {
    commands.push_back({"No sleep when nobody uses it", "powercfg.exe /change standby-timeout-ac 0"});
  }
  commands.push_back({"Fast startup off", set_number(power, "HiberbootEnabled", 0)});
  commands.push_back(
      {"Small page file", set_value(memory, "PagingFiles", "REG_MULTI_SZ", R"(C:\pagefile.sys 256 1024)")});
}

/// A retrim by schedule would destroy what can still be undeleted on the customer's SSD.
void add_maintenance(Commands& commands) {
  commands.push_back({"Scheduled optimiser (retrim) off",
                      R"(schtasks.exe /Change /TN "\Microsoft\Windows\Defrag\ScheduledDefrag" /Disable)"});
  commands.push_back({"Automatic maintenance off", set_number(maintenance, "MaintenanceDisabled", 1)});
  commands.push_back({"Automatic updates off", set_number(std::string(update) + R"(\AU)", "NoAutoUpdate", 1)});
  commands.push_back(
      {"No connections to Windows Update", set_number(update, "DoNotConnectToWindowsUpdateInternetLocations", 1)});
  commands.push_back({"Telemetry off", set_number(telemetry, "AllowTelemetry", 0)});
  commands.push_back({"Telemetry service off", set_number(diagnostics, "Start", 4)});
  commands.push_back({"No page about privacy at the first login", set_number(welcome, "DisablePrivacyExperience", 1)});
  commands.push_back({"Error reports off", set_number(error_reports, "Disabled", 1)});
  commands.push_back({"System restore off", set_number(system_restore, "DisableSR", 1)});
  commands.push_back({"Recovery environment off", "reagentc.exe /disable"});
}

void add_console(Commands& commands) {
  commands.push_back(
      {"Emergency console on the first serial port", "bcdedit.exe /emssettings EMSPORT:1 EMSBAUDRATE:115200"});
  commands.push_back({"Emergency console on", "bcdedit.exe /ems {current} on"});
  commands.push_back({"Emergency console of the boot manager on", "bcdedit.exe /bootems {bootmgr} on"});
}

/// The inbox rule of Server 2025 covers Domain and Private only; a server on the internet gets Public.
void add_access(Commands& commands, const AnswerSettings& settings) {
  commands.push_back({"SSH through the firewall, on every profile",
                      R"(netsh.exe advfirewall firewall add rule name="Rescue SSH" dir=in action=allow protocol=TCP )"
                      "localport=22 profile=any"});
  commands.push_back({"PowerShell as the shell of SSH", set_value(open_ssh, "DefaultShell", "REG_SZ", shell_of_ssh)});
  if (settings.release == Release::server_2025) {
    commands.push_back({"SSH server starts", "sc.exe config sshd start= auto"});
    commands.push_back(
        {"Inbox rule of SSH on every profile",
         R"(powershell.exe -NoProfile -Command "Set-NetFirewallRule -Name OpenSSH-Server-In-TCP -Profile Any")"});
    commands.push_back(
        {"RDP by TCP only: sessions by UDP freeze", set_number(terminal_services, "SelectTransport", 1)});
  }
}

/// The account with the RID 500 has another name in other languages, and is disabled on clients.
void add_administrator(Commands& commands, const AnswerSettings& settings) {
  if (!settings.ui_language.starts_with("en")) {
    commands.push_back(
        {"The built-in account is named Administrator",
         R"(powershell.exe -NoProfile -Command "Get-LocalUser | Where-Object SID -like 'S-1-5-21-*-500' | )"
         R"(Rename-LocalUser -NewName Administrator")"});
  }
  if (facts_of(settings.release).client) {
    commands.push_back({"Administrator enabled", "net.exe user Administrator /active:yes"});
  }
}

void add_login_layouts(Commands& commands, const AnswerSettings& settings) {
  unsigned position = 0;
  for (const auto& name : settings.keyboards) {
    commands.push_back({fmt::format("Keyboard layout {} on the login screen", name),
                        set_value(login_layouts, std::to_string(++position), "REG_SZ", keyboard_layout(name).layout)});
  }
}

/// The letter of the answer medium depends on the other drives.
void add_install_script(Commands& commands, const AnswerSettings& settings) {
  if (settings.install_script.empty()) return;
  commands.push_back({"Programs of the answer medium",
                      fmt::format(R"(cmd.exe /d /c "for %d in (D E F G) do if exist %d:\{0} call %d:\{0}")",
                                  settings.install_script)});
}

}  // namespace

Commands specialize_commands(const AnswerSettings& settings) {
  Commands commands;
  add_disks(commands);
  add_power(commands, settings);
  add_maintenance(commands);
  add_console(commands);
  add_access(commands, settings);
  add_administrator(commands, settings);
  add_login_layouts(commands, settings);
  add_install_script(commands, settings);
  return commands;
}

Commands setup_commands(const AnswerSettings& settings) {
  Commands commands;
  if (settings.release != Release::windows_11) return commands;
  for (const char* check :
       {"BypassTPMCheck", "BypassSecureBootCheck", "BypassRAMCheck", "BypassCPUCheck", "BypassStorageCheck"}) {
    commands.push_back({fmt::format("Setup: {}", check), set_number(lab_configuration, check, 1)});
  }
  return commands;
}

}  // namespace rescue::windows
