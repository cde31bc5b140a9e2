// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The host around a session, in memory: network, images, control plane, boot mode, journal, power, and the announcer.

#include "core/error.hpp"
#include "orchestrator/domain/journal_form.hpp"
#include "orchestrator/ports/announcer.hpp"
#include "orchestrator/ports/control_plane.hpp"
#include "orchestrator/ports/host.hpp"
#include "orchestrator/ports/host_network.hpp"
#include "orchestrator/ports/image_source.hpp"
#include "orchestrator/ports/journal.hpp"

#include <nlohmann/json.hpp>

#include <functional>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace rescue::tests {

class FakeHostNetwork final : public ports::HostNetwork {
public:
  bool taken = false;  ///< the VM has the server's identity
  bool leased = false;
  int takeovers = 0;
  std::map<std::string, std::vector<net::IpAddress>> names;  ///< names in the resolver
  std::optional<domain::TakeoverPlan> checked;
  std::optional<domain::TakeoverPlan> taken_plan;
  std::optional<Error> check_failure;
  std::optional<Error> takeover_failure;
  std::optional<Error> release_failure;

  domain::NetworkSnapshot survey(const std::string& nic) override {
    if (nic != "auto" && nic != "eth0") {
      throw Error(ErrorCode::precondition, "there is no NIC " + nic, "There are: eth0.");
    }
    domain::NetworkSnapshot snapshot;
    snapshot.nic = "eth0";
    snapshot.mac = net::Mac::parse("52:54:00:12:34:56");
    domain::InterfaceAddress address;
    address.address = net::IpAddress::parse("203.0.113.10");
    address.prefix = 24;
    snapshot.addresses = {address};
    domain::Route route;
    route.destination = net::Prefix::parse("0.0.0.0/0");
    route.gateway = net::IpAddress::parse("203.0.113.1");
    snapshot.routes = {route};
    return snapshot;
  }
  bool address_is_leased(const domain::NetworkSnapshot&) override { return leased; }
  std::vector<net::IpAddress> addresses_of(const std::string& host) override {
    const auto found = names.find(host);
    if (found != names.end()) return found->second;
    throw Error(ErrorCode::network, "the name '" + host + "' can't be resolved", "Is the name right?");
  }
  void check(const domain::TakeoverPlan& plan) override {
    checked = plan;
    if (check_failure) throw Error(*check_failure);
  }
  void take_over(const domain::TakeoverPlan& plan) override {
    taken_plan = plan;
    ++takeovers;
    if (takeover_failure) throw Error(*takeover_failure);
    taken = true;
  }
  void release(const domain::TakeoverPlan&) override {
    if (release_failure) throw Error(*release_failure);
    taken = false;
  }
};

class FakeImages final : public ports::ImageSource {
public:
  std::optional<Error> inspect_failure;
  std::optional<Error> fetch_failure;
  std::function<void()> on_fetch;  ///< called by every fetch
  unsigned memory_mib = 0;
  unsigned least_memory_mib = 0;
  contract::GuestActions actions;   ///< that the image offers in its guest
  std::vector<std::string> wishes;  ///< names of images, in the order of `select`
  std::set<std::string> overlays;   ///< paths of existing overlays

  void select(const domain::ImageWish& wish) override { wishes.push_back(wish.name); }
  domain::RescueImage inspect() override {
    if (inspect_failure) throw Error(*inspect_failure);
    return image();
  }
  domain::RescueImage fetch(const std::function<void(const std::string&)>&, std::stop_token) override {
    if (fetch_failure) throw Error(*fetch_failure);
    served = true;
    if (on_fetch) on_fetch();
    return image();
  }
  std::string missing;  ///< why the guest's reads wait; a paused guest stays paused until it is empty
  int looks = 0;        ///< calls of keep_available
  std::string keep_available() override {
    ++looks;
    return missing;
  }
  int overlays_made = 0;  ///< calls of create_overlay
  void create_overlay(const domain::RescueImage&, const std::string& path) override {
    ++overlays_made;
    overlays.insert(path);
  }
  void discard_overlay(const std::string& path) override { overlays.erase(path); }
  bool served = false;  ///< between fetch and release
  std::optional<Error> release_failure;
  void release() override {
    if (release_failure) throw Error(*release_failure);
    served = false;
  }

private:
  [[nodiscard]] domain::RescueImage image() const {
    domain::RescueImage image;
    image.name = "fake";
    image.version = "1";
    image.system_disk = "/images/fake.qcow2";
    image.format = "qcow2";
    image.memory_mib = memory_mib;
    image.least_memory_mib = least_memory_mib;
    image.profile.set_hostname = {"/bin/hostname", "{hostname}"};
    image.profile.actions = actions;
    return image;
  }
};

