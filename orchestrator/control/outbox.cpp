// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/control/outbox.hpp"

#include "core/error.hpp"
#include "orchestrator/control/one_time_link.hpp"
#include "orchestrator/control/sealed_json.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>

namespace rescue::control {
namespace {

/// Text that the requester gets by opening the box: docs/host-agent.md.
std::string sealed_credentials(const domain::ConnectionData& connection, const Secret& password,
                               const std::string& public_key) {
  return sealed_text({{"user", connection.user},
                      {"password", password.reveal()},
                      {"address", connection.address},
                      {"ssh_host_key", connection.ssh_host_key},
                      {"rdp_certificate", connection.rdp_certificate}},
                     {"password"}, public_key);
}

void append(std::string& list, const std::string& item, const char* separator) {
  if (!list.empty() && !item.empty()) list += separator;
  list += item;
}

}  // namespace

void Outbox::connect(std::function<void()> wake) {
  {
    const std::lock_guard lock(mutex_);
    wake_ = std::move(wake);
  }
  changed_.notify_all();
}

ports::Announced Outbox::announce(const domain::ConnectionData& connection, const Secret& password,
                                  const ports::Recipients& recipients, Milliseconds limit, std::stop_token stop) {
  // The local caller comes first: it is quick, and the control plane may be away.
  auto told = mailbox_.announce(connection, password, recipients, limit, stop);
  if (recipients.public_key.empty() && !recipients.link) return told;
  auto mail = mail_for(connection, password, recipients, told.problem);
  if (mail.empty()) return told;
  const auto posted = post(std::move(mail), limit, stop);
  append(told.to, posted.to, " and ");
  append(told.problem, posted.problem, "; ");
  return told;
}

std::vector<Mail> Outbox::mail_for(const domain::ConnectionData& connection, const Secret& password,
                                   const ports::Recipients& recipients, std::string& problem) const {
  std::vector<Mail> mail;
  const auto add = [&](const auto& make) {
    try {
      mail.push_back(make());
    } catch (const Error& error) {
      append(problem, error.what(), "; ");
    }
  };
  if (!recipients.public_key.empty()) {
    add([&] {
      return Mail{0, "the sealed credentials", "the requester, by the control plane",
                  sealed_credentials(connection, password, recipients.public_key), connection};
    });
  }
  if (recipients.link) {
    add([&] {
      Mail link{0, "the one-time link", "the customer, by a one-time link", {}, connection};
      link.link = make_link(text_for_customer(connection, password, recipients, clock_.wall()), recipients);
      return link;
    });
  }
  return mail;
}

ports::Announced Outbox::post(std::vector<Mail> mail, Milliseconds limit, const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  if (!wake_) return {{}, "there is no control plane to deliver them to"};
  posts_.clear();
  for (auto& one : mail) {
    one.number = ++number_;
    auto to = one.to;
    posts_.push_back({std::make_shared<const Mail>(std::move(one)), number_, std::move(to)});
  }
  problem_ = "the control plane does not answer";
  waited_for_ = true;
  const auto wake = wake_;
  lock.unlock();
  wake();
  lock.lock();
  changed_.wait_for(lock, stop, limit, [&] { return !is_waiting() || !wake_; });
  waited_for_ = false;
  return outcome();
}

bool Outbox::is_waiting() const {
  return std::any_of(posts_.begin(), posts_.end(), [](const Post& post) { return post.mail != nullptr; });
}

ports::Announced Outbox::outcome() const {
  ports::Announced announced;
  for (const auto& post : posts_) {
    if (post.mail == nullptr && post.refusal.empty()) append(announced.to, post.to, " and ");
    append(announced.problem, post.refusal, "; ");
  }
  if (is_waiting()) append(announced.problem, problem_, "; ");
  return announced;
}

Outbox::Post* Outbox::find(std::uint64_t number) {
  const auto found = std::find_if(posts_.begin(), posts_.end(),
                                  [number](const Post& post) { return post.number == number && post.mail != nullptr; });
  return found == posts_.end() ? nullptr : &*found;
}

std::vector<std::shared_ptr<const Mail>> Outbox::pending() const {
  const std::lock_guard lock(mutex_);
  std::vector<std::shared_ptr<const Mail>> mail;
  for (const auto& post : posts_) {
    if (post.mail != nullptr) mail.push_back(post.mail);
  }
  return mail;
}

std::optional<ports::Announced> Outbox::delivered(std::uint64_t number) {
  std::optional<ports::Announced> late;
  {
    const std::lock_guard lock(mutex_);
    auto* const post = find(number);
    if (post == nullptr) return std::nullopt;
    post->mail.reset();
    if (!waited_for_) late = outcome();
  }
  changed_.notify_all();
  return late;
}

void Outbox::refused(std::uint64_t number, const std::string& problem) {
  {
    const std::lock_guard lock(mutex_);
    auto* const post = find(number);
    if (post == nullptr) return;
    post->mail.reset();
    post->refusal = problem;
  }
  changed_.notify_all();
}

void Outbox::failed(const std::string& problem) {
  const std::lock_guard lock(mutex_);
  problem_ = problem;
}

}  // namespace rescue::control
