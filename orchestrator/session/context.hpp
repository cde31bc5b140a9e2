// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Context of a session's steps: roles, settings, record, and a way to show what a step waits for.

#include "orchestrator/domain/session_record.hpp"
#include "orchestrator/domain/settings.hpp"
#include "orchestrator/ports/access_probe.hpp"
#include "orchestrator/ports/announcer.hpp"
#include "orchestrator/ports/control_plane.hpp"
#include "orchestrator/ports/disk_identities.hpp"
#include "orchestrator/ports/disks.hpp"
#include "orchestrator/ports/guest_agent.hpp"
#include "orchestrator/ports/host.hpp"
#include "orchestrator/ports/host_network.hpp"
#include "orchestrator/ports/hypervisor.hpp"
#include "orchestrator/ports/image_source.hpp"
#include "orchestrator/ports/journal.hpp"
#include "orchestrator/ports/snapshots.hpp"

#include <functional>
#include <optional>
#include <stop_token>
#include <string>
#include <vector>

namespace rescue::session {

/// One of each role; the composition root owns them and outlives the session.
struct Ports {
  ports::Hypervisor& hypervisor;
  ports::GuestAgent& agent;
  ports::DiskInventory& inventory;
  ports::DiskClaims& claims;
  ports::DiskInspector& inspector;
  ports::HostNetwork& network;
  ports::AccessProbe& probe;
  ports::ImageSource& images;
  ports::ControlPlane& control_plane;
  std::vector<ports::BootControl*> boot_layers;  ///< in the order of reading; restored in this order too
  ports::Host& host;
  ports::Journal& journal;
  ports::Announcer& announcer;
  Clock& clock;
  ports::DiskOverlays& overlays;
  ports::DiskIdentities& identities;
  ports::DiskRecorder& recorder;
  ports::FirmwareRecorder& firmware;
  ports::SnapshotStore& snapshots;
};

struct SessionContext {
  Ports& ports;
  const domain::SessionSettings& settings;
  domain::SessionRecord& record;
  std::stop_token stop;
  std::function<void(const std::string& what)> wait_for;  ///< shown in status while a step blocks
  std::optional<Secret> password;                         ///< from provisioning to the announcement
  bool graceful = false;                                  ///< whether the guest may shut down normally
  std::function<void()> save{};                           ///< writes the journal in the middle of a step

  [[nodiscard]] domain::RescuePlan& plan() { return record.plan.value(); }
};

}  // namespace rescue::session
