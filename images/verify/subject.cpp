// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/verify/subject.hpp"

#include "core/access/connect.hpp"
#include "core/error.hpp"
#include "core/file.hpp"
#include "core/rdp/handshake.hpp"
#include "core/ssh/banner.hpp"
#include "core/subprocess.hpp"
#include "images/store.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <filesystem>
#include <fstream>

namespace rescue::verify {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr const char* loopback = "127.0.0.1";
constexpr std::uint64_t partition_start = 2048;  ///< sectors

Milliseconds since(SteadyTime start) { return std::chrono::duration_cast<Milliseconds>(SteadyClock::now() - start); }

void run_program(std::vector<std::string> argv, std::string input = {}) {
  Command command;
  command.argv = std::move(argv);
  command.input = std::move(input);
  run_checked(command);
}

/// A file system of the guest's kind: something that the guest could bring into use.
void make_file_system(Kind kind, const std::string& path, std::uint64_t sectors) {
  std::ofstream(path).close();
  std::filesystem::resize_file(path, sectors * sector);
  if (kind == Kind::windows) {
    run_program({"/usr/sbin/mkntfs", "--quiet", "--fast", "--force", "--label", "Customer", path});
  } else {
    run_program({"/usr/sbin/mke2fs", "-q", "-F", "-t", "ext4", "-L", "customer", path});
  }
}

void copy_into(const std::string& from, const std::string& to, std::uint64_t offset) {
  std::ifstream in(from, std::ios::binary);
  std::fstream out(to, std::ios::binary | std::ios::in | std::ios::out);
  out.seekp(static_cast<std::streamoff>(offset));
  out << in.rdbuf();
  out.close();
  if (!in || !out) throw Error(ErrorCode::io, fmt::format("can't copy {} into {}", from, to));
}

/// Empty when the SSH banner came, else the problem.
std::string ssh_problem(const access::Target& target, Milliseconds limit) {
  const auto connection = access::connect_tcp(target.address, target.ssh_port, limit);
  if (!connection.fd) return connection.problem;
  return ssh::await_banner(connection.fd.get(), SteadyClock::now() + limit);
}

}  // namespace

images::Manifest read_manifest(const std::string& path) {
  auto document = nlohmann::json::parse(read_file(path), nullptr, false);
  // A text with faults is parsed again by the reader that names their lines.
  if (!document.is_object()) return images::Manifest::parse(Document::from_file(path));
  document.erase("contract");
  return images::Manifest::parse(Document::from_value(path, std::move(document), [](const std::string&) { return 0; }));
}

std::string seconds_text(Milliseconds time) {
  return fmt::format("{:.1f} s", std::chrono::duration<double>(time).count());
}

Subject::Subject(Settings settings, std::function<void(const std::string&)> progress)
    : settings_(std::move(settings)), progress_(std::move(progress)), manifest_(read_manifest(settings_.manifest)) {
  if (!std::filesystem::exists(image())) {
    throw Error(ErrorCode::not_found, fmt::format("the manifest names {}, which does not exist", image()),
                "Put the image beside its manifest.");
  }
  make_second_disk();
}

Kind Subject::kind() const { return manifest_.profile.os == "windows" ? Kind::windows : Kind::standin; }

std::string Subject::image() const {
  return (std::filesystem::path(settings_.manifest).parent_path() / manifest_.system_disk().name).string();
}

void Subject::make_second_disk() {
  constexpr std::uint64_t backup_table = 64;  // sectors at the end, for GPT
  const auto sectors = second_disk_sectors - partition_start - backup_table;
  std::ofstream(second_disk()).close();
  std::filesystem::resize_file(second_disk(), second_disk_sectors * sector);
  const char* const type = kind() == Kind::windows ? "EBD0A0A2-B9E5-4433-87C0-68B6B72699C7" : "L";
  run_program({"/usr/sbin/sfdisk", "--quiet", second_disk()},
              fmt::format("label: gpt\nstart={}, size={}, type={}\n", partition_start, sectors, type));
  make_file_system(kind(), scratch("file-system"), sectors);
  copy_into(scratch("file-system"), second_disk(), partition_start * sector);
  second_disk_digest_ = images::sha256_of_file(second_disk());
}

