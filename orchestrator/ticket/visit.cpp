// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/ticket/visit.hpp"

#include "core/error.hpp"
#include "core/log.hpp"
#include "core/printable.hpp"
#include "core/rfb/input_filter.hpp"
#include "core/tls/pump.hpp"
#include "core/unix_socket.hpp"

#include <sys/socket.h>
#include <unistd.h>

namespace rescue::ticket {
namespace {

using credentials::Bytes;
using credentials::HostFarewell;
using credentials::HostRefusal;
using credentials::HostWelcome;
using credentials::TicketEnd;
using credentials::TicketRefusal;
using credentials::TicketSide;
using credentials::ViewerHello;
using tls::Outcome;

constexpr Milliseconds farewell_limit{2'000};

class Visit {
public:
  Visit(const TicketTerms& terms, TicketState& state, tls::Channel channel, std::uint64_t id, int wake)
      : terms_(terms), state_(state), channel_(std::move(channel)), id_(id), wake_(wake) {}

  void run() {
    const auto deadline = std::chrono::steady_clock::now() + terms_.rules.proof_limit;
    if (channel_.handshake({deadline, wake_}) != Outcome::done) return;
    binding_ = channel_.binding();
    const auto hello = receive_hello({deadline, wake_});
    if (!hello) return;
    const auto& name = hello->name;
    const bool fits = terms_.key.accepts(hello->proof, TicketSide::viewer, binding_, proven_part(*hello));
    if (const auto refusal = state_.judge(id_, fits)) return send_last(*refusal);
    name_ = printable(name, credentials::longest_ticket_name);
    if (terms_.order.ask_customer && !is_allowed()) return;
    enter_console();
  }

private:
  std::optional<ViewerHello> receive_hello(const tls::Patience& patience) {
    std::array<std::uint8_t, credentials::ticket_header_size> header{};
    if (channel_.receive(header, patience) != Outcome::done) return std::nullopt;
    const auto size = credentials::viewer_body_size(header);
    if (!size) return std::nullopt;
    Bytes body(*size);
    if (channel_.receive(body, patience) != Outcome::done) return std::nullopt;
    return credentials::parse_viewer_body(body);
  }

  bool send(const credentials::HostMessage& message) {
    // Without the wake: the message that says why it ends must pass.
    return channel_.send(encode(message), {std::chrono::steady_clock::now() + farewell_limit}) == Outcome::done;
  }
  void send_last(const credentials::HostMessage& message) {
    if (send(message)) channel_.close();
  }

  bool welcome(bool admitted) {
    HostWelcome welcome{admitted, terms_.order.role, 0, terms_.site.server, {}};
    welcome.answer_seconds =
        static_cast<std::uint16_t>(std::chrono::duration_cast<std::chrono::seconds>(terms_.rules.answer_limit).count());
    welcome.proof = terms_.key.prove(TicketSide::host, binding_, proven_part(welcome));
    return send(welcome);
  }

  void drain_wake() const {
    std::uint64_t count = 0;
    [[maybe_unused]] const auto size = ::read(wake_, &count, sizeof count);
  }

  /// Asks the customer, and sends the viewer a no.
  bool is_allowed() {
    if (!state_.ask(id_, name_)) {
      send_last(HostRefusal{TicketRefusal::busy, 0});
      return false;
    }
    if (!welcome(false)) return false;
    const auto deadline = std::chrono::steady_clock::now() + terms_.rules.answer_limit;
    for (;;) {
      const auto outcome = channel_.wait_readable({deadline, wake_});
      if (outcome == Outcome::woken) drain_wake();
      if (state_.is_closed()) return say_no(TicketEnd::over);
      if (const auto answer = state_.take_answer(id_)) return *answer || say_no(TicketEnd::declined);
      if (outcome == Outcome::woken) continue;
      state_.withdraw(id_);
      // Anything else that a viewer sends here, or its end, is the end.
      return outcome == Outcome::timed_out ? say_no(TicketEnd::no_answer) : false;
    }
  }

  bool say_no(TicketEnd reason) {
    send_last(HostFarewell{reason});
    return false;
  }

  void enter_console() {
    const auto console = unix_socket(SOCK_NONBLOCK);  // a hung QEMU does not accept
    if (const int error = connect_unix(console, terms_.site.console); error != 0) {
      log::warning("ticket: {}", system_error("the guest's console can't be reached", error).what());
      return send_last(HostFarewell{TicketEnd::over});
    }
    if (!state_.admit(id_, name_)) {
      return send_last(state_.is_closed() ? credentials::HostMessage(HostFarewell{TicketEnd::over})
                                          : HostRefusal{TicketRefusal::busy, 0});
    }
    if (!welcome(true)) return;
    rfb::InputFilter filter(terms_.order.role == domain::TicketRole::control ? rfb::ViewerRole::control
                                                                             : rfb::ViewerRole::view);
    const auto end = tls::pump(channel_, console.get(), wake_, [&filter](std::span<const std::uint8_t> in, Bytes& out) {
      const auto passed = filter.pass({reinterpret_cast<const char*>(in.data()), in.size()});
      if (passed) out.insert(out.end(), passed->begin(), passed->end());
      return passed.has_value();
    });
    if (end == tls::PumpEnd::refused) log::warning("ticket: a viewer does not speak RFB: {}", filter.fault());
  }

  const TicketTerms& terms_;
  TicketState& state_;
  tls::Channel channel_;
  std::uint64_t id_;
  int wake_;
  tls::Digest binding_{};
  std::string name_;
};

}  // namespace

void receive_visitor(const TicketTerms& terms, TicketState& state, FileDescriptor socket, std::uint64_t id, int wake) {
  std::optional<Visit> visit;
  try {
    auto channel = tls::Channel::server(std::move(socket), terms.identity, std::string(credentials::ticket_protocol));
    visit.emplace(terms, state, std::move(channel), id, wake);
    visit->run();
  } catch (const std::exception& error) {
    log::warning("ticket: a connection has failed: {}", report_of(error).one_line());
  }
  state.leave(id);  // before the socket is closed: a peer that sees its end finds the place free
}

}  // namespace rescue::ticket
