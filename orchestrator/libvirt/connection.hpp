// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// One connection to libvirt, shared by the hypervisor and the guest agent. Reconnects by itself.

#include <memory>
#include <string>

namespace rescue::libvirt {

class Link;

/// Does not connect yet: the first call that needs libvirt does, and throws when libvirt is down.
class Connection {
public:
  explicit Connection(std::string uri = "qemu:///system");
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;
  ~Connection();

  /// Internal to the adapter.
  [[nodiscard]] Link& link() const { return *link_; }

private:
  std::unique_ptr<Link> link_;
};

}  // namespace rescue::libvirt
