// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The desk over TLS: a listener with a fresh certificate for each ticket, and a thread for each connection.

#include "orchestrator/ports/ticket_desk.hpp"
#include "orchestrator/ticket/ticket_state.hpp"

#include <memory>
#include <mutex>

namespace rescue::ticket {

class TlsTicketDesk final : public ports::TicketDesk {
public:
  explicit TlsTicketDesk(Clock& clock, const TicketRules& rules = {});
  ~TlsTicketDesk() override;
  TlsTicketDesk(const TlsTicketDesk&) = delete;
  TlsTicketDesk& operator=(const TlsTicketDesk&) = delete;

  void open(const domain::TicketSite& site, const domain::TicketOrder& order) override;
  void close(const std::string& reason) override;
  void answer(std::uint64_t visitor, bool yes) override;
  [[nodiscard]] domain::TicketView view() const override;
  [[nodiscard]] Secret number() const override;
  [[nodiscard]] Secret invitation() const override;
  void subscribe(std::function<void()> sink) override;

private:
  class Opened;
  [[nodiscard]] std::shared_ptr<Opened> current() const;
  [[nodiscard]] std::shared_ptr<Opened> require_open() const;
  void replace(std::shared_ptr<Opened> opened);
  void report_change();

  Clock& clock_;
  TicketRules rules_;
  std::mutex sink_mutex_;
  std::function<void()> sink_ = [] {};
  std::mutex opening_;
  mutable std::mutex mutex_;
  std::shared_ptr<Opened> opened_;  ///< also the last one, closed
};

}  // namespace rescue::ticket
