// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// A hypervisor in memory, for tests of a session's starts, stops, crashes and losses.

#include "core/error.hpp"
#include "orchestrator/ports/hypervisor.hpp"

#include <algorithm>
#include <functional>
#include <map>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace rescue::tests {

/// Guests outlive the session: to simulate a crash of rescued, keep the object and create the session again. Set knobs
/// before or between calls. Calls may come from several threads.
class FakeHypervisor final : public ports::Hypervisor {
public:
  std::optional<Error> facts_failure;     ///< thrown by facts() while set
  std::optional<Error> describe_failure;  ///< thrown by describe() while set
  std::optional<Error> start_failure;     ///< thrown by start() while set; no guest runs then
  std::optional<Error> stop_failure;      ///< thrown by stop() while set; the guest still runs
  std::optional<Error> destroy_failure;
  bool away = false;  ///< libvirtd is down: calls throw `hypervisor`, guests keep running. See lose() and come_back().
  bool obeys_agent = true;
  bool obeys_acpi = true;
  /// Accelerators that work; start() falls down the ladder until it finds one.
  std::set<domain::Accelerator> runnable{domain::Accelerator::kvm, domain::Accelerator::kvm_compatible,
                                         domain::Accelerator::tcg};
  ports::HypervisorFacts answer{"libvirt 9.0.0, QEMU 7.2.0", domain::Accelerator::kvm, "", ""};
  /// Called with "start", "stop" or "destroy" after the effect and before the call returns: throw here to simulate a
  /// kill between an effect and the journal's update.
  std::function<void(const std::string& call)> after_effect;

  int facts_calls = 0;
  int start_calls = 0;
  int stop_calls = 0;
  int destroy_calls = 0;
  std::vector<domain::GuestSpec> started;  ///< specs of all started guests, in order

  ports::HypervisorFacts facts() override {
    const std::scoped_lock lock(mutex_);
    ++facts_calls;
    require_connection();
    if (facts_failure) throw Error(*facts_failure);
    return answer;
  }

  std::string describe(const domain::GuestSpec& spec) const override {
    if (describe_failure) throw Error(*describe_failure);
    return "<domain><name>" + spec.name + "</name></domain>\n";
  }

  domain::Accelerator start(const domain::GuestSpec& spec) override {
    domain::Accelerator used{};
    {
      const std::scoped_lock lock(mutex_);
      ++start_calls;
      require_connection();
      if (exists(spec.name)) throw Error(ErrorCode::conflict, "a guest named " + spec.name + " already runs");
      if (start_failure) throw Error(*start_failure);
      const auto found = std::find_if(runnable.begin(), runnable.end(),
                                      [&](domain::Accelerator candidate) { return candidate >= spec.accelerator; });
      if (found == runnable.end()) throw Error(ErrorCode::hypervisor, "no accelerator can run " + spec.name);
      used = *found;
      started.push_back(spec);
      guests_[spec.name] = domain::GuestState::running;
    }
    effect("start");
    return used;
  }

  domain::GuestState state(const std::string& guest) override {
    const std::scoped_lock lock(mutex_);
    require_connection();
    const auto found = guests_.find(guest);
    return found == guests_.end() ? domain::GuestState::absent : found->second;
  }

  domain::StopMethod stop(const std::string& guest, const ports::StopDeadlines&, std::stop_token stop) override {
    domain::StopMethod method = domain::StopMethod::was_off;
    bool ran = false;
    {
      const std::scoped_lock lock(mutex_);
      ++stop_calls;
      require_connection();
      if (stop_failure) throw Error(*stop_failure);
      ran = exists(guest);
      if (ran) method = way_out(stop.stop_requested());
      guests_.erase(guest);
    }
    if (ran) deliver({domain::GuestEventKind::stopped, guest});
    effect("stop");
    return method;
  }

  void destroy(const std::string& guest) override {
    bool ran = false;
    {
      const std::scoped_lock lock(mutex_);
      ++destroy_calls;
      require_connection();
      if (destroy_failure) throw Error(*destroy_failure);
      ran = guests_.erase(guest) > 0;
    }
    if (ran) deliver({domain::GuestEventKind::stopped, guest});
    effect("destroy");
  }

