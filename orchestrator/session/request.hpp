// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// The control plane's request for a session; overrides the operator's configuration.

#include "orchestrator/domain/image.hpp"
#include "orchestrator/domain/session_request.hpp"
#include "orchestrator/domain/settings.hpp"

#include <optional>

namespace rescue::session {

/// The settings of a session with this request. Throws `precondition` that names an unknown word.
[[nodiscard]] domain::SessionSettings with_request(domain::SessionSettings configured,
                                                   const std::optional<domain::SessionRequest>& request);

/// The request's wish for an image.
[[nodiscard]] domain::ImageWish image_wish(const std::optional<domain::SessionRequest>& request);

/// Throws `precondition` when the request names an image that is not on this host.
void require_image(const std::optional<domain::SessionRequest>& request, const domain::RescueImage& image);

}  // namespace rescue::session
