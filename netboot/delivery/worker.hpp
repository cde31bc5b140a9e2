// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Works off the queue of deliveries: each receiver by itself, so that one that does not answer holds up no other.

#include "core/elastic_pool.hpp"
#include "netboot/delivery/receivers.hpp"
#include "netboot/delivery/settings.hpp"
#include "netboot/service/deliveries.hpp"
#include "netboot/service/link_sender.hpp"

#include <condition_variable>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <thread>

namespace rescue::netboot {

/// A record that was taken by the receiver just before its netbootd died, or lost the database for longer than a claim
/// lasts, is delivered again: at least once, with the same Message-ID.
class DeliveryWorker final : public LinkSender {
public:
  /// Starts. `store` and `clock` outlive this. Throws what MailTemplates throws.
  DeliveryWorker(Store& store, const std::string& key_file, const DeliverySettings& settings, const Clock& clock);
  /// Cancels attempts in progress; another netbootd, or the next, makes them again.
  ~DeliveryWorker() override;
  DeliveryWorker(const DeliveryWorker&) = delete;
  DeliveryWorker& operator=(const DeliveryWorker&) = delete;

  /// Uses other settings from now on; attempts in progress end with the earlier ones. Throws what MailTemplates throws,
  /// and then nothing changes.
  void set(const DeliverySettings& settings);
  /// Queues the link for the receivers of the current settings.
  void send(const LinkToSend& link) override;

private:
  struct Line;   ///< a receiver and its attempts
  struct Setup;  ///< all receivers of one configuration

  [[nodiscard]] std::shared_ptr<Setup> setup();
  void run(const std::stop_token& stop);
  bool begin_attempts(const std::shared_ptr<Setup>& current);
  void attempt(Setup& current, Line& line, DeliveryRecord record);
  [[nodiscard]] DeliveryAttempt made(Setup& current, Line& line, const DeliveryRecord& record);
  void keep_result(Setup& current, const DeliveryRecord& record, const DeliveryAttempt& result);
  void expire(Setup& current);
  void wake();

  Store& store_;
  const std::string key_file_;
  const Clock& clock_;
  std::mutex mutex_;
  std::condition_variable_any woken_;
  bool is_woken_ = false;
  std::shared_ptr<Setup> setup_;
  SteadyTime next_expiry_{};
  std::stop_source stopping_;
  ElasticPool attempts_;
  std::jthread thread_;
  Changes::Subscription subscription_;
};

}  // namespace rescue::netboot
