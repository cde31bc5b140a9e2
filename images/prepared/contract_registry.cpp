// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/prepared/contract_points.hpp"

#include <fmt/format.h>

#include <array>

namespace rescue::prepared {
namespace {

/// A number in the registry that must be in a range. Start types of services: 0 by the boot loader, 2 automatic, 3 on
/// demand, 4 disabled.
struct NumberRule {
  const char* id;
  const char* title;
  Key key;
  const char* name;
  std::uint64_t lowest;
  std::uint64_t highest;
  bool may_be_absent;
  const char* remedy;
};

constexpr Key set(std::string_view path) { return {"SYSTEM", path}; }

constexpr std::array<NumberRule, 19> rules{{
    {"setup-finished", "Setup has finished", set(R"(Setup)"), "SetupType", 0, 0, false,
     "Let Setup and the first login finish; do not use sysprep /generalize."},
    {"vioscsi-boots", "vioscsi starts with the boot loader", set(R"(CurrentControlSet\Services\vioscsi)"), "Start", 0,
     0, false,
     "Boot the image once from a virtio-scsi disk, or: reg add HKLM\\SYSTEM\\CurrentControlSet\\Services\\vioscsi /v "
     "Start /t REG_DWORD /d 0 /f"},
    {"viostor-boots", "viostor starts with the boot loader", set(R"(CurrentControlSet\Services\viostor)"), "Start", 0,
     0, false,
     "Boot the image once with a virtio-blk disk, or: reg add HKLM\\SYSTEM\\CurrentControlSet\\Services\\viostor /v "
     "Start /t REG_DWORD /d 0 /f"},
    {"network-driver", "the driver NetKVM is installed", set(R"(CurrentControlSet\Services\netkvm)"), "Start", 0, 3,
     false, "Install it: pnputil /add-driver netkvm.inf /install"},
    {"serial-driver", "the driver of the guest agent's channel is installed",
     set(R"(CurrentControlSet\Services\VirtioSerial)"), "Start", 0, 3, false,
     "Install it: pnputil /add-driver vioser.inf /install"},
    {"guest-agent-starts", "QEMU's guest agent starts by itself", set(R"(CurrentControlSet\Services\QEMU-GA)"), "Start",
     2, 2, false, "Install qemu-ga-x86_64.msi of virtio-win's ISO, then: sc.exe config QEMU-GA start= auto"},
    {"sshd-starts", "the SSH server starts by itself", set(R"(CurrentControlSet\Services\sshd)"), "Start", 2, 2, false,
     "Install the OpenSSH server, then: sc.exe config sshd start= auto"},
    {"rdp-service", "the service of Remote Desktop is not disabled", set(R"(CurrentControlSet\Services\TermService)"),
     "Start", 2, 3, false, "sc.exe config TermService start= demand"},
    {"rdp-on", "Remote Desktop is on", set(R"(CurrentControlSet\Control\Terminal Server)"), "fDenyTSConnections", 0, 0,
     false,
     "reg add \"HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server\" /v fDenyTSConnections /t REG_DWORD /d 0 "
     "/f"},
    {"rdp-policy",
     "no policy turns Remote Desktop off",
     {"SOFTWARE", R"(Policies\Microsoft\Windows NT\Terminal Services)"},
     "fDenyTSConnections",
     0,
     0,
     true,
     "Remove the policy \"Allow users to connect remotely by using Remote Desktop Services\"."},
    {"rdp-nla", "Remote Desktop asks for Network Level Authentication", rdp_listener, "UserAuthentication", 1, 1, false,
     "reg add \"HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server\\WinStations\\RDP-Tcp\" /v "
     "UserAuthentication /t REG_DWORD /d 1 /f"},
    // 3 is VDS_SP_OFFLINE, "OfflineAll" of diskpart.
    {"other-disks-offline", "a customer's disks stay offline (SAN policy OfflineAll)",
     set(R"(CurrentControlSet\Services\partmgr\Parameters)"), "SanPolicy", 3, 3, false,
     "diskpart, `san policy=OfflineAll`"},
    {"no-device-encryption", "Windows does not encrypt disks by itself", set(R"(CurrentControlSet\Control\BitLocker)"),
     "PreventDeviceEncryption", 1, 1, false,
     "reg add HKLM\\SYSTEM\\CurrentControlSet\\Control\\BitLocker /v PreventDeviceEncryption /t REG_DWORD /d 1 /f"},
    {"hibernation-off", "hibernation is off", set(R"(CurrentControlSet\Control\Power)"), "HibernateEnabled", 0, 0,
     false, "powercfg /h off"},
    {"fast-startup-off", "fast startup is off", set(R"(CurrentControlSet\Control\Session Manager\Power)"),
     "HiberbootEnabled", 0, 0, false,
     "reg add \"HKLM\\SYSTEM\\CurrentControlSet\\Control\\Session Manager\\Power\" /v HiberbootEnabled /t REG_DWORD /d "
     "0 /f"},
    {"updates-off",
     "automatic updates are off",
     {"SOFTWARE", R"(Policies\Microsoft\Windows\WindowsUpdate\AU)"},
     "NoAutoUpdate",
     1,
     1,
     false,
     "reg add HKLM\\SOFTWARE\\Policies\\Microsoft\\Windows\\WindowsUpdate\\AU /v NoAutoUpdate /t REG_DWORD /d 1 /f"},
    {"firewall-service", "the firewall's service is not disabled", set(R"(CurrentControlSet\Services\mpssvc)"), "Start",
     2, 2, false, "reg add HKLM\\SYSTEM\\CurrentControlSet\\Services\\mpssvc /v Start /t REG_DWORD /d 2 /f"},
    {"rdp-port", "Remote Desktop listens on port 3389", rdp_listener, "PortNumber", 3389, 3389, true,
     "reg add \"HKLM\\SYSTEM\\CurrentControlSet\\Control\\Terminal Server\\WinStations\\RDP-Tcp\" /v PortNumber /t "
     "REG_DWORD /d 3389 /f"},
    {"not-a-domain-member",
     "no domain manages the image",
     {"SYSTEM", R"(CurrentControlSet\Services\Netlogon)"},
     "Start",
     3,
     4,
     true,
     "Take the image out of its domain before it is exported: its policies would undo these settings."},
}};

Point check(const GuestFacts& facts, const NumberRule& rule) {
  const auto value = facts.number(rule.key, rule.name);
  Point point{rule.id, rule.title, false, "", rule.remedy};
  point.found = fmt::format("{}\\{} is {}", rule.key.path, rule.name, value ? std::to_string(*value) : "not set");
  point.kept = value ? *value >= rule.lowest && *value <= rule.highest : rule.may_be_absent;
  return point;
}

}  // namespace

std::vector<Key> registry_keys() {
  std::vector<Key> keys;
  keys.reserve(rules.size());
  for (const auto& rule : rules) keys.push_back(rule.key);
  return keys;
}

Points registry_points(const GuestFacts& facts) {
  Points points;
  points.reserve(rules.size());
  for (const auto& rule : rules) points.push_back(check(facts, rule));
  return points;
}

}  // namespace rescue::prepared
