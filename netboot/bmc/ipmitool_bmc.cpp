// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/bmc/ipmitool_bmc.hpp"

#include "core/error.hpp"
#include "core/log.hpp"
#include "netboot/bmc/ipmitool_failure.hpp"

#include <fmt/format.h>

#include <map>
#include <sstream>
#include <utility>

namespace rescue::netboot {
namespace {

constexpr auto administrator = "ADMINISTRATOR";
constexpr auto operator_level = "OPERATOR";

// Boot options parameter 5 (IPMI 2.0, table 28-14), second byte: bits 5 to 2 select the device.
constexpr unsigned device_bits = 0x3c;
constexpr unsigned device_network = 0x04;
constexpr unsigned device_disk = 0x08;
// First byte: the flags are valid; for every boot, else for the next one; for a boot by EFI.
constexpr unsigned flags_valid = 0x80;
constexpr unsigned flags_lasting = 0x40;
constexpr unsigned flags_efi = 0x20;
// In an answer, in the byte before: the parameter is invalid or locked.
constexpr unsigned parameter_invalid = 0x80;

/// Numbers of manufacturers (IANA, private enterprise numbers) that make BMCs.
std::string vendor_of(unsigned number) {
  static const std::map<unsigned, const char*> vendors{
      {2, "IBM"},        {11, "HPE"},      {343, "Intel"},     {674, "Dell"},
      {2011, "Huawei"},  {7244, "Quanta"}, {10368, "Fujitsu"}, {10876, "Supermicro"},
      {19046, "Lenovo"}, {20974, "AMI"},   {47196, "HPE"},     {47488, "Supermicro"}};
  const auto found = vendors.find(number);
  return found == vendors.end() ? fmt::format("enterprise number {}", number) : found->second;
}

}  // namespace

Completed IpmitoolBmc::ask(const std::vector<std::string>& bytes) const {
  Command command;
  // One try of three seconds and one more, because a datagram may be lost. The password comes by stdin: it is in no
  // argument vector, environment or file.
  command.argv = {"ipmitool", "-v",
                  "-I",       "lanplus",
                  "-H",       endpoint_.address,
                  "-p",       std::to_string(endpoint_.port),
                  "-U",       endpoint_.user,
                  "-L",       privilege_,
                  "-C",       std::to_string(endpoint_.cipher_suite),
                  "-N",       "3",
                  "-R",       "2",
                  "-f",       "/dev/stdin",
                  "raw"};
  command.argv.insert(command.argv.end(), bytes.begin(), bytes.end());
  command.secret_input = &password_;
  return run(command);
}

IpmitoolBmc::Bytes IpmitoolBmc::request(const std::vector<std::string>& bytes) {
  auto completed = ask(bytes);
  auto failure = failure_of(completed);
  const auto is_privilege = [&] {
    return failure == IpmitoolFailure::privilege || failure == IpmitoolFailure::no_session;
  };
  if (completed.status != 0 && is_privilege() && privilege_ == administrator) {
    // These requests need no more than the operator's privilege (IPMI 2.0, appendix G).
    const auto first = std::exchange(completed, {});
    const auto why = failure;
    privilege_ = operator_level;
    completed = ask(bytes);
    failure = failure_of(completed);
    if (completed.status != 0 && is_privilege()) {
      if (why != IpmitoolFailure::privilege) privilege_ = administrator;
      throw_failure(why, endpoint_, fmt::format("{} or {}", administrator, operator_level), first);
    }
  }
  if (completed.timed_out || completed.status != 0) throw_failure(failure, endpoint_, privilege_, completed);
  Bytes answer;
  std::istringstream words(completed.out);
  unsigned byte = 0;
  while (words >> std::hex >> byte) answer.push_back(byte);
  return answer;
}

PowerState IpmitoolBmc::power() {
  const auto status = request({"0x00", "0x01"});
  if (status.empty()) {
    throw OutcomeUnknown(ErrorCode::unavailable,
                         fmt::format("the BMC at {} does not report the power state", place_of(endpoint_)));
  }
  return (status[0] & 1U) != 0 ? PowerState::on : PowerState::off;
}

void IpmitoolBmc::control(PowerAction action) {
  const auto* const word = action == PowerAction::off        ? "0x00"
                           : action == PowerAction::on       ? "0x01"
                           : action == PowerAction::shutdown ? "0x05"
                                                             : "0x03";
  (void)request({"0x00", "0x02", word});
}

void IpmitoolBmc::set_boot_device(BootOverride wanted, Firmware firmware) {
  try {
    // Otherwise the BMC forgets the device after 60 s.
    (void)request({"0x00", "0x08", "0x03", "0x08"});
  } catch (const Error& error) {
    if (error.code() != ErrorCode::precondition) throw;
    log::info("the BMC at {} keeps its 60 s limit for boot devices: {}", place_of(endpoint_), error.what());
  }
  const auto device = wanted.device;
  const unsigned how =
      flags_valid | (wanted.lasting ? flags_lasting : 0) | (firmware == Firmware::uefi ? flags_efi : 0);
  const unsigned flags = device == BootDevice::none ? 0 : how;
  const unsigned selected = device == BootDevice::none ? 0 : device == BootDevice::disk ? device_disk : device_network;
  (void)request({"0x00", "0x08", "0x05", fmt::format("{:#04x}", flags), fmt::format("{:#04x}", selected), "0x00",
                 "0x00", "0x00"});
}

BootOverride IpmitoolBmc::boot_device() {
  constexpr std::size_t version_and_parameter = 2;
  const auto options = request({"0x00", "0x09", "0x05", "0x00", "0x00"});
  if (options.size() < version_and_parameter + 2) {
    throw Error(ErrorCode::precondition,
                fmt::format("the BMC at {} does not report the boot device", place_of(endpoint_)));
  }
  // Invalid flags select nothing.
  const auto flags = options[version_and_parameter];
  const auto selected = options[version_and_parameter + 1] & device_bits;
  if ((options[version_and_parameter - 1] & parameter_invalid) != 0 || selected == 0) return {};
  if ((flags & flags_valid) == 0 && (flags != 0 || keeps_flags())) return {};
  const auto device = selected == device_network ? BootDevice::network
                      : selected == device_disk  ? BootDevice::disk
                                                 : BootDevice::none;
  return {device, device != BootDevice::none && (flags & flags_lasting) != 0};
}

/// False for OpenIPMI's simulator, which keeps the device and no flags. It lacks the other boot options too, such as
/// the validity time of the flags (IPMI 2.0, table 28-14, parameter 3), which a BMC with flags has.
bool IpmitoolBmc::keeps_flags() {
  try {
    (void)request({"0x00", "0x09", "0x03", "0x00", "0x00"});
    return true;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::precondition) throw;
    return false;
  }
}

BmcFacts IpmitoolBmc::facts() {
  // Get Device ID (IPMI 2.0, 20.1): the version in bytes 2 and 3, the manufacturer in 6 to 8, the product in 9 and 10.
  constexpr std::size_t shortest = 11;
  const auto id = request({"0x06", "0x01"});
  BmcFacts facts;
  if (id.size() >= shortest) {
    facts.vendor = vendor_of(id[6] | id[7] << 8U | (id[8] & 0xfU) << 16U);
    facts.product = fmt::format("product {}", id[9] | id[10] << 8U);
    facts.firmware_version = fmt::format("{}.{:02x}", id[2] & 0x7fU, id[3]);
  }
  facts.login = fmt::format("cipher suite {}, {}", endpoint_.cipher_suite, privilege_);
  // IPMI can't list these: each BMC must support them.
  facts.power_actions = {PowerAction::on, PowerAction::off, PowerAction::reset, PowerAction::shutdown};
  facts.boot_devices = {BootDevice::network, BootDevice::disk};
  facts.lasting = true;
  return facts;
}

}  // namespace rescue::netboot
