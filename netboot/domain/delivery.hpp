// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Messages about a rescue to its customer and the provider's programs: one record for each receiver, with its result.

#include "core/clock.hpp"
#include "core/words.hpp"
#include "netboot/domain/server_name.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace rescue::netboot {

enum class DeliveryKind {
  access,     ///< the rescue serves: how to log in
  ends_soon,  ///< its lease ends soon
  ended
};
constexpr auto words_of(DeliveryKind) { return rescue::words<DeliveryKind>("access", "ends-soon", "ended"); }

enum class DeliveryState {
  waiting,  ///< for its first or next attempt
  sent,     ///< the receiver has taken it
  failed,   ///< refused for good, or too old
  bounced   ///< was sent, and came back
};
constexpr auto words_of(DeliveryState) { return rescue::words<DeliveryState>("waiting", "sent", "failed", "bounced"); }

enum class ReceiverKind { mail, webhook, drop_folder };
constexpr auto words_of(ReceiverKind) { return rescue::words<ReceiverKind>("mail", "webhook", "drop-folder"); }

using rescue::name_of;

/// A message to one receiver. What it says is sealed in `box`, and wiped once it was sent or has failed.
struct DeliveryRecord {
  long long id = 0;  ///< "d-7" in the API
  ServerName server;
  std::string session{};  ///< "s-..."; may be empty
  DeliveryKind kind = DeliveryKind::access;
  std::string receiver{};  ///< its name in the configuration
  ReceiverKind receiver_kind = ReceiverKind::mail;
  std::string address{};   ///< mail address; empty for other kinds
  std::string language{};  ///< as it was asked for; may be empty
  std::string tag{};       ///< random: names the record in return paths and Message-IDs
  WallTime created{};
  WallTime expires{};  ///< no attempt begins later
  WallTime due{};      ///< of the next attempt
  int attempts = 0;
  DeliveryState state = DeliveryState::waiting;
  std::string result{};  ///< of the last attempt, one printable line; empty: none yet
  std::optional<WallTime> ended{};
  std::string box{};
  std::string claim{};  ///< the netbootd that makes an attempt
};

/// Pauses between attempts: each is twice the one before.
struct RetryRules {
  Milliseconds first{10'000};
  Milliseconds longest{600'000};
  Milliseconds age{24LL * 3'600'000};  ///< a message fails this long after it was made
  int attempts = 200;                  ///< and after as many attempts

  bool operator==(const RetryRules&) const = default;
};

struct DeliveryReceiver {
  std::string name{};
  ReceiverKind kind = ReceiverKind::mail;
  bool link = false;  ///< a webhook that gets the one-time link
  bool code = false;  ///< a webhook that gets the link's code, with contract::CodePolicy::webhook

  bool operator==(const DeliveryReceiver&) const = default;
};

struct DeliveryRules {
  std::vector<DeliveryReceiver> receivers{};
  RetryRules retry{};

  bool operator==(const DeliveryRules&) const = default;
};

/// Time of the next attempt after `attempts` that failed; none: no more.
[[nodiscard]] std::optional<WallTime> next_attempt(const RetryRules& rules, const DeliveryRecord& record, WallTime now);

/// Address where bounces of this record go: `pattern` with the tag in place of "{id}".
[[nodiscard]] std::string return_path(const std::string& pattern, const std::string& tag);

/// The tag in an address that `return_path` may have made: 16 characters after the last '+', '-', '.' or '=' of the
/// local part, or all of it. Empty if there is none.
[[nodiscard]] std::string tag_in(std::string_view address);

}  // namespace rescue::netboot
