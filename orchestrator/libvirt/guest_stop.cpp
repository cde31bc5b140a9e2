// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/libvirt/guest_stop.hpp"

#include "core/log.hpp"
#include "orchestrator/libvirt/agent_channel.hpp"
#include "orchestrator/libvirt/timed_call.hpp"
#include "orchestrator/libvirt/virt_error.hpp"

#include <libvirt/virterror.h>

#include <algorithm>
#include <atomic>
#include <chrono>
#include <string_view>
#include <thread>

namespace rescue::libvirt {
namespace {

using domain::StopMethod;
using SteadyClock = std::chrono::steady_clock;

/// Limit for the agent to acknowledge a command; after it the agent counts as silent.
constexpr int agent_answer_seconds = 5;
/// Time for a failed request to take effect: a shutdown that kills the agent before its answer looks like a failure.
constexpr Milliseconds doubt{5'000};

/// virDomainShutdownFlags blocks while the agent is silent: it runs beside the wait for the guest's end, so that
/// neither that end nor a stop request waits for it. Its answer only decides whether to wait longer.
class ShutdownRequest {
public:
  ShutdownRequest(virDomain* domain, unsigned flags, std::string what)
      : thread_([this, domain, flags, what = std::move(what)] {
          if (timed("shut guest down", [&] { return virDomainShutdownFlags(domain, flags); }) < 0) {
            log::info("{}", virt_error(what).what());
            refused_.request_stop();
          }
        }) {}
  ShutdownRequest(const ShutdownRequest&) = delete;
  ShutdownRequest& operator=(const ShutdownRequest&) = delete;
  ~ShutdownRequest() = default;
  [[nodiscard]] std::stop_source& refused() { return refused_; }

private:
  std::stop_source refused_;
  std::jthread thread_;  // last: joined first
};

bool gone(Link& link, const std::string& guest) {
  const auto domain = link.find(guest);
  return !domain || virDomainIsActive(domain.get()) == 0;
}

/// Requests the shutdown once, then waits for the end. True when the guest has ended.
bool ask_and_wait(Link& link, virDomain* domain, const std::string& guest, unsigned flags, Milliseconds limit,
                  const std::stop_token& stop) {
  const auto before = link.guests().record(guest);
  if (gone(link, guest)) return true;
  const bool by_agent = flags == VIR_DOMAIN_SHUTDOWN_GUEST_AGENT;
  const auto deadline = SteadyClock::now() + limit;
  ShutdownRequest request(domain, flags,
                          by_agent ? "the guest agent does not shut " + guest + " down"
                                   : "the ACPI power button of " + guest + " can't be pressed");
  // Stops waiting also after a stop request or a refusal: then the guest will hardly end.
  const std::stop_callback forward(stop, [&request] { request.refused().request_stop(); });
  bool ended = link.guests().wait_for_end(guest, before, deadline, request.refused().get_token());
  if (!ended && !stop.stop_requested()) {
    ended = link.guests().wait_for_end(guest, before, std::min(deadline, SteadyClock::now() + doubt), stop);
  }
  if (!ended && stop.stop_requested()) destroy_guest(link, guest);  // frees a request that still waits for the agent
  return ended;
}

}  // namespace

StopMethod stop_guest(Link& link, const std::string& guest, const ports::StopDeadlines& deadlines,
                      const std::stop_token& stop) {
  const auto domain = link.find(guest);
  if (!domain || virDomainIsActive(domain.get()) == 0) return StopMethod::was_off;
  link.guests().note_running(guest);
  virDomainAgentSetResponseTimeout(domain.get(), agent_answer_seconds, 0);
  if (!stop.stop_requested() && deadlines.agent.count() > 0 && agent_is_connected(domain.get()) &&
      ask_and_wait(link, domain.get(), guest, VIR_DOMAIN_SHUTDOWN_GUEST_AGENT, deadlines.agent, stop)) {
    return StopMethod::agent;
  }
  if (!stop.stop_requested() && deadlines.acpi.count() > 0 &&
      ask_and_wait(link, domain.get(), guest, VIR_DOMAIN_SHUTDOWN_ACPI_POWER_BTN, deadlines.acpi, stop)) {
    return StopMethod::acpi;
  }
  destroy_guest(link, guest);
  return StopMethod::destroyed;
}

void destroy_guest(Link& link, const std::string& guest) {
  const auto domain = link.find(guest);
  if (!domain) return;
  if (timed("destroy guest " + guest, [&] { return virDomainDestroy(domain.get()); }) == 0) return;
  const int code = last_error_code();
  // OPERATION_INVALID: it is defined but not running.
  if (code == VIR_ERR_NO_DOMAIN || code == VIR_ERR_OPERATION_INVALID) return;
  const auto error = virt_error("the guest " + guest + " can't be ended");
  if (std::string_view(error.what()).find("SIGKILL") != std::string_view::npos) {
    throw Error(error.code(), error.what(), "Its QEMU hangs in a disk that does not answer: see dmesg for that disk.");
  }
  throw Error(error);
}

}  // namespace rescue::libvirt
