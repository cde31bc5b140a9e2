// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/control/outbox.hpp"

#include "core/base64.hpp"
#include "core/error.hpp"
#include "core/sealed_box.hpp"

#include <nlohmann/json.hpp>

namespace rescue::control {
namespace {

/// Text that the requester gets by opening the box: docs/host-agent.md.
std::string sealed_credentials(const domain::ConnectionData& connection, const Secret& password,
                               const std::string& public_key) {
  const auto key = bytes_of_base64(public_key);
  if (!key) throw Error(ErrorCode::usage, "the requester's public key is not base64");
  nlohmann::json json{{"user", connection.user},
                      {"password", password.reveal()},
                      {"address", connection.address},
                      {"ssh_host_key", connection.ssh_host_key},
                      {"rdp_certificate", connection.rdp_certificate}};
  auto text = json.dump();
  wipe(json["password"].get_ref<std::string&>());
  const Secret message(text);
  wipe(text);
  return seal(message, *key);
}

}  // namespace

void Outbox::connect(std::function<void()> wake) {
  const std::lock_guard lock(mutex_);
  wake_ = std::move(wake);
}

ports::Announced Outbox::announce(const domain::ConnectionData& connection, const Secret& password,
                                  const std::string& public_key, Milliseconds limit, std::stop_token stop) {
  // The local caller comes first: it is quick, and the control plane may be away.
  auto told = mailbox_.announce(connection, password, public_key, limit, stop);
  if (public_key.empty()) return told;
  ports::Announced posted;
  try {
    posted = post(connection, sealed_credentials(connection, password, public_key), limit, stop);
  } catch (const Error& error) {
    posted.problem = error.what();
  }
  if (!posted.to.empty()) told.to += (told.to.empty() ? "" : " and ") + posted.to;
  told.problem = posted.problem;
  return told;
}

ports::Announced Outbox::post(const domain::ConnectionData& connection, std::string sealed, Milliseconds limit,
                              const std::stop_token& stop) {
  std::unique_lock lock(mutex_);
  if (!wake_) return {{}, "there is no control plane to deliver them to"};
  const auto number = ++number_;
  mail_ = SealedMail{number, std::move(sealed), connection};
  problem_ = "the control plane does not answer";
  refusal_.clear();
  waited_for_ = true;
  const auto wake = wake_;
  lock.unlock();
  wake();
  lock.lock();
  changed_.wait_for(lock, stop, limit, [&] { return !mail_ || !wake_; });
  waited_for_ = false;
  if (!refusal_.empty()) return {{}, refusal_};
  if (!mail_) return {"the requester, by the control plane", {}};
  return {{}, problem_};
}

std::optional<SealedMail> Outbox::pending() const {
  const std::lock_guard lock(mutex_);
  return mail_;
}

bool Outbox::delivered(std::uint64_t number) {
  bool late = false;
  {
    const std::lock_guard lock(mutex_);
    if (!mail_ || mail_->number != number) return false;
    mail_.reset();
    late = !waited_for_;
  }
  changed_.notify_all();
  return late;
}

void Outbox::refused(std::uint64_t number, const std::string& problem) {
  {
    const std::lock_guard lock(mutex_);
    if (!mail_ || mail_->number != number) return;
    mail_.reset();
    refusal_ = problem;
  }
  changed_.notify_all();
}

void Outbox::failed(const std::string& problem) {
  const std::lock_guard lock(mutex_);
  problem_ = problem;
}

}  // namespace rescue::control
