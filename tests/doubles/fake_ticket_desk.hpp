// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once

#include "core/error.hpp"
#include "orchestrator/ports/ticket_desk.hpp"

#include <mutex>
#include <string>

namespace rescue::tests {

/// A desk without a listener: keeps what it was asked for; a test lets helpers come and go.
class FakeTicketDesk final : public ports::TicketDesk {
public:
  static constexpr const char* ticket = "1234-5678-9012-3450";

  void open(const domain::TicketSite& site, const domain::TicketOrder& order) override {
    {
      const std::lock_guard lock(mutex_);
      if (view_.open) throw Error(ErrorCode::conflict, "a ticket is open");
      last_site = site;
      last_order = order;
      view_ = {};
      view_.open = true;
      view_.addresses = site.addresses;
      view_.port = order.port.value_or(site.ports.first);
      view_.ask_customer = order.ask_customer;
      view_.role = order.role;
      ++openings;
      view_.certificate = "certificate " + std::to_string(openings);
    }
    sink_();
  }
  void close(const std::string& reason) override {
    {
      const std::lock_guard lock(mutex_);
      if (!view_.open) return;
      view_.open = false;
      view_.closed_because = reason;
      view_.asking.reset();
      view_.connected.clear();
    }
    sink_();
  }
  void answer(std::uint64_t visitor, bool yes) override {
    {
      const std::lock_guard lock(mutex_);
      if (!view_.asking || view_.asking->id != visitor) throw Error(ErrorCode::not_found, "nobody waits");
      if (yes) view_.connected.push_back(*view_.asking);
      view_.asking.reset();
    }
    sink_();
  }
  [[nodiscard]] domain::TicketView view() const override {
    const std::lock_guard lock(mutex_);
    return view_;
  }
  [[nodiscard]] Secret number() const override {
    if (!view().open) throw Error(ErrorCode::not_found, "no ticket is open");
    return Secret(std::string_view(ticket));
  }
  [[nodiscard]] Secret invitation() const override {
    if (!view().open) throw Error(ErrorCode::not_found, "no ticket is open");
    return Secret(std::string_view("<E><A ID=\"1234-5678-9012-3450\"/></E>"));
  }
  void subscribe(std::function<void()> sink) override { sink_ = std::move(sink); }

  /// A helper with the right number comes.
  void knock(std::uint64_t id, const std::string& address) {
    {
      const std::lock_guard lock(mutex_);
      view_.asking = domain::TicketVisitor{id, address, "anna", {}};
      view_.answer_until = WallTime{};
    }
    sink_();
  }

  domain::TicketSite last_site;
  domain::TicketOrder last_order;
  int openings = 0;

private:
  mutable std::mutex mutex_;
  domain::TicketView view_;
  std::function<void()> sink_ = [] {};
};

}  // namespace rescue::tests
