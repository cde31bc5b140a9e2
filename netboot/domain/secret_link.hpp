// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// One-time links: secrets that netbootd keeps sealed, and hands out once to somebody who has the link and its code.

#include "core/clock.hpp"
#include "core/words.hpp"
#include "netboot/domain/server_name.hpp"

#include <optional>
#include <string>

namespace rescue::netboot {

enum class LinkState {
  waiting,   ///< may be revealed
  revealed,  ///< was handed out
  revoked,   ///< by somebody with a token
  locked,    ///< too many wrong codes
  expired
};

constexpr auto words_of(LinkState) {
  return rescue::words<LinkState>("waiting", "revealed", "revoked", "locked", "expired");
}
using rescue::name_of;

/// Limits of links.
inline constexpr int most_wrong_codes = 5;       ///< the last one locks the link
inline constexpr int most_visits_of_kind = 100;  ///< kept of each link and kind, so that nobody can fill the database
inline constexpr int most_links_a_day = 100;     ///< made for one server
inline constexpr Milliseconds shortest_link_ttl{60'000};
inline constexpr Milliseconds usual_link_ttl{24LL * 3'600'000};
inline constexpr Milliseconds longest_link_ttl{7LL * 24 * 3'600'000};

/// Fate of a link that netbootd was to send.
enum class LinkSending {
  not_asked,   ///< its maker sends it
  queued,      ///< for the receivers of the configuration
  no_receiver  ///< there is none
};
constexpr auto words_of(LinkSending) { return rescue::words<LinkSending>("not-asked", "queued", "no-receiver"); }

/// Facts about a link. Neither its name (the id in its URL) nor its key is kept.
struct SecretLink {
  long long id = 0;  ///< "o-7" in the API
  ServerName server;
  std::string made_by;
  WallTime created{};
  WallTime expires{};
  bool needs_code = true;
  std::string box{};    ///< sealed by KeyFile; empty once it was revealed, revoked, locked, or cleaned up
  int wrong_codes = 0;  ///< that came with the right proof of the link
  int opened = 0;       ///< visits of each kind that are kept
  int refused = 0;
  std::optional<WallTime> revealed{};
  std::string revealed_to{};  ///< an address
  std::optional<WallTime> revoked{};
  std::string revoked_by{};
  std::string session{};      ///< "s-...", of the host agent that has made it; empty: somebody with a token has
  std::string sealed_code{};  ///< base64: link and code, sealed to the requester's key; empty like `box`
  LinkSending sending = LinkSending::not_asked;
};

/// Wipes what the link's database row has of the secret.
void wipe_secret(SecretLink& link) noexcept;

[[nodiscard]] LinkState state_of(const SecretLink& link, WallTime now);

/// Action of somebody with a link.
enum class VisitKind {
  opened,   ///< asked whether it is there
  refused,  ///< wanted it revealed, and did not get it
  revealed
};

constexpr auto words_of(VisitKind) { return rescue::words<VisitKind>("opened", "refused", "revealed"); }

struct Visit {
  VisitKind kind = VisitKind::opened;
  WallTime at{};
  std::string address;
  std::string reason{};  ///< of `refused`: "wrong link", "no code", "wrong code", or the link's state
};

}  // namespace rescue::netboot
