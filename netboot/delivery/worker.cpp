// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/delivery/worker.hpp"

#include "core/error.hpp"
#include "core/log.hpp"
#include "core/log_settings.hpp"
#include "netboot/store/database.hpp"

#include <fmt/format.h>

#include <list>
#include <utility>

namespace rescue::netboot {
namespace {

constexpr Milliseconds look(1'000);           ///< interval of looks for due records: time causes no notifications
constexpr Milliseconds expiry_look(10'000);   ///< interval of looks for expired records and ended sessions
constexpr Milliseconds claim_margin(30'000);  ///< a claim lasts so much longer than an attempt can take
constexpr unsigned most_attempts = 256;       ///< of all receivers

}  // namespace

struct DeliveryWorker::Line {
  DeliveryReceiver settings;
  std::unique_ptr<Receiver> receiver;
  unsigned parallel = 1;
  Milliseconds claim_lasts{};
  unsigned running = 0;  ///< under the worker's lock
};

struct DeliveryWorker::Setup {
  Setup(Store& store, const std::string& key_file, const DeliverySettings& settings, const Clock& clock)
      : deliveries(store, key_file, settings.rules()), warn_before(settings.warn_before) {
    const auto templates = std::make_shared<const MailTemplates>(settings.templates, settings.language);
    for (const auto& how : settings.receivers) {
      lines.push_back({how.receiver, make_receiver(how, settings, templates, clock), how.parallel,
                       longest_attempt(how) + claim_margin});
    }
  }
  Deliveries deliveries;
  const Milliseconds warn_before;
  std::list<Line> lines;
};

DeliveryWorker::DeliveryWorker(Store& store, const std::string& key_file, const DeliverySettings& settings,
                               const Clock& clock)
    : store_(store), key_file_(key_file), clock_(clock),
      setup_(std::make_shared<Setup>(store, key_file, settings, clock)), attempts_(most_attempts) {
  if (!store_.database().is_shared()) setup_->deliveries.abandon_all();
  subscription_ = store_.changes().subscribe([this](const Change& change) {
    if (change.kind == Change::Kind::delivery || change.kind == Change::Kind::all) wake();
  });
  thread_ = std::jthread([this](const std::stop_token& stop) { run(stop); });
}

DeliveryWorker::~DeliveryWorker() {
  thread_.request_stop();
  stopping_.request_stop();
  if (thread_.joinable()) thread_.join();
  attempts_.stop();
}

void DeliveryWorker::set(const DeliverySettings& settings) {
  auto next = std::make_shared<Setup>(store_, key_file_, settings, clock_);
  {
    const std::lock_guard lock(mutex_);
    setup_ = std::move(next);
  }
  wake();
}

std::shared_ptr<DeliveryWorker::Setup> DeliveryWorker::setup() {
  const std::lock_guard lock(mutex_);
  return setup_;
}

void DeliveryWorker::send(const LinkToSend& link) {
  AccessDelivery delivery{link.server, link.session, {link.notify_address, link.notify_language}};
  auto& facts = delivery.facts;
  facts.connection = link.connection;
  facts.link_expires = link.link_expires;
  facts.ends = link.ends;
  facts.code_policy = link.code_policy;
  facts.link = link.link.clone();
  if (link.code) facts.code = link.code->clone();
  for (const auto& record : setup()->deliveries.enqueue(delivery)) {
    log::info("d-{} for {} to {} is queued", record.id, record.server.text(), record.receiver);
  }
}

void DeliveryWorker::wake() {
  {
    const std::lock_guard lock(mutex_);
    is_woken_ = true;
  }
  woken_.notify_all();
}

void DeliveryWorker::run(const std::stop_token& stop) {
  while (!stop.stop_requested()) {
    std::shared_ptr<Setup> current;
    {
      const std::lock_guard lock(mutex_);
      is_woken_ = false;
      current = setup_;
    }
    try {
      expire(*current);
      while (!stop.stop_requested() && begin_attempts(current)) {
      }
    } catch (const std::exception& error) {
      log::error("deliveries: {}", report_of(error).one_line());
    }
    std::unique_lock lock(mutex_);
    woken_.wait_for(lock, stop, look, [this] { return is_woken_; });
  }
}

void DeliveryWorker::expire(Setup& current) {
  const auto now = std::chrono::steady_clock::now();
  if (now < next_expiry_) return;
  next_expiry_ = now + expiry_look;
  if (const auto failed = current.deliveries.fail_expired(); failed != 0) {
    log::warning("{} deliveries have failed: their time was over", failed);
  }
  if (!current.lines.empty()) (void)current.deliveries.announce_ends(current.warn_before);
}

/// Begins one attempt for each receiver that has a due record and room. False if there was none.
bool DeliveryWorker::begin_attempts(const std::shared_ptr<Setup>& current) {
  bool has_begun = false;
  for (auto& line : current->lines) {
    {
      const std::lock_guard lock(mutex_);
      if (line.running >= line.parallel) continue;
    }
    auto record = current->deliveries.claim(line.settings.name, line.claim_lasts);
    if (!record) continue;
    {
      const std::lock_guard lock(mutex_);
      ++line.running;
    }
    // The setup lives as long as its attempts, which a reload does not end.
    const auto work = [this, current, &line, shared = std::make_shared<DeliveryRecord>(*std::move(record))] {
      attempt(*current, line, std::move(*shared));
    };
    if (attempts_.try_run(work)) {
      has_begun = true;
      continue;
    }
    work();
  }
  return has_begun;
}

void DeliveryWorker::attempt(Setup& current, Line& line, DeliveryRecord record) {
  const log::About id("delivery", fmt::format("d-{}", record.id));
  const log::About server("server", record.server.text());
  keep_result(current, record, made(current, line, record));
  {
    const std::lock_guard lock(mutex_);
    --line.running;
  }
  wake();
}

DeliveryAttempt DeliveryWorker::made(Setup& current, Line& line, const DeliveryRecord& record) {
  using Outcome = DeliveryAttempt::Outcome;
  if (store_.now() > record.expires) {
    return {Outcome::refused, "its time was over before it could be delivered"};
  }
  if (record.receiver_kind != line.settings.kind) {
    return {Outcome::refused, "its receiver is of another kind since the configuration was changed"};
  }
  try {
    if (current.deliveries.is_superseded(record)) {
      return {Outcome::refused, "its link was replaced, or its session has ended"};
    }
    auto facts = current.deliveries.open(record);
    if (record.receiver_kind == ReceiverKind::webhook) {  // as it is configured now
      if (!line.settings.link) facts.link = Secret();
      if (!line.settings.code) facts.code = Secret();
    }
    return line.receiver->deliver(record, facts, stopping_.get_token());
  } catch (const std::exception& error) {
    return {Outcome::retry, report_of(error).one_line()};
  }
}

/// Retries while the database is away: a result that is not kept means that the record is delivered again.
void DeliveryWorker::keep_result(Setup& current, const DeliveryRecord& record, const DeliveryAttempt& result) {
  using Outcome = DeliveryAttempt::Outcome;
  const auto subject =
      fmt::format("d-{} ({}) for {} to {}", record.id, name_of(record.kind), record.server.text(), record.receiver);
  if (result.outcome == Outcome::done) {
    log::info("{}: delivered: {}", subject, result.text);
  } else {
    log::warning("{}: attempt {}: {}", subject, record.attempts, result.text);
  }
  const auto deadline = std::chrono::steady_clock::now() + claim_margin;
  for (Milliseconds pause(200);; pause *= 2) {
    try {
      if (!current.deliveries.attempted(record, result))
        log::warning("{}: another netbootd has taken it over", subject);
      return;
    } catch (const std::exception& error) {
      log::error("{}: the result is not kept: {}", subject, report_of(error).one_line());
    }
    if (stopping_.stop_requested() || std::chrono::steady_clock::now() + pause > deadline) return;
    std::this_thread::sleep_for(pause);
  }
}

}  // namespace rescue::netboot
