// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/bmc/ipmitool_bmc.hpp"

#include "core/error.hpp"
#include "core/log.hpp"
#include "core/subprocess.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <map>
#include <sstream>

namespace rescue::netboot {
namespace {

// Boot options parameter 5 (IPMI 2.0, table 28-14), second byte: bits 5 to 2 select the device.
constexpr unsigned device_bits = 0x3c;
constexpr unsigned device_network = 0x04;
constexpr unsigned device_disk = 0x08;
// First byte: the flags are valid, for the next boot only; for each boot; on UEFI: for a boot by EFI.
constexpr unsigned flags_once = 0x80;
constexpr unsigned flags_lasting = 0x40;
constexpr unsigned flags_efi = 0x20;
// Completion codes (IPMI 2.0, table 5-2): node busy, out of resources for now, not in this state.
constexpr const char* busy_codes[] = {"rsp=0xc0", "rsp=0xc3", "rsp=0xcf", "rsp=0xd5"};

/// Numbers of manufacturers (IANA, private enterprise numbers) that make BMCs.
std::string vendor_of(unsigned number) {
  static const std::map<unsigned, const char*> vendors{
      {2, "IBM"},        {11, "HPE"},      {343, "Intel"},     {674, "Dell"},
      {2011, "Huawei"},  {7244, "Quanta"}, {10368, "Fujitsu"}, {10876, "Supermicro"},
      {19046, "Lenovo"}, {20974, "AMI"},   {47196, "HPE"},     {47488, "Supermicro"}};
  const auto found = vendors.find(number);
  return found == vendors.end() ? fmt::format("enterprise number {}", number) : found->second;
}

bool holds(const std::string& text, const char* part) { return text.find(part) != std::string::npos; }

std::string place(const BmcEndpoint& endpoint) { return fmt::format("{}:{}", endpoint.address, endpoint.port); }

/// ipmitool has one exit status for all of this; what -v adds to its stderr tells apart.
[[noreturn]] void fail(const BmcEndpoint& endpoint, const Completed& completed) {
  const auto& said = completed.err;
  if (holds(said, "RAKP") || holds(said, "unauthorized name")) {
    throw Error(ErrorCode::denied, fmt::format("the BMC at {} refuses user or password", place(endpoint)),
                "Set them again: PUT /v1/servers/{name}/bmc, or netbootctl server bmc.");
  }
  if (holds(said, "open session response")) {
    throw Error(ErrorCode::precondition,
                fmt::format("the BMC at {} does not take cipher suite {}", place(endpoint), endpoint.cipher_suite),
                "3 is the one that each BMC must have; 17 is a better one.");
  }
  if (std::any_of(std::begin(busy_codes), std::end(busy_codes), [&](auto code) { return holds(said, code); })) {
    throw BmcBusy(fmt::format("the BMC at {} can't now", place(endpoint)), "Try again in a minute.");
  }
  if (holds(said, "rsp=0x")) {
    const auto from = said.find("rsp=0x");
    throw Error(ErrorCode::precondition, fmt::format("the BMC at {} refuses the request: {}", place(endpoint),
                                                     said.substr(from, said.find('\n', from) - from)));
  }
  if (completed.timed_out || holds(said, "Unable to establish") || holds(said, "Get Auth Capabilities")) {
    throw Error(ErrorCode::unavailable, fmt::format("no BMC answers at {}", place(endpoint)),
                "Look at its address, at the management network, and whether it allows IPMI over LAN.");
  }
  if (holds(said, "Unable to send RAW command")) {
    throw OutcomeUnknown(ErrorCode::unavailable,
                         fmt::format("the BMC at {} was asked, and did not answer", place(endpoint)));
  }
  throw Error(ErrorCode::subprocess, fmt::format("ipmitool failed with {} at {}: {}", completed.status, place(endpoint),
                                                 said.substr(0, said.find_last_not_of(" \n") + 1)));
}

}  // namespace

IpmitoolBmc::Bytes IpmitoolBmc::request(const std::vector<std::string>& bytes) {
  Command command;
  // One try of three seconds, and one more: a datagram may be lost. The password comes by stdin: it is in no argument
  // vector, environment or file.
  command.argv = {"ipmitool", "-v",
                  "-I",       "lanplus",
                  "-H",       endpoint_.address,
                  "-p",       std::to_string(endpoint_.port),
                  "-U",       endpoint_.user,
                  "-C",       std::to_string(endpoint_.cipher_suite),
                  "-N",       "3",
                  "-R",       "2",
                  "-f",       "/dev/stdin",
                  "raw"};
  command.argv.insert(command.argv.end(), bytes.begin(), bytes.end());
  command.secret_input = &password_;
  const auto completed = run(command);
  if (completed.timed_out || completed.status != 0) fail(endpoint_, completed);
  Bytes answer;
  std::istringstream words(completed.out);
  unsigned byte = 0;
  while (words >> std::hex >> byte) answer.push_back(byte);
  return answer;
}

PowerState IpmitoolBmc::power() {
  const auto status = request({"0x00", "0x01"});
  if (status.empty()) {
    throw Error(ErrorCode::unavailable, fmt::format("the BMC at {} does not tell the power state", place(endpoint_)));
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
    // Else the BMC forgets the device when the boot takes longer than 60 s to come.
    (void)request({"0x00", "0x08", "0x03", "0x08"});
  } catch (const Error& error) {
    if (error.code() != ErrorCode::precondition) throw;
    log::info("the BMC at {} keeps its 60 s limit for boot devices: {}", place(endpoint_), error.what());
  }
  const auto device = wanted.device;
  const unsigned how = flags_once | (wanted.lasting ? flags_lasting : 0) | (firmware == Firmware::uefi ? flags_efi : 0);
  const unsigned flags = device == BootDevice::none ? 0 : how;
  const unsigned selected = device == BootDevice::none ? 0 : device == BootDevice::disk ? device_disk : device_network;
  (void)request({"0x00", "0x08", "0x05", fmt::format("{:#04x}", flags), fmt::format("{:#04x}", selected), "0x00",
                 "0x00", "0x00"});
}

BootOverride IpmitoolBmc::boot_device() {
  constexpr std::size_t version_and_parameter = 2;
  const auto options = request({"0x00", "0x09", "0x05", "0x00", "0x00"});
  if (options.size() < version_and_parameter + 2) {
    throw Error(ErrorCode::precondition, fmt::format("the BMC at {} does not tell the boot device", place(endpoint_)));
  }
  const auto selected = options[version_and_parameter + 1] & device_bits;
  const auto device = selected == device_network ? BootDevice::network
                      : selected == device_disk  ? BootDevice::disk
                                                 : BootDevice::none;
  return {device, device != BootDevice::none && (options[version_and_parameter] & flags_lasting) != 0};
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
  facts.login = fmt::format("cipher suite {}", endpoint_.cipher_suite);
  // IPMI has no way to ask for these: each BMC has to know them.
  facts.power_actions = {PowerAction::on, PowerAction::off, PowerAction::reset, PowerAction::shutdown};
  facts.boot_devices = {BootDevice::network, BootDevice::disk};
  facts.lasting = true;
  return facts;
}

}  // namespace rescue::netboot
