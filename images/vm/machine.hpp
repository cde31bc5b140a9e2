// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Virtual machine of the image tools: QEMU as a child process, without libvirt. The builder installs in it, the
// verification boots images in it.

#include "core/clock.hpp"
#include "core/error.hpp"
#include "images/vm/child_process.hpp"
#include "images/vm/guest_agent.hpp"
#include "images/vm/qmp.hpp"
#include "images/vm/specification.hpp"

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace rescue::vm {

/// Facts about QEMU that a record of a run needs.
struct MachineFacts {
  std::string qemu;      ///< "7.2.22"
  std::string machine;   ///< "pc-q35-7.2"
  std::string firmware;  ///< path of the UEFI firmware, or "SeaBIOS"
  bool kvm = false;
  std::string no_kvm_reason;  ///< why not, for people; empty under KVM, and where TCG was asked for
};

/// How a machine ended.
struct End {
  bool by_guest = false;  ///< the guest turned itself off, or rebooted with `stop_at_reboot`
  std::string reason;     ///< QEMU's word: "guest-shutdown", "guest-panic"; or that QEMU died
};

/// Bytes that the guest has read from, and written to, a disk so far.
struct DiskTraffic {
  std::uint64_t read = 0;
  std::uint64_t written = 0;
};

/// For one thread: the kernel kills QEMU when the thread that made the machine ends.
class Machine {
public:
  /// Starts QEMU; the guest runs when it returns. `folder` is private to the caller (0700), exists, and is used by one
  /// machine at a time: overlays of snapshots, UEFI variables, `serial.log`, `qemu.log`, the TPM's state. Its contents
  /// stay there. Throws `usage` for an invalid specification, `not_found` without firmware, `precondition` if KVM was
  /// asked for and is not usable, `hypervisor` with QEMU's own words. Blocks for some seconds.
  Machine(Specification specification, std::string folder);
  /// Ends QEMU at once, in order: its files are complete, the guest's file systems perhaps not.
  ~Machine();
  Machine(const Machine&) = delete;
  Machine& operator=(const Machine&) = delete;

  [[nodiscard]] const MachineFacts& facts() const { return facts_; }
  /// Port at 127.0.0.1 that leads to this port of the guest. Throws `usage` if the specification does not forward it.
  [[nodiscard]] std::uint16_t host_port(std::uint16_t guest_port) const;
  [[nodiscard]] Qmp& monitor() { return *monitor_; }
  [[nodiscard]] GuestAgent& agent() { return *agent_; }
  [[nodiscard]] std::string serial_log() const { return folder_ + "/serial.log"; }

  /// The next event, none after `limit` or when QEMU has ended: SHUTDOWN, RESET, STOP, GUEST_PANICKED,
  /// VSERPORT_CHANGE, ...
  [[nodiscard]] std::optional<Event> next_event(Milliseconds limit);
  /// Drops events until one has this name; false if none comes within `limit`.
  [[nodiscard]] bool wait_for_event(const std::string& name, Milliseconds limit);
  /// Waits until QEMU has ended; none after `limit`. Events before the end are dropped.
  [[nodiscard]] std::optional<End> wait_for_end(Milliseconds limit);

  /// "running", "paused", "shutdown", "guest-panicked", ...
  [[nodiscard]] std::string status();
  void press_power_button();
  void reset();
  /// Writes the guest's screen to a PNG file.
  void take_screenshot(const std::string& path);
  /// Presses keys together, by QEMU's names (QKeyCode): {"ctrl", "alt", "delete"}.
  void press_keys(const std::vector<std::string>& keys);
  /// Empties the drive with this index in the specification, or gives it another ISO.
  void change_cdrom(std::size_t index, const std::string& path);
  /// Bytes of the disk with this index in the specification.
  [[nodiscard]] DiskTraffic traffic(std::size_t disk);
  /// Ends QEMU without the guest's help. Idempotent.
  void quit();

private:
  struct Launch;
  void start(Launch& launch);
  void read_facts(const Launch& launch);
  void read_forwards();
  [[nodiscard]] Error failure(const std::string& what) const;

  Specification specification_;
  std::string folder_;
  MachineFacts facts_;
  std::map<std::uint16_t, std::uint16_t> host_ports_;
  std::unique_ptr<ChildProcess> tpm_;  // before QEMU: ended after it
  std::unique_ptr<ChildProcess> qemu_;
  std::unique_ptr<Qmp> monitor_;
  std::unique_ptr<GuestAgent> agent_;
  std::optional<End> end_;
};

/// Makes an empty qcow2 file over `backing`: a path, or an NBD URI (nbd+unix:///?socket=PATH). Throws `subprocess`.
void make_overlay(const std::string& path, const std::string& backing, DiskFormat backing_format);

}  // namespace rescue::vm
