// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Deliveries as JSON: to whom and with what result, never what they say.

#include "netboot/service/deliveries.hpp"

#include <nlohmann/json_fwd.hpp>

#include <string>
#include <vector>

namespace rescue::netboot::api {

[[nodiscard]] nlohmann::json delivery_json(const DeliveryRecord& record);
[[nodiscard]] nlohmann::json deliveries_json(const std::vector<DeliveryRecord>& records);

/// Returns 7 for "d-7". Throws `not_found` for any other text.
[[nodiscard]] long long delivery_id_of(const std::string& text);

/// A bounce that the provider's mail server got.
struct Bounce {
  std::string return_path;  ///< the address to which it came; empty: `delivery` names it
  std::string delivery;     ///< "d-7"
  std::string reason;
};

/// Throws `usage` naming the field.
[[nodiscard]] Bounce bounce_from(const std::string& body);

}  // namespace rescue::netboot::api