vm::Specification Subject::specification() const {
  const auto& profile = manifest_.profile;
  const auto& file = manifest_.system_disk();
  vm::Specification specification;
  specification.name = "rescue-image-verify";
  specification.firmware = *parse_word<vm::Firmware>(profile.firmware);
  specification.disk_bus = *parse_word<vm::DiskBus>(profile.disk_bus);
  specification.windows = kind() == Kind::windows;
  specification.tpm = profile.tpm;
  specification.memory_mib = settings_.memory_mib;
  specification.cpus = settings_.cpus;
  specification.acceleration = settings_.acceleration;
  vm::DiskSpec system;
  system.path = settings_.system_disk.empty() ? image() : settings_.system_disk;
  system.format = *parse_word<vm::DiskFormat>(file.format);
  system.snapshot = true;
  system.boot_order = 1;
  system.serial = "RESCUE-SYSTEM";
  system.discard = true;
  vm::DiskSpec second;
  second.path = second_disk();
  second.format = vm::DiskFormat::raw;
  second.serial = "RESCUE-VERIFY-2";
  second.unsafe_cache = true;
  specification.disks = {std::move(system), std::move(second)};
  vm::NicSpec nic;
  nic.network = "172.31.205.0/24";
  nic.dhcp_start = dhcp_address;
  nic.model = *parse_word<vm::NicModel>(profile.nic);
  nic.forwards = {{profile.ssh_port}, {profile.rdp_port}};
  specification.nics = {std::move(nic)};
  return specification;
}

vm::Machine& Subject::machine() {
  if (machine_) return *machine_;
  expect_new_boot();
  machine_ = std::make_unique<vm::Machine>(specification(), settings_.scratch);
  facts_ = machine_->facts();
  report(fmt::format("QEMU {} runs {} with {} under {}", facts_->qemu, facts_->machine, facts_->firmware,
                     facts_->kvm ? "KVM" : "TCG"));
  if (!facts_->no_kvm_reason.empty()) report("KVM is not usable, so this takes longer: " + facts_->no_kvm_reason);
  return *machine_;
}

void Subject::end_machine() {
  if (machine_) machine_->quit();
  machine_.reset();
  services_.reset();
}

void Subject::expect_new_boot() {
  services_.reset();
  boot_began_ = SteadyClock::now();
}

access::Target Subject::target() {
  const auto& profile = manifest_.profile;
  return {loopback, profile.administrator, machine().host_port(profile.ssh_port),
          machine().host_port(profile.rdp_port)};
}

void Subject::probe(Services& services) {
  constexpr Milliseconds agent_limit{500};
  constexpr Milliseconds network_limit{2'000};
  auto& machine = *machine_;
  if (!services.agent && machine.agent().sync(agent_limit)) services.agent = since(boot_began_);
  if (!services.ssh) {
    services.ssh_problem = ssh_problem(target(), network_limit);
    if (services.ssh_problem.empty()) services.ssh = since(boot_began_);
  }
  if (!services.rdp) {
    const auto connect = [](const std::string& address, unsigned port, Milliseconds limit) {
      return access::connect_tcp(address, port, limit);
    };
    const auto rdp = rdp::shake_hands(connect, target(), network_limit);
    services.rdp_problem = rdp.problem;
    services.nla = rdp.nla;
    if (rdp.readiness == access::Readiness::banner) services.rdp = since(boot_began_);
  }
}

const Services& Subject::services() {
  auto& machine = this->machine();
  if (services_) return *services_;
  services_.emplace();
  auto& services = *services_;
  std::optional<SteadyTime> first;
  while (!services.all()) {
    if (!first && services.any()) first = SteadyClock::now();
    const auto deadline = first ? *first + settings_.limits.services : boot_began_ + settings_.limits.boot;
    if (SteadyClock::now() >= deadline) break;
    try {
      probe(services);
    } catch (const Error& error) {
      if (error.code() != ErrorCode::unavailable) throw;
      const auto end = machine.wait_for_end(Milliseconds(1'000));
      services.ended = end ? end->reason : error.what();
      break;
    }
    // The pause between attempts: until an event comes, or a short time.
    constexpr Milliseconds pause{250};
    if (const auto event = machine.next_event(pause)) {
      if (event->name == "RESET" && event->data.value("guest", false)) ++services.restarts;
    }
  }
  return services;
}

}  // namespace rescue::verify
