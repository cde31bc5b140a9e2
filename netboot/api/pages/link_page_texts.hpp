// SPDX-FileCopyrightText: 2026 The rescue project contributors
// SPDX-License-Identifier: Apache-2.0
#pragma once
// Texts of the page of a one-time link. They are plain text, and escaped like any other.

#include "netboot/api/pages/language.hpp"

#include <string_view>

namespace rescue::netboot::api {

struct LinkPageTexts {
  std::string_view title;
  std::string_view waiting;
  std::string_view waiting_once;
  std::string_view waiting_code;
  std::string_view waiting_no_code;
  std::string_view works_until;
  std::string_view revealed;
  std::string_view revealed_at;
  std::string_view revealed_you;
  std::string_view revealed_other;
  std::string_view expired;
  std::string_view expired_at;
  std::string_view revoked;
  std::string_view revoked_why;
  std::string_view locked;
  std::string_view locked_why;
  std::string_view unknown;
  std::string_view unknown_why;
  std::string_view ask_for_new;
  std::string_view no_script;
  std::string_view no_script_why;
  std::string_view no_pages;
  std::string_view no_pages_why;
  std::string_view command;
  std::string_view footer;
};

[[nodiscard]] const LinkPageTexts& link_page_texts(Language language) noexcept;

}  // namespace rescue::netboot::api
