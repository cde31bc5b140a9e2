// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/domain/secret_link.hpp"

namespace rescue::netboot {

LinkState state_of(const SecretLink& link, WallTime now) {
  if (link.revealed) return LinkState::revealed;
  if (link.revoked) return LinkState::revoked;
  if (link.wrong_codes >= most_wrong_codes) return LinkState::locked;
  return link.expires <= now ? LinkState::expired : LinkState::waiting;
}

void wipe_secret(SecretLink& link) noexcept {
  link.box.clear();
  link.sealed_code.clear();
}

}  // namespace rescue::netboot
