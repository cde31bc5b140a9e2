// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Language of a page for customers.

#include "core/http/message.hpp"
#include "core/words.hpp"

#include <string_view>

namespace rescue::netboot::api {

enum class Language { english, french, german };

/// Codes of ISO 639, as `lang` and Accept-Language have them.
constexpr auto words_of(Language) { return rescue::words<Language>("en", "fr", "de"); }
using rescue::name_of;

/// The language that Accept-Language (RFC 9110, 12.5.4) prefers among ours; English if it names none.
[[nodiscard]] Language accepted_language(std::string_view accept_language) noexcept;

/// The language that `?lang=` asks for, else the accepted one. An unknown `lang` is ignored.
[[nodiscard]] Language language_of(const http::Request& request);

}  // namespace rescue::netboot::api
