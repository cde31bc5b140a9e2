// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/vm/machine.hpp"

#include "core/error.hpp"
#include "core/kvm_proof.hpp"
#include "core/log.hpp"
#include "core/subprocess.hpp"
#include "images/vm/arguments.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <filesystem>
#include <sstream>

namespace rescue::vm {

/// Descriptors and files of one start. The ends that QEMU inherits are closed here when it runs.
struct Machine::Launch {
  Prepared prepared;
  KvmProof proof;
  FileDescriptor monitor;
  FileDescriptor agent;
  std::vector<FileDescriptor> inherited;

  /// Our end of a pair; QEMU's number of the other goes to `number`.
  FileDescriptor pair(int& number) {
    auto [ours, theirs] = socket_pair();
    number = theirs.get();
    inherited.push_back(std::move(theirs));
    return std::move(ours);
  }
};

namespace {

using nlohmann::json;
using SteadyClock = std::chrono::steady_clock;

KvmProof choose_accelerator(Acceleration wanted) {
  if (wanted == Acceleration::tcg) return {};
  auto proof = prove_kvm();
  if (proof.proven) return proof;
  if (wanted == Acceleration::kvm) {
    throw Error(ErrorCode::precondition, "KVM is not usable: " + proof.reason, "Choose the acceleration `automatic`.");
  }
  log::info("the virtual machine runs without KVM, slowly: {}", proof.reason);
  return proof;
}

/// The firmware with a copy of the variables that QEMU may write.
UefiFirmware private_firmware(const std::string& folder) {
  auto firmware = find_uefi_firmware();
  const auto copy = folder + "/variables.fd";
  std::error_code error;
  std::filesystem::copy_file(firmware.variables, copy, std::filesystem::copy_options::overwrite_existing, error);
  if (error) {
    throw Error(ErrorCode::io, fmt::format("can't copy {} to {}: {}", firmware.variables, copy, error.message()));
  }
  std::filesystem::permissions(copy, std::filesystem::perms::owner_read | std::filesystem::perms::owner_write, error);
  firmware.variables = copy;
  return firmware;
}

std::vector<DiskSpec> prepared_disks(const std::vector<DiskSpec>& disks, const std::string& folder) {
  auto prepared = disks;
  for (std::size_t index = 0; index < prepared.size(); ++index) {
    auto& disk = prepared[index];
    if (!disk.snapshot) continue;
    const auto overlay = fmt::format("{}/disk{}.qcow2", folder, index);
    make_overlay(overlay, disk.path, disk.format);
    disk.path = overlay;
    disk.format = DiskFormat::qcow2;
    disk.unsafe_cache = true;  // nobody reads the overlay after a crash
  }
  return prepared;
}

}  // namespace

void make_overlay(const std::string& path, const std::string& backing, DiskFormat backing_format) {
  const bool is_uri = backing.find("://") != std::string::npos;
  Command command;
  command.argv = {"qemu-img",
                  "create",
                  "-q",
                  "-f",
                  "qcow2",
                  "-F",
                  std::string(name_of(backing_format)),
                  "-b",
                  is_uri ? backing : std::filesystem::absolute(backing).string(),
                  path};
  run_checked(command);
}

Machine::Machine(Specification specification, std::string folder)
    : specification_(std::move(specification)), folder_(std::move(folder)) {
  require_valid(specification_);
  Launch launch;
  launch.proof = choose_accelerator(specification_.acceleration);
  auto& prepared = launch.prepared;
  prepared.kvm = launch.proof.proven;
  const auto cpu = cpu_virtualization();
  prepared.svm = cpu.svm;
  prepared.vmx = cpu.vmx;
  prepared.serial_log = serial_log();
  if (specification_.firmware == Firmware::uefi) prepared.firmware = private_firmware(folder_);
  prepared.disks = prepared_disks(specification_.disks, folder_);
  launch.monitor = launch.pair(prepared.monitor);
  launch.agent = launch.pair(prepared.agent);
  try {
    start(launch);
    read_facts(launch);
    read_forwards();
  } catch (const Error& error) {
    if (error.code() == ErrorCode::subprocess) throw;
    throw failure(error.what());
  }
}

void Machine::start(Launch& launch) {
  if (specification_.tpm) {
    int controls = -1;
    int swtpm = -1;
    auto [ours, theirs] = socket_pair();
    controls = ours.get();
    swtpm = theirs.get();
    const auto state = folder_ + "/tpm";
    std::filesystem::create_directories(state);
    tpm_ = std::make_unique<ChildProcess>(
        std::vector<std::string>{"swtpm", "socket", "--tpm2", "--tpmstate", "dir=" + state, "--ctrl",
                                 fmt::format("type=unixio,clientfd={}", swtpm), "--terminate"},
        folder_ + "/swtpm.log", std::vector<int>{swtpm});
    launch.prepared.tpm = controls;
    launch.inherited.push_back(std::move(ours));
  }
  std::vector<int> inherited;
  for (const auto& fd : launch.inherited) inherited.push_back(fd.get());
  const auto arguments = qemu_arguments(specification_, launch.prepared);
  log::debug("starts {}", fmt::join(arguments, " "));
  qemu_ = std::make_unique<ChildProcess>(arguments, folder_ + "/qemu.log", inherited);
  launch.inherited.clear();
  monitor_ = std::make_unique<Qmp>(std::move(launch.monitor));
  agent_ = std::make_unique<GuestAgent>(std::move(launch.agent));
}

Error Machine::failure(const std::string& what) const {
  if (qemu_ && qemu_->wait(Milliseconds(1'000))) {
    return {ErrorCode::hypervisor, fmt::format("QEMU ended at once: {}", qemu_->last_words()),
            "Is the package qemu-system-x86 installed, and is the machine's memory enough?"};
  }
  const auto words = qemu_ ? qemu_->last_words() : std::string{};
  return {ErrorCode::hypervisor, words.empty() ? what : fmt::format("{}; QEMU printed: {}", what, words)};
}

void Machine::read_facts(const Launch& launch) {
  facts_.qemu = monitor_->version();
  facts_.kvm = launch.proof.proven;
  facts_.no_kvm_reason = launch.proof.reason;
  facts_.firmware = launch.prepared.firmware ? launch.prepared.firmware->code : "SeaBIOS";
  const auto machine = monitor_->execute("qom-get", {{"path", "/machine"}, {"property", "type"}});
  facts_.machine = machine.is_string() ? machine.get<std::string>() : "";
  constexpr std::string_view suffix = "-machine";
  if (facts_.machine.ends_with(suffix)) facts_.machine.resize(facts_.machine.size() - suffix.size());
}

/// Reads the ports that QEMU has chosen. Only the human monitor has them, as a table: protocol[state], descriptor,
/// source address, source port, destination address, destination port.
void Machine::read_forwards() {
  const bool any = std::any_of(specification_.nics.begin(), specification_.nics.end(),
                               [](const NicSpec& nic) { return !nic.forwards.empty(); });
  if (!any) return;
  const auto table = monitor_->execute("human-monitor-command", {{"command-line", "info usernet"}});
  std::istringstream lines(table.is_string() ? table.get<std::string>() : "");
  for (std::string line; std::getline(lines, line);) {
    std::istringstream columns(line);
    std::string protocol;
    std::string descriptor;
    std::string address;
    std::string guest;
    unsigned host_port = 0;
    unsigned guest_port = 0;
    columns >> protocol >> descriptor >> address >> host_port >> guest >> guest_port;
    if (protocol != "TCP[HOST_FORWARD]" || !columns) continue;
    host_ports_[static_cast<std::uint16_t>(guest_port)] = static_cast<std::uint16_t>(host_port);
  }
  for (const auto& nic : specification_.nics) {
    for (const auto& forward : nic.forwards) (void)this->host_port(forward.guest_port);
  }
}

std::uint16_t Machine::host_port(std::uint16_t guest_port) const {
  const auto found = host_ports_.find(guest_port);
  if (found != host_ports_.end()) return found->second;
  throw Error(ErrorCode::usage, fmt::format("port {} of the virtual machine is not forwarded", guest_port));
}

Machine::~Machine() {
  try {
    quit();
  } catch (const std::exception& error) {
    log::debug("QEMU is ended by a signal: {}", error.what());
  }
}

std::optional<Event> Machine::next_event(Milliseconds limit) {
  try {
    auto event = monitor_->next_event(limit);
    if (event && event->name == "SHUTDOWN") {
      end_ = End{event->data.value("guest", false), event->data.value("reason", std::string("unknown"))};
    }
    return event;
  } catch (const Error& error) {
    if (error.code() != ErrorCode::unavailable) throw;
    return std::nullopt;
  }
}

bool Machine::wait_for_event(const std::string& name, Milliseconds limit) {
  const auto deadline = SteadyClock::now() + limit;
  for (;;) {
    const auto left = std::chrono::ceil<Milliseconds>(deadline - SteadyClock::now());
    const auto event = next_event(std::max(left, Milliseconds(0)));
    if (!event) return false;
    if (event->name == name) return true;
  }
}

std::optional<End> Machine::wait_for_end(Milliseconds limit) {
  const auto deadline = SteadyClock::now() + limit;
  const auto left = [&] {
    return std::max(std::chrono::ceil<Milliseconds>(deadline - SteadyClock::now()), Milliseconds(0));
  };
  while (!end_ && next_event(left())) {
  }
  if (!qemu_->wait(left())) return std::nullopt;
  if (!end_) end_ = End{false, fmt::format("QEMU died: {}", qemu_->last_words())};
  return end_;
}

std::string Machine::status() { return monitor_->execute("query-status").value("status", std::string("unknown")); }

void Machine::press_power_button() { monitor_->execute("system_powerdown"); }

void Machine::reset() { monitor_->execute("system_reset"); }

void Machine::take_screenshot(const std::string& path) {
  monitor_->execute("screendump", {{"filename", std::filesystem::absolute(path).string()}, {"format", "png"}});
}

void Machine::press_keys(const std::vector<std::string>& keys) {
  auto list = json::array();
  for (const auto& key : keys) list.push_back({{"type", "qcode"}, {"data", key}});
  monitor_->execute("send-key", {{"keys", list}});
}

void Machine::change_cdrom(std::size_t index, const std::string& path) {
  const auto port = index + (specification_.disk_bus == DiskBus::sata ? specification_.disks.size() : 0);
  const auto id = fmt::format("cdrom{}", port);
  if (path.empty()) {
    monitor_->execute("blockdev-open-tray", {{"id", id}, {"force", true}});
    monitor_->execute("blockdev-remove-medium", {{"id", id}});
    return;
  }
  monitor_->execute("blockdev-change-medium", {{"id", id},
                                               {"filename", std::filesystem::absolute(path).string()},
                                               {"format", "raw"},
                                               {"read-only-mode", "read-only"},
                                               {"force", true}});
}

DiskTraffic Machine::traffic(std::size_t disk) {
  const auto device = fmt::format("disk{}", disk);
  for (const auto& entry : monitor_->execute("query-blockstats", {{"query-nodes", false}})) {
    if (entry.value("node-name", std::string()) != device) continue;
    const auto& stats = entry.at("stats");
    return {stats.value("rd_bytes", std::uint64_t{0}), stats.value("wr_bytes", std::uint64_t{0})};
  }
  throw Error(ErrorCode::hypervisor, "QEMU counts no traffic of " + device);
}

void Machine::quit() {
  if (!qemu_ || qemu_->wait(Milliseconds(0))) return;
  try {
    monitor_->execute("quit");
  } catch (const Error& error) {
    if (error.code() != ErrorCode::unavailable) log::debug("QEMU does not quit by itself: {}", error.what());
  }
  constexpr Milliseconds grace{10'000};  // it flushes its files
  if (!qemu_->wait(grace)) qemu_->end(grace);
}

}  // namespace rescue::vm
