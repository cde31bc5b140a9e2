// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/libvirt/guest_book.hpp"

namespace rescue::libvirt {

using domain::GuestEvent;
using domain::GuestEventKind;

GuestRecord GuestBook::record(const std::string& guest) const {
  const std::scoped_lock lock(mutex_);
  const auto found = records_.find(guest);
  return found == records_.end() ? GuestRecord{} : found->second;
}

bool GuestBook::wait_for_change(const std::string& guest, const GuestRecord& since, Deadline deadline,
                                std::stop_token stop) {
  std::unique_lock lock(mutex_);
  return changed_.wait_until(lock, std::move(stop), deadline, [&] {
    const auto& record = records_[guest];
    return record.ends != since.ends || record.agent_changes != since.agent_changes;
  });
}

bool GuestBook::wait_for_end(const std::string& guest, const GuestRecord& since, Deadline deadline,
                             std::stop_token stop) {
  std::unique_lock lock(mutex_);
  return changed_.wait_until(lock, std::move(stop), deadline, [&] { return records_[guest].ends != since.ends; });
}

bool GuestBook::note(const GuestEvent& event) {
  const std::scoped_lock lock(mutex_);
  auto& record = records_[event.guest];
  switch (event.kind) {
  case GuestEventKind::stopped:
  case GuestEventKind::crashed:
    if (!told_ended_.insert(event.guest).second) return false;
    running_.erase(event.guest);
    ++record.ends;
    record.agent.reset();
    break;
  case GuestEventKind::agent_connected:
  case GuestEventKind::agent_disconnected:
    record.agent = event.kind == GuestEventKind::agent_connected;
    ++record.agent_changes;
    break;
  default:
    return true;
  }
  changed_.notify_all();
  return !attempted_.contains(event.guest);
}

void GuestBook::note_running(const std::string& guest) {
  const std::scoped_lock lock(mutex_);
  running_.insert(guest);
  told_ended_.erase(guest);
}

void GuestBook::begin_attempt(const std::string& guest) {
  const std::scoped_lock lock(mutex_);
  attempted_.insert(guest);
}

void GuestBook::end_attempt(const std::string& guest) {
  const std::scoped_lock lock(mutex_);
  attempted_.erase(guest);
}

std::vector<std::string> GuestBook::running() const {
  const std::scoped_lock lock(mutex_);
  return {running_.begin(), running_.end()};
}

}  // namespace rescue::libvirt
