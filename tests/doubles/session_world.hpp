// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A whole server in memory that outlives rescued: sessions are created, killed and created again in it.

#include "orchestrator/session/rescue_session.hpp"
#include "tests/doubles/fake_access_probe.hpp"
#include "tests/doubles/fake_clock.hpp"
#include "tests/doubles/fake_disks.hpp"
#include "tests/doubles/fake_guest_agent.hpp"
#include "tests/doubles/fake_host.hpp"
#include "tests/doubles/fake_hypervisor.hpp"

#include <memory>
#include <string>
#include <vector>

namespace rescue::tests {

[[nodiscard]] inline std::vector<std::string> texts_of(const std::vector<domain::Warning>& warnings) {
  std::vector<std::string> texts;
  for (const auto& warning : warnings) texts.push_back(warning.text);
  return texts;
}

class SessionWorld : public session::SessionObserver {
public:
  FakeHypervisor hypervisor;
  FakeGuestAgent agent{hypervisor};
  FakeDiskInventory inventory;
  FakeDiskClaims claims;
  FakeHostNetwork network;
  FakeAccessProbe probe;
  FakeImages images;
  FakeControlPlane control_plane;
  FakeBootControl boot;
  FakeHost host;
  FakeJournal journal;
  FakeAnnouncer announcer;
  FakeClock clock;
  domain::SessionSettings settings;
  std::string last_wait;

  SessionWorld() {
    settings.server_name = "web-42";
    probe.accepts = [this](const std::string& user, std::string_view password) {
      return agent.accepts(guest(), user, password);
    };
  }

  [[nodiscard]] session::Ports ports() {
    return {hypervisor,    agent,   inventory, claims,  network,   probe, images,
            control_plane, {&boot}, host,      journal, announcer, clock};
  }

  /// A rescued that starts on this server; the one before it is gone.
  session::RescueSession& fresh_session() {
    session_ = std::make_unique<session::RescueSession>(ports(), settings, *this);
    return *session_;
  }

  [[nodiscard]] static std::string guest() { return "rescue-web-42"; }

  /// Leftovers of a session, as one line; empty when all is as before.
  [[nodiscard]] std::string left_behind() {
    std::string left;
    if (hypervisor.running_guests() != 0) left += "guest runs; ";
    if (!claims.held().empty()) left += "disks held; ";
    if (network.taken) left += "network taken; ";
    if (!images.overlays.empty()) left += "overlay exists; ";
    if (images.served) left += "image is served; ";
    if (!host.memory_folders.empty()) left += "memory folder exists; ";
    if (boot.current != "disk") left += "boot mode is " + boot.current + "; ";
    return left;
  }

  /// Parts of a serving session that are missing, as one line.
  [[nodiscard]] std::string missing_for_serving() {
    std::string missing;
    if (!hypervisor.runs(guest())) missing += "no guest; ";
    if (claims.held().size() != 2) missing += "disks not held; ";
    if (!network.taken) missing += "network not taken; ";
    if (announcer.passwords.empty() || !agent.accepts(guest(), "Administrator", announcer.passwords.back())) {
      missing += "the password told last does not work; ";
    }
    return missing;
  }

  void changed(const domain::SessionRecord&, const std::string& waiting_for) override { last_wait = waiting_for; }

private:
  std::unique_ptr<session::RescueSession> session_;
};

}  // namespace rescue::tests
