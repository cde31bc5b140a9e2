// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Consoles in browsers: the passes that open them once, and who watches (docs/console.md).

#include "core/clock.hpp"
#include "core/words.hpp"
#include "netboot/domain/server_name.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace rescue::netboot {

enum class ConsoleRole {
  view,    ///< netbootd drops the input
  control  ///< keys, pointer and clipboard reach the guest
};
constexpr auto words_of(ConsoleRole) { return rescue::words<ConsoleRole>("view", "control"); }

enum class PassState {
  waiting,  ///< may open a console
  used,
  expired,
  revoked
};
constexpr auto words_of(PassState) { return rescue::words<PassState>("waiting", "used", "expired", "revoked"); }

/// Reason of a console's end; each but `broken` is what the browser is told.
enum class ConsoleEnd {
  session_ended,
  revoked,
  replaced,  ///< resumed elsewhere
  protocol,  ///< the browser sent what is not RFB, or broke a limit
  refused,   ///< a limit of netbootd
  broken     ///< the connection broke and was not resumed
};
constexpr auto words_of(ConsoleEnd) {
  return rescue::words<ConsoleEnd>("session-ended", "revoked", "replaced", "protocol", "refused", "broken");
}
using rescue::name_of;

/// Limits of consoles.
inline constexpr Milliseconds shortest_pass_ttl{10'000};
inline constexpr Milliseconds usual_pass_ttl{600'000};
inline constexpr Milliseconds longest_pass_ttl{24LL * 3'600'000};
inline constexpr std::size_t most_viewers = 8;         ///< of one session
inline constexpr int most_passes_of_session = 200;     ///< made in an hour
inline constexpr std::size_t longest_label = 256;      ///< bytes
inline constexpr Milliseconds resume_window{60'000};   ///< for a broken connection
inline constexpr Milliseconds viewer_silence{30'000};  ///< a viewer whose netbootd is silent for longer is not there

/// Facts about a pass. Only its SHA-256 is stored.
struct ConsolePass {
  long long id = 0;  ///< "c-7" in the API
  ServerName server;
  std::string session;
  ConsoleRole role = ConsoleRole::view;
  std::string made_by;
  WallTime created{};
  WallTime expires{};
  std::optional<WallTime> used{};
  std::optional<WallTime> revoked{};
  std::string revoked_by{};
};

[[nodiscard]] PassState state_of(const ConsolePass& pass, WallTime now) noexcept;

/// A console that was opened with a pass; a resumed one keeps its row.
struct ConsoleViewer {
  long long id = 0;  ///< "v-3" in the API
  long long pass = 0;
  ServerName server;
  std::string session;
  ConsoleRole role = ConsoleRole::view;
  std::string label{};    ///< as the browser names itself
  std::string address{};  ///< of the browser
  std::string relay_url{};
  int connection = 1;  ///< counts the connections of this console
  WallTime since{};
  WallTime seen{};  ///< when its netbootd last confirmed it
  std::optional<WallTime> broken{};
  std::optional<WallTime> ended{};
  std::string end_reason{};
};

/// True if a browser is connected.
[[nodiscard]] bool is_connected(const ConsoleViewer& viewer, WallTime now) noexcept;
/// True if its connection may be resumed, also one that netbootd believes to be open.
[[nodiscard]] bool may_resume(const ConsoleViewer& viewer, WallTime now) noexcept;
/// Name of its present connection: "v-3.1".
[[nodiscard]] std::string connection_id(const ConsoleViewer& viewer);

}  // namespace rescue::netboot
