// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/boot/ipmi_boot.hpp"

#include "core/error.hpp"
#include "core/subprocess.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include <array>
#include <sstream>

namespace rescue::boot {
namespace {

using Flags = std::vector<unsigned>;

constexpr const char* ipmi_hint = "Does `ipmitool mc info` answer? Or set boot.ipmi: off.";
constexpr std::size_t flag_count = 5;
constexpr unsigned valid_bit = 0x80;

unsigned device_of(const Flags& flags) { return (flags[1] >> 2U) & 0x0fU; }
bool is_valid(const Flags& flags) { return (flags[0] & valid_bit) != 0; }
/// True for "force PXE". An override to the BIOS setup or a remote medium is somebody's wish and stays. Ignores the
/// valid bit, which not every BMC maintains: clearing once too often does no harm.
bool is_network(const Flags& flags) { return device_of(flags) == 1; }

std::string text_of(const Flags& flags) {
  if (device_of(flags) == 0) return "no override";
  static constexpr std::array<const char*, 7> names = {"none",        "network", "disk",      "disk in safe mode",
                                                       "diagnostics", "cd",      "bios setup"};
  const auto device = device_of(flags);
  const auto name = device < names.size() ? names.at(device) : fmt::format("device {}", device);
  constexpr unsigned persistent_bit = 0x40;
  return fmt::format("{}{}", name, (flags[0] & persistent_bit) != 0 ? ", at every boot" : ", once");
}

}  // namespace

bool IpmiBootControl::available() {
  const bool device =
      ::access("/dev/ipmi0", F_OK) == 0 || ::access("/dev/ipmi/0", F_OK) == 0 || ::access("/dev/ipmidev/0", F_OK) == 0;
  return device && (::access("/usr/bin/ipmitool", X_OK) == 0 || ::access("/usr/sbin/ipmitool", X_OK) == 0);
}

std::vector<unsigned> IpmiBootControl::raw(const std::vector<std::string>& bytes) const {
  Command command;
  command.argv = {"ipmitool"};
  command.argv.insert(command.argv.end(), interface_.begin(), interface_.end());
  command.argv.emplace_back("raw");
  command.argv.insert(command.argv.end(), bytes.begin(), bytes.end());
  command.time_limit = limit_;
  const auto completed = run(command);
  if (completed.timed_out) throw Error(ErrorCode::timeout, "the BMC does not answer in time", ipmi_hint);
  if (completed.status != 0) {
    auto reason = completed.err.substr(0, completed.err.find('\n'));
    throw Error(ErrorCode::unavailable, "the BMC does not answer: " + reason, ipmi_hint);
  }
  std::vector<unsigned> answer;
  std::istringstream words(completed.out);
  words >> std::hex;
  for (unsigned byte = 0; words >> byte;) answer.push_back(byte);
  return answer;
}

std::vector<unsigned> IpmiBootControl::boot_flags() const {
  // Chassis, Get System Boot Options, parameter 5: version, parameter with its validity, data 1 to 5.
  const auto answer = raw({"0x00", "0x09", "0x05", "0x00", "0x00"});
  if (answer.size() < 2 + flag_count || (answer[1] & 0x7fU) != 5) {
    throw Error(ErrorCode::unavailable, "the BMC's answer about its boot flags is invalid", ipmi_hint);
  }
  return {answer.begin() + 2, answer.begin() + 2 + flag_count};
}

std::string IpmiBootControl::mode() { return text_of(boot_flags()); }

std::string IpmiBootControl::snapshot() { return fmt::format("{:02x}", fmt::join(boot_flags(), " ")); }

std::string IpmiBootControl::restore_disk(const std::string&, std::stop_token) {
  const auto before = boot_flags();
  if (!is_network(before)) return {};
  (void)raw({"0x00", "0x08", "0x05", "0x00", "0x00", "0x00", "0x00", "0x00"});
  if (const auto now = boot_flags(); is_network(now) && is_valid(now)) {
    throw Error(ErrorCode::unavailable, "the BMC accepted the boot flags, but would still boot from the network",
                ipmi_hint);
  }
  return fmt::format("bmc: {} -> no override", text_of(before));
}

}  // namespace rescue::boot
