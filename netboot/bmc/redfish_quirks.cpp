// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "netboot/bmc/redfish_quirks.hpp"

#include <algorithm>

namespace rescue::netboot {
namespace {

// Quirks are differences only. For all services Enabled is sent with each change (Supermicro refuses one without),
// targets and reset types come from AllowableValues, ETags are sent where there are any, and pending settings
// (@Redfish.Settings) are used where they are offered. docs/netboot.md has the table for people.
constexpr std::array<RedfishQuirks, 8> table{{
    {"HPE", {"hpe", "hewlett"}, false, true},
    {"Dell", {"dell", "idrac"}, false, false},
    {"Supermicro", {"supermicro", "super micro"}, false, false},
    {"Lenovo", {"lenovo"}, false, false},
    {"ASRock Rack", {"asrock", "asrockrack"}, true, false},
    // Other vendors build on AMI's MegaRAC: their own names come first.
    {"AMI", {"ami", "megarac", "american megatrends"}, true, false},
    {"OpenBMC", {"openbmc"}, false, false},
    {"by the book", {}, false, false},
}};

constexpr std::array<std::string_view, 17> transient_messages{
    "UnableToModifyDuringSystemPOST",  // HPE: while the server is in POST, for a minute or more
    "ServerInPOST",
    "SystemInPOST",
    "UnableToModifyDuringPOST",
    "ResetInProgress",  // HPE: of the BMC itself
    "NotReady",
    "SWC0700",  // Dell: the iDRAC is not ready; "please retry after a few minutes"
    "RAC0218",  // Dell: all sessions are in use
    "ServiceShuttingDown",
    "ResourceInStandby",
    "ResourceBusy",
    "SystemBusy",
    "ServiceTemporarilyUnavailable",
    "ServiceInUnknownState",
    "ResourceInUse",
    "SessionLimitExceeded",
    "RateLimitExceeded",
};

/// True for a whole word: "ami" is in "dynamic" too.
bool has_word(std::string_view text, std::string_view word) noexcept {
  const auto is_letter = [](char c) { return c >= 'a' && c <= 'z'; };
  for (auto at = text.find(word); at != std::string_view::npos; at = text.find(word, at + 1)) {
    const auto end = at + word.size();
    if ((at == 0 || !is_letter(text[at - 1])) && (end == text.size() || !is_letter(text[end]))) return true;
  }
  return false;
}

constexpr std::array<std::string_view, 12> transient_texts{
    "not ready",   "try again", "retry after", "retry later",        "please retry", "retry in",
    "temporarily", "is busy",   "during post", "during system post", "in post",      "is in progress",
};

}  // namespace

const RedfishQuirks& quirks_of(std::string_view says) noexcept {
  for (const auto& quirks : table) {
    for (const auto mark : quirks.marks) {
      if (!mark.empty() && has_word(says, mark)) return quirks;
    }
  }
  return table.back();
}

bool is_transient_message(std::string_view id) noexcept {
  // "SWC0700", "IDRAC.1.6.SWC0700".
  const auto last = id.substr(id.rfind('.') == std::string_view::npos ? 0 : id.rfind('.') + 1);
  return std::find(transient_messages.begin(), transient_messages.end(), last) != transient_messages.end();
}

bool is_transient_text(std::string_view text) noexcept {
  return std::any_of(transient_texts.begin(), transient_texts.end(),
                     [text](auto part) { return text.find(part) != std::string_view::npos; });
}

}  // namespace rescue::netboot
