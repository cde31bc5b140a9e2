// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "core/http/peer_places.hpp"

namespace rescue::http {

bool PeerPlaces::take(const std::string& address, std::size_t most) {
  const std::lock_guard lock(mutex_);
  auto& taken = taken_[address];
  if (taken >= most) return false;
  ++taken;
  return true;
}

void PeerPlaces::leave(const std::string& address) {
  const std::lock_guard lock(mutex_);
  const auto found = taken_.find(address);
  if (found != taken_.end() && --found->second == 0) taken_.erase(found);
}

}  // namespace rescue::http