  unsigned resident_mib = 0;
  unsigned resident_memory_mib(const std::string&) override { return resident_mib; }

  bool has_room = true;  ///< whether a resumed guest runs again
  int resume_calls = 0;
  void resume(const std::string& guest) override {
    {
      const std::scoped_lock lock(mutex_);
      ++resume_calls;
      require_connection();
      const auto found = guests_.find(guest);
      if (found == guests_.end() || found->second != domain::GuestState::paused || !has_room) return;
      found->second = domain::GuestState::running;
    }
  }
  /// Its overlay is full: QEMU pauses it.
  void run_out_of_room(const std::string& guest) {
    {
      const std::scoped_lock lock(mutex_);
      has_room = false;
      guests_[guest] = domain::GuestState::paused;
    }
    deliver({domain::GuestEventKind::paused, guest});
  }

  void subscribe(std::function<void(const domain::GuestEvent&)> sink) override {
    const std::scoped_lock lock(mutex_);
    sinks_.push_back(std::move(sink));
  }

  /// The guest shuts down from inside: it is gone, `stopped` is delivered.
  void shut_down_from_inside(const std::string& guest) { end(guest, domain::GuestEventKind::stopped); }
  /// QEMU dies or the guest panics: it is gone, `crashed` is delivered.
  void crash(const std::string& guest) { end(guest, domain::GuestEventKind::crashed); }
  /// The guest restarts itself: it keeps running.
  void reboot(const std::string& guest) { deliver({domain::GuestEventKind::rebooted, guest}); }
  /// libvirtd goes away; guests keep running.
  void lose() {
    {
      const std::scoped_lock lock(mutex_);
      away = true;
    }
    deliver({domain::GuestEventKind::hypervisor_lost, {}});
  }
  void come_back() {
    {
      const std::scoped_lock lock(mutex_);
      away = false;
    }
    deliver({domain::GuestEventKind::hypervisor_back, {}});
  }
  /// Delivers any event, from the calling thread. Sessions must exist: see forget_subscribers().
  void deliver(const domain::GuestEvent& event) {
    std::vector<std::function<void(const domain::GuestEvent&)>> sinks;
    {
      const std::scoped_lock lock(mutex_);
      sinks = sinks_;
    }
    for (const auto& sink : sinks) sink(event);
  }
  /// rescued was killed: its subscriptions are gone, the guests are not.
  void forget_subscribers() {
    const std::scoped_lock lock(mutex_);
    sinks_.clear();
  }
  /// Throws `hypervisor` while libvirt is away.
  void require_connection() const {
    if (away) throw Error(ErrorCode::hypervisor, "libvirt does not answer", "Start it: systemctl start libvirtd");
  }
  [[nodiscard]] bool runs(const std::string& guest) const {
    const std::scoped_lock lock(mutex_);
    return guests_.contains(guest);
  }
  [[nodiscard]] std::size_t running_guests() const {
    const std::scoped_lock lock(mutex_);
    return guests_.size();
  }
  /// Number of starts of this guest: each start has a fresh overlay, which resets all settings inside.
  [[nodiscard]] int boots_of(const std::string& guest) const {
    const std::scoped_lock lock(mutex_);
    return static_cast<int>(std::count_if(started.begin(), started.end(),
                                          [&](const domain::GuestSpec& spec) { return spec.name == guest; }));
  }

private:
  [[nodiscard]] bool exists(const std::string& guest) const { return guests_.contains(guest); }
  [[nodiscard]] domain::StopMethod way_out(bool at_once) const {
    if (at_once) return domain::StopMethod::destroyed;
    if (obeys_agent) return domain::StopMethod::agent;
    return obeys_acpi ? domain::StopMethod::acpi : domain::StopMethod::destroyed;
  }
  void end(const std::string& guest, domain::GuestEventKind kind) {
    {
      const std::scoped_lock lock(mutex_);
      guests_.erase(guest);
    }
    deliver({kind, guest});
  }
  void effect(const std::string& call) const {
    if (after_effect) after_effect(call);
  }

  mutable std::mutex mutex_;
  std::map<std::string, domain::GuestState> guests_;
  std::vector<std::function<void(const domain::GuestEvent&)>> sinks_;
};

}  // namespace rescue::tests
