// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Image under verification: its manifest, the virtual machine that runs it, and what the checks have found so far.

#include "core/access/access.hpp"
#include "core/secret.hpp"
#include "images/manifest.hpp"
#include "images/verify/contract.hpp"
#include "images/vm/machine.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace rescue::verify {

constexpr std::uint64_t sector = 512;  ///< bytes, in partition tables and sizes of disks

struct Limits {
  Milliseconds boot{600'000};      ///< until the first service answers; rescued waits as long for the agent
  Milliseconds services{120'000};  ///< from the first service that answers to the last
  Milliseconds shutdown{120'000};  ///< by agent or power button; rescued's longest
  Milliseconds command{60'000};    ///< of one command in the guest
  Milliseconds idle{30'000};       ///< observed for C21
};

/// Services of one boot. Times are from QEMU's start or reset.
struct Services {
  std::optional<Milliseconds> agent;
  std::optional<Milliseconds> ssh;  ///< banner
  std::optional<Milliseconds> rdp;  ///< X.224 and TLS
  bool nla = false;
  std::string ssh_problem;
  std::string rdp_problem;
  unsigned restarts = 0;  ///< by the guest, meanwhile
  std::string ended;      ///< how QEMU ended meanwhile; empty: it runs

  [[nodiscard]] bool any() const { return agent || ssh || rdp; }
  [[nodiscard]] bool all() const { return agent && ssh && rdp; }
};

/// For one thread.
class Subject {
public:
  struct Settings {
    std::string manifest;     ///< path of manifest.json
    std::string scratch;      ///< private folder: overlays, logs, the second disk
    std::string system_disk;  ///< replaces the image's path, for example by an NBD URI; empty: the image itself
    Limits limits;
    unsigned memory_mib = 2048;
    unsigned cpus = 2;
    vm::Acceleration acceleration = vm::Acceleration::automatic;
  };

  /// Reads the manifest and makes the second disk. Throws `config_invalid`, `not_found`, and `precondition` for a
  /// program that is missing.
  Subject(Settings settings, std::function<void(const std::string&)> progress);
  Subject(const Subject&) = delete;
  Subject& operator=(const Subject&) = delete;

  [[nodiscard]] const images::Manifest& manifest() const { return manifest_; }
  [[nodiscard]] Kind kind() const;
  [[nodiscard]] const Limits& limits() const { return settings_.limits; }
  /// Path of the image's system disk beside the manifest.
  [[nodiscard]] std::string image() const;
  [[nodiscard]] std::string scratch(const std::string& name) const { return settings_.scratch + "/" + name; }
  void report(const std::string& line) const { progress_(line); }

  /// The machine; starts it if it does not run.
  [[nodiscard]] vm::Machine& machine();
  [[nodiscard]] bool machine_runs() const { return machine_ != nullptr; }
  /// Forgets a machine that has ended, and ends one that has not.
  void end_machine();
  /// Facts about the machine of the last boot; none before the first.
  [[nodiscard]] const std::optional<vm::MachineFacts>& facts() const { return facts_; }
  /// Waits once a boot until the services answer, or their limits are over.
  const Services& services();
  /// After a reset: the services of the next boot are unknown.
  void expect_new_boot();

  /// The administrator's access to the machine, which runs.
  [[nodiscard]] access::Target target();

  /// Address that only DHCP gives.
  static constexpr const char* dhcp_address = "172.31.205.77";
  /// Sectors of the second disk, of 512 bytes: a number that no other disk has.
  static constexpr std::uint64_t second_disk_sectors = 65'537;
  [[nodiscard]] std::string second_disk() const { return scratch("second-disk.raw"); }
  [[nodiscard]] const std::string& second_disk_digest() const { return second_disk_digest_; }

  std::optional<Secret> password;  ///< set by C10

private:
  [[nodiscard]] vm::Specification specification() const;
  void make_second_disk();
  void probe(Services& services);

  Settings settings_;
  std::function<void(const std::string&)> progress_;
  images::Manifest manifest_;
  std::string second_disk_digest_;
  std::unique_ptr<vm::Machine> machine_;
  std::optional<vm::MachineFacts> facts_;
  std::optional<Services> services_;
  SteadyTime boot_began_{};
};

/// Reads a manifest. Results of an earlier verification are not part of it. Throws `config_invalid`, `io`.
[[nodiscard]] images::Manifest read_manifest(const std::string& path);

/// "12.3 s".
[[nodiscard]] std::string seconds_text(Milliseconds time);

}  // namespace rescue::verify
