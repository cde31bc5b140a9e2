// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A whole server in memory that outlives rescued: sessions are created, killed and created again in it.

#include "core/base64.hpp"
#include "orchestrator/session/rescue_session.hpp"
#include "tests/doubles/fake_access_probe.hpp"
#include "tests/doubles/fake_clock.hpp"
#include "tests/doubles/fake_disk_identities.hpp"
#include "tests/doubles/fake_disks.hpp"
#include "tests/doubles/fake_guest_agent.hpp"
#include "tests/doubles/fake_host.hpp"
#include "tests/doubles/fake_hypervisor.hpp"
#include "tests/doubles/fake_snapshots.hpp"

#include <memory>
#include <sstream>
#include <string>
#include <vector>

namespace rescue::tests {

[[nodiscard]] inline std::vector<std::string> texts_of(const std::vector<domain::Warning>& warnings) {
  std::vector<std::string> texts;
  for (const auto& warning : warnings) texts.push_back(warning.text);
  return texts;
}

/// Whether lines of authorized_keys hold the public key of this private key (PEM of OpenSSH, which names both).
[[nodiscard]] inline bool holds_key_of(const std::string& lines, std::string_view pem) {
  std::string body;
  std::istringstream text{std::string(pem)};
  for (std::string line; std::getline(text, line);) {
    if (!line.starts_with("-----")) body += line;
  }
  const auto bytes = bytes_of_base64(body).value_or("");
  std::istringstream keys(lines);
  for (std::string line; std::getline(keys, line);) {
    const auto at = line.find("ssh-ed25519 ");
    if (at == std::string::npos) continue;
    const auto rest = line.substr(at + 12);
    const auto blob = bytes_of_base64(rest.substr(0, rest.find(' ')));
    if (blob && bytes.find(*blob) != std::string::npos) return true;
  }
  return false;
}

class SessionWorld : public session::SessionObserver {
public:
  FakeHypervisor hypervisor;
  FakeGuestAgent agent{hypervisor};
  FakeDiskInventory inventory;
  FakeDiskClaims claims;
  FakeDiskInspector inspector;
  FakeDiskOverlays overlays;
  FakeDiskIdentities identities;
  FakeDiskRecorder recorder;
  FakeFirmwareRecorder firmware;
  FakeSnapshotStore snapshots;
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
      return agent.accepts(guest(), user, password) && !agent.files.contains(passwords_off);
    };
    probe.accepts_key = [this](const std::string& user, std::string_view key) {
      return user == agent.known_user && holds_key_of(agent.files[keys_file], key);
    };
  }

  [[nodiscard]] session::Ports ports() { return ports(announcer); }
  /// The world's roles, but for the announcer.
  [[nodiscard]] session::Ports ports(ports::Announcer& other_announcer) { return ports(host, other_announcer); }
  [[nodiscard]] session::Ports ports(ports::Host& other_host, ports::Announcer& other_announcer) {
    return {hypervisor, agent,         inventory, claims,     inspector, network,         probe,
            images,     control_plane, {&boot},   other_host, journal,   other_announcer, clock,
            overlays,   identities,    recorder,  firmware,   snapshots};
  }

  static constexpr const char* keys_file = "/keys";
  static constexpr const char* login_file = "/etc/motd";
  static constexpr const char* desktop_file = "/desktop/RESCUE.txt";
  static constexpr const char* passwords_off = "/passwords-off";

  /// Gives the image every action.
  void offer_actions() {
    using contract::GuestAction;
    auto& actions = images.actions;
    actions[GuestAction::ssh_keys] = {.file = keys_file, .commands = {{"chmod", "600", keys_file}}};
    actions[GuestAction::keys_only] = {.file = passwords_off};
    actions[GuestAction::keyboard] = {.commands = {{"set-keyboard", "{keyboard}", "{language}", "{input}"}}};
    actions[GuestAction::login_text] = {.file = login_file};
    actions[GuestAction::desktop_text] = {.file = desktop_file, .crlf = true};
    actions[GuestAction::message] = {.commands = {{"wall", "{text}"}}};
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
    if (!images.overlays.empty() || !overlays.bytes.empty()) left += "overlay exists; ";
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
