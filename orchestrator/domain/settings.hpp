// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The operator's settings of a session, read from the configuration, with their defaults.

#include "core/clock.hpp"
#include "credentials/password.hpp"
#include "orchestrator/domain/disk_identity.hpp"
#include "orchestrator/domain/guest.hpp"
#include "orchestrator/domain/network.hpp"
#include "orchestrator/domain/phase.hpp"

#include <string>
#include <vector>

namespace rescue::domain {

struct Deadlines {
  Milliseconds guest_agent{600'000};  ///< from the VM's start until its agent answers
  Milliseconds provisioning{60'000};  ///< for password and hostname
  Milliseconds access{300'000};       ///< after provisioning, until SSH and RDP are proven
  Milliseconds announcement{30'000};  ///< for a caller that waits for the password
  Milliseconds agent_shutdown{20'000};
  Milliseconds acpi_shutdown{120'000};
  Milliseconds boot_restore{60'000};    ///< for all attempts to set the boot mode back
  Milliseconds redemption{600'000};     ///< for redeeming the boot token: its lifetime
  Milliseconds image_fetch{1'800'000};  ///< for an image to be downloaded, all attempts
};

/// Times before the end of the lease at which the guest is warned; the longest first.
using LeaseWarnings = std::vector<Milliseconds>;

struct SessionSettings {
  std::string server_name;  ///< name at the control plane
  std::string runtime_directory = "/run/rescue";
  unsigned minimum_memory_mib = 15360;
  unsigned host_memory_mib = 2048;  ///< reserve of the host, not given to the guest
  unsigned overlay_mib = 0;         ///< memory for the guest's throw-away disk; 0: an eighth of the host's, 1 to 16 GiB
  unsigned guest_memory_ceiling_mib = 65536;
  unsigned host_cpus = 0;  ///< share of the host; 0: one in eight, none below eight
  /// Limit of the guest's vCPUs. QEMU's machine takes 255 without an interrupt-remapping IOMMU. A rescue needs far
  /// fewer, and each takes memory and time at every start.
  unsigned guest_cpus_ceiling = 64;
  bool allow_tcg = true;  ///< run slowly without KVM, rather than refuse
  bool discard = false;   ///< TRIM and UNMAP of the guest reach the server's disks
  DiskRules disks;
  DiskMode disk_mode = DiskMode::read_write;
  std::string nic = "auto";
  net::IpAddress probe_address = net::IpAddress::parse("192.0.2.1");
  GuestAddressing addressing = GuestAddressing::automatic;
  PortRange control_ports;
  std::vector<std::string> control_plane_hosts;  ///< hosts of its URLs for agents and for boots; may be empty
  std::string guest_hostname = "WINRESCUE";
  credentials::PasswordPolicy password;
  Deadlines deadlines;
  ShutdownPolicy on_shutdown = ShutdownPolicy::restart;
  Ending ending = Ending::stay;  ///< end of the host if neither order nor request sets one
  unsigned most_crash_restarts = 3;
  Milliseconds watchdog_interval{60'000};  ///< between pings of the guest agent while serving; 0: none
  unsigned watchdog_misses = 5;            ///< failed pings in a row before a report
  LeaseWarnings lease_warnings{Milliseconds(3'600'000), Milliseconds(900'000)};
  unsigned most_resumes = 3;   ///< of one session by a restarted rescued
  unsigned changes_mib = 0;    ///< memory for overlays of the server's disks; 0: an eighth of the host's, 1 to 16 GiB
  std::string changes_folder;  ///< where the overlays lie; empty: in memory, below the runtime directory
  ImageIdentity image_identity = ImageIdentity::random;
};

}  // namespace rescue::domain
