// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
// Reboot and shutdown. A shutdown ends the machine; the next check boots the image again.
#include "images/verify/checks.hpp"
#include "images/verify/subject.hpp"

#include <fmt/format.h>

namespace rescue::verify {
namespace {

/// Waits for the guest to turn itself off, and forgets the machine then.
Verdict wait_until_off(Subject& subject, SteadyTime began) {
  const auto limit = subject.limits().shutdown;
  const auto end = subject.machine().wait_for_end(limit);
  if (!end) return failed(fmt::format("it still runs after {}", seconds_text(limit)));
  subject.end_machine();
  if (!end->by_guest) return failed(end->reason);
  const auto took = std::chrono::duration_cast<Milliseconds>(std::chrono::steady_clock::now() - began);
  return passed("after " + seconds_text(took));
}

Verdict reboot(Subject& subject) {
  auto& machine = subject.machine();
  if (!subject.services().agent) return failed("the agent no longer answers");
  while (machine.next_event(Milliseconds(0))) {  // events of before
  }
  machine.agent().request_shutdown(vm::GuestAgent::Shutdown::reboot);
  if (!machine.wait_for_event("RESET", subject.limits().shutdown)) {
    return failed(fmt::format("it did not restart within {}", seconds_text(subject.limits().shutdown)));
  }
  subject.expect_new_boot();
  const auto& services = subject.services();
  if (!services.ended.empty()) return failed(services.ended);
  if (!services.agent) return failed("the agent does not answer after the restart");
  return passed("the agent answered again after " + seconds_text(*services.agent));
}

}  // namespace

Verdict check_reboot(Subject& subject) {
  auto verdict = reboot(subject);
  // The next check boots the image from its start.
  if (verdict.result != Result::pass) subject.end_machine();
  return verdict;
}

Verdict check_agent_shutdown(Subject& subject) {
  if (!subject.services().agent) return failed("the agent no longer answers");
  const auto began = std::chrono::steady_clock::now();
  subject.machine().agent().request_shutdown(vm::GuestAgent::Shutdown::power_down);
  return wait_until_off(subject, began);
}

Verdict check_power_button(Subject& subject) {
  const auto& services = subject.services();
  if (!services.ended.empty() || !services.any()) return failed("it did not start again");
  const auto began = std::chrono::steady_clock::now();
  subject.machine().press_power_button();
  return wait_until_off(subject, began);
}

}  // namespace rescue::verify
