// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/libvirt/libvirt_guest_agent.hpp"

#include "core/back_off.hpp"
#include "core/guest_agent/protocol.hpp"
#include "orchestrator/libvirt/agent_channel.hpp"
#include "orchestrator/libvirt/link.hpp"
#include "orchestrator/libvirt/timed_call.hpp"
#include "orchestrator/libvirt/virt_error.hpp"
#include "orchestrator/libvirt/virt_text.hpp"

#include <fmt/format.h>
#include <libvirt/libvirt-qemu.h>
#include <libvirt/virterror.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <string_view>

namespace rescue::libvirt {
namespace {

using SteadyClock = std::chrono::steady_clock;

constexpr Milliseconds ping_limit{5'000};
constexpr Milliseconds pause_between_pings{1'000};
constexpr Milliseconds call_limit{15'000};
constexpr Milliseconds file_limit{30'000};

int whole_seconds(Milliseconds limit) {
  return static_cast<int>(std::max<Milliseconds::rep>(1, (limit.count() + 999) / 1000));
}

/// Null when the agent refuses or does not answer; libvirt's error is set.
VirtText command(virDomain* domain, const std::string& request, Milliseconds limit) {
  return timed("command for the guest agent",
               [&] { return VirtText(virDomainQemuAgentCommand(domain, request.c_str(), whole_seconds(limit), 0)); });
}

bool pings(virDomain* domain, Milliseconds limit) {
  if (command(domain, agent::ping_request(), limit)) return true;
  const auto error = agent_error("guest-ping");
  // Not silence of the guest: libvirt is down.
  if (error.code() == ErrorCode::hypervisor) throw Error(error);
  return false;
}

/// Keeps the password out of an error: libvirt may quote it in its text.
Error without_secret(const Error& error, const Secret& password) {
  if (!password.empty() && std::string_view(error.what()).find(password.reveal()) == std::string_view::npos) {
    return Error(error);
  }
  return Error(error.code(), "the guest agent refused the password", error.hint());
}

}  // namespace

void LibvirtGuestAgent::wait_until_ready(const std::string& guest, Milliseconds limit, std::stop_token stop) {
  auto& link = connection_->link();
  const auto deadline = SteadyClock::now() + limit;
  while (true) {
    const auto before = link.guests().record(guest);
    const auto domain = link.require_running(guest);
    const auto left = std::chrono::duration_cast<Milliseconds>(deadline - SteadyClock::now());
    const bool connected = before.agent.value_or(false) || agent_is_connected(domain.get());
    if (!stop.stop_requested() && connected && pings(domain.get(), std::min(ping_limit, left))) return;
    if (stop.stop_requested()) throw Error(ErrorCode::cancelled, "waiting for the guest agent was cancelled");
    if (SteadyClock::now() >= deadline) {
      throw Error(ErrorCode::timeout,
                  "the guest agent of " + guest + " did not answer within " + std::to_string(limit.count()) + " ms",
                  "Look at the guest's screen: does it boot, and is the QEMU guest agent installed and running?");
    }
    // Without a connected agent only an event can change that; a connected silent agent is asked again.
    const auto wake = connected ? std::min(deadline, SteadyClock::now() + pause_between_pings) : deadline;
    link.guests().wait_for_change(guest, before, wake, stop);
  }
}

bool LibvirtGuestAgent::answers(const std::string& guest, Milliseconds limit) {
  const auto domain = connection_->link().find(guest);
  return domain && virDomainIsActive(domain.get()) == 1 && pings(domain.get(), limit);
}

void LibvirtGuestAgent::set_password(const std::string& guest, const std::string& user, const Secret& password) {
  if (password.empty() || std::memchr(password.reveal().data(), 0, password.size()) != nullptr) {
    throw Error(ErrorCode::usage, "a password is neither empty nor does it contain a NUL");
  }
  const auto domain = connection_->link().require_running(guest);
  virDomainAgentSetResponseTimeout(domain.get(), whole_seconds(call_limit), 0);
  Secret text(password.size() + 1);  // the terminated copy that C needs, protected like the original
  std::memcpy(text.data(), password.reveal().data(), password.size());
  text.data()[password.size()] = '\0';
  if (timed("set password of " + user,
            [&] { return virDomainSetUserPassword(domain.get(), user.c_str(), text.data(), 0); }) < 0) {
    throw without_secret(agent_error("the password of " + user + " can't be set"), password);
  }
}

ports::AgentCommandResult LibvirtGuestAgent::run(const std::string& guest, const std::vector<std::string>& argv,
                                                 Milliseconds limit) {
  const auto request = agent::exec_request(argv);
  const auto domain = connection_->link().require_running(guest);
  SystemClock clock;
  BackOff back_off(clock, limit, {Milliseconds(10), Milliseconds(500)});
  const auto started = command(domain.get(), request, std::min(limit, call_limit));
  if (!started) throw agent_error(argv.front() + " can't be started in the guest");
  const auto status_request = agent::exec_status_request(agent::exec_reply(started.get()));
  // The agent sends no event when a program ends: polls, at growing intervals.
  while (true) {
    const auto left = std::clamp(back_off.left(), Milliseconds(1), call_limit);
    const auto status = command(domain.get(), status_request, left);
    if (!status) throw agent_error("the end of " + argv.front() + " in the guest can't be read");
    if (auto result = agent::exec_status_reply(status.get())) return *result;
    if (back_off.is_over()) break;
    (void)back_off.wait();
  }
  throw Error(ErrorCode::timeout, argv.front() + " did not end in the guest within " + std::to_string(limit.count()) +
                                      " ms; it may still run there");
}

void LibvirtGuestAgent::write_file(const std::string& guest, const std::string& path, std::string_view content) {
  const auto domain = connection_->link().require_running(guest);
  // Limits the whole file: an agent of the guest's making may take a byte at a time.
  const auto deadline = std::chrono::steady_clock::now() + file_limit;
  const auto answered = [&](const std::string& request) {
    const auto left = std::chrono::duration_cast<Milliseconds>(deadline - std::chrono::steady_clock::now());
    if (left.count() <= 0) {
      throw Error(ErrorCode::timeout,
                  fmt::format("{} was not written in the guest within {} ms", path, file_limit.count()));
    }
    const auto answer = command(domain.get(), request, std::min(left, call_limit));
    if (!answer) throw agent_error(path + " can't be written in the guest");
    return std::string(answer.get());
  };
  const auto handle = agent::file_open_reply(answered(agent::file_open_request(path)));
  while (!content.empty()) {
    const auto asked = std::min(content.size(), agent::file_part);
    content.remove_prefix(agent::file_write_reply(answered(agent::file_write_request(handle, content)), asked));
  }
  (void)answered(agent::file_close_request(handle));
}

}  // namespace rescue::libvirt
