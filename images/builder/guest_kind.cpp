// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/builder/guest_kind.hpp"

namespace rescue::builder {
namespace {

constexpr Milliseconds an_hour{3'600'000};
constexpr Milliseconds some_minutes{300'000};
constexpr std::uint64_t gib = std::uint64_t{1} << 30;

std::vector<std::string> power_shell(const std::string& script) {
  return {"powershell.exe", "-NoProfile", "-NonInteractive", "-Command", script};
}

std::vector<std::string> cmd(const std::string& line) { return {"cmd.exe", "/d", "/c", line}; }

/// Removes leftovers of Setup, and identities that each copy makes anew.
std::vector<GuestCommand> windows_seal() {
  return {
      {"remove Setup's answer files", cmd(R"(del /f /q C:\Windows\Panther\unattend.xml )"
                                          R"(C:\Windows\Panther\unattend\unattend.xml )"
                                          R"(C:\Windows\System32\Sysprep\unattend.xml & )"
                                          R"(if exist C:\Windows\Panther\unattend.xml exit 1)")},
      {"stop the SSH server", power_shell("Stop-Service sshd"), some_minutes, false},
      {"remove the SSH server's keys",
       cmd(R"(del /f /q C:\ProgramData\ssh\ssh_host_* & if exist C:\ProgramData\ssh\ssh_host_* exit 1)")},
      {"remove temporary files",
       power_shell(R"(Remove-Item -Recurse -Force -ErrorAction SilentlyContinue C:\Windows\Temp\*)"), some_minutes,
       false},
      {"remove superseded components",
       {"Dism.exe", "/Online", "/Cleanup-Image", "/StartComponentCleanup", "/ResetBase"},
       an_hour,
       false},
      {"compress the system", {"compact.exe", "/CompactOS:always"}, an_hour, false},
      {"give free blocks back", power_shell("Optimize-Volume -DriveLetter C -ReTrim -ErrorAction Stop"), an_hour,
       false},
  };
}

/// As images/standin/steps/publish.sh writes them.
contract::GuestActions standin_actions() {
  using contract::GuestAction;
  const std::string keys = "/home/Administrator/.ssh/authorized_keys";
  contract::GuestActions actions;
  actions[GuestAction::ssh_keys] = {
      .file = keys,
      .commands = {{"/usr/bin/chown", "Administrator:Administrator", keys}, {"/usr/bin/chmod", "600", keys}}};
  actions[GuestAction::keys_only] = {.commands = {{"/usr/sbin/standin-keys-only"}}};
  actions[GuestAction::keyboard] = {.commands = {{"/usr/sbin/standin-set-keyboard", "{keyboard}", "{language}"}}};
  actions[GuestAction::login_text] = {.file = "/etc/motd"};
  actions[GuestAction::desktop_text] = {.file = "/home/Administrator/Desktop/RESCUE.txt"};
  actions[GuestAction::message] = {.commands = {{"/usr/bin/wall", "--nobanner", "{text}"}}};
  return actions;
}

}  // namespace

GuestKind windows_kind() {
  GuestKind kind;
  kind.os = "windows";
  kind.installed = {"Setup has ended",
                    power_shell(R"(exit [int](Get-ItemProperty HKLM:\SYSTEM\Setup).SystemSetupInProgress)")};
  kind.drivers = {"the drivers are installed", {"pnputil.exe", "/enum-drivers"}, some_minutes};
  // The answer medium's letter depends on the other drives.
  kind.install_drivers = {{"install the driver {driver}",
                           cmd(R"(for %d in (D E F G) do if exist %d:\drivers\{driver} )"
                               R"(pnputil.exe /add-driver %d:\drivers\{driver}\*.inf /install)"),
                           some_minutes, false}};
  kind.checks = {
      {"the programs of the answer medium are installed",
       cmd(R"(if exist C:\Windows\Panther\rescue-install.failed type C:\Windows\Panther\rescue-install.failed & exit 1)")},
      {"the SSH server is installed", {"sc.exe", "query", "sshd"}},
      {"remote desktop is on", power_shell(R"(exit [int](Get-ItemProperty 'HKLM:\SYSTEM\CurrentControlSet\Control\)"
                                           R"(Terminal Server').fDenyTSConnections)")},
  };
  kind.seal = windows_seal();
  kind.log_folders = {"/Windows/Panther", "/$WINDOWS.~BT/Sources/Panther"};
  constexpr std::uint64_t disk_gib = 40;
  constexpr std::uint64_t room_gib = 40;
  kind.disk_bytes = disk_gib * gib;
  kind.least_room = room_gib * gib;
  kind.memory_mib = 4096;
  kind.least_memory_mib = 2048;
  return kind;
}

GuestKind standin_kind() {
  const auto shell = [](const std::string& script) { return std::vector<std::string>{"/bin/sh", "-c", script}; };
  GuestKind kind;
  kind.os = "standin";
  kind.installed = {"Setup has ended", {"/usr/bin/grep", "-qx", "installed", "/var/lib/standin/state"}};
  kind.drivers = {"the drivers are installed", {"/usr/bin/ls", "/sys/bus/virtio/drivers"}};
  kind.expected_drivers = {"virtio_net", "virtio_console", "virtio_rng"};
  kind.install_drivers = {{"load the driver {driver}", {"/usr/sbin/modprobe", "{driver}"}, some_minutes, false}};
  kind.checks = {
      {"the SSH server answers", {"/bin/bash", "-c", "exec 3<>/dev/tcp/127.0.0.1/22"}},
      {"the account Administrator has a password", shell("getent shadow Administrator | grep -q ':\\$'")},
  };
  kind.seal = {
      {"lock the account of Administrator", {"/usr/sbin/usermod", "--password", "!", "Administrator"}},
      {"remove keys and the identity", shell("rm -f /etc/ssh/ssh_host_* /etc/xrdp/cert.pem /etc/xrdp/key.pem "
                                             "/etc/xrdp/rsakeys.ini && : >/etc/machine-id")},
      {"remove Setup's files", {"/usr/bin/rm", "-rf", "/var/log/setup", "/var/cache/setup"}},
      // Blocks of removed files are free when the journal is committed.
      {"give free blocks back", shell("sync && fstrim /"), some_minutes, false},
  };
  kind.set_hostname = {"/usr/sbin/standin-set-hostname", "{hostname}"};
  kind.actions = standin_actions();
  kind.log_folders = {"/var/log/setup"};
  constexpr std::uint64_t disk_gib = 2;
  kind.disk_bytes = disk_gib * gib;
  kind.least_room = gib;
  kind.memory_mib = 1024;
  kind.least_memory_mib = 1024;
  return kind;
}

}  // namespace rescue::builder
