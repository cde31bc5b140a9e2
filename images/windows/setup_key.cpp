// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#include "images/windows/setup_key.hpp"

#include "core/text.hpp"

#include <array>

namespace rescue::windows {
namespace {

struct ServerKeys {
  Release release;
  std::string_view standard;
  std::string_view datacenter;
};
constexpr std::array<ServerKeys, 4> server_keys{
    {{Release::server_2016, "WC2BQ-8NRM3-FDDYY-2BFGV-KHKQY", "CB7KF-BWN84-R7R2Y-793K2-8XDDG"},
     {Release::server_2019, "N69G4-B89J2-4G8F4-WWYCC-J464C", "WMDGN-G9PQG-XVVXX-R3X43-63DFG"},
     {Release::server_2022, "VDYBN-27WPP-V4HQT-9VMD4-VMK7H", "WX4NM-KYWYW-QJJR4-XV3QB-6VM33"},
     {Release::server_2025, "TVRH6-WHNXV-R9WG3-9XRFY-MY832", "D764K-2NDRG-47T6Q-P8T8W-YP6DF"}}};

struct ClientKey {
  std::string_view edition_id;  ///< in lower case
  std::string_view key;
};
/// Windows 10 and 11 have the same.
constexpr std::array<ClientKey, 4> client_keys{{{"professional", "W269N-WFGWX-YVC9B-4J6C9-T83GX"},
                                                {"education", "NW6C2-QMPVW-D7KKK-3GKT6-VCFB2"},
                                                {"enterprise", "NPPR9-FWDCX-D2C8J-H872K-2YT43"},
                                                {"enterprises", "M7XTQ-FN8P6-TTKYV-9D4CC-J462D"}}};

}  // namespace

bool is_evaluation(const std::string& edition_id) { return lower_case(edition_id).ends_with("eval"); }

std::optional<std::string_view> setup_key(Release release, const std::string& edition_id) {
  const auto edition = lower_case(edition_id);
  if (facts_of(release).client) {
    for (const auto& known : client_keys) {
      if (known.edition_id == edition) return known.key;
    }
    return std::nullopt;
  }
  for (const auto& keys : server_keys) {
    if (keys.release != release) continue;
    if (edition == "serverstandard") return keys.standard;
    if (edition == "serverdatacenter") return keys.datacenter;
  }
  return std::nullopt;
}

}  // namespace rescue::windows
