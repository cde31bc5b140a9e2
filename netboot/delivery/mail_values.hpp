// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Values of a mail's templates, from what a delivery says.

#include "netboot/delivery/settings.hpp"
#include "netboot/delivery/templates.hpp"
#include "netboot/service/delivery_facts.hpp"

namespace rescue::netboot {

/// Every name that templates know has a value, which may be empty. One is the link: the caller wipes it.
[[nodiscard]] MailValues mail_values(const DeliveryRecord& record, const DeliveryFacts& facts,
                                     const DeliverySettings& settings);

/// The same value for every name, for checks of templates.
[[nodiscard]] MailValues sample_mail_values(const std::string& value);

/// Time for people, in UTC: "2026-11-30 14:05 UTC".
[[nodiscard]] std::string mail_time(WallTime time);

}  // namespace rescue::netboot
