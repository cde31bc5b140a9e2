// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// What the control plane asks of a session, over what the operator has configured.

#include "orchestrator/domain/image.hpp"
#include "orchestrator/domain/session_request.hpp"
#include "orchestrator/domain/settings.hpp"

#include <optional>

namespace rescue::session {

/// The settings of a session with this request. Throws `precondition` that names the word nobody knows here.
[[nodiscard]] domain::SessionSettings with_request(domain::SessionSettings configured,
                                                   const std::optional<domain::SessionRequest>& request);

/// Throws `precondition` when the request names another image than the one that is here.
void require_image(const std::optional<domain::SessionRequest>& request, const domain::RescueImage& image);

}  // namespace rescue::session
