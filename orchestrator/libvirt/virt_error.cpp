// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "orchestrator/libvirt/virt_error.hpp"

#include "core/printable.hpp"

#include <libvirt/libvirt.h>
#include <libvirt/virterror.h>

#include <string_view>

namespace rescue::libvirt {
namespace {

std::string last_message() {
  const auto* error = virGetLastError();
  if (error == nullptr || error->message == nullptr) return "unknown error";
  // libvirt may quote QEMU's stderr or an answer of the guest agent.
  constexpr std::size_t longest = 1000;
  return printable(error->message, longest);
}

/// Whether the connection failed: the daemon is down, or ended during the call.
bool connection_failed() {
  const auto* error = virGetLastError();
  if (error == nullptr) return false;
  return error->domain == VIR_FROM_RPC || error->code == VIR_ERR_RPC || error->code == VIR_ERR_NO_CONNECT ||
         error->code == VIR_ERR_INVALID_CONN || error->domain == VIR_FROM_REMOTE;
}

std::string hint_for(int code, std::string_view message) {
  if (connection_failed()) return start_libvirt_hint();
  if (code == VIR_ERR_AUTH_FAILED || code == VIR_ERR_AUTH_CANCELLED || code == VIR_ERR_ACCESS_DENIED) {
    return "Run rescued as root, or as a member of the group libvirt.";
  }
  if (code == VIR_ERR_NO_MEMORY || message.find("Cannot allocate memory") != std::string_view::npos) {
    return "Give the guest less memory: guest.memory in rescued.yaml.";
  }
  return "See journalctl -u libvirtd, and the guest's log in /var/log/libvirt/qemu.";
}

}  // namespace

void silence_libvirt() {
  virSetErrorFunc(nullptr, [](void*, virErrorPtr) {});
}

Error virt_error(const std::string& what) {
  const auto message = last_message();
  return Error(ErrorCode::hypervisor, what + ": " + message, hint_for(last_error_code(), message));
}

Error agent_error(const std::string& what) {
  if (connection_failed()) return virt_error(what);
  const int code = last_error_code();
  if (code == VIR_ERR_NO_DOMAIN) return Error(ErrorCode::hypervisor, what + ": the guest does not run");
  if (code == VIR_ERR_AGENT_UNRESPONSIVE || code == VIR_ERR_AGENT_UNSYNCED || code == VIR_ERR_OPERATION_TIMEOUT) {
    return Error(ErrorCode::timeout, what + ": " + last_message(),
                 "Look at the guest's screen: does it boot, and is the QEMU guest agent installed and running?");
  }
  return Error(ErrorCode::guest_agent, what + ": " + last_message(),
               "See what the guest agent may do in this image (its list of blocked commands, its account).");
}

int last_error_code() noexcept { return virGetLastErrorCode(); }

std::string start_libvirt_hint() {
  return "Start libvirt: systemctl start libvirtd (then: systemctl status libvirtd).";
}

}  // namespace rescue::libvirt
