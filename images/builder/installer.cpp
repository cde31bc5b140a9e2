// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/builder/installer.hpp"

#include "core/back_off.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/log.hpp"
#include "core/text.hpp"
#include "images/builder/stop_on_signal.hpp"
#include "images/builder/work_folder.hpp"
#include "images/chunks.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <utility>

namespace rescue::builder {
namespace {

constexpr Milliseconds between_looks{1'000};
constexpr Milliseconds between_pictures{5'000};
constexpr Milliseconds between_questions{3'000};
constexpr Milliseconds between_keys{1'000};
/// The firmware of a slow machine needs a minute until it starts the CD.
constexpr Milliseconds longest_firmware{180'000};
/// More than a boot loader that waits for a key, and far less than a kernel.
constexpr std::uint64_t bytes_of_a_start = std::uint64_t{2} << 20;
constexpr Milliseconds one_answer{2'000};
constexpr Milliseconds longest_shutdown{900'000};

vm::Specification specification_of(const Job& job, const InstallerFiles& files) {
  vm::Specification specification;
  specification.name = "rescue-image build";
  specification.firmware = job.manifest.profile.firmware == "bios" ? vm::Firmware::bios : vm::Firmware::uefi;
  specification.disk_bus = job.manifest.profile.disk_bus == "sata" ? vm::DiskBus::sata : vm::DiskBus::virtio_scsi;
  vm::DiskSpec disk;
  disk.path = files.disk;
  disk.format = vm::DiskFormat::raw;
  disk.boot_order = 1;  // empty at first: the firmware goes on to the CD, and after Setup's restart it does not
  disk.unsafe_cache = true;
  disk.discard = true;
  specification.disks = {disk};
  specification.cdroms.push_back({job.iso, 2});
  specification.cdroms.push_back({files.answers, 0});
  for (const auto& medium : job.media) specification.cdroms.push_back({medium, 0});
  specification.memory_mib = job.memory_mib != 0 ? job.memory_mib : job.kind.memory_mib;
  specification.cpus = job.cpus;
  specification.nics = {vm::NicSpec{}};
  specification.tpm = job.manifest.profile.tpm;
  specification.windows = job.kind.os == "windows";
  specification.acceleration = job.acceleration;
  return specification;
}

GuestCommand for_driver(GuestCommand command, const std::string& driver) {
  const std::string place = "{driver}";
  const auto fill = [&](std::string& text) {
    for (auto at = text.find(place); at != std::string::npos; at = text.find(place, at + driver.size())) {
      text.replace(at, place.size(), driver);
    }
  };
  fill(command.purpose);
  for (auto& argument : command.argv) fill(argument);
  return command;
}

}  // namespace

Installer::Installer(const Job& job, InstallerFiles files, Progress& progress, Clock& clock, std::stop_token stop)
    : job_(job), files_(std::move(files)), progress_(progress), clock_(clock), stop_(std::move(stop)),
      watch_(clock, job.stall_limit, job.limit), log_(serial_log()) {}

void Installer::start() {
  machine_ = std::make_unique<vm::Machine>(specification_of(job_, files_), files_.machine);
  facts_ = machine_->facts();
  progress_.show_serial_log(serial_log());
  progress_.show_screenshot(files_.screenshot);
  progress_.note(fmt::format("QEMU {} {}", facts_.qemu, facts_.kvm ? "with KVM" : "without KVM, slowly"));
  press_keys_until_the_medium_is_read();
}

/// The medium waits some seconds for a key, and no event says when. A key that comes early or twice does no harm.
void Installer::press_keys_until_the_medium_is_read() {
  progress_.detail("starting the medium");
  const bool is_read = poll_until(clock_, longest_firmware, between_keys, [&] {
    throw_if_stopped(stop_);
    take_events();
    if (bytes_read_from_medium() >= bytes_of_a_start) return true;
    machine_->press_keys({"ret"});
    return false;
  });
  if (is_read) return;
  throw Error(ErrorCode::timeout,
              fmt::format("the firmware did not start {} within {} s", job_.iso, longest_firmware.count() / 1000),
              "Look at the screenshot: does the medium boot with this firmware (--firmware)?");
}

std::uint64_t Installer::bytes_read_from_medium() {
  const auto port = job_.manifest.profile.disk_bus == "sata" ? 1 : 0;  // behind the disk
  const auto node = fmt::format("medium{}", port);
  for (const auto& entry : machine_->monitor().execute("query-blockstats", {{"query-nodes", false}})) {
    if (entry.value("node-name", std::string()) != node) continue;
    return entry.at("stats").value("rd_bytes", std::uint64_t{0});
  }
  throw Error(ErrorCode::hypervisor, "QEMU counts no traffic of the first CD");
}

void Installer::take_events() {
  // Bounded by what QEMU keeps of events.
  while (const auto event = machine_->next_event(Milliseconds(0))) {
    if (event->name == "RESET") ++sample_.resets;
    if (event->name == "VSERPORT_CHANGE") agent_is_open_ = event->data.value("open", false);
    if (event->name == "SHUTDOWN") {
      throw Error(
          ErrorCode::hypervisor,
          fmt::format("the machine ended during the build: {}", event->data.value("reason", "without a reason")),
          "Look at the screenshot and the logs.");
    }
  }
}

void Installer::take_picture() {
  if (clock_.now() < next_picture_) return;
  next_picture_ = clock_.now() + between_pictures;
  machine_->take_screenshot(files_.screenshot);
  sample_.screen = images::sha256_of(read_file(files_.screenshot));
}

void Installer::take_last_picture() noexcept {
  if (!machine_) return;
  try {
    machine_->take_screenshot(files_.screenshot);
  } catch (const std::exception& failure) {
    log::debug("no last screenshot: {}", failure.what());
  }
}

void Installer::report_setup() {
  for (const auto& line : log_.read()) {
    switch (line.kind) {
    case SetupLine::Kind::phase:
      progress_.detail(line.text);
      break;
    case SetupLine::Kind::percent:
      if (line.text.size() <= 3 && line.text.find_first_not_of("0123456789") == std::string::npos &&
          !line.text.empty()) {
        progress_.percent(static_cast<unsigned>(std::min(std::stoul(line.text), 100UL)));
      }
      break;
    case SetupLine::Kind::error:
      throw Error(ErrorCode::guest_agent, "Setup stopped with an error: " + line.text,
                  "Look at the screenshot and the logs.");
    }
  }
  sample_.serial = log_.size();
}

/// One look at everything that shows progress, or the lack of it.
void Installer::look() {
  throw_if_stopped(stop_);
  require_reserve(files_.machine);
  take_events();
  report_setup();
  take_picture();
  sample_.written = machine_->traffic(0).written;
  watch_.observe(sample_);
}

/// The agent may answer long before Setup has ended, or not at all while Setup restarts the system.
bool Installer::system_is_ready() {
  if (!agent_is_open_ || clock_.now() < next_question_) return false;
  next_question_ = clock_.now() + between_questions;
  try {
    return machine_->agent().sync(one_answer) &&
           machine_->agent().run(job_.kind.installed.argv, job_.kind.installed.limit).exit_code == 0;
  } catch (const Error& failure) {
    if (failure.code() != ErrorCode::timeout && failure.code() != ErrorCode::guest_agent) throw;
    log::debug("the system is not ready: {}", failure.what());
    return false;
  }
}

void Installer::wait_for_system() {
  // Bounded by the watch.
  for (;;) {
    look();
    if (agent_is_open_ && !agent_was_open_) progress_.begin(Phase::agent);
    agent_was_open_ = agent_was_open_ || agent_is_open_;
    if (system_is_ready()) break;
    (void)clock_.sleep_for(between_looks, stop_);
  }
  progress_.note("guest agent " + machine_->agent().version());
}

void Installer::run(const GuestCommand& command) {
  throw_if_stopped(stop_);
  require_reserve(files_.machine);
  progress_.detail(command.purpose);
  std::string failure;
  try {
    const auto result = machine_->agent().run(command.argv, command.limit);
    if (result.exit_code == 0) return;
    constexpr std::size_t most = 500;
    failure = fmt::format("{}: exit code {}: {}", command.purpose, result.exit_code, result.output.substr(0, most));
  } catch (const Error& error) {
    if (command.required) throw;
    failure = fmt::format("{}: {}", command.purpose, error.what());
  }
  if (command.required) {
    throw Error(ErrorCode::guest_agent, "the new system fails a check, " + failure, "Look at the logs of Setup.");
  }
  progress_.note("this failed and is not needed: " + failure);
}

std::vector<std::string> Installer::missing_drivers() {
  const auto& kind = job_.kind;
  const auto result = machine_->agent().run(kind.drivers.argv, kind.drivers.limit);
  if (result.exit_code != 0) {
    throw Error(ErrorCode::guest_agent, fmt::format("the drivers can't be counted: {}", result.output));
  }
  const auto found = lower_case(result.output);
  std::vector<std::string> missing;
  for (const auto& driver : kind.expected_drivers) {
    if (found.find(lower_case(driver)) == std::string::npos) missing.push_back(driver);
  }
  progress_.note(
      fmt::format("{} of {} drivers", kind.expected_drivers.size() - missing.size(), kind.expected_drivers.size()));
  return missing;
}

void Installer::check() {
  for (const auto& check : job_.kind.checks) run(check);
  for (const auto& driver : missing_drivers()) {
    for (const auto& command : job_.kind.install_drivers) run(for_driver(command, driver));
  }
}

void Installer::restart() {
  const auto resets = sample_.resets;
  machine_->agent().request_shutdown(vm::GuestAgent::Shutdown::reboot);
  // Bounded by the watch.
  while (sample_.resets == resets) {
    look();
    (void)clock_.sleep_for(between_looks, stop_);
  }
  wait_for_system();
  if (const auto missing = missing_drivers(); !missing.empty()) {
    throw Error(ErrorCode::guest_agent, fmt::format("the new system has no driver {}", fmt::join(missing, ", ")),
                "Use another ISO of virtio-win; the logs of Setup say why it was not installed.");
  }
}

void Installer::seal() {
  for (const auto& command : job_.kind.seal) run(command);
  progress_.detail("shutting down");
  machine_->agent().request_shutdown(vm::GuestAgent::Shutdown::power_down);
  std::optional<vm::End> end;
  (void)poll_until(clock_, longest_shutdown, Milliseconds(0), [&] {
    throw_if_stopped(stop_);
    end = machine_->wait_for_end(between_looks);
    return end.has_value();
  });
  if (!end) throw Error(ErrorCode::timeout, "the new system did not shut down", "Look at the screenshot.");
  if (!end->by_guest)
    throw Error(ErrorCode::hypervisor, "the machine ended before the system shut down: " + end->reason);
  machine_.reset();
}

}  // namespace rescue::builder