class FakeControlPlane final : public ports::ControlPlane {
public:
  /// Whether it answers; by default always. Tie it to the network to lose it in the takeover.
  std::function<bool()> answers = [] { return true; };
  void check(Milliseconds, std::stop_token) override {
    if (!answers()) throw Error(ErrorCode::unavailable, "no answer from the control plane");
  }
  [[nodiscard]] std::string name() const override { return "http://control-plane"; }
};

class FakeBootControl final : public ports::BootControl {
public:
  std::string current = "rescue-windows";
  int unavailable_for = 0;  ///< that many attempts fail
  std::optional<Error> refusal;
  int attempts = 0;

  [[nodiscard]] std::string layer() const override { return "netboot"; }
  [[nodiscard]] std::string mode() override { return current; }
  std::string remembered = "rescue";              ///< result of snapshot()
  std::vector<std::string> snapshots_given_back;  ///< arguments of restore_disk, in order
  std::optional<Error> snapshot_failure;
  std::string snapshot() override {
    if (snapshot_failure) throw Error(*snapshot_failure);
    return remembered;
  }
  std::string restore_disk(const std::string& snapshot, std::stop_token) override {
    snapshots_given_back.push_back(snapshot);
    ++attempts;
    if (refusal) throw Error(*refusal);
    if (unavailable_for > 0) {
      --unavailable_for;
      throw Error(ErrorCode::unavailable, "no answer from netbootd");
    }
    if (current == "disk") return {};
    current = "disk";
    return "netboot: rescue-windows -> disk";
  }
};

class FakeHost final : public ports::Host {
public:
  ports::HostFacts answer{"fake", 32768, 8};
  std::vector<domain::Ending> endings;
  ports::HostFacts facts() override { return answer; }
  bool folders_in_memory = false;  ///< whether paths.runtime is a memory file system
  unsigned memory_of_files_mib(const std::string&) override { return folders_in_memory ? answer.memory_mib / 5 : 0; }
  std::map<std::string, unsigned> memory_folders;  ///< folders with a file system of their own, and its MiB
  unsigned used_mib = 0;                           ///< by files in each of them
  unsigned available_mib = 0;
  void provide_memory_folder(const std::string& folder, unsigned mib) override { memory_folders[folder] = mib; }
  void remove_memory_folder(const std::string& folder) override { memory_folders.erase(folder); }
  ports::Room room_of(const std::string& folder) override {
    const auto found = memory_folders.find(folder);
    const unsigned size = found == memory_folders.end() ? 100'000 : found->second;
    return {size, size > used_mib ? size - used_mib : 0};
  }
  unsigned available_memory_mib() override { return available_mib; }
  bool devices_settle = true;
  bool wait_for_devices(Milliseconds) override { return devices_settle; }
  std::string boot = "boot-1";
  std::function<void()> before_end = [] {};  ///< throw here: killed before the host ends
  std::string boot_id() override { return boot; }
  void end(domain::Ending ending) override {
    before_end();
    endings.push_back(ending);
  }
};

/// Keeps the record as JSON, like a file: every save is a round trip.
class FakeJournal final : public ports::Journal {
public:
  std::function<void(int save)> before_save = [](int) {};  ///< throw here: killed before the journal's update
  std::function<void(int save)> after_save = [](int) {};   ///< throw here: killed after it
  int saves = 0;
  std::optional<std::string> content;

  void save(const domain::SessionRecord& record) override {
    ++saves;
    before_save(saves);
    content = domain::journal_form(record).dump();
    after_save(saves);
  }
  std::optional<domain::SessionRecord> load() override {
    if (!content) return std::nullopt;
    return domain::record_from_journal(nlohmann::json::parse(*content));
  }
};

class FakeAnnouncer final : public ports::Announcer {
public:
  std::vector<std::string> passwords;  ///< announced passwords, in order
  bool somebody_waits = true;
  std::string problem;
  std::vector<ports::Recipients> recipients;
  ports::Announced announce(const domain::ConnectionData&, const Secret& password, const ports::Recipients& to,
                            Milliseconds, std::stop_token) override {
    recipients.push_back(to);
    if (!somebody_waits) return {{}, problem};
    passwords.emplace_back(password.reveal());
    return {"a test", problem};
  }
};

}  // namespace rescue::tests
